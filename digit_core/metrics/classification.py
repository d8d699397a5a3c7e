"""Labels and probabilities in, frozen results out: how well a model read a set of digits.

What scikit-learn calls the classification report, the confusion matrix and the log loss, in NumPy: scikit-learn's own
would cost the web process 80 MB. The tests hold each figure to scikit-learn's and SciPy's.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from digit_core.digits import CLASSES

# The standard normal distribution has 95% of itself within so many deviations of 0.
_Z_95 = 1.959963984540054
# float32 rows sum to 1 within 1e-7 only.
_SUM_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Share:
    """A count out of a total, with its 95% Wilson interval (Wilson, 1927). `value`, `low` and `high` are 0.0 to 1.0.

    Example:
        >>> from digit_core.metrics import classification
        >>> right = classification.share(97, 100)
        >>> print(right)  # of other digits, some 92% to 99% would be right
        97.00% (91.55% to 98.97%)
    """

    count: int
    n: int
    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2%} ({self.low:.2%} to {self.high:.2%})"


def share(count: int, n: int) -> Share:
    """`count` of `n`, with its 95% Wilson interval.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).

    Raises:
        ValueError: n is 0, or count is not between 0 and n.
    """
    if not 0 <= count <= n or n == 0:
        raise ValueError(f"{count} of {n} is not a share.")
    value, z2 = count / n, _Z_95**2
    centre = (value + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z_95 / (1 + z2 / n) * math.sqrt(value * (1 - value) / n + z2 / (4 * n * n))
    # At the ends the interval ends there, too; rounding would leave it a hair's breadth off.
    low = 0.0 if count == 0 else centre - half
    high = 1.0 if count == n else centre + half
    return Share(count, n, value, low, high)


def percent(value: float) -> str:
    """A share in percent that is never rounded to 0% or 100%.

    Example:
        >>> from digit_core.figures import percent
        >>> percent(0.974), percent(0.99999)
        ('97.4%', '> 99.9%')
    """
    if value > 0.999:
        return "> 99.9%"
    if value < 0.001:
        return "< 0.1%"
    return f"{value:.1%}"


@dataclass(frozen=True)
class Evaluation:
    """How a model did on a set of digits.

    Attributes:
        accuracy: the share read right.
        log_loss: the mean of minus the logarithm of the probability given to the true digit; 0 is perfect.
        confusion: int64 array of shape (10, 10): true digit, answer.
        report: per digit ("0" to "9"), "macro avg" (every digit counts alike) and "weighted avg" (every digit counts
            as often as it occurs): precision, recall, f1-score, support, named and defined as in scikit-learn's
            classification_report. A figure that divides by nothing is 0.0.

    Example:
        >>> import numpy as np
        >>> from digit_core.metrics import classification
        >>> labels = np.array([4, 4, 7, 9])
        >>> probabilities = np.full((4, 10), 0.02)
        >>> probabilities[range(4), [4, 9, 7, 9]] = 0.82  # the second 4 is taken for a 9
        >>> result = classification.evaluate(labels, probabilities)
        >>> result
        Evaluation(75.00% (30.06% to 95.44%) of 4 digits right, log loss 1.1268)
        >>> result.confusion[4, 9].item(), result.errors
        (1, 1)
    """

    accuracy: Share
    log_loss: float
    confusion: np.ndarray
    report: dict[str, Any]

    def __repr__(self) -> str:
        return (
            f"Evaluation({self.accuracy} of {self.accuracy.n:,} digits right, log loss {self.log_loss:.4f})"
        )

    @property
    def errors(self) -> int:
        """How many digits were misread."""
        return self.accuracy.n - self.accuracy.count


def check(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Refuse labels and probabilities that cannot be evaluated.

    Args:
        labels: integer array of shape (n,), 0 to 9; n is at least 1.
        probabilities: float array of shape (n, 10); each row sums to 1 within 0.001.

    Returns:
        float64 array of shape (n, 10): the probabilities as they are, so that equal ones stay equal.

    Raises:
        ValueError: shapes that do not fit, no digits, labels that are no digits, or probabilities that are NaN, out of
            range or do not sum to 1.
    """
    if labels.ndim != 1 or probabilities.shape != (len(labels), CLASSES) or len(labels) == 0:
        raise ValueError(
            f"{labels.shape} labels and {probabilities.shape} probabilities do not fit together."
        )
    if labels.dtype.kind not in "iu" or not 0 <= int(labels.min()) <= int(labels.max()) < CLASSES:
        raise ValueError("Labels are whole numbers from 0 to 9.")
    if not (probabilities.min() >= 0 and probabilities.max() <= 1):  # written so that NaN fails, too
        raise ValueError("Probabilities lie between 0 and 1; these do not, or hold NaN.")
    exact = probabilities.astype(np.float64)
    if not np.allclose(exact.sum(axis=1), 1, atol=_SUM_TOLERANCE):
        raise ValueError("The probabilities of a digit sum to 1; these do not.")
    return exact


