"""Digits as points of a plane, so that digits which are alike lie close together.

Two ways to draw a map: PCA, which is computed in an instant and keeps the two directions in which the digits differ the
most; and t-SNE, which takes a minute and keeps neighbours together. Two things to map: the pixels, and what the last
hidden layer of a network makes of them.

`scripts/build_maps.py` computes the maps of the shipped models ahead. They show the 10,000 test digits, all of them: no
shipped model has learnt from one, and a layer looks tidier on what it has learnt from. (Of the validation digits this
cannot be said: the network of one tutorial holds back a share of its own.)
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digit_core import settings
from digit_core.errors import DatasetError
from digit_core.files import npz
from digit_core.inference.classifier import Classifier

PIXELS = "pixels"  # what a map is of: this, or the name of a model, whose last hidden layer is meant
METHODS = {"pca": "PCA", "t-sne": "t-SNE"}
FIRST_TEST_ROW = (
    60_000  # of MNIST in the catalogue's order: 55,000 to train on, 5,000 to choose on, 10,000 to test on
)
_SCRIPT = "scripts/build_maps.py"
_CHUNK = 500  # digits taken at a time, so that some MB are enough


@dataclass(frozen=True)
class DigitMap:
    """Where digits lie on a map.

    Attributes:
        rows: int32 array of shape (n,): which digits of the catalogue "mnist", ascending.
        positions: float32 array of shape (n, 2), without a unit; only who is whose neighbour means something.
        agreement: share of the digits whose nearest neighbour on the map has the same label, 0.0 to 1.0. Chance gives
            about 0.1. It says how well the map separates the classes, not how often a network is right.
    """

    rows: np.ndarray
    positions: np.ndarray
    agreement: float


def names(path: Path = settings.MAPS_FILE) -> tuple[str, ...]:
    """What the file holds maps of: `PIXELS`, then names of models.

    Raises:
        DatasetError: the file is missing or damaged.
    """
    with _reading(path) as file:
        return tuple(str(name) for name in file["names"])


def load(of: str, method: str, path: Path = settings.MAPS_FILE) -> DigitMap:
    """Read one map; the others stay in the file.

    Args:
        of: one of `names()`.
        method: a key of `METHODS`.
        path: the file that `scripts/build_maps.py` made.

    Returns:
        The map; its arrays are read-only.

    Raises:
        DatasetError: the file is missing or damaged, or holds no such map.
    """
    if method not in METHODS or of not in names(path):
        raise DatasetError(
            f"{path.name} holds no {METHODS.get(method, method)} map of {of}. {settings.remedy(_SCRIPT)}"
        )
    with _reading(path) as file:
        rows, positions, agreement = (
            file[key] for key in ("rows", f"{of} {method}", f"{of} {method} agreement")
        )
        if rows.dtype != np.int32 or rows.ndim != 1 or positions.dtype != np.float32:
            raise ValueError("a map is int32 rows and float32 positions")
        if positions.shape != (len(rows), 2) or not np.isfinite(positions).all():
            raise ValueError("a map has two finite numbers for each row")
        found = DigitMap(rows, positions, float(agreement))
    rows.flags.writeable = positions.flags.writeable = False
    return found


def compute(features: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> DigitMap:
    """The PCA map of digits: for a model that has no map in the file.

    Args:
        features: uint8 or float32 array of shape (n, ...), as `pca` takes it.
        labels: uint8 array of shape (n,).
        rows: which digits of the catalogue these are, integers of shape (n,).
    """
    positions = pca(features)
    return DigitMap(rows.astype(np.int32), positions, neighbour_agreement(positions, labels))


def last_hidden_layer(model: Classifier) -> str:
    """The name of the layer from which a network's answer is made; dropout, which does nothing to it, left out."""
    hidden = [name for name in model.layer_names[:-1] if not name.startswith("dropout")]
    return hidden[-1]


def pca(features: np.ndarray) -> np.ndarray:
    """The two directions in which digits differ the most (principal component analysis; Pearson, 1901).

    The covariance is summed up in chunks: no float copy of all features is made, and scikit-learn, whose import takes
    the web process 50 MB, is not needed.

    Args:
        features: uint8 or float32 array of shape (n, ...), n at least 2; what comes after n is one row.

    Returns:
        float32 array of shape (n, 2), centred, the direction of the greatest variance first. Each axis points so that
        its largest weight is positive: the same digits always give the same map.
    """
    flat = features.reshape(len(features), -1)
    mean = flat.mean(axis=0, dtype=np.float64)
    covariance = np.zeros((flat.shape[1], flat.shape[1]))
    for start in range(0, len(flat), _CHUNK):
        centred = flat[start : start + _CHUNK] - mean
        covariance += centred.T @ centred
    _, directions = np.linalg.eigh(covariance)  # ascending eigenvalues
    axes = directions[:, :-3:-1]  # (features, 2)
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]])
    chunks = [(flat[start : start + _CHUNK] - mean) @ axes for start in range(0, len(flat), _CHUNK)]
    return np.concatenate(chunks).astype(np.float32)


def neighbour_agreement(positions: np.ndarray, labels: np.ndarray) -> float:
    """The share of digits whose nearest neighbour on the map, itself not counted, has the same label.

    Args:
        positions: float32 array of shape (n, 2), n at least 2.
        labels: integer array of shape (n,).

    Returns:
        0.0 to 1.0.
    """
    agreeing = 0
    for start in range(0, len(positions), _CHUNK):
        chunk = positions[start : start + _CHUNK]
        distances = np.square(chunk[:, :1] - positions[:, 0])  # (chunk, n)
        distances += np.square(chunk[:, 1:] - positions[:, 1])
        own = np.arange(len(chunk))
        distances[own, start + own] = np.inf
        nearest = distances.argmin(axis=1)
        agreeing += int(np.count_nonzero(labels[nearest] == labels[start : start + len(chunk)]))
    return agreeing / len(positions)


@contextmanager
def _reading(path: Path) -> Iterator[np.lib.npyio.NpzFile]:
    """The open file, of which only the arrays that are asked for are unpacked; damage becomes a sentence."""
    with (
        npz.said_in_a_sentence(path, "maps", _SCRIPT),
        path.open("rb") as stream,
        np.load(stream) as file,
    ):
        yield file
