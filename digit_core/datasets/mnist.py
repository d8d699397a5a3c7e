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
    """The 70,000 digits: 55,000 to train on, 5,000 to choose models with, 10,000 only for the final report.

    Example:
        >>> from digit_core import load_mnist
        >>> mnist = load_mnist()
        >>> mnist
        Mnist(train 55,000, validation 5,000, test 10,000)
        >>> mnist.test
        Digits(10,000 x 28x28)
    """

    train: Digits
    validation: Digits
    test: Digits

    def __repr__(self) -> str:
        return (
            f"Mnist(train {len(self.train):,}, validation {len(self.validation):,}, test {len(self.test):,})"
        )


def join(first: Digits, second: Digits) -> Digits:
    """The digits of both sets, the first set's first.

    Example:
        >>> from digit_core.datasets import join, load_mnist
        >>> mnist = load_mnist()
        >>> join(mnist.train, mnist.validation)
        Digits(60,000 x 28x28)
    """
    return Digits(
        np.concatenate([first.images, second.images]), np.concatenate([first.labels, second.labels])
    )


def split_rows(labels: np.ndarray, size: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Split rows into a sample and the rest, with the same mix of classes in both (stratified).

    Args:
        labels: integer array of shape (n,).
        size: how many to draw, 10 to n - 10.
        seed: the same seed draws the same sample.

    Returns:
        Two int64 arrays of row numbers, each ascending: the n - `size` others, and the `size` drawn.

    Raises:
        DatasetError: there are too few digits, or too few of a class, to draw that many.

    Example:
        >>> import numpy as np
        >>> from digit_core.datasets import split_rows
        >>> labels = np.arange(100) % 10  # ten digits of each class
        >>> rest, drawn = split_rows(labels, size=20, seed=1)
        >>> len(rest), sorted(labels[drawn].tolist())
        (80, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9])
    """
    present, counts = np.unique(labels, return_counts=True)
    if not len(labels) or min(size, len(labels) - size) < len(present):
        raise DatasetError(
            f"{len(labels)} digits cannot be split into {size} and the rest with every class in both parts: {len(present)} "
            f"classes need at least {len(present)} digits in each part. Add more digits."
        )
    if counts.min() < 2:
        raise DatasetError(
            f"{len(labels)} digits cannot be split into {size} and the rest with every class in both parts: there is only one "
            f"{present[counts.argmin()]}, and each class needs two. Add another one."
        )
    from sklearn.model_selection import train_test_split  # the web process never splits: spare it the import

    rest, drawn = train_test_split(np.arange(len(labels)), test_size=size, random_state=seed, stratify=labels)
    return np.sort(rest), np.sort(drawn)


def hold_back(digits: Digits, share: float) -> tuple[Digits, Digits]:
    """Split digits into those to learn from and a share to validate on, with the same mix of classes in both.

    Args:
        digits: any.
        share: to hold back, above 0 and below 1. The same share of the same digits is always the same split.

    Returns:
        The rest, and what is held back.

    Raises:
        DatasetError: as `split_rows`.

    Example:
        >>> from digit_core.datasets import hold_back, load_mnist
        >>> hold_back(load_mnist().validation, 0.2)
        (Digits(4,000 x 28x28), Digits(1,000 x 28x28))
    """
    rest, held_back = split_rows(digits.labels, round(len(digits) * share), SPLIT_SEED)
    return digits.take(rest), digits.take(held_back)


def training_and_validation(mnist: Mnist, share: float | None) -> tuple[Digits, Digits]:
    """MNIST's digits to learn from and those to validate on.

    Args:
        mnist: all of them.
        share: of the 60,000 that are no test digits, held back to validate on; None for the fixed 5,000 of them.

    Raises:
        DatasetError: as `split_rows`.

    Example:
        >>> from digit_core.datasets import load_mnist, training_and_validation
        >>> training_and_validation(load_mnist(), 0.3)
        (Digits(42,000 x 28x28), Digits(18,000 x 28x28))
    """
    if share is None:
        return mnist.train, mnist.validation
    return hold_back(join(mnist.train, mnist.validation), share)


def load_mnist(path: Path = settings.MNIST_FILE) -> Mnist:
    """Read the embedded MNIST (LeCun, Cortes and Burges; CC BY-SA 3.0).

    The validation digits are 5,000 of MNIST's 60,000 training digits, stratified, drawn once with a fixed seed.

    Args:
        path: the file that `scripts/build_mnist.py` made.

    Returns:
        The three splits, each in MNIST's own order; their arrays are read-only.

    Raises:
        DatasetError: the file is missing or damaged.

    Example:
        >>> from digit_core import load_mnist
        >>> test = load_mnist().test
        >>> test.images.shape, test.labels[:5].tolist()
        ((10000, 28, 28), [7, 2, 1, 0, 4])
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
