"""Does a model know what it knows? Confidence against the share that is right, and the right to say "I don't know"."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from digit_core.metrics import classification

BINS = 15
BINNINGS = ("equal width", "equal mass")
# The temperature is searched from 1 / 20 to 20.
_HOTTEST = 20.0
# A probability of 0 has no logarithm.
_MIN_PROBABILITY = 1e-30


@dataclass(frozen=True, eq=False)
class Reliability:
    """Digits sorted into bins by the confidence of their answer.

    Attributes:
        binning: one of `BINNINGS`.
        edges: float64 array of shape (bins + 1,), rising, over all confidences there are; a bin holds what lies above its lower
            edge up to its upper one; the lowest bin holds its lower edge, too.
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

    @property
    def is_overconfident(self) -> bool:
        """Whether confidence is higher than the share right, on the whole."""
        return bool(np.nansum(self.counts * (self.confidence - self.accuracy)) > 0)


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
        quantiles = np.quantile(confidence, np.arange(1, bins + 1) / bins, method="inverted_cdf")
        edges = np.concatenate([[np.nextafter(confidence.min(), 0)], np.unique(quantiles)])
    bin_of = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, len(edges) - 2)
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
        value: above 0.
        loss_before, loss_after: the log loss on the digits that it was fitted on.
    """

    value: float
    loss_before: float
    loss_after: float


def fit_temperature(labels: np.ndarray, probabilities: np.ndarray) -> Temperature:
    """The temperature with the smallest log loss (Guo et al., 2017). Fit it on validation digits, never on test digits.

    The loss has one minimum along 1 / T (it is convex); it is searched between T = 1/20 and T = 20.

    Args:
        labels, probabilities: as in `classification.check`.

    Raises:
        ValueError: as `classification.check`.
    """
    exact = classification.check(labels, probabilities)

    def loss(logarithm: float) -> float:
        return float(classification.losses(labels, at_temperature(exact, math.exp(logarithm))).mean())

    best = _lowest(loss, -math.log(_HOTTEST), math.log(_HOTTEST))
    return Temperature(math.exp(best), loss(0.0), loss(best))


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
