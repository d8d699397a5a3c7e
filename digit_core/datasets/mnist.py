"""MNIST as the project embeds it, and how sets of digits are split."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digit_core import settings
from digit_core.digits import Digits
from digit_core.errors import DatasetError
from digit_core.files import npz

MNIST_SIZE = 70_000
VALIDATION_SIZE = 5_000
SPLIT_SEED = 20_261_121


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
    with npz.said_in_a_sentence(path, "digits", "scripts/build_mnist.py"):
        arrays = npz.read(path)
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
