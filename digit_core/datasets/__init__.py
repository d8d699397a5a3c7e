"""Sets of digits: MNIST and others, browsed, measured and searched."""

from typing import TYPE_CHECKING

from digit_core import lazily

if TYPE_CHECKING:
    from digit_core.datasets.mnist import SPLIT_SEED, VALIDATION_SIZE, Mnist, join, load_mnist, split_rows

_NAMES = ("SPLIT_SEED", "VALIDATION_SIZE", "Mnist", "join", "load_mnist", "split_rows")
__all__, __getattr__ = lazily(__name__, __path__, dict.fromkeys(_NAMES, "mnist"))
