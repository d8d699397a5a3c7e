"""Two models on the same digits: is one better, or was it luck?"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from digit_core.classifier import Classifier
from digit_core.evaluation import Share

TIMED_IMAGES = 200


@dataclass(frozen=True)
class McNemar:
    """McNemar's exact test (Q. McNemar, 1947): of the digits that one model alone reads right, are halves as likely?

    Attributes:
        only_first, only_second: digits that only the first, only the second model reads right.
        p_value: the probability that two equally good models differ at least so much, 0.0 to 1.0: two-sided
            binomial test with a half.
    """

    only_first: int
    only_second: int
    p_value: float

    def sentence(self, first: str, second: str) -> str:
        """The outcome in plain words, at the 5% level.

        Args:
            first, second: what the models are called.
        """
        raise NotImplementedError


def mcnemar(only_first: int, only_second: int) -> McNemar:
    """The exact test, for any counts.

    Raises:
        ValueError: a negative count.
    """
    raise NotImplementedError


@dataclass(frozen=True, eq=False)
class Disagreements:
    """Digits that two models read differently, as int64 arrays of rising row numbers.

    Attributes:
        only_first_right, only_second_right: the other one errs.
        both_wrong_differently: both err, each in its own way.
    """

    only_first_right: np.ndarray
    only_second_right: np.ndarray
    both_wrong_differently: np.ndarray

    def test(self) -> McNemar:
        """McNemar's test of these."""
        raise NotImplementedError

    def kinds(self, first: str, second: str) -> dict[str, np.ndarray]:
        """The three kinds by a name on screen, such as "only ann is right", with their rows."""
        raise NotImplementedError


def disagreements(labels: np.ndarray, first: np.ndarray, second: np.ndarray) -> Disagreements:
    """Where two models differ.

    Args:
        labels: integer array of shape (n,), 0 to 9; n is at least 1.
        first, second: float arrays of shape (n, 10), the models' probabilities.

    Raises:
        ValueError: as `evaluation.check`.
    """
    raise NotImplementedError


def confusion_difference(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """How many more digits the second model reads so than the first: int64 (10, 10), true digit by answer.

    Args:
        first, second: integer arrays of shape (10, 10), confusion matrices of the same digits.

    Raises:
        ValueError: they are not of the same digits: a class occurs more often in one.
    """
    raise NotImplementedError


@dataclass(frozen=True)
class TableRow:
    """A model in the table that the tutorials end with.

    Attributes:
        name: what it is called.
        accuracy: with its 95% interval.
        errors: digits misread.
        parameters: how many numbers the network learnt; None if its card does not say.
        size_bytes: of its model.tflite.
        training_seconds: from its card; None if it does not say.
        milliseconds: the median time for one digit alone, measured here and now.
    """

    name: str
    accuracy: Share
    errors: int
    parameters: int | None
    size_bytes: int
    training_seconds: float | None
    milliseconds: float


def table_row(
    name: str, card: dict[str, Any], accuracy: Share, size_bytes: int, milliseconds: float
) -> TableRow:
    """The numbers of one model, from its card and from what was measured."""
    raise NotImplementedError


def milliseconds_an_image(
    model: Classifier, images: np.ndarray, most: int = TIMED_IMAGES, clock: Callable[[], float] | None = None
) -> float:
    """The median time that a model takes for one digit alone, after one that is not counted.

    Args:
        model: any.
        images: array of shape (n, 28, 28), as `Classifier.predict` takes it; n is at least 1.
        most: digits to time at most.
        clock: seconds; time.perf_counter if None.
    """
    raise NotImplementedError
