"""Two models on the same digits: is one better, or was it luck?"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from digit_core.digits import brief
from digit_core.inference.classifier import Classifier
from digit_core.metrics import classification

TIMED_IMAGES = 200
# Below it, the difference is called more than luck.
_LEVEL = 0.05


@dataclass(frozen=True)
class McNemar:
    """McNemar's exact test (Q. McNemar, 1947): of the digits that only one model reads correctly, does each model read about half?

    Attributes:
        only_first, only_second: digits that only the first, only the second model reads right.
        p_value: the probability that two equally good models differ at least this much, 0.0 to 1.0: two-sided
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
        total = self.only_first + self.only_second
        if total == 0:
            return f"{first} and {second} read the same digits correctly, so nothing shows which is better."
        if self.only_first == self.only_second:
            return f"Neither is ahead: of the {total:,} digits that only one of them reads correctly, each reads {self.only_first:,}."
        ahead, behind = (first, second) if self.only_first > self.only_second else (second, first)
        more, fewer = max(self.only_first, self.only_second), min(self.only_first, self.only_second)
        verdict = f"It may be luck that {ahead} is ahead"
        if self.p_value < _LEVEL:
            verdict = f"{ahead} is better than {behind}, and that is unlikely to be luck"
        split = f"of the {total:,} digits that only one of them reads correctly, {ahead} reads {more:,} and {behind} {fewer:,}"
        if total == 1:
            split = f"{ahead} reads the only digit that just one of them reads correctly"
        often = _how_often(self.p_value)
        return f"{verdict}: {split}. Two equally good models would differ this much {often}."


def mcnemar(only_first: int, only_second: int) -> McNemar:
    """The exact test, for any counts.

    Raises:
        ValueError: a negative count.
    """
    fewer, total = min(only_first, only_second), only_first + only_second
    if fewer < 0:
        raise ValueError(f"Counts are 0 or more, not {fewer}.")
    # Whole numbers of any length, so that no p-value is rounded before the end.
    ways, heads = 1, 1
    for k in range(1, fewer + 1):
        ways = ways * (total - k + 1) // k
        heads += ways
    return McNemar(only_first, only_second, min(1.0, 2 * heads / 2**total))


def _how_often(p_value: float) -> str:
    if p_value >= 0.995:
        return "practically always"
    if p_value >= 0.01:
        return f"in {p_value * 100:.0f} of 100 cases"
    return f"in {p_value * 1000:.0f} of 1,000 cases" if p_value >= 0.001 else "in less than 1 of 1,000 cases"


@dataclass(frozen=True, eq=False)
class Disagreements:
    """Digits that two models read differently, as int64 arrays of rising row numbers.

    Attributes:
        only_first_right, only_second_right: only this model is right.
        both_wrong_differently: both are wrong, with different answers.
    """

    only_first_right: np.ndarray
    only_second_right: np.ndarray
    both_wrong_differently: np.ndarray

    __repr__ = brief

    def test(self) -> McNemar:
        """McNemar's test of these."""
        return mcnemar(len(self.only_first_right), len(self.only_second_right))

    def kinds(self, first: str, second: str) -> dict[str, np.ndarray]:
        """The three kinds by a name on screen, such as "only ann is right", with their rows."""
        return {
            f"only {first} is right": self.only_first_right,
            f"only {second} is right": self.only_second_right,
            "both are wrong, in different ways": self.both_wrong_differently,
        }


def disagreements(labels: np.ndarray, first: np.ndarray, second: np.ndarray) -> Disagreements:
    """Where two models differ.

    Args:
        labels: integer array of shape (n,), 0 to 9; n is at least 1.
        first, second: float arrays of shape (n, 10), the models' probabilities.

    Raises:
        ValueError: as `classification.check`.
    """
    answers, others = (classification.check(labels, given).argmax(axis=1) for given in (first, second))
    is_right, is_other_right = answers == labels, others == labels
    return Disagreements(
        np.flatnonzero(is_right & ~is_other_right),
        np.flatnonzero(~is_right & is_other_right),
        np.flatnonzero(~is_right & ~is_other_right & (answers != others)),
    )


def confusion_difference(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """How many more digits the second model has in each cell than the first: int64 (10, 10), true digit by answer.

    Args:
        first, second: integer arrays of shape (10, 10), confusion matrices of the same digits.

    Raises:
        ValueError: they are not from the same digits: a class occurs more often in one.
    """
    if not np.array_equal(first.sum(axis=1), second.sum(axis=1)):
        raise ValueError("The two matrices are not from the same digits.")
    return second.astype(np.int64) - first


def milliseconds_an_image(
    model: Classifier, images: np.ndarray, most: int = TIMED_IMAGES, clock: Callable[[], float] | None = None
) -> float:
    """The median time that a model takes for a single digit, after one that is not counted.

    Args:
        model: any.
        images: array of shape (n, 28, 28), as `Classifier.predict_dataset` takes it; n is at least 1.
        most: how many digits to time at most.
        clock: seconds; time.perf_counter if None.
    """
    now = clock or time.perf_counter
    model.predict_dataset(images[:1])
    times = []
    for row in range(min(most, len(images))):
        started = now()
        model.predict_dataset(images[row : row + 1])
        times.append(now() - started)
    return float(np.median(times)) * 1000
