"""Distort digits as handwriting varies, so that a network learns what does not matter."""

from dataclasses import fields, replace

import numpy as np

from digit_core.augmentation import geometry, intensity
from digit_core.augmentation.policies import FORM, Distortion
from digit_core.augmentation.rare_forms import change_forms
from digit_core.augmentation.writing_styles import add_styles
from digit_core.digits import SIDE

# Cells of low-resolution digits, to 28 pixels: 8 and 16 over the 20 pixels of a digit, as the first public sets had.
LOW_RES_CELLS = 10, 22


def distort(
    images: np.ndarray, distortion: Distortion, random: np.random.Generator, labels: np.ndarray | None = None
) -> np.ndarray:
    """Distort each digit by its own random amount.

    Args:
        images: uint8 array of shape (n, 28, 28), ink is 255.
        distortion: the largest amounts.
        random: where the amounts come from; the same state gives the same digits.
        labels: integers of shape (n,), which digits these are: writing styles need to know it.

    Returns:
        uint8 array of shape (n, 28, 28), ink is 255.

    Raises:
        ValueError: writing styles or rare forms without labels.

    Example:
        >>> import numpy as np
        >>> from digit_core import load_mnist
        >>> from digit_core.augmentation import distort
        >>> from digit_core.augmentation.policies import Distortion
        >>> digits = load_mnist().test.take(range(5))
        >>> turned = distort(digits.images, Distortion(rotation=15), np.random.default_rng(1))
        >>> turned.shape, bool((turned != digits.images).any())
        ((5, 28, 28), True)
    """
    return distort_and_mark(images, distortion, random, labels)[0]


def distort_and_mark(
    images: np.ndarray, distortion: Distortion, random: np.random.Generator, labels: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """As `distort`, which says what is taken and raised; and mark digits that no longer look as a pen writes them.

    Returns:
        The digits, and bool (n,): true where a digit was written in a rare form, or got an outline, a zigzag line or an
        inverted part. What a network that never saw such digits answers to them is worth little.
    """
    if (distortion.habits or distortion.rare_forms) and labels is None:
        raise ValueError("Writing styles depend on the digit: labels are needed.")
    distorted, is_marked = np.empty_like(images), np.zeros(len(images), bool)
    for rows, amounts in _groups(len(images), distortion, random):
        for start in range(0, len(rows), geometry.STACK):
            chunk = rows[start : start + geometry.STACK]
            known = None if labels is None else labels[chunk]
            distorted[chunk], is_marked[chunk] = _distort_stack(images[chunk], amounts, random, known)
    return distorted, is_marked


def _groups(
    n: int, distortion: Distortion, random: np.random.Generator
) -> list[tuple[np.ndarray, Distortion]]:
    """The rows of n digits in groups: clean ones, low-resolution ones and the others, each with what is done to it."""
    groups, others = [], np.arange(n)
    if distortion.clean_share:
        is_clean = random.random(n) < distortion.clean_share
        groups.append((others[is_clean], _clean(distortion)))
        others = others[~is_clean]
    if distortion.low_res_share:
        is_low_res = random.random(len(others)) < distortion.low_res_share
        groups.append((others[is_low_res], distortion))
        others, distortion = others[~is_low_res], replace(distortion, low_res_share=0.0)
    return [*groups, (others, distortion)]


def _clean(distortion: Distortion) -> Distortion:
    """Half of what changes the form, and nothing else."""
    names = [field.name for field in fields(distortion)]
    return replace(
        distortion, **{name: getattr(distortion, name) / 2 if name in FORM else 0.0 for name in names}
    )


def _distort_stack(
    images: np.ndarray, distortion: Distortion, random: np.random.Generator, labels: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """The digits, and which of them are marked."""
    stack = _padded(images, 1)  # what is further out than one pixel is never seen
    has_form = np.zeros(len(stack), bool)
    if distortion.habits and labels is not None:
        stack = add_styles(stack, labels, distortion.habits, random)
    if distortion.rare_forms and labels is not None:
        changed = change_forms(stack, labels, distortion.rare_forms, random)
        has_form, stack = (changed != stack).any(axis=(1, 2)), changed
    stack = _padded(stack, geometry.GAP - 1)
    if distortion.thickness:
        amounts = random.uniform(-distortion.thickness, distortion.thickness, len(stack))
        stack = geometry.thicken(stack, amounts)
    moved = geometry.remap(stack, geometry.sources(stack, distortion, random))
    degraded, is_marked = _degrade(moved, distortion, random)
    return degraded, is_marked | has_form


def _padded(stack: np.ndarray, pixels: int) -> np.ndarray:
    return np.pad(stack, ((0, 0), (pixels, pixels), (pixels, pixels)))


def _rarely(images: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Shares of the most there is, one a digit: above a half for one in nine, above a tenth for one in three."""
    return random.random(len(images)) ** 6


def _degrade(
    images: np.ndarray, distortion: Distortion, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """What happens to the picture of a digit, (n, 28, 28), after it was written: in the order in which it happens.

    Returns:
        The pictures, and which of them have an outline, a zigzag line or an inverted part.
    """
    is_marked = np.zeros(len(images), bool)

    def some(share: float) -> np.ndarray:
        return random.random(len(images)) < share

    if distortion.gamma:
        images = intensity.change_gamma(images, (1 + distortion.gamma) ** random.uniform(-1, 1, len(images)))
    if distortion.cover:
        sides = np.round(distortion.cover * _rarely(images, random)).astype(int)
        images = intensity.cover(images, sides, random)
    if distortion.outlines:
        chosen = some(distortion.outlines)
        images, is_marked = intensity.outline(images, chosen, random), is_marked | chosen
    if distortion.lines:
        images = intensity.add_lines(images, some(distortion.lines), random)
    if distortion.zigzags:
        chosen = some(distortion.zigzags)
        images, is_marked = intensity.add_zigzags(images, chosen, random), is_marked | chosen
    if distortion.inversions:
        chosen = some(distortion.inversions)
        images, is_marked = intensity.invert_parts(images, chosen, random), is_marked | chosen
    if distortion.coarseness:
        lost = distortion.coarseness * _rarely(images, random)
        images = intensity.coarsen(images, np.ceil(SIDE * (1 - lost)).astype(int))
    if distortion.low_res_share:
        images = intensity.coarsen(images, random.integers(*LOW_RES_CELLS, len(images), endpoint=True))
    if distortion.blur:
        images = intensity.blur(images, distortion.blur * _rarely(images, random))
    if distortion.noise:
        images = intensity.add_noise(images, distortion.noise * _rarely(images, random), random)
    if distortion.contrast:
        images = intensity.change_contrast(images, 1 - distortion.contrast * _rarely(images, random))
    if distortion.ground:
        images = intensity.add_ground(images, distortion.ground * _rarely(images, random), random)
    return images, is_marked
