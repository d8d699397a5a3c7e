"""Labels and probabilities in, frozen results out."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import binomtest
from sklearn.metrics import classification_report, confusion_matrix, log_loss

from digit_core.datasets import CLASSES


@dataclass(frozen=True)
class Share:
    """So many of so many, with its 95% Wilson interval (Wilson, 1927). `value`, `low` and `high` are 0.0 to 1.0."""

    count: int
    n: int
    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2%} ({self.low:.2%} to {self.high:.2%})"


def share(count: int, n: int) -> Share:
    """`count` of `n`, with its 95% Wilson interval.

    Raises:
        ValueError: n is 0, or count is not between 0 and n.
    """
    if not 0 <= count <= n or n == 0:
        raise ValueError(f"{count} of {n} is no share.")
    interval = binomtest(count, n).proportion_ci(confidence_level=0.95, method="wilson")
    return Share(count, n, count / n, float(interval.low), float(interval.high))


@dataclass(frozen=True)
class Evaluation:
    """How a model did on a set of digits.

    Attributes:
        accuracy: the share read right.
        log_loss: the mean of minus the logarithm of the probability given to the true digit; 0 is perfect.
        confusion: int64 array of shape (10, 10): true digit, answer.
        report: per digit ("0" to "9"), "macro avg" and "weighted avg": precision, recall, f1-score, support.
    """

    accuracy: Share
    log_loss: float
    confusion: np.ndarray
    report: dict[str, Any]


def evaluate(labels: np.ndarray, probabilities: np.ndarray) -> Evaluation:
    """Compare answers with labels.

    Args:
        labels: integer array of shape (n,), 0 to 9; n is at least 1.
        probabilities: float array of shape (n, 10); each row sums to 1.

    Raises:
        ValueError: shapes that do not fit, no digits, labels that are no digits, or probabilities that are NaN, out of
            range or do not sum to 1.
    """
    if probabilities.shape != (len(labels), CLASSES) or len(labels) == 0:
        raise ValueError(
            f"{labels.shape} labels and {probabilities.shape} probabilities do not fit together."
        )
    if not (probabilities.min() >= 0 and probabilities.max() <= 1):
        raise ValueError("Probabilities lie between 0 and 1; these do not, or hold NaN.")
    if not np.allclose(probabilities.sum(axis=1), 1, atol=1e-3):
        raise ValueError("The probabilities of a digit sum to 1; these do not.")
    classes = np.arange(CLASSES)
    answers = probabilities.argmax(axis=1)
    # float32 rows sum to 1 within 1e-7 only; scikit-learn asks for more.
    exact = probabilities.astype(np.float64)
    exact /= exact.sum(axis=1, keepdims=True)
    report = classification_report(labels, answers, labels=classes, output_dict=True, zero_division=0.0)
    report.pop("accuracy", None)
    return Evaluation(
        share(int(np.sum(answers == labels)), len(labels)),
        float(log_loss(labels, exact, labels=classes)),
        confusion_matrix(labels, answers, labels=classes),
        report,
    )
