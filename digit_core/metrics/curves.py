"""Curves that a threshold moves along: what ROC and precision-recall have in common."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from digit_core.digits import CLASSES, brief
from digit_core.metrics import classification

# Of a figure's width or height: a fifth of a pixel on 400.
_UNSEEN = 5e-4


@dataclass(frozen=True, eq=False)
class Curve:
    """One curve, a point for each threshold at which it bends or steps.

    Attributes:
        name: "0" to "9", "micro" (the n * 10 probabilities pooled, each of them a case) or "macro" (the mean of the classes' curves).
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

    __repr__ = brief


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
        micro: the micro-average: each of the n * 10 probabilities is a case.
        macro: the macro-average, the mean of the classes' curves; None for precision-recall, which has none, or if no class
            has a curve.
        macro_area: the mean of the classes' areas; None if no class has one.
        labels, probabilities: what the curves were made of, kept so that the point of any threshold is exact.
    """

    classes: tuple[Curve | None, ...]
    micro: Curve
    macro: Curve | None
    macro_area: float | None
    reasons: dict[int, str]
    labels: np.ndarray
    probabilities: np.ndarray

    __repr__ = brief

    def named(self) -> dict[str, Curve]:
        """The curves there are by name: "micro", "macro", then "0" to "9"."""
        found = (self.micro, self.macro, *self.classes)
        return {curve.name: curve for curve in found if curve is not None}


def one_against_rest(
    labels: np.ndarray,
    probabilities: np.ndarray,
    draw: Callable[[str, np.ndarray, np.ndarray], Curve],
    *,
    needs_negatives: bool,
) -> Curves:
    """The curve of each class against the rest, and the micro-average; without a macro-average.

    Args:
        labels, probabilities: as in `classification.check`.
        draw: makes a curve of a name, of which cases are positive, bool (m,), and of their scores, float64 (m,).
        needs_negatives: whether a class that all digits are of has no curve.

    Raises:
        ValueError: as `classification.check`.
    """
    exact = classification.check(labels, probabilities)
    is_true = labels[:, None] == np.arange(CLASSES)  # (n, 10)
    reasons = {
        digit: missing_reason(str(digit), is_true[:, digit], needs_negatives) for digit in range(CLASSES)
    }
    classes = tuple(
        None if reason else draw(str(digit), is_true[:, digit], exact[:, digit])
        for digit, reason in reasons.items()
    )
    areas = [one.area for one in classes if one]
    return Curves(
        classes,
        draw("micro", is_true.ravel(), exact.ravel()),
        None,
        float(np.mean(areas)) if areas else None,
        {digit: reason for digit, reason in reasons.items() if reason},
        labels,
        probabilities,
    )


def called_positive(found: Curves, name: str, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """What a threshold calls positive, and what is: two bool arrays of shape (n, 1), or (n, 10) for an average.

    Args:
        found: the curves.
        name: "0" to "9", "micro" or "macro".
        threshold: 0.0 to 1.0; a probability is called positive if it is at least that.

    Raises:
        ValueError: there is no such curve.
    """
    if name not in found.named():
        raise ValueError(f"The curve is one of {', '.join(found.named())}, not {name!r}.")
    columns = np.array([int(name)]) if name.isdigit() else np.arange(len(found.classes))
    # Compared as float64: a threshold that float32 cannot hold must not move.
    chosen = found.probabilities[:, columns].astype(np.float64)
    return chosen >= threshold, found.labels[:, None] == columns


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


def missing_reason(name: str, is_positive: np.ndarray, needs_negatives: bool) -> str:
    """Why a class has no curve: a sentence, or "" if it has one.

    Args:
        name: the class.
        is_positive: bool array of shape (n,).
        needs_negatives: whether the curve is of both kinds, as ROC is.
    """
    if not is_positive.any():
        return f"No digit of this set is a {name}, so there is none to find."
    if needs_negatives and is_positive.all():
        return f"Every digit of this set is a {name}, so there can be no false alarm."
    return ""


def check_scores(is_positive: np.ndarray, scores: np.ndarray, needs_negatives: bool = False) -> None:
    """Refuse what cannot be ranked.

    Raises:
        ValueError: arrays of different shapes, none at all, no positives, no negatives where they are needed, or NaN among
            the scores.
    """
    if is_positive.shape != scores.shape or scores.ndim != 1 or not len(scores):
        raise ValueError(f"{is_positive.shape} cases and {scores.shape} scores do not fit together.")
    if np.isnan(scores).any():
        raise ValueError("NaN is not a score.")
    if not is_positive.any():
        raise ValueError("There is no positive to find.")
    if needs_negatives and is_positive.all():
        raise ValueError("There is no negative that could be taken for a positive.")


def thin(curve: Curve, most: int = 400, x_logarithmic_from: float | None = None) -> Curve:
    """The same curve in fewer points, for drawing: what is left out is off by less than a pixel, if `most` allows.

    The Ramer-Douglas-Peucker way (Douglas and Peucker, 1973): the point farthest from the line so far is kept, again
    and again, so that corners stay. First and last points always stay, and so do the area and the counts.

    Args:
        curve: any.
        most: points at most, at least 2.
        x_logarithmic_from: for an axis of x that is logarithmic from this value on, so that distances are those seen.
    """
    x = curve.x
    if x_logarithmic_from is not None:
        x = np.log10(np.maximum(x, x_logarithmic_from))
    kept = thin_rows(x, curve.y, most)
    return replace(curve, x=curve.x[kept], y=curve.y[kept], thresholds=curve.thresholds[kept])


def thin_rows(x: np.ndarray, y: np.ndarray, most: int) -> np.ndarray:
    """Which points of a line are worth drawing, as in `thin`: int64 array of rising row numbers.

    Args:
        x, y: finite float arrays of shape (m,); m may be 0.
        most: points at most, at least 2.
    """
    line = np.stack([_to_unit(x), _to_unit(y)], axis=1)
    kept = {0, len(line) - 1} if len(line) else set()
    spans = [_farthest(line, 0, len(line) - 1)] if len(line) > 2 else []
    while spans and len(kept) < most:
        distance, row, first, last = heapq.heappop(spans)
        if -distance < _UNSEEN:
            break
        kept.add(row)
        for start, end in ((first, row), (row, last)):
            if end - start > 1:
                heapq.heappush(spans, _farthest(line, start, end))
    return np.array(sorted(kept), np.int64)


def _to_unit(values: np.ndarray) -> np.ndarray:
    low, high = values.min(initial=np.inf), values.max(initial=-np.inf)
    return (values - low) / (high - low) if high > low else np.zeros(len(values))


def _farthest(line: np.ndarray, first: int, last: int) -> tuple[float, int, int, int]:
    """The point farthest from the straight line between two: minus its distance, its row, and the two."""
    start, along = line[first], line[last] - line[first]
    between = line[first + 1 : last] - start
    length = float(along @ along)
    share = np.clip(between @ along / length, 0, 1) if length else np.zeros(len(between))
    distances = np.hypot(*(between - share[:, None] * along).T)
    row = int(distances.argmax())
    return -float(distances[row]), first + 1 + row, first, last
