"""Ways in which a picture of a digit gets worse, at growing strength, to see when a model gives up."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

STRENGTHS = 5


@dataclass(frozen=True)
class Corruption:
    """One way of spoiling digits.

    Attributes:
        title: what it is called on screen.
        description: one sentence on what it does.
        unit: of the amounts, such as "degrees".
        amounts: five, growing in strength.
        apply: uint8 (n, 28, 28), an amount and a random generator in; uint8 (n, 28, 28) out.
    """

    title: str
    description: str
    unit: str
    amounts: tuple[float, ...]
    apply: Callable[[np.ndarray, float, np.random.Generator], np.ndarray]

    def words(self, strength: int) -> str:
        """A strength in words, with its unit: "30 degrees"; "as it is" for 0."""
        raise NotImplementedError


# "rotation", "shift", "scale", "noise", "blur", "thickness", "contrast", "occlusion"
CORRUPTIONS: dict[str, Corruption] = {}


def corrupt(images: np.ndarray, name: str, strength: int, seed: int = 0) -> np.ndarray:
    """Spoil digits. Directions (left or right, which corner) are drawn; the amount is the same for each digit.

    Args:
        images: uint8 array of shape (n, 28, 28), ink is 255. n may be 0.
        name: a key of `CORRUPTIONS`.
        strength: 0 (leaves them as they are) to 5.
        seed: the same seed draws the same directions, at every strength: a digit turned left stays turned left.

    Returns:
        uint8 array of shape (n, 28, 28), ink is 255.

    Raises:
        ValueError: an unknown name or strength, or images of another form.
    """
    raise NotImplementedError
