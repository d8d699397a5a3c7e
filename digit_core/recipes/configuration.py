"""The settings of a training, each value checked."""

import json
import math
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from digit_core.augmentation.policies import Distortion
from digit_core.datasets.mnist import VALIDATION_SIZE
from digit_core.errors import ConfigurationError, choice_sentences, number_sentences
from digit_core.recipes import aliases, architectures
from digit_core.recipes.architectures import ARCHITECTURES, Architecture
from digit_core.recipes.precision import PRECISIONS

# As Keras calls their classes, and as people do.
OPTIMIZER_NAMES = {
    "adam": "Adam",
    "adamw": "AdamW",
    "nadam": "Nadam",
    "rmsprop": "RMSprop",
    "sgd": "SGD",
    "adagrad": "Adagrad",
}
OPTIMIZERS = tuple(OPTIMIZER_NAMES)
LOSSES = ("categorical_crossentropy", "sparse_categorical_crossentropy")
SCHEDULES = ("constant", "cosine", "one-cycle")
MONITORS = ("val_loss", "val_accuracy", "loss", "accuracy")
MIN_RATE, MAX_RATE = 1e-8, 10  # learning rates
MAX_EPOCHS = 200
MIN_DIGITS, MAX_DIGITS = 100, 60_000


@dataclass(frozen=True)
class EarlyStopping:
    """End the run when it no longer improves; Keras' callback of that name.

    Attributes:
        monitor: the figure that should improve.
        patience: how many epochs to wait without improvement.
        min_delta: the smallest change that counts as an improvement.
        start_from_epoch: how many epochs to train before judging.

    Example:
        >>> from digit_core import EarlyStopping, TrainingConfig
        >>> TrainingConfig(early_stopping=EarlyStopping(patience=5)).early_stopping.monitor
        'val_loss'
        >>> EarlyStopping(patience=-1).mistakes()
        ['The patience of early stopping is a whole number from 0 to 200, not -1.']
    """

    monitor: str = "val_loss"
    patience: int = 3
    min_delta: float = 0.0
    start_from_epoch: int = 0

    def mistakes(self) -> list[str]:
        """A sentence for each invalid value."""
        return [
            *choice_sentences("figure that early stopping watches", self.monitor, MONITORS),
            *number_sentences("patience of early stopping", self.patience, 0, MAX_EPOCHS, is_whole=True),
            *number_sentences("least improvement of early stopping", self.min_delta, 0, 1),
            *number_sentences(
                "first epoch of early stopping", self.start_from_epoch, 0, MAX_EPOCHS, is_whole=True
            ),
        ]


@dataclass(frozen=True)
class ReduceLROnPlateau:
    """Lower the learning rate when the run no longer improves; Keras' callback of that name.

    Attributes:
        monitor: the figure that should improve.
        factor: what the learning rate is multiplied by.
        patience: how many epochs to wait without improvement.
        min_delta: the smallest change that counts as an improvement.
        cooldown: epochs to wait after a reduction.
        min_lr: the learning rate is not reduced below this.

    Example:
        >>> from digit_core import ReduceLROnPlateau, TrainingConfig
        >>> TrainingConfig(reduce_lr_on_plateau=ReduceLROnPlateau(factor=0.1)).reduce_lr_on_plateau.patience
        2
        >>> ReduceLROnPlateau(factor=2).mistakes()
        ["The factor of the learning rate's reduction is a number from 0.01 to 0.99, not 2."]
    """

    monitor: str = "val_loss"
    factor: float = 0.5
    patience: int = 2
    min_delta: float = 1e-4
    cooldown: int = 0
    min_lr: float = 1e-6

    def mistakes(self) -> list[str]:
        """A sentence for each invalid value."""
        return [
            *choice_sentences("figure that the learning rate's reduction watches", self.monitor, MONITORS),
            *number_sentences("factor of the learning rate's reduction", self.factor, 0.01, 0.99),
            *number_sentences(
                "patience of the learning rate's reduction", self.patience, 0, MAX_EPOCHS, is_whole=True
            ),
            *number_sentences("least improvement of the learning rate's reduction", self.min_delta, 0, 1),
            *number_sentences(
                "cooldown of the learning rate's reduction", self.cooldown, 0, MAX_EPOCHS, is_whole=True
            ),
            *number_sentences("lowest learning rate", self.min_lr, 0, 1),
        ]


