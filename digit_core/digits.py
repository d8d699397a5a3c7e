"""One set of digits: pictures and what they are."""

from dataclasses import dataclass

import numpy as np

from digit_core.errors import DatasetError

CLASSES = 10
SIDE = 28  # pixels


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
