"""Train a network: its Keras model, the run that can be watched and steered, and what is left of it."""

import hashlib
import math
import platform
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import keras
import numpy as np

from digit_core import architectures, conversion, datasets
from digit_core.architectures import Architecture
from digit_core.batches import Batches
from digit_core.configuration import TrainingConfig
from digit_core.datasets import Digits
from digit_core.errors import ModelError, TrainingError
from digit_core.events import BatchEnded, Control, EpochEnded, Event, RunEnded, RunStarted
from digit_core.model_files import CARD_SCHEMA_VERSION, KERAS_FILE, LAYERS_FILE, LITERT_FILE, TrainedModel

_STEERING_INTERVAL = 0.2  # seconds between two looks at the control, which may be on another machine
_VALIDATION_BATCH = 500
_DIVERGED = "The loss is no longer a number"


def build_model(architecture: Architecture) -> keras.Model:
    """The Keras model of an architecture, its weights drawn from Keras' present seed.

    Returns:
        A model from float32 (n, 28, 28, 1), ink is 1, to probabilities float32 (n, 10). Its layers have the names that
        `Architecture.summary` gives them.
    """
    make: dict[type, Callable[[Any, str], keras.Layer]] = {
        architectures.Convolution: lambda layer, name: keras.layers.Conv2D(
            layer.filters, layer.size, padding=layer.padding, activation=layer.activation, name=name
        ),
        architectures.Pooling: lambda layer, name: keras.layers.MaxPooling2D(layer.size, name=name),
        architectures.Flatten: lambda layer, name: keras.layers.Flatten(name=name),
        architectures.Dense: lambda layer, name: keras.layers.Dense(
            layer.units, activation=layer.activation, name=name
        ),
        architectures.Dropout: lambda layer, name: keras.layers.Dropout(layer.rate, name=name),
    }
    steps = [make[type(step.layer)](step.layer, step.name) for step in architecture.summary()]
    return keras.Sequential([keras.Input((datasets.SIDE, datasets.SIDE, 1), name="image"), *steps])


class _Run(keras.callbacks.Callback):
    """Reports the run's steps, follows its schedule and its control, and keeps its best weights."""

    def __init__(
        self, config: TrainingConfig, steps: int, on_event: Callable[[Event], object], control: Any
    ) -> None:
        super().__init__()
        self.history: list[EpochEnded] = []
        self.reason = ""
        self.best_weights: list[np.ndarray] | None = None
        self.best_epoch = 0
        self._config, self._steps, self._on_event, self._control = config, steps, on_event, control
        self._peak_rate = config.learning_rate
        self._asked_rate: float | None = None
        self._epoch = self._done = 0
        self._started = self._epoch_started = self._steered = time.perf_counter()

    def _rate(self) -> float:
        return float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))

    def on_train_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:
        if self._config.schedule != "constant":
            factor = self._config.schedule_factor(self._done / (self._steps * self._config.epochs))
            self.model.optimizer.learning_rate = self._peak_rate * factor

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._epoch = epoch + 1
        self._epoch_started = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        logs = logs or {}
        self._done += 1
        now = time.perf_counter()
        self._on_event(
            BatchEnded(
                self._epoch, batch + 1, logs["loss"], logs["accuracy"], self._rate(), now - self._started
            )
        )
        if not math.isfinite(logs["loss"]):
            self._end(
                f"{_DIVERGED} since epoch {self._epoch}, step {batch + 1}: "
                "the learning rate is probably too high."
            )
        elif now - self._steered > _STEERING_INTERVAL:
            self._follow_control()

    def _follow_control(self) -> None:
        while (steering := self._control.read()).is_paused and not steering.is_stopped:
            time.sleep(_STEERING_INTERVAL)
        self._steered = time.perf_counter()
        if steering.is_stopped:
            self._end(f"Stopped by hand in epoch {self._epoch}.")
        if steering.learning_rate is not None and steering.learning_rate != self._asked_rate:
            self._asked_rate = self._peak_rate = steering.learning_rate
            self.model.optimizer.learning_rate = steering.learning_rate

    def _end(self, reason: str) -> None:
        self.reason = reason
        self.model.stop_training = True

    @property
    def has_diverged(self) -> bool:
        return self.reason.startswith(_DIVERGED)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        logs = logs or {}
        if self.has_diverged:
            return
        ended = EpochEnded(
            self._epoch,
            logs["loss"],
            logs["accuracy"],
            logs["val_loss"],
            logs["val_accuracy"],
            self._rate(),
            time.perf_counter() - self._epoch_started,
        )
        if not math.isfinite(ended.validation_loss):  # the epoch's last step was the one too large
            self._end(f"{_DIVERGED} in epoch {self._epoch}: the learning rate is probably too high.")
            return
        self.history.append(ended)
        if ended.validation_loss <= min(past.validation_loss for past in self.history):
            self.best_weights, self.best_epoch = self.model.get_weights(), self._epoch
        self._on_event(ended)


