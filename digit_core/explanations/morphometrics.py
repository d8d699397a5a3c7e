"""Morphometrics, how a digit is written: stroke, size, place and slant, each beside those of other digits."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from digit_core import settings
from digit_core.datasets import typicality
from digit_core.digits import CLASSES, SIDE
from digit_core.files import npz
from digit_core.preprocessing import binarization

# Enlarged so many times before a stroke, which is two or three pixels wide, is measured.
_FINER = 4
# Of 255: pixels with no more than that do not count as part of a digit's height and width.
_INK = 26
# This share of the digits lies below, and as many above, what is called usual.
_TAIL = 0.05
# Values that stand for all of a class's.
SAMPLES = 400


@dataclass(frozen=True)
class Measurement:
    """One thing that is measured.

    Attributes:
        title: what it is called.
        unit: of its values: "pixels" of 28, or "degrees".
        less, more: how a sentence on a digit begins that has a lower or a higher value than others; it ends in "than".
    """

    title: str
    unit: str
    less: str
    more: str


MEASUREMENTS = (
    Measurement(
        "Width of the stroke", "pixels", "Your stroke is thinner than", "Your stroke is thicker than"
    ),
    Measurement("Height", "pixels", "Your digit is less tall than", "Your digit is taller than"),
    Measurement("Width", "pixels", "Your digit is narrower than", "Your digit is wider than"),
    Measurement(
        "To the right", "pixels", "Your digit lies further left than", "Your digit lies further right than"
    ),
    Measurement("Further down", "pixels", "Your digit lies higher up than", "Your digit lies lower than"),
    Measurement(
        "Slant", "degrees", "Your digit leans further left than", "Your digit leans further right than"
    ),
)


@dataclass(frozen=True)
class Comparison:
    """A measurement of one digit beside the same of others.

    Attributes:
        measurement: which.
        value: of the digit, in the measurement's unit.
        low, median, high: of the others: a twentieth of them lie below `low`, half below `median`, a twentieth above
            `high`.
        share_below: of the others with a lower value, equal ones counting half, 0.0 to 1.0.
    """

    measurement: Measurement
    value: float
    low: float
    median: float
    high: float
    share_below: float

    @property
    def is_usual(self) -> bool:
        """Whether at least a twentieth of the others lie on either side."""
        return _TAIL <= self.share_below <= 1 - _TAIL

    def sentence(self, others: str) -> str:
        """What stands out, in words; "" where nothing does.

        Args:
            others: what it is compared with, such as "training 4s".
        """
        if self.is_usual:
            return ""
        words = self.measurement.less if self.share_below < 0.5 else self.measurement.more
        return f"{words} {self._share()} of the {others}."

    def rank(self) -> str:
        """Where it stands, in a few words: "as usual", "less than 97%"."""
        if self.is_usual:
            return "as usual"
        return f"{'less' if self.share_below < 0.5 else 'more'} than {self._share()}"

    def _share(self) -> str:
        """How many of the others lie on its far side, in words that claim no more than is known."""
        share = max(self.share_below, 1 - self.share_below)
        if share > 0.999:
            return "all"
        return f"{share:.1%}" if share > 0.99 else f"{share:.0%}"


def measure(images: np.ndarray) -> np.ndarray:
    """Measure digits, some 0.1 ms for each.

    Args:
        images: uint8 array of shape (n, 28, 28), ink is 255.

    Returns:
        float32 array of shape (n, 6), in the order of `MEASUREMENTS`: the mean width of the stroke; the height and the width of
        the ink; by how many whole pixels its centre of mass lies right of and below the middle, less than one being none,
        for MNIST was centred by whole pixels; degrees of slant, to the right is positive. What has no ink has zeros.
    """
    found = np.zeros((len(images), len(MEASUREMENTS)), np.float32)
    for row, image in enumerate(images):
        if image.max(initial=0) > _INK:
            found[row, :5] = _measure(image)
    found[:, 5] = typicality.slant_of(images)
    return found


def _measure(image: np.ndarray) -> tuple[float, float, float, float, float]:
    fine = cv2.resize(image, (SIDE * _FINER, SIDE * _FINER), interpolation=cv2.INTER_CUBIC)
    rows, columns = (np.flatnonzero((image > _INK).any(axis=axis)) for axis in (1, 0))
    ink = image.astype(np.float64)
    axis, mass = np.arange(SIDE), ink.sum()
    return (
        binarization.stroke_width(fine > 0.5 * fine.max()) / _FINER,
        float(rows[-1] - rows[0] + 1),
        float(columns[-1] - columns[0] + 1),
        int(ink.sum(axis=0) @ axis / mass - SIDE / 2),  # cut off towards 0
        int(ink.sum(axis=1) @ axis / mass - SIDE / 2),
    )


def compare(image: np.ndarray, others: np.ndarray) -> tuple[Comparison, ...]:
    """A digit's measurements beside those of others.

    Args:
        image: uint8 array of shape (28, 28), ink is 255.
        others: float array of shape (m, 6), m at least 1, as `measure` returns it.
    """
    values = measure(image[None])[0]
    lows, medians, highs = np.quantile(others, [_TAIL, 0.5, 1 - _TAIL], axis=0)
    below = ((others < values).mean(axis=0) + (others <= values).mean(axis=0)) / 2
    return tuple(
        Comparison(measurement, *map(float, numbers))
        for measurement, *numbers in zip(MEASUREMENTS, values, lows, medians, highs, below, strict=True)
    )


def sample(images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """A few values of each measurement that stand for all digits of a class: evenly spaced quantiles.

    Args:
        images: uint8 array of shape (n, 28, 28), ink is 255.
        labels: integer array of shape (n,), 0 to 9, each there at least once.

    Returns:
        float32 array of shape (10, 400, 6): of each class, ascending in each measurement by itself.
    """
    places = (np.arange(SAMPLES) + 0.5) / SAMPLES
    found = measure(images)
    return np.stack([np.quantile(found[labels == digit], places, axis=0) for digit in range(CLASSES)]).astype(
        np.float32
    )


def load(path: Path = settings.MORPHOMETRICS_FILE) -> np.ndarray:
    """The shipped sample of the 55,000 training digits of MNIST: float32 array of shape (10, 400, 6).

    Args:
        path: the file that `scripts/build_morphometrics.py` made.

    Raises:
        DatasetError: the file is missing or damaged.
    """
    with npz.said_in_a_sentence(path, "morphometrics", "scripts/build_morphometrics.py"):
        found = npz.read(path)["training"]
        if found.shape != (CLASSES, SAMPLES, len(MEASUREMENTS)) or not np.isfinite(found).all():
            raise ValueError("These are not the morphometrics of MNIST.")
        return found.astype(np.float32)
