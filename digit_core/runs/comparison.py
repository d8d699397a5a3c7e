"""Runs and shipped models side by side: what each is, how it went, and which two make the lesson ANN against CNN."""

import csv
import io
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from digit_core.digits import brief
from digit_core.errors import ConfigurationError
from digit_core.metrics.classification import Share, share
from digit_core.monitoring.events import EpochEnded
from digit_core.monitoring.recordings import Progress
from digit_core.recipes import architectures, configuration
from digit_core.recipes.architectures import Architecture, Convolution
from digit_core.recipes.configuration import TrainingConfig
from digit_core.storage.run_records import FINISHED, STOPPED, Run

SHIPPED = "shipped"  # the state of a model that comes with the app, beside those of runs
MIN_COMPARED, MAX_COMPARED = 2, 6  # that can be compared at once
_SHIPPED_ANN, _SHIPPED_CNN = "ann", "cnn-2-dropout"  # the pair that the third tutorial compares
_MAX_NAME_LETTERS = 40  # of a run's name in a file's name
_MAX_RUN_LETTERS = 8  # "run-" and the first four of its id: enough to tell two runs of a name apart


@dataclass(frozen=True)
class Contender:
    """A run or a shipped model, with all that a table or a chart tells of it. None is what is not known (yet).

    Attributes:
        key: the name under which its model is used: `Run.model`, or the name of the shipped model.
        name: for people.
        state: of the run, or SHIPPED.
        run: the run itself; None for a shipped model.
        config: what was asked for; None for a model that was trained elsewhere.
        network: its architecture.
        epochs: those that are done, with their figures.
        kept_epoch: the one whose weights were kept, from 1; while there is no model, the one with the lowest validation
            loss so far.
        training_digits, validation_digits: how many.
        parameters: numbers that it learnt.
        seconds: of training.
        size_bytes: of its .tflite file.
        created: seconds since 1970, UTC.
        chosen_on_test: its settings were chosen on the test digits, so that its test figures flatter it.
        has_model: it can be used, evaluated and taken away.
        started_from: the key of the model whose weights it went on from; None for random ones.
        card: of the model.
    """

    key: str
    name: str
    state: str
    run: Run | None = None
    config: TrainingConfig | None = None
    network: Architecture | None = None
    epochs: tuple[EpochEnded, ...] = ()
    kept_epoch: int | None = None
    training_digits: int | None = None
    validation_digits: int | None = None
    parameters: int | None = None
    seconds: float | None = None
    size_bytes: int | None = None
    created: float | None = None
    chosen_on_test: bool = False
    has_model: bool = False
    started_from: str | None = None
    card: dict[str, Any] | None = None

    __repr__ = brief

    @property
    def validation_accuracy(self) -> float | None:
        """The share of the validation digits read right at the kept epoch, 0.0 to 1.0.

        Of a model that was trained elsewhere, or averaged of two trainings, it is what was measured of that one.
        """
        measured = ((self.card or {}).get("figures") or {}).get("validation")
        if measured:
            return measured.get("value")
        if self.kept_epoch is None or not 1 <= self.kept_epoch <= len(self.epochs):
            return None
        return self.epochs[self.kept_epoch - 1].validation_accuracy

    @property
    def read_right(self) -> Share | None:
        """The same with its interval; None where it is not known of how many."""
        if self.validation_accuracy is None or not self.validation_digits:
            return None
        return share(round(self.validation_accuracy * self.validation_digits), self.validation_digits)

    @property
    def has_convolutions(self) -> bool | None:
        """Whether it is a CNN; None where the network is not known."""
        if self.network is None:
            return None
        return any(isinstance(layer, Convolution) for layer in self.network.layers)

    def file_name(self, ending: str) -> str:
        """A safe name for a file of it, such as "cnn-2-run-3f2a.h5": small letters, figures, hyphens and the ending.

        Args:
            ending: of the file, such as ".h5" or "-history.csv".
        """
        plain = unicodedata.normalize("NFKD", self.name).encode("ascii", "ignore").decode().lower()
        words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_MAX_NAME_LETTERS].strip("-")
        mark = self.key[:_MAX_RUN_LETTERS] if self.key.startswith("run-") else self.key
        parts = [words] if words == mark else [words, mark]
        return "-".join(part for part in parts if part) + ending

    def history_csv(self) -> str:
        """Its history as a table with a line an epoch, as precise as it was measured.

        Columns: the fields of `EpochEnded`; accuracies are 0 to 1, durations are seconds.
        """
        text = io.StringIO()
        table = csv.DictWriter(text, [field.name for field in fields(EpochEnded)], lineterminator="\n")
        table.writeheader()
        table.writerows(asdict(epoch) for epoch in self.epochs)
        return text.getvalue()


def of_shipped(name: str, card: dict[str, Any], size_bytes: int | None = None) -> Contender:
    """A shipped model.

    Args:
        name: one of `model_files.names()`.
        card: of the model.
        size_bytes: of its .tflite file.
    """
    return Contender(
        key=name,
        name=name,
        state=SHIPPED,
        has_model=True,
        size_bytes=size_bytes,
        **_from_card(card),
    )


