"""What many tests share: the digits, and drawings whose shape is known."""

from collections.abc import Callable

import numpy as np
import pytest

from digit_core import datasets

_LABELS = np.arange(10).repeat(12)


@pytest.fixture(scope="session")
def mnist() -> datasets.Mnist:
    return datasets.load_mnist()


@pytest.fixture
def digits() -> Callable[[int], datasets.Digits]:
    """`digits(n)`: n made-up digits in which each label is one row of ink at its own height, easy to learn."""

    def make(n: int) -> datasets.Digits:
        labels = np.resize(_LABELS, n).astype(np.uint8)
        images = np.zeros((n, 28, 28), np.uint8)
        for label in range(10):
            images[labels == label, 2 + 2 * label : 4 + 2 * label, 4:24] = 255
        return datasets.Digits(images, labels)

    return make
