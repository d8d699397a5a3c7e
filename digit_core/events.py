"""What a run says while it goes, and how it is told to stop, wait or change: plain records, without Keras."""

import threading
from dataclasses import dataclass, replace
from typing import Any

from digit_core.configuration import HIGHEST_RATE, LEAST_RATE
from digit_core.errors import ConfigurationError, number_sentences


@dataclass(frozen=True)
class RunStarted:
    """The run is about to take its first step. Sizes are digits."""

    parameters: int
    training_size: int
    validation_size: int
    steps_per_epoch: int
    epochs: int


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
class RunEnded:
    """The run is over; `reason` is a sentence."""

    reason: str


Event = RunStarted | BatchEnded | EpochEnded | RunEnded


@dataclass(frozen=True)
class Steering:
    """What the one who watches wants now.

    Attributes:
        is_stopped: end the run after this step, keeping its weights.
        is_paused: wait after this step.
        learning_rate: None to leave it.
    """

    is_stopped: bool = False
    is_paused: bool = False
    learning_rate: float | None = None


class Control:
    """Steers a run from another thread. Anything else with a `read` like this one's serves as well."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._steering = Steering()

    def _change(self, **changes: Any) -> None:
        with self._lock:
            self._steering = replace(self._steering, **changes)

    def stop(self) -> None:
        """End the run after this step; what it learnt is kept."""
        self._change(is_stopped=True)

    def pause(self) -> None:
        """Let the run wait after this step."""
        self._change(is_paused=True)

    def resume(self) -> None:
        """Let a paused run go on."""
        self._change(is_paused=False)

    def set_learning_rate(self, learning_rate: float) -> None:
        """Go on with this learning rate; under a schedule it is the new highest one.

        Raises:
            ConfigurationError: it is no number that a learning rate can be.
        """
        if sentences := number_sentences("learning rate", learning_rate, LEAST_RATE, HIGHEST_RATE):
            raise ConfigurationError(sentences)
        self._change(learning_rate=learning_rate)

    def read(self) -> Steering:
        """What is wanted now."""
        with self._lock:
            return self._steering
