"""Misclassified digits: which they are, what they were read as, and in what order to show them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from digit_core.digits import CLASSES, brief
from digit_core.metrics import classification

_ONE = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_MANY = ("zeros", "ones", "twos", "threes", "fours", "fives", "sixes", "sevens", "eights", "nines")


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a model predicts for each of n digits.

    Attributes:
        labels: integer array of shape (n,), the true digits.
        answers: int64 array of shape (n,), what was read.
        confidence: float64 array of shape (n,), the answer's probability, 0.1 to 1.0.
        loss: float64 array of shape (n,), minus the logarithm of the true digit's probability, 0.0 or more.
    """

    labels: np.ndarray
    answers: np.ndarray
    confidence: np.ndarray
    loss: np.ndarray

    __repr__ = brief


def predictions(labels: np.ndarray, probabilities: np.ndarray) -> Predictions:
    """What a model predicts.

    Args:
        labels, probabilities: as in `classification.check`.

    Raises:
        ValueError: as `classification.check`.
    """
    exact = classification.check(labels, probabilities)
    answers = probabilities.argmax(axis=1)
    confidence = exact[np.arange(len(labels)), answers]
    return Predictions(labels, answers, confidence, classification.losses(labels, exact))


# Each gives the keys by which rows are sorted, smallest first; of equals the lowest row comes first.
ORDERS: dict[str, Callable[[Predictions], np.ndarray]] = {
    "most confident first": lambda found: -found.confidence,
    "least confident first": lambda found: found.confidence,
    "highest loss first": lambda found: -found.loss,
    "by number": lambda found: np.arange(len(found.labels)),
}


def select(
    found: Predictions,
    *,
    true: int | None = None,
    answer: int | None = None,
    errors_only: bool = True,
    confidence: tuple[float, float] = (0.0, 1.0),
    order: str = "most confident first",
) -> np.ndarray:
    """The rows of the digits to look at.

    Args:
        found: what a model predicts.
        true: only digits of this class; any if None.
        answer: only digits read as this; any if None. `true` and `answer` together are a cell of the matrix.
        errors_only: only the misread ones. A cell on the diagonal needs False.
        confidence: lowest and highest confidence, both included.
        order: a key of `ORDERS`.

    Returns:
        int64 array of shape (m,), row numbers in that order; m may be 0.

    Raises:
        ValueError: there is no such order.
    """
    if order not in ORDERS:
        raise ValueError(f"The order is one of {', '.join(ORDERS)}, not {order!r}.")
    chosen = (found.confidence >= confidence[0]) & (found.confidence <= confidence[1])
    if errors_only:
        chosen &= found.answers != found.labels
    if true is not None:
        chosen &= found.labels == true
    if answer is not None:
        chosen &= found.answers == answer
    rows = np.flatnonzero(chosen)
    return rows[np.argsort(ORDERS[order](found)[rows], kind="stable")]


@dataclass(frozen=True)
class ConfusedPair:
    """A digit, what it was read as, how often, and in what share of that digit (0.0 to 1.0)."""

    true: int
    answer: int
    count: int
    share: float

    def __str__(self) -> str:
        return cell_sentence(self.true, self.answer, self.count)


def most_confused(confusion: np.ndarray, most: int = 10) -> tuple[ConfusedPair, ...]:
    """The pairs that are confused most often, most often first; of equals the lower true digit, then answer, first.

    Args:
        confusion: integer array of shape (10, 10): true digit, answer.
        most: how many at most; pairs that never occur are left out.
    """
    errors = confusion * ~np.eye(CLASSES, dtype=bool)
    cells = np.argsort(-errors.ravel(), kind="stable")[:most]
    support = confusion.sum(axis=1)
    return tuple(
        ConfusedPair(true, answer, int(errors[true, answer]), float(errors[true, answer] / support[true]))
        for true, answer in (divmod(int(cell), CLASSES) for cell in cells)
        if errors[true, answer]
    )


def shares(confusion: np.ndarray, of: str) -> np.ndarray:
    """A confusion matrix as shares.

    Args:
        confusion: integer array of shape (10, 10): true digit, answer.
        of: "true" (of all digits that are a 4, how many are read as a 9?) or "answer" (of all that are read as a 9,
            how many are a 4?).

    Returns:
        float64 array of shape (10, 10), 0.0 to 1.0; NaN where there is nothing to take a share of.

    Raises:
        ValueError: `of` is neither.
    """
    if of not in ("true", "answer"):
        raise ValueError(f'Shares are of the "true" digits or of the "answer", not {of!r}.')
    whole = confusion.sum(axis=1 if of == "true" else 0, keepdims=True)
    whole = np.broadcast_to(whole, confusion.shape)
    return np.divide(confusion, whole, out=np.full(confusion.shape, np.nan), where=whole > 0)


def cell_sentence(true: int, answer: int, count: int) -> str:
    """A cell of the matrix in words: "17 fours were read as nines", "1 four was read as a nine"."""
    article = "an" if answer == 8 else "a"
    one = "correctly" if answer == true else f"as {article} {_ONE[answer]}"
    many = "correctly" if answer == true else f"as {_MANY[answer]}"
    if count < 2:
        return f"{count or 'No'} {_ONE[true]} was read {one}"
    return f"{count:,} {_MANY[true]} were read {many}"


def caption(true: int, answer: int, confidence: float) -> str:
    """A digit of the gallery in words: "true 4, read as 9, 87%". Confidence is 0.0 to 1.0."""
    # 99.96% is not 100%: no answer is certain.
    sure = f"{confidence:.0%}" if confidence < 0.995 else "over 99%"
    return f"true {true}, read as {answer}, {sure}"
