"""Sets of digits: MNIST and others, browsed, measured and searched."""

from typing import TYPE_CHECKING

from digit_core import lazily

if TYPE_CHECKING:
    from digit_core.datasets.mnist import (
        SPLIT_SEED,
        VALIDATION_SIZE,
        Mnist,
        hold_back,
        join,
        load_mnist,
        split_rows,
        training_and_validation,
    )

_NAMES = (
    "SPLIT_SEED",
    "VALIDATION_SIZE",
    "Mnist",
    "hold_back",
    "join",
    "load_mnist",
    "split_rows",
    "training_and_validation",
)
__all__, __getattr__ = lazily(__name__, __path__, dict.fromkeys(_NAMES, "mnist"))