def _choose_digits(config: TrainingConfig, digits: Digits | None) -> tuple[Digits, Digits, str]:
    """The digits to train on, those to choose on, and what they are called."""
    if digits is None:
        mnist = datasets.load_mnist()
        training, validation, name = mnist.train, mnist.validation, "MNIST"
        if config.validates_on_test:
            validation = mnist.test
        elif config.validation_share is not None:
            training = datasets.join(mnist.train, mnist.validation)
    else:
        training, validation, name = digits, None, "digits of one's own"
    if validation is None or config.validation_share is not None:
        share = config.validation_share or datasets.VALIDATION_SIZE / 60_000
        rest, held_back = datasets.split_rows(
            training.labels, round(len(training) * share), datasets.SPLIT_SEED
        )
        training, validation = training.take(rest), training.take(held_back)
    if config.subset_size is not None and config.subset_size < len(training):
        _, kept = datasets.split_rows(training.labels, config.subset_size, config.seed)
        training = training.take(kept)
    if config.batch_size > len(training):
        raise TrainingError(f"A batch of {config.batch_size:,} is larger than the {len(training):,} digits.")
    return training, validation, name


def _callbacks(config: TrainingConfig, run: _Run) -> list[keras.callbacks.Callback]:
    rules: list[keras.callbacks.Callback] = []
    if config.reduce_lr_on_plateau:
        rules.append(keras.callbacks.ReduceLROnPlateau(**asdict(config.reduce_lr_on_plateau)))
    if config.early_stopping:
        rules.append(keras.callbacks.EarlyStopping(**asdict(config.early_stopping)))
    return [run, *rules]


def _start_weights(model: keras.Model, start: bytes) -> None:
    """Give `model` the weights of the .keras file `start`."""
    weights = conversion.load_keras(start).get_weights()
    if [array.shape for array in weights] != [array.shape for array in model.get_weights()]:
        raise ModelError("The model to continue from has other layers than this architecture.")
    model.set_weights(weights)


def _optimizer(config: TrainingConfig) -> keras.optimizers.Optimizer:
    options: dict[str, Any] = {"learning_rate": config.learning_rate}
    if config.optimizer in ("sgd", "rmsprop"):
        options["momentum"] = config.momentum
    return keras.optimizers.get({"class_name": config.optimizer, "config": options})


def train(
    config: TrainingConfig,
    digits: Digits | None = None,
    start: bytes | None = None,
    on_event: Callable[[Event], object] | None = None,
    control: Any = None,
) -> TrainedModel:
    """Train a network.

    Args:
        config: what to train, and how.
        digits: what to train on; MNIST's 55,000 training digits if None. Of digits of one's own, a twelfth (or
            `config.validation_share`) is held back to validate on.
        start: the bytes of a .keras file of the same architecture whose weights to go on from; None for random ones.
        on_event: called with every Event, in the thread of the call.
        control: read a few times a second, as `Control.read`; stops, pauses, changes the learning rate.

    Returns:
        The model's files, its history and its card.

    Raises:
        TrainingError: the loss became NaN before one epoch was complete, or the digits are too few.
        ModelError: `start` is not a model of this architecture.
        DatasetError: the digits cannot be read or split.
    """
    on_event = on_event or (lambda event: None)
    training, validation, data_name = _choose_digits(config, digits)
    keras.utils.set_random_seed(config.seed)
    model = build_model(config.network)
    if start is not None:
        _start_weights(model, start)
    model.compile(optimizer=_optimizer(config), loss=config.loss, metrics=["accuracy"])
    batches = Batches(training, config, config.batch_size, is_training=True)
    on_event(RunStarted(model.count_params(), len(training), len(validation), len(batches), config.epochs))
    run = _Run(config, len(batches), on_event, control or Control())
    started = time.perf_counter()
    model.fit(
        batches,
        validation_data=Batches(validation, config, _VALIDATION_BATCH, is_training=False),
        epochs=config.epochs,
        shuffle=False,  # Batches shuffles, so that the seed decides the order
        callbacks=_callbacks(config, run),
        verbose=0,
    )
    duration_seconds = time.perf_counter() - started
    if run.has_diverged and run.best_weights is None:
        on_event(RunEnded(run.reason))
        raise TrainingError(run.reason)
    goes_back = run.best_weights is not None and (config.keeps_best_weights or run.reason != "")
    trained = build_model(config.network)  # without the optimizer, which would triple the file
    trained.set_weights(run.best_weights if goes_back else model.get_weights())
    reason = run.reason or _reason(config, len(run.history))
    card = _card(config, training, validation, data_name, reason, duration_seconds)
    card["kept_epoch"] = run.best_epoch if goes_back else len(run.history)
    card["history"] = [asdict(epoch) for epoch in run.history]
    files = {
        KERAS_FILE: conversion.to_keras(trained),
        LITERT_FILE: conversion.to_litert(trained),
        LAYERS_FILE: conversion.to_litert_layers(trained),
    }
    on_event(RunEnded(reason))
    return TrainedModel(files, card)


def _reason(config: TrainingConfig, epochs: int) -> str:
    if epochs < config.epochs:
        return f"Stopped early after {epochs} epochs: it no longer improved."
    return "All epochs are done." if epochs == 1 else f"All {epochs} epochs are done."


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
        "ended": reason,
        "training_seconds": round(duration_seconds, 1),
    }