@dataclass(frozen=True)
class TrainingConfig:
    """All settings of a training.

    Attributes:
        architecture: a name of `architectures.ARCHITECTURES`, or your own Architecture.
        optimizer: one of OPTIMIZERS.
        learning_rate: of the optimizer, at its highest where there is a schedule.
        schedule: how the learning rate goes: "constant", "cosine" (falls to zero along a cosine) or "one-cycle"
            (rises for three tenths of the run, then falls to zero; Smith and Topin, 2018).
        momentum: of "sgd" and "rmsprop"; the others do not use it.
        loss: one of LOSSES: with one-hot labels, or with labels as they are. The results are the same.
        batch_size: digits per step.
        epochs: how many times to go through the training digits.
        subset_size: how many of the training digits are used, with the same mix of classes; None for all.
        validation_share: None for the project's fixed 5,000 validation digits; else the share of training and
            validation digits, joined, that is held back instead, such as 0.3.
        validates_on_test: choose on the 10,000 test digits, as many tutorials do. The model's card then says that
            its test figures flatter it.
        early_stopping, reduce_lr_on_plateau: None switches it off.
        keeps_best_weights: at the end, go back to the weights with the lowest validation loss.
        augmentation: the largest distortions of the training digits; each epoch draws new ones.
        precision: one of PRECISIONS, of a step's numbers. "bfloat16" is quicker where the processor has it, and is
            float32 elsewhere; weights and answers are always float32.
        seed: of weights, order, dropout and distortions.

    Raises:
        ConfigurationError: with a sentence for each invalid value.

    Example:
        >>> from digit_core import TrainingConfig
        >>> config = TrainingConfig("ann", epochs=3, schedule="cosine")
        >>> config.network.parameters, config.training_size
        (101770, 55000)
        >>> config.schedule_factor(0.5)  # half of the learning rate when half of the run is over
        0.5
        >>> config.as_dict()["epochs"]
        3
        >>> TrainingConfig(epochs=0)
        Traceback (most recent call last):
        digit_core.errors.ConfigurationError: The number of epochs is a whole number from 1 to 200, not 0.
    """

    architecture: str | Architecture = "cnn"
    optimizer: str = "adam"
    learning_rate: float = 0.001
    schedule: str = "constant"
    momentum: float = 0.0
    loss: str = "sparse_categorical_crossentropy"
    batch_size: int = 64
    epochs: int = 10
    subset_size: int | None = None
    validation_share: float | None = None
    validates_on_test: bool = False
    early_stopping: EarlyStopping | None = None
    reduce_lr_on_plateau: ReduceLROnPlateau | None = None
    keeps_best_weights: bool = True
    augmentation: Distortion = field(default_factory=Distortion)
    precision: str = "float32"
    seed: int = 0

    def __post_init__(self) -> None:
        sentences = [
            *self._architecture_mistakes(),
            *choice_sentences("optimizer", self.optimizer, OPTIMIZERS),
            *number_sentences("learning rate", self.learning_rate, MIN_RATE, MAX_RATE),
            *choice_sentences("learning-rate schedule", self.schedule, SCHEDULES),
            *number_sentences("momentum", self.momentum, 0, 0.999),
            *choice_sentences("loss", self.loss, LOSSES),
            *choice_sentences("precision", self.precision, PRECISIONS),
            *number_sentences("batch size", self.batch_size, 1, 4_096, is_whole=True),
            *number_sentences("number of epochs", self.epochs, 1, MAX_EPOCHS, is_whole=True),
            *number_sentences("seed", self.seed, 0, 2**31 - 1, is_whole=True),
        ]
        if self.subset_size is not None:
            sentences += number_sentences(
                "number of training digits", self.subset_size, MIN_DIGITS, MAX_DIGITS, is_whole=True
            )
        if self.validation_share is not None:
            sentences += number_sentences("validation share", self.validation_share, 0.01, 0.9)
        if self.validation_share is not None and self.validates_on_test:
            sentences.append(
                "A run validates on a share of the training digits or on the test digits, not both."
            )
        if not isinstance(self.augmentation, Distortion):
            sentences.append(f"The augmentation is a Distortion, not {self.augmentation!r}.")
        sentences += _rule_mistakes("early stopping", self.early_stopping, EarlyStopping)
        sentences += _rule_mistakes("learning rate's reduction", self.reduce_lr_on_plateau, ReduceLROnPlateau)
        for name in ("validates_on_test", "keeps_best_weights"):
            if not isinstance(getattr(self, name), bool):
                sentences.append(f"The setting {name} is true or false, not {getattr(self, name)!r}.")
        if not sentences:
            sentences += self._combination_mistakes()
        if sentences:
            raise ConfigurationError(sentences)

    def _architecture_mistakes(self) -> list[str]:
        if isinstance(self.architecture, Architecture):
            return []
        return choice_sentences("architecture", self.architecture, tuple(ARCHITECTURES))

    def _combination_mistakes(self) -> list[str]:
        if self.schedule != "constant" and self.reduce_lr_on_plateau:
            return ["A schedule and a reduction on plateaus both set the learning rate: choose one of them."]
        if self.batch_size > self.training_size:
            return [
                f"A batch of {self.batch_size:,} is larger than the {self.training_size:,} training digits."
            ]
        return []

    @property
    def network(self) -> Architecture:
        """The architecture itself, also where it was given by its name."""
        if isinstance(self.architecture, Architecture):
            return self.architecture
        return ARCHITECTURES[self.architecture]

    @property
    def training_size(self) -> int:
        """How many of MNIST's digits an epoch goes through."""
        available = MAX_DIGITS - VALIDATION_SIZE
        if self.validation_share is not None:
            available = MAX_DIGITS - round(MAX_DIGITS * self.validation_share)
        return min(self.subset_size or available, available)

    def schedule_factor(self, progress: float) -> float:
        """What the learning rate is multiplied by at `progress` (0.0 to 1.0) of the whole run."""
        if self.schedule == "constant":
            return 1.0
        rise = 0.3 if self.schedule == "one-cycle" else 0.0
        if progress < rise:
            return 0.04 + 0.96 * (1 - math.cos(math.pi * progress / rise)) / 2
        return (1 + math.cos(math.pi * (progress - rise) / (1 - rise))) / 2

    def as_dict(self) -> dict[str, Any]:
        """The configuration as JSON holds it; `from_dict` reads it back."""
        data = asdict(self)
        if isinstance(self.architecture, Architecture):
            data["architecture"] = self.architecture.as_dict()
        return data


