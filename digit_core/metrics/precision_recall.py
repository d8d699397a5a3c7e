"""Precision-recall curves: how many of the digits called a 4 are a 4, against how many 4s are called so.

As scikit-learn computes them, without its 80 MB.
"""

import numpy as np

from digit_core.metrics.curves import (
    Curve,
    Curves,
    Point,
    called_positive,
    check_scores,
    counts,
    one_against_rest,
)


def curves(labels: np.ndarray, probabilities: np.ndarray) -> Curves:
    """The precision-recall curves of a model: x is recall, y is precision.

    Args:
        labels, probabilities: as in `classification.check`.

    Returns:
        Each class against the rest, and micro: each of the n * 10 probabilities is a case. The area is scikit-learn's
        average precision (steps, not trapezoids), `macro_area` the mean over the classes there are. A class that does
        not occur has no curve.

    Raises:
        ValueError: as `classification.check`.
    """
    return one_against_rest(labels, probabilities, curve, needs_negatives=False)


def curve(name: str, is_positive: np.ndarray, scores: np.ndarray) -> Curve:
    """One precision-recall curve, equal to scikit-learn's with drop_intermediate=True point by point.

    Args:
        name: what it is called.
        is_positive: bool array of shape (n,), with a positive in it.
        scores: float array of shape (n,).

    Raises:
        ValueError: there are no positives, or NaN among the scores.
    """
    check_scores(is_positive, scores)
    thresholds, true, false = counts(is_positive, scores)
    precision, recall = true / (true + false), true / true[-1]
    area = float(np.sum(np.diff(recall, prepend=0) * precision))
    # Where recall stays the same from the point before to the one after, only precision falls, straight down.
    turns = np.logical_or(np.diff(true[:-1]), np.diff(true[1:]))
    kept = np.flatnonzero(np.concatenate([[True], turns, [True]])[: len(true)])[::-1]
    return Curve(
        name,
        np.append(recall[kept], 0.0),
        np.append(precision[kept], 1.0),
        np.append(thresholds[kept], np.inf),
        area,
        int(true[-1]),
        int(false[-1]),
    )


def point(found: Curves, name: str, threshold: float) -> Point:
    """Where a threshold stands: a digit is called a 4 if the probability of a 4 is at least the threshold.

    Args:
        found: the curves.
        name: "0" to "9" or "micro".
        threshold: 0.0 to 1.0.

    Returns:
        The point; its y is None where no digit is called so.

    Raises:
        ValueError: there is no such curve.
    """
    called, is_true = called_positive(found, name, threshold)
    true, answered, positives = int((called & is_true).sum()), int(called.sum()), int(is_true.sum())
    return Point(threshold, true / positives, true / answered if answered else None)
