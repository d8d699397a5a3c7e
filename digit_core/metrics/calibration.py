"""Is a model as often right as it is sure? Confidence against the share right, and answers of "I don't know"."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from digit_core.digits import brief
from digit_core.metrics import classification

BINS = 15
BINNINGS = ("equal width", "equal mass")
# The temperature is searched from 1 / 20 to 20.
_HOTTEST = 20.0
_RESAMPLES, _GRID = 400, 101  # for its interval: resamples, and temperatures that each is tried at
# By how many standard deviations a sum of chance lies off in 5 of 100 cases.
_TWO_SIDED_5_PERCENT = 1.96
# A probability of 0 has no logarithm.
_MIN_PROBABILITY = 1e-30


@dataclass(frozen=True, eq=False)
class Reliability:
    """Digits sorted into bins by the confidence of their answer.

    Attributes:
        binning: one of `BINNINGS`.
        edges: float64 array of shape (bins + 1,), rising, over all confidences there are; a bin holds its lower edge and what
            lies below its upper one, as `np.histogram` has it; the highest bin holds its upper edge, too.
        counts: int64 array of shape (bins,).
        confidence: float64 array of shape (bins,), the mean confidence in the bin; NaN if it is empty.
        accuracy: float64 array of shape (bins,), the share right in the bin; NaN if it is empty.
        error: the expected calibration error: the mean over all digits of how far the two lie apart, 0.0 to 1.0.
    """

    binning: str
    edges: np.ndarray
    counts: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray
    error: float

    __repr__ = brief

    @property
    def mean_confidence(self) -> float:
        """Over all digits, 0.0 to 1.0."""
        return float(np.nansum(self.counts * self.confidence) / self.counts.sum())

    @property
    def mean_accuracy(self) -> float:
        """The share of all digits that is read correctly, 0.0 to 1.0."""
        return float(np.nansum(self.counts * self.accuracy) / self.counts.sum())


def reliability(
    labels: np.ndarray, probabilities: np.ndarray, bins: int = BINS, binning: str = "equal width"
) -> Reliability:
    """The reliability diagram and the expected calibration error, as C. Guo et al. define them.

    "On Calibration of Modern Neural Networks", ICML 2017.

    Args:
        labels, probabilities: as in `classification.check`.
        bins: at least 1.
        binning: "equal width" (each bin is as wide as the others) or "equal mass" (each holds about as many digits;
            digits of the same confidence are never parted).

    Raises:
        ValueError: an unknown binning, fewer than 1 bin, or as `classification.check`.
    """
    if binning not in BINNINGS:
        raise ValueError(f"The binning is one of {', '.join(BINNINGS)}, not {binning!r}.")
    if bins < 1:
        raise ValueError(f"There is at least 1 bin, not {bins}.")
    confidence, is_right = _read(labels, probabilities)
    edges = np.linspace(0, 1, bins + 1)
    if binning == "equal mass":
        lowest = np.sort(confidence)[np.arange(bins) * len(confidence) // bins]
        edges = np.append(np.unique(lowest[lowest < confidence.max()]), confidence.max())
        if len(edges) == 1:
            edges = np.array([np.nextafter(edges[0], 0), edges[0]])
    # As netcal and torchmetrics count what lies on an edge; torchmetrics alone puts 1.0 into a bin of its own.
    bin_of = np.minimum(np.searchsorted(edges, confidence, side="right") - 1, len(edges) - 2)
    counts = np.bincount(bin_of, minlength=len(edges) - 1)
    mean_confidence = _means(bin_of, confidence, counts)
    accuracy = _means(bin_of, is_right, counts)
    error = np.nansum(counts * np.abs(mean_confidence - accuracy)) / len(labels)
    return Reliability(binning, edges, counts, mean_confidence, accuracy, float(error))


def _read(labels: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Confidence, float64 (n,), and whether the answer is right, bool (n,)."""
    exact = classification.check(labels, probabilities)
    return exact.max(axis=1), exact.argmax(axis=1) == labels


