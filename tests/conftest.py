"""What many tests share: the digits, and made-up ones whose content is known."""

from collections.abc import Callable

import numpy as np
import pytest

from digit_core import datasets
from digit_core.datasets import Digits


@pytest.fixture(scope="session")
def mnist() -> datasets.Mnist:
    return datasets.load_mnist()


def _bars(n: int) -> Digits:
    labels = np.arange(n, dtype=np.uint8) % 10
    images = np.zeros((n, 28, 28), np.uint8)
    for label in range(10):
        images[labels == label, 2 + 2 * label : 4 + 2 * label, 4:24] = 255
    return Digits(images, labels)


@pytest.fixture
def digits() -> Callable[[int], Digits]:
    """`digits(n)`: n digits, 0, 1, 2 and so on; each is a bar at a height of its own."""
    return _bars


@pytest.fixture(scope="session")
def made_up() -> Digits:
    """600 such digits with grain: easy to learn, but not at once."""
    clean = _bars(600)
    grain = np.random.default_rng(0).integers(-120, 120, clean.images.shape)
    return Digits(np.clip(clean.images + grain, 0, 255).astype(np.uint8), clean.labels)
