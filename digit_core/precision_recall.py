"""Precision-recall curves: how many of the digits called a 4 are a 4, against how many 4s are called so.

As scikit-learn computes them, without its 80 MB.
"""

import numpy as np

from digit_core.curves import Curve, Curves, Point


def curves(labels: np.ndarray, probabilities: np.ndarray) -> Curves:
    """The precision-recall curves of a model: x is recall, y is precision.

    Args:
        labels: integer array of shape (n,), 0 to 9; n is at least 1.
        probabilities: float array of shape (n, 10); each row sums to 1.

    Returns:
        Each class against the rest, and micro: each of the n * 10 probabilities is a case. The area is scikit-learn's
        average precision (steps, not trapezoids), `macro_area` the mean over the classes there are. A class that does
        not occur has no curve.

    Raises:
        ValueError: as `evaluation.check`.
    """
    raise NotImplementedError


def curve(name: str, is_positive: np.ndarray, scores: np.ndarray) -> Curve:
    """One precision-recall curve, equal to scikit-learn's precision_recall_curve point by point.

    Args:
        name: what it is called.
        is_positive: bool array of shape (n,), with a positive in it.
        scores: float array of shape (n,).

    Raises:
        ValueError: there are no positives, or NaN among the scores.
    """
    raise NotImplementedError


def point(found: Curves, name: str, threshold: float) -> Point:
    """Where a threshold stands: a digit is called positive if its probability is at least the threshold.

    Args:
        found: the curves.
        name: "0" to "9" or "micro".
        threshold: 0.0 to 1.0.

    Raises:
        ValueError: there is no such curve.
    """
    raise NotImplementedError