def _means(bin_of: np.ndarray, values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    sums = np.bincount(bin_of, weights=values, minlength=len(counts))
    return np.divide(sums, counts, out=np.full(len(counts), np.nan), where=counts > 0)


@dataclass(frozen=True)
class Temperature:
    """By what the logits are divided so that confidence fits. Above 1 the model was too sure of itself.

    Attributes:
        fitted: the temperature with the smallest log loss on some digits, above 0.
        low, high: its 95% interval: where it would lie for other digits of the same kind.
        is_evident: whether these digits show that another temperature than 1 is needed.
        loss_before, loss_after: the log loss on the digits that it was fitted on, before and at the fitted temperature.
    """

    fitted: float
    low: float
    high: float
    is_evident: bool
    loss_before: float
    loss_after: float

    @property
    def value(self) -> float:
        """The temperature to use: the fitted one, or 1 where there is no evidence to move."""
        return self.fitted if self.is_evident else 1.0


def fit_temperature(labels: np.ndarray, probabilities: np.ndarray) -> Temperature:
    """The temperature with the smallest log loss (Guo et al., 2017), and how sure that is.

    Fit it on digits that the model did not learn from, and never on test digits. The loss has one minimum along 1 / T (it is
    convex); it is searched between T = 1/20 and T = 20. The interval is the bootstrap's percentile interval (Efron and
    Tibshirani, 1993).

    A good model misreads a few digits of thousands, and the fitted temperature rests on those. It is evident only if two tests
    say that 1 is wrong: the interval leaves out 1, so that no handful of digits decides; and the digits would surprise (Rao's
    score test, 5%) somebody who believes every probability of the model, so that a set too small to hold a mistake, of which
    no resample holds one either, proves nothing.

    Args:
        labels, probabilities: as in `classification.check`.

    Raises:
        ValueError: as `classification.check`.
    """
    exact = classification.check(labels, probabilities)

    def losses(logarithm: float) -> np.ndarray:
        return classification.losses(labels, at_temperature(exact, math.exp(logarithm)))

    def loss(logarithm: float) -> float:
        return float(losses(logarithm).mean())

    best = _lowest(loss, -math.log(_HOTTEST), math.log(_HOTTEST))
    n = len(labels)
    drawn = np.random.default_rng(0).integers(0, n, (_RESAMPLES, n))
    times = np.stack([np.bincount(rows, minlength=n) for rows in drawn]).astype(np.float32)
    reach = 5 * _spread(losses, best)
    grid = np.clip(best + np.linspace(-reach, reach, _GRID), -math.log(_HOTTEST), math.log(_HOTTEST))
    of_resamples = times @ np.stack([losses(place).astype(np.float32) for place in grid], axis=1)
    low, high = np.exp(np.quantile(grid[of_resamples.argmin(axis=1)], [0.025, 0.975]))
    is_evident = not low <= 1 <= high and _is_surprising(labels, exact)
    return Temperature(math.exp(best), float(low), float(high), is_evident, loss(0.0), loss(best))


def _is_surprising(labels: np.ndarray, exact: np.ndarray) -> bool:
    """Whether the loss at T = 1 slopes more along 1 / T than chance explains if every probability is right."""
    believed = at_temperature(exact, 1.0)
    logits = np.log(np.maximum(exact, _MIN_PROBABILITY))
    means = (believed * logits).sum(axis=1)
    slope = (means - logits[np.arange(len(labels)), labels]).sum()
    variance = ((believed * logits**2).sum(axis=1) - means**2).sum()
    return bool(abs(slope) > _TWO_SIDED_5_PERCENT * math.sqrt(max(variance, 0.0)))


def _spread(losses: Callable[[float], np.ndarray], best: float) -> float:
    """About how far the logarithm of a fitted temperature would lie from `best` for other digits: its standard error.

    By the slope that each digit's loss has there, and how the mean bends (White, "Maximum Likelihood Estimation of Misspecified
    Models", 1982). At most log 2: where hardly a digit is misread it is a guess.
    """
    step = 0.01
    below, there, above = losses(best - step), losses(best), losses(best + step)
    slope, bend = (above - below) / (2 * step), (above - 2 * there + below).mean() / step**2
    if bend <= 0:
        return math.log(2)
    return min(math.log(2), max(1e-3, float(slope.std() / math.sqrt(len(slope)) / bend)))


def _lowest(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function with one minimum has it: golden-section search (Kiefer, 1953), within 1e-5."""
    golden = (math.sqrt(5) - 1) / 2
    left, right = high - golden * (high - low), low + golden * (high - low)
    at_left, at_right = function(left), function(right)
    while high - low > 1e-5:
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - golden * (high - low)
            at_left = function(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + golden * (high - low)
            at_right = function(right)
    return (low + high) / 2


def at_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """The probabilities that the same logits give at another temperature. The answers stay the same.

    softmax(log p / T): logits differ from log p by a constant only. A probability of 0 counts as 1e-30.

    Args:
        probabilities: float array of shape (n, 10); each row sums to 1.
        temperature: above 0; 1 changes nothing.

    Returns:
        float64 array of shape (n, 10); each row sums to 1.

    Raises:
        ValueError: a temperature that is not above 0.
    """
    if not temperature > 0:
        raise ValueError(f"A temperature is above 0, not {temperature!r}.")
    logits = np.log(np.maximum(probabilities.astype(np.float64), _MIN_PROBABILITY)) / temperature
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


@dataclass(frozen=True, eq=False)
class ConfidenceHistogram:
    """How sure the model was of its right answers and of its wrong ones.

    Attributes:
        edges: float64 array of shape (bins + 1,), 0.0 to 1.0.
        right, wrong: int64 arrays of shape (bins,).
    """

    edges: np.ndarray
    right: np.ndarray
    wrong: np.ndarray

    __repr__ = brief


def confidence_histogram(
    labels: np.ndarray, probabilities: np.ndarray, bins: int = 20
) -> ConfidenceHistogram:
    """Count digits by the confidence of their answer.

    Args:
        labels, probabilities: as in `reliability`.
        bins: at least 1.

    Raises:
        ValueError: fewer than 1 bin, or as `classification.check`.
    """
    if bins < 1:
        raise ValueError(f"There is at least 1 bin, not {bins}.")
    confidence, is_right = _read(labels, probabilities)
    edges = np.linspace(0, 1, bins + 1)
    right, wrong = (np.histogram(confidence[chosen], edges)[0] for chosen in (is_right, ~is_right))
    return ConfidenceHistogram(edges, right, wrong)


@dataclass(frozen=True, eq=False)
class RejectionCurve:
    """What is gained by leaving out unsure answers: one entry for each threshold at which something changes.

    Attributes:
        thresholds: float64 array of shape (m,), rising; an answer is given if its confidence is at least that.
        answered: int64 array of shape (m,), falling: how many answers are given.
        right: int64 array of shape (m,): how many of them are right.
        n: how many digits there are.
    """

    thresholds: np.ndarray
    answered: np.ndarray
    right: np.ndarray
    n: int

    __repr__ = brief

    def at(self, threshold: float) -> "RejectionPoint":
        """What happens at a threshold from 0.0 to 1.0."""
        row = int(np.searchsorted(self.thresholds, threshold, side="left"))
        given, right = (
            (int(self.answered[row]), int(self.right[row])) if row < len(self.thresholds) else (0, 0)
        )
        accuracy = right / given if given else None
        return RejectionPoint(threshold, given, right, given - right, given / self.n, accuracy)


@dataclass(frozen=True)
class RejectionPoint:
    """A threshold and what happens there.

    Attributes:
        threshold: 0.0 to 1.0.
        answered, right, wrong: how many digits are answered, and how.
        coverage: of all digits, 0.0 to 1.0.
        accuracy: of those answered, 0.0 to 1.0; None if none is.
    """

    threshold: float
    answered: int
    right: int
    wrong: int
    coverage: float
    accuracy: float | None


def rejection_curve(labels: np.ndarray, probabilities: np.ndarray) -> RejectionCurve:
    """Say "I don't know" below a threshold: how many are answered, and how many of those are right?

    Args:
        labels, probabilities: as in `reliability`.

    Raises:
        ValueError: as `classification.check`.
    """
    confidence, is_right = _read(labels, probabilities)
    order = np.argsort(confidence, kind="stable")
    thresholds, first = np.unique(confidence[order], return_index=True)
    right_from = np.cumsum(is_right[order][::-1])[::-1]  # right answers from each place on
    return RejectionCurve(thresholds, len(labels) - first, right_from[first], len(labels))
