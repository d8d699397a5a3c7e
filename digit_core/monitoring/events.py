"""What a run reports while it is training, and how it is told to stop, wait or change: plain records, without Keras."""

import threading
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from digit_core.digits import brief
from digit_core.errors import ConfigurationError, number_sentences
from digit_core.recipes.configuration import MAX_EPOCHS, MAX_RATE, MIN_RATE

MAX_PAUSE_SECONDS = 300.0  # a paused run holds a place that others wait for


@dataclass(frozen=True)
class RunStarted:
    """The run is about to take its first step. Sizes are digits."""

    parameters: int
    training_size: int
    validation_size: int
    steps_per_epoch: int
    epochs: int


@dataclass(frozen=True, eq=False)
class DigitsWatched:
    """The twenty validation digits whose answers each Snapshot tells; said once, after RunStarted.

    First one of each class that looks as most do, then one of each class that is doubtful: 0 to 9, twice. Of digits of
    one's own there may be fewer.

    Attributes:
        images: uint8 array of shape (20, 28, 28), ink is 255.
        labels: uint8 array of shape (20,).
    """

    images: np.ndarray
    labels: np.ndarray

    __repr__ = brief


@dataclass(frozen=True)
class BatchEnded:
    """One step is done. Loss and accuracy (0 to 1) are means over the epoch so far; epoch and step count from 1."""

    epoch: int
    step: int
    loss: float
    accuracy: float
    learning_rate: float
    elapsed_seconds: float


@dataclass(frozen=True)
class EpochEnded:
    """One pass through the training digits is done, and the validation digits were read. Accuracies are 0 to 1."""

    epoch: int
    loss: float
    accuracy: float
    validation_loss: float
    validation_accuracy: float
    learning_rate: float
    duration_seconds: float


@dataclass(frozen=True)
class LayerState:
    """How one layer that learns stands.

    Attributes:
        name: of the layer, as `Architecture.summary` has it.
        gradient_norm: the length of the gradient of the loss with respect to the layer's weights, on the watched digits.
        dead_share: share of its units that answered nothing to any of some validation digits, 0.0 to 1.0; None for an
            activation that does not die.
        weight_change: the length of what was added to its weights since the start, divided by their length then.
    """

    name: str
    gradient_norm: float
    dead_share: float | None
    weight_change: float


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The network between two steps, looked into.

    Attributes:
        epoch: the epoch that is going on or was just finished; 0 before the first step.
        step: steps done in this epoch.
        layers: every layer that learns, in order.
        probabilities: float32 array of shape (watched, 10): the answers to the watched digits.
        filters: float32 array of shape (n, side, side), 32 at most: the first layer's windows, or, where the first
            layer is dense, what its units look for in the whole picture.
        confusion: int64 array of shape (10, 10): true validation digit, answer; None but at the end of an epoch.
    """

    epoch: int
    step: int
    layers: tuple[LayerState, ...]
    probabilities: np.ndarray
    filters: np.ndarray
    confusion: np.ndarray | None = None

    __repr__ = brief


@dataclass(frozen=True)
class Checkpoint:
    """The best weights so far, kept in case that the run does not come to its end.

    Attributes:
        epoch: after which they stood.
        content: the bytes of a .keras file, to continue from.
    """

    epoch: int
    content: bytes

    __repr__ = brief


@dataclass(frozen=True)
class RunEnded:
    """The run is over; `reason` is a sentence."""

    reason: str


Event = RunStarted | DigitsWatched | BatchEnded | EpochEnded | Snapshot | Checkpoint | RunEnded


@dataclass(frozen=True)
class Steering:
    """What the person who steers a run wants now.

    Attributes:
        is_stopped: end the run after this step, keeping its weights.
        stop_reason: how the sentence begins on why it was stopped, before " in epoch 3."; "" if by hand.
        is_paused: wait after this step.
        single_steps: how many steps it may have taken one by one while it was paused, in all.
        learning_rate: the new one, under a schedule its new highest one; None to leave it.
        epochs: how many there will be in all, with fewer than are done the run ends after the present one; None to
            leave it.
        step_pause_seconds: how long to wait after every step, 0 to 5: slow motion.

    Raises:
        ConfigurationError: a value cannot be.
    """

    is_stopped: bool = False
    is_paused: bool = False
    single_steps: int = 0
    learning_rate: float | None = None
    epochs: int | None = None
    step_pause_seconds: float = 0.0
    stop_reason: str = ""

    def __post_init__(self) -> None:
        sentences = number_sentences("pause after a step", self.step_pause_seconds, 0, 5)
        if self.learning_rate is not None:
            sentences += number_sentences("learning rate", self.learning_rate, MIN_RATE, MAX_RATE)
        if self.epochs is not None:
            sentences += number_sentences("number of epochs", self.epochs, 1, MAX_EPOCHS, is_whole=True)
        if sentences:
            raise ConfigurationError(sentences)


class Control:
    """Steers a run from another thread. Any object with the same `read` method also works."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._steering = Steering()

    def change(self, **changes: Any) -> None:
        """Change what is wanted, such as is_stopped=True; fields that are not named stay the same.

        Args:
            changes: fields of Steering with their new values.

        Raises:
            ConfigurationError: a value is invalid; then nothing changes.
        """
        with self._lock:
            self._steering = replace(self._steering, **changes)

    def read(self) -> Steering:
        """What is wanted now."""
        with self._lock:
            return self._steering