def of_run(run: Run, progress: Progress | None = None, size_bytes: int | None = None) -> Contender:
    """A run, however far it is.

    Args:
        run: as the store has it.
        progress: how it went until now; needed where there is no card yet.
        size_bytes: of its .tflite file.
    """
    facts = _from_card(run.card) if run.card else _from_progress(run.config, progress or Progress())
    return Contender(
        key=run.model,
        name=run.name,
        state=run.state,
        run=run,
        created=run.created,
        has_model=run.has_model,
        started_from=run.parent,
        size_bytes=size_bytes,
        **(facts | {"config": run.config or facts["config"]}),
    )


def ann_against_cnn(contenders: Sequence[Contender]) -> tuple[str, ...]:
    """The keys of the latest run without convolutions and of the latest with; of shipped models where there is none.

    Args:
        contenders: newest first, the shipped models among them.

    Returns:
        Two keys, the ANN's first; fewer where neither a run nor the shipped model is among them.
    """
    known = {contender.key for contender in contenders}
    found = []
    for wants_convolutions, shipped in ((False, _SHIPPED_ANN), (True, _SHIPPED_CNN)):
        runs = (
            contender.key
            for contender in contenders
            if contender.has_convolutions is wants_convolutions
            and contender.state in (FINISHED, STOPPED)
            and contender.epochs
        )
        key = next(runs, shipped if shipped in known else None)
        found += [key] if key else []
    return tuple(found)


def cautions(contenders: Sequence[Contender]) -> tuple[str, ...]:
    """Sentences on what a comparison of these may not be taken for."""
    found = []
    shares = [contender.read_right for contender in contenders]
    known = sorted((one for one in shares if one is not None), key=lambda one: -one.value)
    if len({_validated_on(contender) for contender in contenders if contender.epochs}) > 1:
        found.append(
            "They were validated on different digits: a small difference in accuracy may come from the digits."
        )
    if len(known) > 1 and known[1].high >= known[0].low:
        found.append(
            f"The intervals of the two best overlap ({known[0].low:.1%} to {known[0].high:.1%} and {known[1].low:.1%} "
            f"to {known[1].high:.1%}): it may be chance which of them is better."
        )
    if any(contender.chosen_on_test for contender in contenders):
        found.append("A model that was chosen on the test digits looks better than it is.")
    return tuple(found)


def _validated_on(contender: Contender) -> tuple[Any, ...]:
    config = contender.config
    chosen = (config.validation_share, config.validates_on_test) if config else (None, None)
    data = (contender.card or {}).get("data", {}).get("name", "MNIST")
    return (*chosen, contender.validation_digits, data)


def _from_card(card: dict[str, Any]) -> dict[str, Any]:
    """What a card knows; one of a model that was trained elsewhere knows less than ours."""
    data = card.get("data") or {}
    return {
        "config": _config(card),
        "network": _network(card),
        "epochs": _history(card),
        "kept_epoch": card.get("kept_epoch"),
        "training_digits": data.get("training_digits"),
        "validation_digits": data.get("validation_digits"),
        "parameters": card.get("parameters"),
        "seconds": card.get("training_seconds"),
        "chosen_on_test": bool(card.get("chosen_on_test", False)),
        "card": card,
    }


def _from_progress(config: TrainingConfig | None, progress: Progress) -> dict[str, Any]:
    started, epochs = progress.started, progress.epochs
    finite = [epoch for epoch in epochs if math.isfinite(epoch.validation_loss)]
    best = min(finite, key=lambda epoch: epoch.validation_loss, default=None)
    elapsed = progress.batches[-1].elapsed_seconds if progress.batches else None
    return {
        "config": config,
        "network": config.network if config else None,
        "epochs": epochs,
        "kept_epoch": best.epoch if best else None,
        "training_digits": started.training_size if started else config.training_size if config else None,
        "validation_digits": started.validation_size if started else None,
        "parameters": config.network.parameters if config else None,
        "seconds": elapsed or (sum(epoch.duration_seconds for epoch in epochs) or None),
        "chosen_on_test": config.validates_on_test if config else False,
        "card": None,
    }


def _config(card: dict[str, Any]) -> TrainingConfig | None:
    try:
        return configuration.from_dict(card["configuration"]) if card.get("configuration") else None
    except ConfigurationError:
        return None  # a setting that this version does not know any more


def _network(card: dict[str, Any]) -> Architecture | None:
    try:
        return architectures.from_dict(card["architecture"]) if card.get("architecture") else None
    except ConfigurationError:
        return None


def _history(card: dict[str, Any]) -> tuple[EpochEnded, ...]:
    names = [field.name for field in fields(EpochEnded)]
    epochs = card.get("history") or []
    return tuple(EpochEnded(**{name: epoch[name] for name in names}) for epoch in epochs)
