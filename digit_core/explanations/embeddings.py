"""Embeddings: digits as points of a plane, so that digits which are alike lie close together.

Two methods: PCA, computed in an instant, keeps the two directions in which the digits differ the most; t-SNE, which takes a
minute, keeps neighbours together. Two things to embed: the pixels, and what the last hidden layer of a network makes of them.

`scripts/build_embeddings.py` computes those of the shipped models ahead. They show the 10,000 test digits, all of them: no
shipped model has learnt from one, and a layer looks tidier on what it has learnt from. (Of the validation digits this
cannot be said: the network of one tutorial holds back a share of its own.)
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digit_core import settings
from digit_core.datasets import typicality
from digit_core.digits import brief
from digit_core.errors import DatasetError
from digit_core.files import npz
from digit_core.inference.classifier import Classifier

# What is embedded: this, or the name of a model, whose last hidden layer is meant.
PIXELS = "pixels"
METHODS = {"pca": "PCA", "t-sne": "t-SNE"}
# Of MNIST in the catalogue's order: 55,000 to train on, 5,000 to choose on, 10,000 to test on.
FIRST_TEST_ROW = 60_000
_SCRIPT = "scripts/build_embeddings.py"
# Digits taken at a time, so that some MB are enough.
_CHUNK = 500


@dataclass(frozen=True)
class Embedding:
    """Where digits lie on the plane.

    Attributes:
        rows: int32 array of shape (n,): which digits of the catalogue "mnist", ascending.
        positions: float32 array of shape (n, 2), without a unit; only who is whose neighbour means something.
        agreement: share of the digits whose nearest neighbour has the same label, 0.0 to 1.0. Chance gives about 0.1. It says
            how well the embedding separates the classes, not how often a network is right.
    """

    rows: np.ndarray
    positions: np.ndarray
    agreement: float

    __repr__ = brief


def names(path: Path = settings.EMBEDDINGS_FILE) -> tuple[str, ...]:
    """What the file holds embeddings of: `PIXELS`, then names of models.

    Raises:
        DatasetError: the file is missing or damaged.
    """
    with _reading(path) as file:
        return tuple(str(name) for name in file["names"])


def load(of: str, method: str, path: Path = settings.EMBEDDINGS_FILE) -> Embedding:
    """Read one embedding; the others stay in the file.

    Args:
        of: one of `names()`.
        method: a key of `METHODS`.
        path: the file that `scripts/build_embeddings.py` made.

    Returns:
        The embedding; its arrays are read-only.

    Raises:
        DatasetError: the file is missing or damaged, or holds no such embedding.
    """
    if method not in METHODS or of not in names(path):
        raise DatasetError(
            f"{path.name} holds no {METHODS.get(method, method)} embedding of {of}. {settings.remedy(_SCRIPT)}"
        )
    with _reading(path) as file:
        rows, positions, agreement = (
            file[key] for key in ("rows", f"{of} {method}", f"{of} {method} agreement")
        )
        if rows.dtype != np.int32 or rows.ndim != 1 or positions.dtype != np.float32:
            raise ValueError("an embedding is int32 rows and float32 positions")
        if positions.shape != (len(rows), 2) or not np.isfinite(positions).all():
            raise ValueError("an embedding has two finite numbers for each row")
        found = Embedding(rows, positions, float(agreement))
    rows.flags.writeable = positions.flags.writeable = False
    return found


def compute(features: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> Embedding:
    """Embed digits by PCA: for a model that the file does not hold.

    Args:
        features: uint8 or float32 array of shape (n, ...), as `pca` takes it.
        labels: uint8 array of shape (n,).
        rows: which digits of the catalogue these are, integers of shape (n,).
    """
    positions = pca(features)
    return Embedding(rows.astype(np.int32), positions, neighbour_agreement(positions, labels))


def last_hidden_layer(model: Classifier) -> str:
    """The name of the layer from which a network's answer is made; dropout, which does nothing to it, left out."""
    hidden = [name for name in model.layer_names[:-1] if not name.startswith("dropout")]
    return hidden[-1]


def pca(features: np.ndarray) -> np.ndarray:
    """The two directions in which digits differ the most: float32 (n, 2), as `typicality.principal_components`."""
    return typicality.principal_components(features, 2).astype(np.float32)


def neighbour_agreement(positions: np.ndarray, labels: np.ndarray) -> float:
    """The share of digits whose nearest neighbour, itself not counted, has the same label.

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
        npz.said_in_a_sentence(path, "embeddings", _SCRIPT),
        path.open("rb") as stream,
        np.load(stream) as file,
    ):
        yield file
