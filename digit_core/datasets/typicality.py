"""Three measures for browsing digits: ink, slant, and how typical a digit is of its class."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digit_core import settings
from digit_core.datasets.mnist import MNIST_SIZE
from digit_core.digits import CLASSES, SIDE, brief
from digit_core.files import npz

# Of the principal component analysis in which atypicality is measured.
COMPONENTS = 50
# Digits made float at a time: 6 MB.
_CHUNK = 1_024
# Of a class's mean variance, added to each: a class of few digits has none in most directions.
_FLOOR = 1e-3


@dataclass(frozen=True, eq=False)
class Measures:
    """The measures of n digits, each a read-only float32 array of shape (n,).

    Attributes:
        ink: the mean of a digit's pixels, 0.0 (blank) to 1.0 (all ink): thin to bold.
        slant: degrees, -90 to 90; upright is 0, leaning to the right is positive.
        atypicality: rank within its class, 0.0 (most typical) to 1.0 (least typical).
    """

    ink: np.ndarray
    slant: np.ndarray
    atypicality: np.ndarray

    __repr__ = brief

    def __post_init__(self) -> None:
        for array in (self.ink, self.slant, self.atypicality):
            array.flags.writeable = False


def measure(images: np.ndarray, labels: np.ndarray) -> Measures:
    """Measure digits.

    Args:
        images: uint8 array of shape (n, 28, 28), ink is 255.
        labels: integer array of shape (n,), 0 to 9.
    """
    ranks = atypicality_ranks(images, labels)
    return Measures(ink_of(images), slant_of(images), as_atypicality(ranks, labels))


def ink_of(images: np.ndarray) -> np.ndarray:
    """The mean ink of each digit: float32 (n,), 0.0 to 1.0, for uint8 (n, 28, 28)."""
    return (images.sum(axis=(1, 2), dtype=np.uint32) / (255 * SIDE * SIDE)).astype(np.float32)


def slant_of(images: np.ndarray) -> np.ndarray:
    """How far each digit leans.

    The angle of the shear that would upright it, from its second moments, as LeCun et al. (1998, section III.A)
    deslant MNIST, but with each pixel weighing as much as its ink.

    Args:
        images: uint8 array of shape (n, 28, 28), ink is 255.

    Returns:
        float32 array of shape (n,), degrees, -90 to 90; leaning to the right is positive. What has no height (a blank,
        one row of ink) has no slant: 0.
    """
    y, x = (grid.ravel() for grid in np.mgrid[:SIDE, :SIDE].astype(np.float64))
    weights = np.stack([np.ones(SIDE * SIDE), x, y, x * y, y * y], axis=1)
    raw = np.empty((len(images), 5))
    for start in range(0, len(images), _CHUNK):
        pixels = images[start : start + _CHUNK].reshape(-1, SIDE * SIDE).astype(np.float64)
        raw[start : start + _CHUNK] = pixels @ weights
    mass, sum_x, sum_y, sum_xy, sum_yy = raw.T
    mass = np.maximum(mass, 1)
    covariance, height = sum_xy - sum_x * sum_y / mass, sum_yy - sum_y * sum_y / mass
    has_height = height > 1e-6 * mass
    shear = np.divide(-covariance, height, out=np.zeros_like(height), where=has_height)  # y points down
    return np.degrees(np.arctan(shear)).astype(np.float32)


def atypicality_ranks(images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Each digit's place within its class, from the most typical (0) to the least typical.

    Ordered by the distance to the class's mean in the class's own spread (Mahalanobis, 1936), within the first 50
    principal components of the set. Plain distance would call all bold digits atypical, for most of its sum is stroke width.

    Args:
        images: uint8 array of shape (n, 28, 28).
        labels: integer array of shape (n,), 0 to 9.

    Returns:
        int64 array of shape (n,).
    """
    projected = principal_components(images, COMPONENTS)
    ranks = np.zeros(len(images), np.int64)
    for digit in range(CLASSES):
        rows = np.flatnonzero(labels == digit)
        if len(rows) > 1:
            order = _squared_distances(projected[rows]).argsort(kind="stable")
            ranks[rows[order]] = np.arange(len(rows))
    return ranks


def as_atypicality(ranks: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Ranks within a class as float32 (n,) from 0.0 to 1.0, whatever the size of the class."""
    others = np.bincount(labels, minlength=CLASSES) - 1
    return (ranks / np.maximum(others, 1)[labels]).astype(np.float32)


def principal_components(features: np.ndarray, count: int) -> np.ndarray:
    """Digits along the directions in which they differ the most (principal component analysis; Pearson, 1901).

    The covariance is summed up in chunks: no float copy of all features is made, and scikit-learn, whose import takes
    the web process 50 MB, is not needed.

    Args:
        features: uint8 or float32 array of shape (n, ...), n at least 2; what comes after n is one row.
        count: how many directions.

    Returns:
        float64 array of shape (n, count), or with fewer columns where n or the features are fewer; centred, the direction
        of the greatest variance first. Each axis points so that its largest weight is positive: the same digits always
        give the same positions.
    """
    flat = features.reshape(len(features), -1)
    mean = flat.mean(axis=0, dtype=np.float64)
    if len(flat) < flat.shape[1]:
        # Fewer digits than directions: their own span is found in a fraction of the time.
        axes = np.linalg.svd(flat - mean, full_matrices=False)[2][:count].T
    else:
        covariance = np.zeros((flat.shape[1], flat.shape[1]))
        for start in range(0, len(flat), _CHUNK):
            centred = flat[start : start + _CHUNK] - mean
            covariance += centred.T @ centred
        # Ascending by variance.
        axes = np.linalg.eigh(covariance)[1][:, : -count - 1 : -1]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    return np.concatenate(
        [(flat[start : start + _CHUNK] - mean) @ axes for start in range(0, len(flat), _CHUNK)]
    )


def _squared_distances(points: np.ndarray) -> np.ndarray:
    """Each point's squared distance to their mean in units of their spread: float64 (n,) from (n, d)."""
    centred = points - points.mean(axis=0)
    covariance = centred.T @ centred / len(centred)
    covariance += np.eye(len(covariance)) * (_FLOOR * np.trace(covariance) / len(covariance) or 1.0)
    return np.einsum("ij,ij->i", centred, np.linalg.solve(covariance, centred.T).T)


def load(labels: np.ndarray, path: Path = settings.MEASURES_FILE) -> Measures:
    """The shipped measures of all 70,000 digits of MNIST: train, validation, test.

    Args:
        labels: uint8 array of shape (70000,) in that order.
        path: the file that `scripts/build_measures.py` made.

    Raises:
        DatasetError: the file is missing or damaged.
    """
    with npz.said_in_a_sentence(path, "measures", "scripts/build_measures.py"):
        arrays = npz.read(path)
        ink, slant, ranks = (arrays[name] for name in ("ink", "slant", "odd_rank"))
        if any(array.shape != (MNIST_SIZE,) for array in (ink, slant, ranks)):
            raise ValueError("These are not the measures of MNIST.")
        return Measures(ink.astype(np.float32), slant.astype(np.float32), as_atypicality(ranks, labels))
