"""Sets of digits to browse: the digits, where each stands, and the measures to sort and filter them by."""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import cv2
import numpy as np

from digit_core.datasets import typicality
from digit_core.datasets.label_errors import LABEL_ERRORS
from digit_core.datasets.mnist import Mnist, load_mnist
from digit_core.datasets.typicality import Measures
from digit_core.digits import SIDE, Digits, brief
from digit_core.errors import DatasetError
from digit_core.preprocessing import images

# Pixels: scikit-learn's digits have 8, too few to crop them well.
_ENLARGED_SIDE = 64


@dataclass(frozen=True, eq=False)
class Catalogue:
    """A set of n digits in a fixed order: one split after the other, each in its own order.

    The arrays are read-only and of shape (n,); a digit's place in them is its row.

    Attributes:
        name: the name that `load` takes, such as "mnist".
        title: the set's name for people.
        splits: the names of its splits, in order.
        parts: the pixels, a read-only uint8 array of shape (size, 28, 28) for each split; 255 is ink.
        labels: uint8, 0 to 9.
        split: uint8, index into `splits`.
        number: int32, the digit's place in its split, from 0: "test 947".
        ink: float32, the mean of its pixels, 0.0 to 1.0.
        slant: float32, degrees, leaning to the right is positive.
        atypicality: float32, rank within its class, 0.0 (most typical) to 1.0 (least typical).
        has_label_error: bool, whether people doubted the label.
    """

    name: str
    title: str
    splits: tuple[str, ...]
    parts: tuple[np.ndarray, ...]
    labels: np.ndarray
    split: np.ndarray
    number: np.ndarray
    ink: np.ndarray
    slant: np.ndarray
    atypicality: np.ndarray
    has_label_error: np.ndarray

    __repr__ = brief

    def __len__(self) -> int:
        return len(self.labels)

    def images(self, rows: np.ndarray) -> np.ndarray:
        """The digits at `rows`, in that order.

        Args:
            rows: integers of shape (m,), 0 to n - 1.

        Returns:
            A new uint8 array of shape (m, 28, 28), 255 is ink.

        Raises:
            IndexError: a row is not in the set.
        """
        rows = np.asarray(rows, np.int64)
        if len(rows) and not 0 <= rows.min() <= rows.max() < len(self):
            raise IndexError(f"Rows go from 0 to {len(self) - 1}.")
        chosen = np.empty((len(rows), SIDE, SIDE), np.uint8)
        for index, part in enumerate(self.parts):
            is_here = self.split[rows] == index
            chosen[is_here] = part[self.number[rows[is_here]]]
        return chosen

    def row_of(self, split: str, number: int) -> int:
        """The row of a digit, such as number 947 of "test".

        Raises:
            DatasetError: there is no such split or number.
        """
        if split not in self.splits:
            raise DatasetError(f"{self.title} has no part {split!r}: it has {', '.join(self.splits)}.")
        sizes = [len(part) for part in self.parts]
        index = self.splits.index(split)
        if not 0 <= number < sizes[index]:
            raise DatasetError(
                f"The {split} digits of {self.title} are numbered 0 to {sizes[index] - 1:,}: {number:,} is not one."
            )
        return sum(sizes[:index]) + int(number)


def _assemble(
    name: str, title: str, splits: dict[str, Digits], measured: Measures, has_label_error: np.ndarray
) -> Catalogue:
    sizes = [len(digits) for digits in splits.values()]
    arrays = {
        "labels": np.concatenate([digits.labels for digits in splits.values()]).astype(np.uint8),
        "split": np.repeat(np.arange(len(sizes), dtype=np.uint8), sizes),
        "number": np.concatenate([np.arange(size, dtype=np.int32) for size in sizes]),
        "has_label_error": has_label_error,
    }
    parts = tuple(digits.images for digits in splits.values())
    for array in (*parts, *arrays.values()):
        array.flags.writeable = False
    return Catalogue(
        name,
        title,
        tuple(splits),
        parts,
        ink=measured.ink,
        slant=measured.slant,
        atypicality=measured.atypicality,
        **arrays,
    )


