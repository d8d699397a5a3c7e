"""Digits broken until they are none: each function makes one, float32, 0.0 to 1.0, ink is 1.0, of any size.

All take digits of all ten kinds and a source of chance.
"""

import numpy as np

from digit_core.digits import SIDE, Digits
from digit_core.preprocessing.images import from_dataset


def _one(digits: Digits, random: np.random.Generator, labels: str = "0123456789") -> tuple[np.ndarray, int]:
    """A digit of one of the labels, float32 (28, 28), 0.0 to 1.0, and its label."""
    while True:  # `make` has seen to it that there is one
        row = int(random.integers(len(digits)))
        if str(digits.labels[row]) in labels:
            return from_dataset(digits.images[row]), int(digits.labels[row])


def _two(digits: Digits, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two digits that are not the same, none of them a 1: a 0 under a 1 is a 0 with a slash, a 7 on a 1 a 7."""
    first, label = _one(digits, random, "023456789")
    second, _ = _one(digits, random, "023456789".replace(str(label), ""))
    return first, second


def joined(digits: Digits, random: np.random.Generator) -> np.ndarray:
    """The upper (or left) half of one digit on the lower (or right) half of another, out of step."""
    first, second = _two(digits, random)
    second = np.roll(second, random.choice([-6, -5, 5, 6]), axis=1)
    whole = np.concatenate([first[: SIDE // 2], second[SIDE // 2 :]])
    return whole if random.random() < 0.5 else whole.T


def mirrored(digits: Digits, random: np.random.Generator) -> np.ndarray:
    """A digit mirrored or turned where that gives none. A 5 mirrored is a 2, a 2 on its head a 2, a 6 a 9."""
    how = random.integers(4)
    if how == 0:
        return _one(digits, random, "34679")[0][:, ::-1]
    if how == 1:  # a 3 on its head is mirrored from top to bottom nearly the same as left to right
        return _one(digits, random, "347")[0][::-1, ::-1]
    return np.rot90(_one(digits, random, "234569")[0], 1 if how == 2 else 3)


def overlaid(digits: Digits, random: np.random.Generator) -> np.ndarray:
    """Two digits over each other."""
    first, second = _two(digits, random)
    moved = np.roll(second, random.integers(-5, 6, 2), axis=(0, 1))
    turned = np.rot90(moved) if random.random() < 0.5 else moved
    return np.maximum(first, turned)


def side_by_side(digits: Digits, random: np.random.Generator) -> np.ndarray:
    """Two digits beside each other, or one above the other: a number is no digit."""
    first, second = _two(digits, random)
    axis = 1 if random.random() < 0.8 else 0
    near = random.integers(2, 5)  # pixels of blank paper that fall away at each edge
    halves = [
        np.delete(digit, [*range(near), *range(SIDE - near, SIDE)], axis=axis) for digit in (first, second)
    ]
    return np.concatenate(halves, axis=axis)


def shuffled(digits: Digits, random: np.random.Generator) -> np.ndarray:
    """The four quarters of a digit, each where another was."""
    digit, half = _one(digits, random, "2345689")[0], SIDE // 2
    quarters = [digit[:half, :half], digit[:half, half:], digit[half:, :half], digit[half:, half:]]
    order = np.roll(np.arange(4), random.integers(1, 4)) if random.random() < 0.5 else np.array([3, 2, 1, 0])
    return np.block([[quarters[order[0]], quarters[order[1]]], [quarters[order[2]], quarters[order[3]]]])


def cut(digits: Digits, random: np.random.Generator) -> np.ndarray:
    """Half a digit that is none by itself: the foot of a 2, the fork of a 4, the head of a 5."""
    digit, label = _one(digits, random, "245")
    half = digit[SIDE // 2 :] if label == 2 else digit[: SIDE // 2]
    return np.pad(half, 7)
