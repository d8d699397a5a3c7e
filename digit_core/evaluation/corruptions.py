"""Corruptions of a digit's picture, at growing strength, to see when a model gives up."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from digit_core.augmentation import intensity
from digit_core.augmentation.geometry import GAP, STACK, remap, thicken
from digit_core.digits import SIDE

STRENGTHS = 5


@dataclass(frozen=True)
class Corruption:
    """One way of corrupting digits.

    Attributes:
        title: what it is called on screen.
        description: one sentence on what it does.
        unit: of the amounts, such as "degrees".
        amounts: five, growing in strength; numbers in that unit.
        wording: an amount in words, with {amount} in it.
        apply: uint8 (n, 28, 28), an amount and a random generator in; uint8 (n, 28, 28) out.
    """

    title: str
    description: str
    unit: str
    amounts: tuple[float, ...]
    wording: str
    apply: Callable[[np.ndarray, float, np.random.Generator], np.ndarray]

    def words(self, strength: int) -> str:
        """A strength, 0 to 5, in words: "turned by 30 degrees"; "as it is" for 0."""
        return self.wording.format(amount=f"{self.amounts[strength - 1]:g}") if strength else "as it is"


def _rotate(images: np.ndarray, degrees: float, random: np.random.Generator) -> np.ndarray:
    angle = np.deg2rad(degrees) * random.choice([-1.0, 1.0], len(images))
    return _place(images, angle, 1.0, np.zeros((len(images), 2)))


def _shift(images: np.ndarray, pixels: float, random: np.random.Generator) -> np.ndarray:
    direction = random.uniform(0, 2 * np.pi, len(images))
    offsets = pixels * np.stack([np.cos(direction), np.sin(direction)], axis=1)
    return _place(images, np.zeros(len(images)), 1.0, offsets)


def _shrink(images: np.ndarray, percent: float, random: np.random.Generator) -> np.ndarray:
    return _place(images, np.zeros(len(images)), percent / 100, np.zeros((len(images), 2)))


def _place(images: np.ndarray, angle: np.ndarray, size: float, offsets: np.ndarray) -> np.ndarray:
    """Turn digits by angles (n,) in radians, clockwise, scale them about the middle and move them by (n, 2) pixels."""
    middle = (SIDE - 1) / 2
    axis = np.arange(SIDE) - middle
    x, y = np.meshgrid(axis, axis)
    placed = np.empty_like(images)
    for start in range(0, len(images), STACK):
        chunk = slice(start, start + STACK)
        to_x, to_y = (x - offsets[chunk, i, None, None] for i, x in enumerate((x, y)))  # (m, 28, 28)
        cosine, sine = np.cos(angle[chunk, None, None]) / size, np.sin(angle[chunk, None, None]) / size
        from_x, from_y = cosine * to_x + sine * to_y, cosine * to_y - sine * to_x
        sources = (np.stack([from_x, from_y], axis=1) + middle).astype(np.float32)  # (m, 2, 28, 28)
        placed[chunk] = remap(_padded(images[chunk]), sources)
    return placed


def _padded(images: np.ndarray) -> np.ndarray:
    return np.pad(images, ((0, 0), (GAP, GAP), (GAP, GAP)))


def _add_noise(images: np.ndarray, percent: float, random: np.random.Generator) -> np.ndarray:
    return intensity.add_noise(images, np.full(len(images), percent / 100), random)


def _blur(images: np.ndarray, pixels: float, random: np.random.Generator) -> np.ndarray:
    return intensity.blur(images, np.full(len(images), pixels))


def _embolden(images: np.ndarray, pixels: float, random: np.random.Generator) -> np.ndarray:
    inside = slice(GAP, GAP + SIDE)
    return thicken(_padded(images), np.full(len(images), pixels))[:, inside, inside]


def _fade(images: np.ndarray, percent: float, random: np.random.Generator) -> np.ndarray:
    return intensity.change_contrast(images, np.full(len(images), percent / 100))


def _cover(images: np.ndarray, side: float, random: np.random.Generator) -> np.ndarray:
    return intensity.cover(images, np.full(len(images), int(side)), random)


CORRUPTIONS: dict[str, Corruption] = {
    "rotation": Corruption(
        "Rotation",
        "Each digit is turned to the left or to the right.",
        "degrees",
        (15, 30, 45, 60, 90),
        "turned by {amount} degrees",
        _rotate,
    ),
    "shift": Corruption(
        "Shift",
        "Each digit is moved away from the middle, in its own direction.",
        "pixels",
        (1, 2, 4, 6, 8),
        "moved by {amount} pixels",
        _shift,
    ),
    "scale": Corruption(
        "Size",
        "Each digit shrinks.",
        "% of its size",
        (85, 70, 55, 45, 35),
        "shrunk to {amount}% of its size",
        _shrink,
    ),
    "noise": Corruption(
        "Noise",
        "Each pixel gets lighter or darker at random.",
        "% of full ink",
        (10, 20, 35, 50, 75),
        "noise of {amount}% of full ink",
        _add_noise,
    ),
    "blur": Corruption(
        "Blur",
        "Each digit is out of focus.",
        "pixels",
        (0.5, 1, 1.5, 2, 3),
        "blurred over {amount} pixels",
        _blur,
    ),
    "thickness": Corruption(
        "Thickness",
        "The strokes get thicker on each side, as with a broader pen.",
        "pixels",
        (0.5, 1, 1.5, 2, 3),
        "strokes thicker by {amount} pixels a side",
        _embolden,
    ),
    "contrast": Corruption(
        "Contrast",
        "The ink fades towards the paper.",
        "% of the ink",
        (70, 50, 30, 20, 10),
        "faded to {amount}% of its ink",
        _fade,
    ),
    "occlusion": Corruption(
        "Covered",
        "A square of blank paper hides a random part of each digit.",
        "pixels",
        (4, 6, 8, 10, 12),
        "a square of {amount} pixels covered",
        _cover,
    ),
}


def corrupt(images: np.ndarray, name: str, strength: int, seed: int = 0) -> np.ndarray:
    """Corrupt digits. Directions (left or right, which corner) are drawn; the amount is the same for each digit.

    Args:
        images: uint8 array of shape (n, 28, 28), ink is 255; left as it is. n may be 0.
        name: a key of `CORRUPTIONS`.
        strength: 0 (leaves them as they are) to 5.
        seed: the same seed draws the same directions, at every strength: a digit turned left stays turned left.

    Returns:
        uint8 array of shape (n, 28, 28), ink is 255.

    Raises:
        ValueError: an unknown name or strength, or images of another form.
    """
    if name not in CORRUPTIONS:
        raise ValueError(f"The corruption is one of {', '.join(CORRUPTIONS)}, not {name!r}.")
    if strength not in range(STRENGTHS + 1):
        raise ValueError(f"The strength is a whole number from 0 to {STRENGTHS}, not {strength!r}.")
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (SIDE, SIDE):
        raise ValueError(f"Digits are uint8 (n, 28, 28), not {images.dtype} {images.shape}.")
    if strength == 0 or not len(images):
        return images.copy()
    corruption = CORRUPTIONS[name]
    return corruption.apply(images, corruption.amounts[strength - 1], np.random.default_rng(seed))