def evaluate(labels: np.ndarray, probabilities: np.ndarray, without: np.ndarray | None = None) -> Evaluation:
    """Compare answers with labels.

    Args:
        labels: integer array of shape (n,), 0 to 9; n is at least 1.
        probabilities: float array of shape (n, 10); each row sums to 1. Of equals the lowest digit is the answer.
        without: integer array of the rows to leave out, such as those whose label is in doubt; none if None.

    Raises:
        ValueError: shapes that do not fit, no digits (left), labels that are no digits, or probabilities that are NaN,
            out of range or do not sum to 1.
    """
    exact = check(labels, probabilities)
    answers = probabilities.argmax(axis=1)
    if without is not None:
        kept = np.ones(len(labels), bool)
        kept[without] = False
        if not kept.any():
            raise ValueError("No digit is left to evaluate.")
        labels, exact, answers = labels[kept], exact[kept], answers[kept]
    matrix = confusion_matrix(labels, answers)
    return Evaluation(
        share(int(np.trace(matrix)), len(labels)),
        float(losses(labels, exact).mean()),
        matrix,
        _report(matrix),
    )


def confusion_matrix(labels: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """Count answers: int64 array of shape (10, 10), true digit by answer, from two integer arrays of shape (n,)."""
    cells = labels.astype(np.int64) * CLASSES + answers
    return np.bincount(cells, minlength=CLASSES**2).reshape(CLASSES, CLASSES)


def losses(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Each digit's loss: minus the natural logarithm of the probability that its true class was given.

    A probability of 0 counts as the smallest that a float64 adds to 1 (2.2e-16: a loss of 36), as in scikit-learn.

    Args:
        labels: integer array of shape (n,), 0 to 9.
        probabilities: float array of shape (n, 10), 0.0 to 1.0; rows are made to sum to 1 as exactly as floats do.

    Returns:
        float64 array of shape (n,), 0.0 or more.
    """
    exact = probabilities.astype(np.float64)
    chosen = exact[np.arange(len(labels)), labels] / exact.sum(axis=1)
    smallest = np.finfo(np.float64).eps
    return -np.log(np.clip(chosen, smallest, 1 - smallest))


def _report(matrix: np.ndarray) -> dict[str, Any]:
    right, support, answered = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    figures = np.stack(
        [
            _divide(right, answered),  # precision
            _divide(right, support),  # recall
            _divide(2 * right, support + answered),  # F1, their harmonic mean
        ],
        axis=1,
    )  # (10, 3)
    report = {str(digit): _row(figures[digit], support[digit]) for digit in range(CLASSES)}
    report["macro avg"] = _row(figures.mean(axis=0), support.sum())
    report["weighted avg"] = _row(np.average(figures, axis=0, weights=support), support.sum())
    return report


def _row(figures: np.ndarray, support: np.integer) -> dict[str, Any]:
    precision, recall, f1 = map(float, figures)
    return {"precision": precision, "recall": recall, "f1-score": f1, "support": int(support)}


def _divide(numbers: np.ndarray, by: np.ndarray) -> np.ndarray:
    return np.divide(numbers, by, out=np.zeros(len(numbers)), where=by > 0)