def from_dict(data: dict[str, Any]) -> TrainingConfig:
    """Read what `TrainingConfig.as_dict` wrote, in this version or an earlier one.

    Raises:
        ConfigurationError: a setting is unknown or its value cannot be.
    """
    values = aliases.renamed(data)
    parts = {
        "early_stopping": EarlyStopping,
        "reduce_lr_on_plateau": ReduceLROnPlateau,
        "augmentation": Distortion,
    }
    _refuse_unknown(values, TrainingConfig)
    for name, part in parts.items():
        if isinstance(values.get(name), dict):
            _refuse_unknown(values[name], part)
            values[name] = part(**values[name])
    if isinstance(values.get("architecture"), dict):
        values["architecture"] = architectures.from_dict(values["architecture"])
    return TrainingConfig(**values)


def assign(data: dict[str, Any], assignment: str) -> None:
    """Carry out one NAME=VALUE, as people type it, on what `TrainingConfig.as_dict` gave.

    Args:
        data: the settings, changed in place.
        assignment: such as "epochs=3", "optimizer=sgd" or, for a part of a part, "early_stopping.patience=3". Values are
            JSON; what is no JSON is text.

    Raises:
        ConfigurationError: there is no "=".
    """
    name, equals, text = assignment.partition("=")
    name = aliases.current(name)
    if not equals:
        raise ConfigurationError([f"A setting is NAME=VALUE, not {assignment!r}."])
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    part, dot, inner_name = name.partition(".")
    if not dot:
        data[part] = value
        return
    inner = data.get(part)
    data[part] = (inner if isinstance(inner, dict) else {}) | {inner_name: value}


def _rule_mistakes(name: str, rule: Any, kind: type[EarlyStopping] | type[ReduceLROnPlateau]) -> list[str]:
    if rule is None:
        return []
    return (
        rule.mistakes()
        if isinstance(rule, kind)
        else [f"The {name} is a record of settings or nothing, not {rule!r}."]
    )


def _refuse_unknown(values: dict[str, Any], record: type) -> None:
    unknown = set(values) - {entry.name for entry in fields(record)}
    if unknown:
        raise ConfigurationError([f"There is no setting {name!r}." for name in sorted(unknown)])
