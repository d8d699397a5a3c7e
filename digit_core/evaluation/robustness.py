"""Robustness: how a model's accuracy falls as digits are corrupted more and more."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from digit_core.digits import Digits
from digit_core.evaluation import corruptions
from digit_core.inference.classifier import Classifier
from digit_core.metrics import classification
from digit_core.metrics.classification import Share

SAMPLE = 1_000


@dataclass(frozen=True)
class RobustnessPoint:
    """One point of one curve.

    Attributes:
        corruption: a key of `corruptions.CORRUPTIONS`.
        strength: 0 (as they are) to 5.
        accuracy: of the sample.
        done: how many points are measured now, this one included.
        total: how many there will be.
    """

    corruption: str
    strength: int
    accuracy: Share
    done: int
    total: int


def sample(digits: Digits, size: int = SAMPLE) -> Digits:
    """A fixed sample, drawn without replacement, in rising order; all digits if there are no more than `size`."""
    if len(digits) <= size:
        return digits
    return digits.take(np.sort(np.random.default_rng(0).choice(len(digits), size, replace=False)))


def measure(model: Classifier, digits: Digits, seed: int = 0) -> Iterator[RobustnessPoint]:
    """Read the digits under every corruption at every strength, a point at a time, so that a page shows progress.

    Args:
        model: any.
        digits: at least 1, such as those of `sample`.
        seed: of `corruptions.corrupt`: every model gets the very same digits.

    Yields:
        For each corruption in turn strengths 0 to 5; strength 0 is measured once and told for each.

    Raises:
        ValueError: there are no digits.
    """
    plain = _accuracy(model, digits, digits.images)
    done, total = 0, len(corruptions.CORRUPTIONS) * (corruptions.STRENGTHS + 1)
    for name in corruptions.CORRUPTIONS:
        for strength in range(corruptions.STRENGTHS + 1):
            done += 1
            accuracy = plain
            if strength:
                corrupted = corruptions.corrupt(digits.images, name, strength, seed)
                accuracy = _accuracy(model, digits, corrupted)
            yield RobustnessPoint(name, strength, accuracy, done, total)


def _accuracy(model: Classifier, digits: Digits, images: np.ndarray) -> Share:
    right = np.sum(model.predict_dataset(images).argmax(axis=1) == digits.labels)
    return classification.share(int(right), len(digits))


def curves(points: Iterable[RobustnessPoint]) -> dict[str, tuple[Share, ...]]:
    """The points sorted into curves: corruption to the accuracy at strengths 0 to 5."""
    found: dict[str, tuple[Share, ...]] = {}
    for point in sorted(points, key=lambda point: point.strength):
        found[point.corruption] = (*found.get(point.corruption, ()), point.accuracy)
    return found
