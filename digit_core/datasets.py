"""MNIST as the project embeds it, and how sets of digits are split."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digit_core import array_files, settings
from digit_core.errors import DatasetError

CLASSES = 10
SIDE = 28  # pixels
MNIST_SIZE = 70_000
VALIDATION_SIZE = 5_000
SPLIT_SEED = 20_261_121


@dataclass(frozen=True)
class Digits:
    """Some digits and what they are.

    Attributes:
        images: uint8 array of shape (n, 28, 28), 0 is ground and 255 is ink.
        labels: uint8 array of shape (n,), 0 to 9.
    """

    images: np.ndarray
    labels: np.ndarray

    def __post_init__(self) -> None:
        if self.images.dtype != np.uint8 or self.images.ndim != 3 or self.images.shape[1:] != (SIDE, SIDE):
            raise DatasetError(
                f"Digits are uint8 arrays of shape (n, 28, 28), not {self.images.dtype} {self.images.shape}."
            )
        if self.labels.shape != (len(self.images),) or self.labels.dtype.kind not in "iu":
            raise DatasetError(
                f"{len(self.images)} digits need as many whole-number labels, not {self.labels.dtype} "
                f"{self.labels.shape}."
            )
        if len(self.labels) and not 0 <= int(self.labels.min()) <= int(self.labels.max()) < CLASSES:
            raise DatasetError("Labels are whole numbers from 0 to 9.")

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, rows: np.ndarray) -> "Digits":
        """The digits at `rows` (an integer array of shape (m,)), in that order."""
        return Digits(self.images[rows], self.labels[rows])


@dataclass(frozen=True)
class Handwriting:
    """Drawings of a set, to be learnt beside MNIST.

    Attributes:
        set_id: the id of the set that they are from.
        learnt: those to learn from; at least one.
        held_back: those to judge by; there may be none.
    """

    set_id: str
    learnt: Digits
    held_back: Digits

    def __post_init__(self) -> None:
        if not len(self.learnt):
            raise DatasetError("No drawing is there to learn from: keep one on the page Draw first.")


@dataclass(frozen=True)
class Mnist:
    """The 70,000 digits: 55,000 to train on, 5,000 to choose on, 10,000 for the last report alone."""

    train: Digits
    validation: Digits
    test: Digits


def join(first: Digits, second: Digits) -> Digits:
    """The digits of both sets, the first set's first."""
    return Digits(
        np.concatenate([first.images, second.images]), np.concatenate([first.labels, second.labels])
    )


def split_rows(labels: np.ndarray, size: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw a sample in which each class has its share, and the rest.

    Args:
        labels: integer array of shape (n,).
        size: how many to draw, 10 to n - 10.
        seed: the same seed draws the same sample.

    Returns:
        Two int64 arrays of row numbers, each ascending: the n - `size` others, and the `size` drawn.

    Raises:
        DatasetError: there are too few digits, or too few of a class, to draw that many.
    """
    from sklearn.model_selection import train_test_split  # the web process never splits: spare it the import

    try:
        rest, drawn = train_test_split(
            np.arange(len(labels)), test_size=size, random_state=seed, stratify=labels
        )
    except ValueError as error:
        raise DatasetError(
            f"{size} of {len(labels)} digits cannot be drawn so that each class has its share: {error}"
        ) from error
    return np.sort(rest), np.sort(drawn)


def load_mnist(path: Path = settings.MNIST_FILE) -> Mnist:
    """Read the embedded MNIST (LeCun, Cortes and Burges; CC BY-SA 3.0).

    The validation digits are 5,000 of MNIST's 60,000 training digits, stratified, drawn once with a fixed seed.

    Args:
        path: the file that `scripts/build_mnist.py` made.

    Returns:
        The three splits, each in MNIST's own order; their arrays are read-only.

    Raises:
        DatasetError: the file is missing or damaged.
    """
    with array_files.said_in_a_sentence(path, "digits", "scripts/build_mnist.py"):
        arrays = array_files.read(path)
        both = Digits(arrays["train_images"], arrays["train_labels"])
        test = Digits(arrays["test_images"], arrays["test_labels"])
        validation_rows = arrays["validation_rows"]
        is_validation = np.zeros(len(both), bool)
        is_validation[validation_rows] = True
    mnist = Mnist(both.take(np.flatnonzero(~is_validation)), both.take(np.flatnonzero(is_validation)), test)
    for digits in (mnist.train, mnist.validation, mnist.test):
        digits.images.flags.writeable = False
        digits.labels.flags.writeable = False
    return mnist
