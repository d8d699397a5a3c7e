"""Does a model know what it knows? Confidence against the share that is right, and the right to say "I don't know"."""

from dataclasses import dataclass

import numpy as np

BINS = 15
BINNINGS = ("equal width", "equal mass")


@dataclass(frozen=True, eq=False)
class Reliability:
    """Digits sorted into bins by the confidence of their answer.

    Attributes:
        binning: one of `BINNINGS`.
        edges: float64 array of shape (bins + 1,), rising; a bin holds what lies above its lower edge up to its upper
            one (and, the lowest, its lower edge, too).
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
        raise NotImplementedError


def reliability(
    labels: np.ndarray, probabilities: np.ndarray, bins: int = BINS, binning: str = "equal width"
) -> Reliability:
    """The reliability diagram and the expected calibration error, as C. Guo et al. define them.

    "On Calibration of Modern Neural Networks", ICML 2017.

    Args:
        labels: integer array of shape (n,), 0 to 9; n is at least 1.
        probabilities: float array of shape (n, 10); each row sums to 1.
        bins: at least 1.
        binning: "equal width" (each bin is as wide as the others) or "equal mass" (each holds about as many digits;
            digits of the same confidence are never parted).

    Raises:
        ValueError: an unknown binning, fewer than 1 bin, or as `evaluation.check`.
    """
    raise NotImplementedError


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
        labels: integer array of shape (n,), 0 to 9; n is at least 1.
        probabilities: float array of shape (n, 10); each row sums to 1.

    Raises:
        ValueError: as `evaluation.check`.
    """
    raise NotImplementedError


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
    raise NotImplementedError


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
        ValueError: fewer than 1 bin, or as `evaluation.check`.
    """
    raise NotImplementedError


@dataclass(frozen=True, eq=False)
class Refusals:
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

    def at(self, threshold: float) -> "RefusalPoint":
        """What happens at a threshold from 0.0 to 1.0."""
        raise NotImplementedError


@dataclass(frozen=True)
class RefusalPoint:
    """A threshold and what happens there.

    Attributes:
        threshold: 0.0 to 1.0.
        answered, right, wrong: how many digits are answered, and how.
        share_answered: of all digits, 0.0 to 1.0.
        share_right: of those answered, 0.0 to 1.0; None if none is.
    """

    threshold: float
    answered: int
    right: int
    wrong: int
    share_answered: float
    share_right: float | None

    def __str__(self) -> str:
        raise NotImplementedError


def refusals(labels: np.ndarray, probabilities: np.ndarray) -> Refusals:
    """Say "I don't know" below a threshold: how many are answered, and how many of those are right?

    Args:
        labels, probabilities: as in `reliability`.

    Raises:
        ValueError: as `evaluation.check`.
    """
    raise NotImplementedError
