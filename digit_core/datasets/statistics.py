"""A set of digits as a whole: how many, of which form, and what they look like on average."""

import math
from dataclasses import dataclass

import numpy as np

from digit_core.datasets.catalogue import Catalogue
from digit_core.digits import CLASSES, SIDE, brief

# Width of a bin: a share of the page, and degrees.
_INK_STEP, _SLANT_STEP = 0.01, 2.0
# Digits made float at a time. 256 squares of 255 add up to less than 2**24: float32 sums of them are exact, and fast.
_CHUNK = 256
_SHADES = 256


@dataclass(frozen=True, eq=False)
class Distribution:
    """How a measure is spread in each class.

    Attributes:
        edges: float64 array of shape (bins + 1,), ascending.
        counts: int64 array of shape (10, bins): how many digits of each class lie between two edges.
        medians: float64 array of shape (10,); NaN for a class without digits.
    """

    edges: np.ndarray
    counts: np.ndarray
    medians: np.ndarray

    __repr__ = brief


@dataclass(frozen=True, eq=False)
class SetStatistics:
    """What can be said of n digits as a whole.

    Attributes:
        splits: the names of the splits.
        counts: int64 array of shape (splits, 10): how many digits of each class.
        shapes: the shape of each split's pixels, such as (55000, 28, 28).
        dtype: the pixels' type, such as "uint8".
        lowest, highest: the least and the most ink of all pixels, 0 to 255.
        mean_images: float32 array of shape (10, 28, 28), 0.0 to 1.0: the average digit of each class; blank for a class
            without digits.
        deviation_images: float32 array of shape (10, 28, 28), 0.0 to 0.5: the standard deviation of each pixel in each
            class, dividing by the number of digits.
        pixel_counts: int64 array of shape (256,): how many pixels have each value.
        ink: of the mean ink, 0.0 to 1.0.
        slant: of the slant, in degrees.
    """

    splits: tuple[str, ...]
    counts: np.ndarray
    shapes: tuple[tuple[int, ...], ...]
    dtype: str
    lowest: int
    highest: int
    mean_images: np.ndarray
    deviation_images: np.ndarray
    pixel_counts: np.ndarray
    ink: Distribution
    slant: Distribution

    __repr__ = brief


def of(catalogue: Catalogue) -> SetStatistics:
    """The statistics of a set of at least one digit, without a second copy of its pixels."""
    pixel_counts, sums, squares = _sum_up(catalogue)
    numbers = np.bincount(catalogue.labels, minlength=CLASSES)
    sizes = np.maximum(numbers, 1)[:, None]
    means = sums / sizes
    deviations = np.sqrt(np.maximum(squares / sizes - means**2, 0))
    shades = np.flatnonzero(pixel_counts)
    classes_of_splits = catalogue.split.astype(np.int64) * CLASSES + catalogue.labels
    return SetStatistics(
        splits=catalogue.splits,
        counts=np.bincount(classes_of_splits, minlength=len(catalogue.splits) * CLASSES).reshape(-1, CLASSES),
        shapes=tuple(part.shape for part in catalogue.parts),
        dtype=str(catalogue.parts[0].dtype),
        lowest=int(shades[0]),
        highest=int(shades[-1]),
        mean_images=(means / 255).astype(np.float32).reshape(-1, SIDE, SIDE),
        deviation_images=(deviations / 255).astype(np.float32).reshape(-1, SIDE, SIDE),
        pixel_counts=pixel_counts,
        ink=_distribution(catalogue.ink, catalogue.labels, _INK_STEP),
        slant=_distribution(catalogue.slant, catalogue.labels, _SLANT_STEP),
    )


def _sum_up(catalogue: Catalogue) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """int64 (256,): pixels of each value; float64 (10, 784): each class's sum of pixels, and of their squares."""
    pixel_counts = np.zeros(_SHADES, np.int64)
    sums, squares = np.zeros((CLASSES, SIDE * SIDE)), np.zeros((CLASSES, SIDE * SIDE))
    first = 0
    for part in catalogue.parts:
        labels = catalogue.labels[first : first + len(part)]
        first += len(part)
        for digit in range(CLASSES):
            rows = np.flatnonzero(labels == digit)
            for start in range(0, len(rows), _CHUNK):
                pixels = part[rows[start : start + _CHUNK]].reshape(-1, SIDE * SIDE)
                ink = pixels.astype(np.float32)
                pixel_counts += np.bincount(pixels.ravel(), minlength=_SHADES)
                sums[digit] += ink.sum(axis=0)
                squares[digit] += (ink * ink).sum(axis=0)
    return pixel_counts, sums, squares


def _distribution(values: np.ndarray, labels: np.ndarray, step: float) -> Distribution:
    first, last = math.floor(values.min() / step), math.floor(values.max() / step) + 1
    edges = np.arange(first, last + 1) * step
    counts, medians = [], []
    for digit in range(CLASSES):
        of_class = values[labels == digit].astype(np.float64)
        counts.append(np.histogram(of_class, edges)[0])
        medians.append(np.median(of_class) if len(of_class) else np.nan)
    return Distribution(edges, np.array(counts), np.array(medians))
