"""How certain the area under a ROC curve is: the digits are resampled many times, and the areas of all samples compared.

The percentile method (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993), stratified: each kind of digit is drawn
with replacement, as many of it as there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digit_core.digits import CLASSES
from digit_core.metrics import classification
from digit_core.metrics.curves import check_scores, missing_reason

RESAMPLES = 1_000
# At a time: 16 MB.
_CELLS = 4_000_000


@dataclass(frozen=True)
class Interval:
    """The 95% interval of a figure, and from how many resamples it comes."""

    low: float
    high: float
    resamples: int


@dataclass(frozen=True, eq=False)
class _Ranking:
    """The cases of one curve that cost it something: some positive scores no higher than some negative.

    Attributes:
        positives, negatives: int64 arrays, which digit each such case is of, the highest score first.
        groups: int64 array, where in `negatives` each group begins: no positive stands within a group.
        above, equal: int64 arrays, for each of `positives` how many groups score higher; how many higher or the same.
        pairs: how many pairs of a positive and a negative there are in all.
    """

    positives: np.ndarray
    negatives: np.ndarray
    groups: np.ndarray
    above: np.ndarray
    equal: np.ndarray
    pairs: float


def auc_interval(
    is_positive: np.ndarray, scores: np.ndarray, resamples: int = RESAMPLES, seed: int = 0
) -> Interval:
    """The interval of one AUC; positives and negatives are the two kinds.

    Where the AUC is exactly 1, every resample's is, too: the interval is then a point, and says less than it seems to.

    Args:
        is_positive: bool array of shape (n,), with both kinds in it.
        scores: float array of shape (n,).
        resamples: at least 1.
        seed: the same seed gives the same interval.

    Raises:
        ValueError: as `roc.curve`, or fewer than 1 resample.
    """
    check_scores(is_positive, scores, needs_negatives=True)
    ranking = _ranking(is_positive, scores, np.arange(len(scores)))
    return _interval(_areas([ranking], is_positive, resamples, seed)[0])


def auc_intervals(
    labels: np.ndarray, probabilities: np.ndarray, resamples: int = RESAMPLES, seed: int = 0
) -> dict[str, Interval]:
    """The interval of each AUC that `roc.curves` finds, by the curve's name: "micro", "macro", "0" to "9".

    Digits are drawn, each with its ten probabilities, each class as often as it occurs, and all curves are measured on the same
    draws: the ten probabilities of a digit depend on each other, and so do the mistakes of classes.

    Args:
        labels, probabilities: as in `roc.curves`.
        resamples, seed: as in `auc_interval`.

    Raises:
        ValueError: as `classification.check`, or fewer than 1 resample.
    """
    exact = classification.check(labels, probabilities)
    rows = np.arange(len(labels))
    is_true = labels[:, None] == np.arange(CLASSES)  # (n, 10)
    classes = [d for d in range(CLASSES) if not missing_reason(str(d), is_true[:, d], needs_negatives=True)]
    rankings = [_ranking(is_true[:, digit], exact[:, digit], rows) for digit in classes]
    rankings.append(_ranking(is_true.ravel(), exact.ravel(), rows.repeat(CLASSES)))
    *each, micro = _areas(rankings, labels, resamples, seed)
    found = {"micro": _interval(micro)}
    if classes:
        found["macro"] = _interval(np.mean(each, axis=0))
    return found | {str(digit): _interval(areas) for digit, areas in zip(classes, each, strict=True)}


def _interval(areas: np.ndarray) -> Interval:
    low, high = np.quantile(areas, [0.025, 0.975])
    return Interval(float(low), float(high), len(areas))


def _ranking(is_positive: np.ndarray, scores: np.ndarray, rows: np.ndarray) -> _Ranking:
    """Rank the cases of a curve: whether each is positive, its score, and which digit it is of."""
    positive, negative = scores[is_positive], scores[~is_positive]
    # All other pairs are in the right order.
    some, others = positive <= negative.max(), negative >= positive.min()
    order = np.argsort(-positive[some], kind="stable")
    reverse = np.argsort(-negative[others], kind="stable")
    ranked, against = -positive[some][order], -negative[others][reverse]  # both rising
    above, equal = (np.searchsorted(against, ranked, side) for side in ("left", "right"))
    borders = np.unique(np.concatenate([[0], above, equal]))
    return _Ranking(
        rows[is_positive][some][order],
        rows[~is_positive][others][reverse],
        borders[:-1],
        np.searchsorted(borders, above),
        np.searchsorted(borders, equal),
        float(len(positive)) * len(negative),
    )


def _areas(rankings: Sequence[_Ranking], kinds: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """The area of each ranking in each resample: float64 array of shape (rankings, resamples)."""
    if resamples < 1:
        raise ValueError(f"At least 1 resample is drawn, not {resamples}.")
    random = np.random.default_rng(seed)
    longest = max(len(kinds), *(len(ranking.negatives) for ranking in rankings))
    step = max(1, _CELLS // longest)
    areas = np.empty((len(rankings), resamples))
    for start in range(0, resamples, step):
        times = _drawn(kinds, min(step, resamples - start), random)
        for area, ranking in zip(areas, rankings, strict=True):
            area[start : start + step] = 1 - _lost(ranking, times) / ranking.pairs
    return areas


def _drawn(kinds: np.ndarray, size: int, random: np.random.Generator) -> np.ndarray:
    """How often each digit is in each of `size` resamples: float32 array of shape (n, size)."""
    times = np.empty((len(kinds), size), np.float32)
    for kind in np.unique(kinds):
        rows = np.flatnonzero(kinds == kind)
        cells = random.integers(0, len(rows), (len(rows), size)) * size + np.arange(size)
        times[rows] = np.bincount(cells.ravel(), minlength=len(rows) * size).reshape(len(rows), size)
    return times


def _lost(ranking: _Ranking, times: np.ndarray) -> np.ndarray:
    """How many pairs are the wrong way round in each resample, equal ones half: float64 array of shape (size,)."""
    if not len(ranking.positives):
        return np.zeros(times.shape[1])
    groups = np.add.reduceat(times[ranking.negatives], ranking.groups, axis=0)
    sums = np.zeros((len(groups) + 1, times.shape[1]), np.float32)  # whole numbers up to 2**24 are exact
    np.cumsum(groups, axis=0, out=sums[1:])
    positives = times[ranking.positives]
    higher = np.einsum("ij,ij->j", positives, sums[ranking.above], dtype=np.float64)
    no_lower = np.einsum("ij,ij->j", positives, sums[ranking.equal], dtype=np.float64)
    return (higher + no_lower) / 2
