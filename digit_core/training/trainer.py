"""Train a network: a run that can be watched and steered, and what is left of it."""

import hashlib
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np

from digit_core import datasets
from digit_core.digits import Digits, Handwriting
from digit_core.errors import TrainingError
from digit_core.inference.model_files import (
    CARD_SCHEMA_VERSION,
    TrainedModel,
)
from digit_core.monitoring.events import MAX_PAUSE_SECONDS, Control, Event, RunEnded, RunStarted
from digit_core.recipes import fine_tuning, precision
from digit_core.recipes.configuration import MAX_EPOCHS, TrainingConfig
from digit_core.recipes.warm_start import Parent
from digit_core.training import export, networks
from digit_core.training.batches import Batches, choose_digits
from digit_core.training.callbacks import Backup, RunCallback
from digit_core.training.distillation import Teachers
from digit_core.training.probes import Probe

_CHUNK = 500  # digits


def _callbacks(
    config: TrainingConfig, run: RunCallback, backup: Path | None
) -> list[keras.callbacks.Callback]:
    rules: list[keras.callbacks.Callback] = []
    if config.reduce_lr_on_plateau:
        rules.append(keras.callbacks.ReduceLROnPlateau(**asdict(config.reduce_lr_on_plateau)))
    if config.early_stopping:
        rules.append(keras.callbacks.EarlyStopping(**asdict(config.early_stopping)))
    return [run, *rules, *([Backup(backup, run)] if backup else [])]


def train(
    config: TrainingConfig,
    digits: Digits | Handwriting | None = None,
    start: bytes | None = None,
    on_event: Callable[[Event], object] | None = None,
    control: Any = None,
    max_pause_seconds: float = MAX_PAUSE_SECONDS,
    parent: Parent | None = None,
    backup: Path | None = None,
    teachers: Sequence[bytes] = (),
) -> TrainedModel:
    """Train a network.

    Args:
        config: what to train, and how.
        digits: what to train on; MNIST's 55,000 training digits if None. Of digits of one's own, a twelfth (or
            `config.validation_share`) is held back to validate on. Of a Handwriting, the drawings to learn from are mixed
            with the training digits of MNIST that `config` asks for, and MNIST's validation digits judge.
        start: the bytes of a .keras file of the same architecture whose weights to go on from; None for random ones.
        on_event: called with every Event, in the thread of the call. Without it nothing is looked into.
        control: read a few times a second, in slow motion at each step, as `Control.read`: what is wanted now.
        max_pause_seconds: a run that is paused for longer ends, keeping its weights.
        parent: where `start` comes from, for the card.
        backup: a folder in which the state is kept after each epoch: the same call resumes a run that was killed. It is
            gone when the run has ended.
        teachers: .keras files of networks whose answers are learnt with the labels (`distillation`); the loss must then
            be "categorical_crossentropy".

    Returns:
        The model's files, its history and its card.

    Raises:
        TrainingError: the loss became NaN before one epoch was complete, the digits are too few, or digits of one's
            own are to be validated on MNIST's test digits.
        ModelError: `start` is not a model of this architecture.
        DatasetError: the digits cannot be read or split.
        ValueError: a backup of a run that keeps its best weights, or is told to lower its learning rate or to stop by
            its figures: what these remember is not backed up. Teachers, where labels are not one-hot.

    Example:
        >>> from digit_core import TrainingConfig, load_mnist, train
        >>> model = train(TrainingConfig("ann", epochs=2), load_mnist().train.take(range(600)))
        >>> model
        TrainedModel('ANN', 101,770 parameters, 2 epochs)
        >>> sorted(model.files)
        ['layers.tflite', 'model.keras', 'model.tflite']
    """
    if teachers and config.loss != "categorical_crossentropy":
        raise ValueError("A student of teachers learns probabilities: its loss is categorical_crossentropy.")
    if backup and (config.keeps_best_weights or config.early_stopping or config.reduce_lr_on_plateau):
        raise ValueError(
            "Only a run that goes to its last epoch by its schedule can be resumed from a backup."
        )
    training, validation, data_name = choose_digits(config, digits)
    used = precision.used(config.precision)
    committee = Teachers(teachers, used) if teachers else None
    keras.utils.set_random_seed(config.seed)
    model = networks.build(config.network, used)
    if start is not None:
        networks.take_weights(model, start)
    before = _figures(model, digits)
    started = time.perf_counter()
    batches = Batches(training, config, committee)
    run = fit(model, config, batches, validation, on_event, control or Control(), max_pause_seconds, backup)
    duration_seconds = time.perf_counter() - started - run.waited_seconds
    reason, tell = run.ending, on_event or (lambda event: None)
    if run.has_diverged and run.best_weights is None:
        tell(RunEnded(reason))
        raise TrainingError(reason)
    best = run.best_weights if config.keeps_best_weights or run.reason else None
    trained = networks.with_weights(config.network, model.get_weights() if best is None else best)
    card = _card(config, training, validation, data_name, reason, duration_seconds)
    card["parent"] = parent.name if parent else None
    card["chosen_on_test"] = card["chosen_on_test"] or bool(parent and parent.chosen_on_test)
    card["steered"] = run.steered
    card["cut_short"] = bool(run.reason)  # by hand, or because it could not go on: not by a rule of its own
    card["kept_epoch"] = len(run.history) if best is None else run.best_epoch
    card["learnt_sets"] = list(parent.learnt_sets) if parent else []
    if isinstance(digits, Handwriting):
        card["learnt_sets"] = sorted({*card["learnt_sets"], digits.set_id})
        card["handwriting"] = {"set": digits.name, "before": before, "after": _figures(trained, digits)}
    card["history"] = [asdict(epoch) for epoch in run.history]
    tell(RunEnded(reason))  # its files take some seconds more: who watches sees that it is being saved
    return TrainedModel(export.files(trained, config), card)


