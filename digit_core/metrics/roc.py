"""ROC curves: hits (how many of a class are found) against false alarms (how many others are called so), at every threshold.

As scikit-learn computes them (T. Fawcett, "An introduction to ROC analysis", 2006), without its 80 MB.
"""

from dataclasses import replace

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
    """The ROC curves of a model: x is the false-positive rate, y the true-positive rate.

    Args:
        labels, probabilities: as in `classification.check`.

    Returns:
        Each class against the rest; micro: each of the n * 10 probabilities is a case; macro: the mean true-positive
        rate of the classes there are, at every false-positive rate. Areas equal scikit-learn's roc_auc_score with
        multi_class="ovr". A class that does not occur, or that all digits are of, has no curve.

    Raises:
        ValueError: as `classification.check`.
    """
    found = one_against_rest(labels, probabilities, curve, needs_negatives=True)
    each = [one for one in found.classes if one]
    return replace(found, macro=_mean(each, len(labels))) if each else found


def curve(name: str, is_positive: np.ndarray, scores: np.ndarray) -> Curve:
    """One ROC curve, with every corner and no point on a straight line.

    Args:
        name: what it is called.
        is_positive: bool array of shape (n,), with both kinds in it.
        scores: float array of shape (n,).

    Raises:
        ValueError: there are no positives, no negatives, or NaN among the scores.
    """
    check_scores(is_positive, scores, needs_negatives=True)
    thresholds, true, false = counts(is_positive, scores)
    bends = np.logical_or(np.diff(true, 2), np.diff(false, 2))
    kept = np.flatnonzero(np.concatenate([[True], bends, [True]])[: len(true)])
    positives, negatives = int(true[-1]), int(false[-1])
    x = np.concatenate([[0], false[kept] / negatives])
    y = np.concatenate([[0], true[kept] / positives])
    thresholds = np.concatenate([[np.inf], thresholds[kept]])
    return Curve(name, x, y, thresholds, float(np.trapezoid(y, x)), positives, negatives)


def _mean(found: list[Curve], n: int) -> Curve:
    """The curve whose true-positive rate is, at each false-positive rate, the mean of the curves'.

    Where a curve rises straight up, it has two heights at one rate: the mean does, too, so that its area is the mean of
    the areas.
    """
    x = np.unique(np.concatenate([one.x for one in found]))
    low, high = (np.mean([_heights(one, x, is_upper) for one in found], axis=0) for is_upper in (False, True))
    both_x, both_y = x.repeat(2), np.stack([low, high], axis=1).ravel()
    both_x, both_y = np.concatenate([[0], both_x]), np.concatenate([[0], both_y])
    kept = np.concatenate([[True], (np.diff(both_x) > 0) | (np.diff(both_y) > 0)])
    both_x, both_y = both_x[kept], both_y[kept]
    area = float(np.mean([one.area for one in found]))
    return Curve("macro", both_x, both_y, np.full(len(both_x), np.nan), area, n, 0)


def _heights(one: Curve, x: np.ndarray, is_upper: bool) -> np.ndarray:
    """A curve's height at each x; where it rises straight up, the upper or the lower end of that."""
    corners, first, lengths = np.unique(one.x, return_index=True, return_counts=True)
    upper, lower = one.y[first + lengths - 1], one.y[first]
    place = np.searchsorted(corners, x)
    is_corner = corners[place] == x
    before = np.maximum(place - 1, 0)
    width = np.where(is_corner, 1, corners[place] - corners[before])
    share = (x - corners[before]) / width
    between = upper[before] + share * (lower[place] - upper[before])
    return np.where(is_corner, (upper if is_upper else lower)[place], between)


def point(found: Curves, name: str, threshold: float) -> Point:
    """Where a threshold stands: a digit is called a 4 if the probability of a 4 is at least the threshold.

    Args:
        found: the curves.
        name: "0" to "9", "micro", or "macro" (the mean of the classes' points).
        threshold: 0.0 to 1.0.

    Raises:
        ValueError: there is no such curve.
    """
    called, is_true = called_positive(found, name, threshold)
    if name == "micro":
        called, is_true = called.reshape(-1, 1), is_true.reshape(-1, 1)
    false, true = (called & ~is_true).sum(axis=0), (called & is_true).sum(axis=0)
    positives = is_true.sum(axis=0)
    negatives = len(is_true) - positives
    has_curve = (positives > 0) & (negatives > 0)
    x, y = false[has_curve] / negatives[has_curve], true[has_curve] / positives[has_curve]
    return Point(threshold, float(x.mean()), float(y.mean()))