def of_mnist(mnist: Mnist | None = None) -> Catalogue:
    """All 70,000 digits: train, validation, test.

    Args:
        mnist: the digits, if they are in memory; the catalogue then shares their pixels. Read from disk if None.

    Raises:
        DatasetError: the digits or their measures are missing or damaged.
    """
    mnist = mnist or load_mnist()
    splits: dict[str, Digits] = {split.name: getattr(mnist, split.name) for split in fields(Mnist)}
    labels = np.concatenate([digits.labels for digits in splits.values()])
    has_label_error = np.zeros(len(labels), bool)
    has_label_error[[len(labels) - len(mnist.test) + error.number for error in LABEL_ERRORS]] = True
    return _assemble("mnist", "MNIST", splits, typicality.load(labels), has_label_error)


def of_sklearn_digits(mnist: Mnist | None = None) -> Catalogue:
    """The 1,797 digits of scikit-learn's `load_digits` (Alpaydin and Kaynak, 1998), preprocessed like every other picture.

    They come as 8 x 8 pixels in 17 shades, written by 43 people in Turkey. They are measured here and now.

    Args:
        mnist: not used.

    Raises:
        DatasetError: scikit-learn is not installed, or keeps its digits elsewhere.
    """
    pictures, labels = _read_sklearn_digits()
    fitted = np.empty((len(pictures), SIDE, SIDE), np.uint8)
    for row, picture in enumerate(pictures):
        fine = cv2.resize(picture, (_ENLARGED_SIDE, _ENLARGED_SIDE), interpolation=cv2.INTER_CUBIC)
        fitted[row] = np.round(images.from_ink(np.clip(fine, 0, 1)) * 255)
    return _assemble(
        "sklearn-digits",
        "scikit-learn's digits",
        {"all": Digits(fitted, labels)},
        typicality.measure(fitted, labels),
        np.zeros(len(labels), bool),
    )


def of_drawings(name: str, splits: dict[str, Digits]) -> Catalogue:
    """A set of drawings, measured here and now.

    Args:
        name: of the catalogue.
        splits: the drawings by the name of their split; splits without drawings are left out.

    Raises:
        DatasetError: there are none.
    """
    filled = {split: digits for split, digits in splits.items() if len(digits)}
    if not filled:
        raise DatasetError("There are no drawings here yet. Keep one on the Draw page.")
    images = np.concatenate([digits.images for digits in filled.values()])
    labels = np.concatenate([digits.labels for digits in filled.values()])
    measured = typicality.measure(images, labels)
    return _assemble(name, "This set of drawings", filled, measured, np.zeros(len(labels), bool))


def _read_sklearn_digits() -> tuple[np.ndarray, np.ndarray]:
    """What `load_digits` returns, as float32 (n, 8, 8), 0.0 to 1.0, and uint8 (n,).

    The file is read without scikit-learn's code: importing that would cost the web process more memory than MNIST.
    """
    package = importlib.util.find_spec("sklearn")
    folders = package.submodule_search_locations if package else None
    path = Path(folders[0] if folders else "") / "datasets" / "data" / "digits.csv.gz"
    try:
        table = np.loadtxt(path, delimiter=",", dtype=np.uint8)  # (n, 64 shades and a label)
    except (OSError, ValueError) as error:
        raise DatasetError(
            "scikit-learn's digits cannot be read. Install it again with: pip install --force-reinstall scikit-learn"
        ) from error
    return (table[:, :-1] / np.float32(16)).reshape(-1, 8, 8), table[:, -1].copy()


CATALOGUES: dict[str, Callable[[Mnist | None], Catalogue]] = {
    "mnist": of_mnist,
    "sklearn-digits": of_sklearn_digits,
}


def load(name: str, mnist: Mnist | None = None) -> Catalogue:
    """A set of digits by name.

    Args:
        name: one of `CATALOGUES`.
        mnist: MNIST, if it is in memory: its pixels are then shared, not read again.

    Raises:
        DatasetError: there is no such set, or it is missing or damaged.
    """
    if name not in CATALOGUES:
        raise DatasetError(f"There is no set of digits {name!r}. The sets: {', '.join(CATALOGUES)}.")
    return CATALOGUES[name](mnist)
