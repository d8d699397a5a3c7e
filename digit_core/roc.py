"""ROC curves: how many of a class are found, against how many others are taken for it, at every threshold.

As scikit-learn computes them (T. Fawcett, "An introduction to ROC analysis", 2006), without its 80 MB.
"""

from dataclasses import dataclass

import numpy as np

from digit_core.curves import Curve, Curves, Point

RESAMPLES = 1_000


def curves(labels: np.ndarray, probabilities: np.ndarray) -> Curves:
    """The ROC curves of a model: x is the false-positive rate, y the true-positive rate.

    Args:
        labels: integer array of shape (n,), 0 to 9; n is at least 1.
        probabilities: float array of shape (n, 10); each row sums to 1.

    Returns:
        Each class against the rest; micro: each of the n * 10 probabilities is a case; macro: the mean true-positive
        rate of the classes there are, at every false-positive rate. Areas equal scikit-learn's roc_auc_score with
        multi_class="ovr". A class that does not occur, or that all digits are of, has no curve.

    Raises:
        ValueError: as `evaluation.check`.
    """
    raise NotImplementedError


def curve(name: str, is_positive: np.ndarray, scores: np.ndarray) -> Curve:
    """One ROC curve, with every corner and no point on a straight line.

    Args:
        name: what it is called.
        is_positive: bool array of shape (n,), with both kinds in it.
        scores: float array of shape (n,).

    Raises:
        ValueError: there are no positives, no negatives, or NaN among the scores.
    """
    raise NotImplementedError


def point(found: Curves, name: str, threshold: float) -> Point:
    """Where a threshold stands: a digit is called positive if its probability is at least the threshold.

    Args:
        found: the curves.
        name: "0" to "9", "micro", or "macro" (the mean of the classes' points).
        threshold: 0.0 to 1.0.

    Raises:
        ValueError: there is no such curve.
    """
    raise NotImplementedError


@dataclass(frozen=True)
class Interval:
    """The 95% interval of a figure, and from how many resamples it comes."""

    low: float
    high: float
    resamples: int


def auc_interval(
    is_positive: np.ndarray, scores: np.ndarray, resamples: int = RESAMPLES, seed: int = 0
) -> Interval:
    """A bootstrap interval of an AUC: the percentile method (Efron and Tibshirani, 1993), stratified.

    Positives and negatives are drawn again with replacement, each as many as there are. Milliseconds for a good model.

    Args:
        is_positive: bool array of shape (n,), with both kinds in it.
        scores: float array of shape (n,).
        resamples: at least 1.
        seed: the same seed gives the same interval.

    Raises:
        ValueError: as `curve`.
    """
    raise NotImplementedError


def auc_intervals(
    labels: np.ndarray, probabilities: np.ndarray, resamples: int = RESAMPLES, seed: int = 0
) -> dict[str, Interval]:
    """The `auc_interval` of each class that has a curve, by its name: "0" to "9".

    Args:
        labels, probabilities: as in `curves`.
        resamples, seed: as in `auc_interval`.

    Raises:
        ValueError: as `evaluation.check`.
    """
    raise NotImplementedError