def _figures(model: keras.Model, digits: Digits | Handwriting | None) -> dict[str, dict[str, int]]:
    """How many digits of MNIST and of a Handwriting a model reads right; nothing for others."""
    if not isinstance(digits, Handwriting):
        return {}

    def read(images: np.ndarray) -> np.ndarray:
        return np.concatenate(
            [
                model.predict_on_batch(images[start : start + _CHUNK, ..., None] * np.float32(1 / 255))
                for start in range(0, len(images), _CHUNK)
            ]
        )

    return fine_tuning.measure(digits, datasets.load_mnist().test, read)


def fit(
    model: keras.Model,
    config: TrainingConfig,
    batches: Batches,
    validation: Digits,
    on_event: Callable[[Event], object] | None,
    control: Any,
    max_pause_seconds: float = MAX_PAUSE_SECONDS,
    backup: Path | None = None,
) -> RunCallback:
    """The learning alone, as a part of `train`: it changes `model`, and tells every Event but RunEnded.

    Args:
        model: of `config.network`.
        batches: to learn from.
        validation: digits to judge it on after each epoch.
        config, on_event, control, max_pause_seconds, backup: as `train` takes them.
    """
    export.compile_for(model, config)
    probe = Probe(model, config.network, validation)
    run = RunCallback(
        config,
        batches,
        probe,
        control,
        on_event,
        lambda weights: export.to_keras(networks.with_weights(config.network, weights)),
        max_pause_seconds,
    )
    if on_event is not None:
        steps = len(batches)
        on_event(RunStarted(model.count_params(), batches.size, len(validation), steps, config.epochs))
        on_event(probe.watched)
    model.fit(
        batches.dataset,
        epochs=MAX_EPOCHS,  # the run ends it: epochs may be added while it goes
        shuffle=False,  # Batches shuffles, so that the seed decides the order
        callbacks=_callbacks(config, run, backup),
        verbose=0,
    )
    return run


def _card(
    config: TrainingConfig,
    training: Digits,
    validation: Digits,
    data_name: str,
    reason: str,
    duration_seconds: float,
) -> dict[str, Any]:
    digest = hashlib.sha256(training.images.tobytes() + training.labels.tobytes()).hexdigest()
    return {
        "schema_version": CARD_SCHEMA_VERSION,
        "architecture": config.network.as_dict(),
        "parameters": config.network.parameters,
        "configuration": config.as_dict(),
        "data": {
            "name": data_name,
            "training_digits": len(training),
            "validation_digits": len(validation),
            "training_sha256": digest,
        },
        "chosen_on_test": config.validates_on_test and data_name == "MNIST",
        "versions": {
            "python": platform.python_version(),
            "keras": keras.__version__,
            "backend": keras.backend.backend(),
            "numpy": np.__version__,
        },
        "precision": precision.used(config.precision),
        "ended": reason,
        "training_seconds": round(duration_seconds, 1),
    }
