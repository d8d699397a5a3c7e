"""Sets of digits: MNIST and others, browsed, measured and searched."""

from typing import TYPE_CHECKING

from digit_core import lazily

if TYPE_CHECKING:
    from digit_core.datasets.mnist import SPLIT_SEED, VALIDATION_SIZE, Mnist, join, load_mnist, split_rows

_MODULES = ("catalogue", "label_errors", "mnist", "nearest", "queries", "statistics", "typicality")
__all__ = [
    "SPLIT_SEED",
    "VALIDATION_SIZE",
    "Mnist",
    "catalogue",
    "join",
    "label_errors",
    "load_mnist",
    "mnist",
    "nearest",
    "queries",
    "split_rows",
    "statistics",
    "typicality",
]
__getattr__ = lazily(__name__, _MODULES, {name: f"digit_core.datasets.mnist.{name}" for name in __all__})
