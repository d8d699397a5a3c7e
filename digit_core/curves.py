"""Curves that a threshold moves along: what ROC and precision-recall have in common."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, eq=False)
class Curve:
    """One curve, a point for each threshold at which it bends or steps.

    Attributes:
        name: "0" to "9", "micro" (all answers to all digits in one heap) or "macro" (the mean of the classes' curves).
        x, y: float64 arrays of shape (m,), 0.0 to 1.0. ROC: false-positive rate, true-positive rate, both rising.
            Precision-recall: recall, precision, from the lowest threshold to the highest.
        thresholds: float64 array of shape (m,), falling for ROC (the first is inf: nothing is called positive) and
            rising for precision-recall (the last is inf); all NaN for a macro average, which has none of its own.
        area: under the curve: AUC, or average precision; 0.0 to 1.0.
        positives, negatives: how many there are (a macro average has the number of digits, and 0).
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    thresholds: np.ndarray
    area: float
    positives: int
    negatives: int


@dataclass(frozen=True)
class Point:
    """Where a threshold stands on a curve; x and y as in `Curve`. y is None where nothing is called positive and the
    figure is a share of that."""

    threshold: float
    x: float
    y: float | None


@dataclass(frozen=True, eq=False)
class Curves:
    """Each class against the rest, and averages.

    Attributes:
        classes: ten curves; None for a class that has none.
        reasons: for each class without a curve a sentence that says why.
        micro: the curve of all answers in one heap.
        macro: the mean of the classes' curves; None for precision-recall, where nobody draws one, or if no class has a
            curve.
        macro_area: the mean of the classes' areas; None if no class has one.
    """

    classes: tuple[Curve | None, ...]
    micro: Curve
    macro: Curve | None
    macro_area: float | None
    reasons: dict[int, str] = field(default_factory=dict)

    def named(self) -> dict[str, Curve]:
        """The curves there are by name: "micro", "macro", then "0" to "9"."""
        found = (self.micro, self.macro, *self.classes)
        return {curve.name: curve for curve in found if curve is not None}


def counts(is_positive: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How many positives and negatives score at least each threshold.

    Args:
        is_positive: bool array of shape (n,); n is at least 1.
        scores: float array of shape (n,); equal scores share a threshold.

    Returns:
        Three float64 arrays of shape (m,): the distinct scores, falling; the true positives and the false positives,
        rising to all there are.
    """
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], is_positive[order]
    last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)  # of each run of equal scores
    true = np.cumsum(hits, dtype=np.float64)[last]
    return ranked[last].astype(np.float64), true, last + 1.0 - true


def thin(curve: Curve, most: int = 400, x_logarithmic_from: float | None = None) -> Curve:
    """The same curve in fewer points, for drawing: what is left out is off by less than a pixel.

    Points on a straight line between their neighbours go first; then the Ramer-Douglas-Peucker way (1972): the point
    farthest from the line so far is kept, again and again, so that corners stay. First and last points always stay, and
    so do the area and the counts.

    Args:
        curve: any.
        most: points at most, at least 2.
        x_logarithmic_from: for an axis of x that is logarithmic from this value on, so that distances are those seen.
    """
    raise NotImplementedError
