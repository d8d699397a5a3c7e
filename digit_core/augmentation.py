"""Distort digits as handwriting varies, so that a network learns what does not matter."""

from dataclasses import dataclass, fields

import cv2
import numpy as np

from digit_core import picture_faults
from digit_core.datasets import SIDE
from digit_core.errors import ConfigurationError, number_sentences
from digit_core.writing_habits import INK, add_habits

ELASTIC_SMOOTHNESS = 4.0  # pixels: sigma of the Gaussian that smooths the displacements (Simard et al., 2003)
GAP = 3  # empty pixels around a digit, so that neighbours in a stack never bleed into each other
_MOST_REINKING = 4.0  # a stroke that shrank to less than a quarter of its ink is left faint
STACK = 900  # digits distorted in one call of OpenCV, whose remap takes pictures of up to 32,767 rows
FITTED_SIDE = 20  # pixels: MNIST fits every digit into a square of this side
EXTREME = 3.0  # times as far: what `Distortion.extremes` does to turn, shift and size
_CALM = "rotation", "shift", "scale", "shear", "thickness", "elastic"
_SCANNED_CELLS = 10, 22  # of 28 pixels: 8 and 16 over the 20 pixels of a digit, as the first public sets had
_SCANNED_STRETCH = 0.3  # of the way to a square, at least
_SMALLEST = 0.35  # of its size: a digit that shrinks more is lost


@dataclass(frozen=True)
class Distortion:
    """The largest distortions; each digit draws its own between minus and plus these. Zero leaves it alone.

    Attributes:
        rotation: degrees.
        shift: pixels, along each axis.
        scale: share of the size; 0.1 draws from 0.9 to 1.1 along each axis.
        shear: degrees by which upright lines lean.
        thickness: pixels by which strokes grow or shrink on each side.
        elastic: pixels, the root mean square of smooth random displacements (Simard et al., 2003).
        noise: standard deviation of Gaussian noise, as a share of full ink, from 0 to this; as all that follow from 0,
            rarely near the most.
        stretch: how far a narrow digit is widened towards a square, as some scanners do; 1 fills it. Most draw little.
        blur: pixels, the standard deviation of a Gaussian, from 0 to this.
        coarseness: share of the resolution that is lost, from 0 to this; 0.7 leaves some 8 x 8 cells.
        gamma: the tones of grey edges: the ink, 0 to 1, to a power between 1 / (1 + gamma) and 1 + gamma.
        contrast: share of the ink that fades, from 0 to this.
        ground: how dark a shadow on the paper gets, as a share of full ink, from 0 to this.
        lines: share of the digits with a stray line across.
        cover: pixels, the side of a square of blank paper that hides a part, from 0 to this.
        habits: share of the 0s, 1s, 5s and 7s that are written as MNIST's hardly are; see `writing_habits`.
        refit: share of the digits that are fitted to 20 pixels and centred by mass again after all that changes their
            form, as the one door does with every drawing; only then they are shifted, resized and spoilt.
        extremes: share of the digits that are turned, shifted and resized three times as far.
        scanned: share of the digits that look as those of old scanners do: fitted, widened towards a square and shown on
            10 to 22 cells.
        calm: share of the digits whose form alone is distorted, half as far: all that follows "elastic" leaves them alone.
    """

    rotation: float = 0.0
    shift: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    thickness: float = 0.0
    elastic: float = 0.0
    noise: float = 0.0
    stretch: float = 0.0
    blur: float = 0.0
    coarseness: float = 0.0
    gamma: float = 0.0
    contrast: float = 0.0
    ground: float = 0.0
    lines: float = 0.0
    cover: float = 0.0
    habits: float = 0.0
    refit: float = 0.0
    extremes: float = 0.0
    scanned: float = 0.0
    calm: float = 0.0

    def __post_init__(self) -> None:
        sentences = [
            sentence
            for field in fields(self)
            for sentence in number_sentences(
                f"distortion {field.name}", getattr(self, field.name), 0, LIMITS[field.name]
            )
        ]
        if sentences:
            raise ConfigurationError(sentences)


LIMITS = {
    "rotation": 180.0,
    "shift": 14.0,
    "scale": 0.9,
    "shear": 60.0,
    "thickness": 4.0,
    "elastic": 5.0,
    "noise": 1.0,
    "stretch": 1.0,
    "blur": 4.0,
    "coarseness": 0.75,
    "gamma": 3.0,
    "contrast": 0.95,
    "ground": 0.9,
    "lines": 1.0,
    "cover": 20.0,
    "habits": 1.0,
    "refit": 1.0,
    "extremes": 1.0,
    "scanned": 1.0,
    "calm": 1.0,
}

DISTORTIONS = {
    "none": Distortion(),
    "gentle": Distortion(rotation=8, shift=1.0, scale=0.06, shear=6, thickness=0.3, elastic=0.5),
    "strong": Distortion(
        rotation=14, shift=1.5, scale=0.12, shear=14, thickness=0.9, elastic=1.1, noise=0.04
    ),
    "handwriting": Distortion(
        rotation=15,
        shift=1.5,
        scale=0.14,
        shear=16,
        thickness=1.3,
        elastic=1.2,
        noise=0.35,
        stretch=0.8,
        blur=1.7,
        coarseness=0.65,
        gamma=0.6,
        contrast=0.7,
        ground=0.15,
        lines=0.06,
        cover=9,
        habits=0.3,
        refit=0.8,
        extremes=0.12,
    ),
    "handwriting, half calm": Distortion(
        rotation=15,
        shift=1.5,
        scale=0.14,
        shear=16,
        thickness=1.3,
        elastic=1.2,
        noise=0.35,
        stretch=0.8,
        blur=1.7,
        coarseness=0.65,
        gamma=0.6,
        contrast=0.7,
        ground=0.15,
        lines=0.06,
        cover=9,
        habits=0.4,
        refit=0.8,
        extremes=0.12,
        scanned=0.12,
        calm=0.5,
    ),
    "handwriting, mild": Distortion(
        rotation=10,
        shift=1.0,
        scale=0.1,
        shear=10,
        thickness=0.8,
        elastic=0.9,
        noise=0.25,
        stretch=0.6,
        blur=1.4,
        coarseness=0.6,
        gamma=0.5,
        contrast=0.7,
        ground=0.12,
        lines=0.04,
        cover=8,
        habits=0.2,
        refit=0.7,
        extremes=0.08,
    ),
}


def distort(
    images: np.ndarray, distortion: Distortion, random: np.random.Generator, labels: np.ndarray | None = None
) -> np.ndarray:
    """Distort each digit by an amount of its own.

    Args:
        images: uint8 array of shape (n, 28, 28), ink is 255.
        distortion: the largest amounts.
        random: where the amounts come from; the same state gives the same digits.
        labels: integers of shape (n,), which digits these are: habits need to know it.

    Returns:
        uint8 array of shape (n, 28, 28), ink is 255.

    Raises:
        ValueError: habits without labels.
    """
    if distortion.habits and labels is None:
        raise ValueError("Which habits a digit is written with depends on the digit: labels are needed.")
    is_calm = _drawn(len(images), distortion.calm, random)
    distorted = np.empty_like(images)
    for chosen, amounts in ((is_calm, _calmed(distortion)), (~is_calm, distortion)):
        rows = np.flatnonzero(chosen)
        for start in range(0, len(rows), STACK):
            chunk = rows[start : start + STACK]
            known = None if labels is None else labels[chunk]
            distorted[chunk] = _distort_stack(images[chunk], amounts, random, known)
    return distorted


def _calmed(distortion: Distortion) -> Distortion:
    """Half of what changes the form, and nothing else."""
    return Distortion(**{name: getattr(distortion, name) / 2 for name in _CALM})


def _distort_stack(
    images: np.ndarray, distortion: Distortion, random: np.random.Generator, labels: np.ndarray | None
) -> np.ndarray:
    stack = _padded(images, 1)  # what is further out than one pixel is never seen
    if distortion.habits and labels is not None:
        stack = add_habits(stack, labels, distortion.habits, random)
    stack = _padded(stack, GAP - 1)
    if distortion.thickness:
        stack = thicken(stack, random.uniform(-distortion.thickness, distortion.thickness, len(stack)))
    is_scanned = _drawn(len(stack), distortion.scanned, random)
    moved = remap(stack, _sources(stack, distortion, random, is_scanned))
    return _spoil(moved, distortion, random, is_scanned)


def _drawn(n: int, share: float, random: np.random.Generator) -> np.ndarray:
    """Bool (n,): about a share of them true. Nothing is drawn for none."""
    return random.random(n) < share if share else np.zeros(n, bool)


def _padded(stack: np.ndarray, pixels: int) -> np.ndarray:
    return np.pad(stack, ((0, 0), (pixels, pixels), (pixels, pixels)))


def _rarely(images: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Shares of the most there is, one a digit: above a half for one in nine, above a tenth for one in three."""
    return random.random(len(images)) ** 6


def _spoil(
    images: np.ndarray, distortion: Distortion, random: np.random.Generator, is_scanned: np.ndarray
) -> np.ndarray:
    """What happens to the picture of a digit, (n, 28, 28), after it was written: in the order in which it happens."""
    if distortion.gamma:
        images = picture_faults.change_gamma(
            images, (1 + distortion.gamma) ** random.uniform(-1, 1, len(images))
        )
    if distortion.cover:
        sides = np.round(distortion.cover * _rarely(images, random)).astype(int)
        images = picture_faults.cover(images, sides, random)
    if distortion.lines:
        images = picture_faults.add_lines(images, random.random(len(images)) < distortion.lines, random)
    cells = np.full(len(images), SIDE)
    if distortion.coarseness:
        lost = distortion.coarseness * _rarely(images, random)
        cells = np.ceil(SIDE * (1 - lost)).astype(int)
    if is_scanned.any():
        cells[is_scanned] = random.integers(*_SCANNED_CELLS, is_scanned.sum(), endpoint=True)
    images = picture_faults.coarsen(images, cells)
    if distortion.blur:
        images = picture_faults.blur(images, distortion.blur * _rarely(images, random))
    if distortion.noise:
        images = picture_faults.add_noise(images, distortion.noise * _rarely(images, random), random)
    if distortion.contrast:
        images = picture_faults.change_contrast(images, 1 - distortion.contrast * _rarely(images, random))
    if distortion.ground:
        images = picture_faults.add_ground(images, distortion.ground * _rarely(images, random), random)
    return images


def thicken(stack: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    """Grow (or, below zero, shrink) the strokes of each digit of (n, h, w) by its amount in pixels.

    Whole pixels are dilations or erosions by a cross; between two whole pixels the pictures are blended.
    """
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    rows = stack.reshape(-1, stack.shape[2])
    result = stack.astype(np.float32)
    for operation, size in ((cv2.dilate, amounts), (cv2.erode, -amounts)):
        before = rows
        for step in range(int(np.ceil(size.max(initial=0)))):
            after = operation(before, cross)
            share = np.clip(size - step, 0, 1).astype(np.float32)[:, None, None]
            result += share * (after.astype(np.float32) - before).reshape(stack.shape)
            before = after
    # Thin strokes fade when they shrink: their ink is as black as it was.
    peak = result.max(axis=(1, 2), keepdims=True)
    result *= np.clip(stack.max(axis=(1, 2), keepdims=True) / np.maximum(peak, 1), 1, _MOST_REINKING)
    return np.clip(result + 0.5, 0, 255).astype(np.uint8)


_PLACES = np.stack(  # (3, 784): x and y of each pixel, and 1
    [*(axis.ravel() for axis in np.meshgrid(np.arange(SIDE), np.arange(SIDE))), np.ones(SIDE * SIDE)]
).astype(np.float32)


def _sources(
    stack: np.ndarray, distortion: Distortion, random: np.random.Generator, is_scanned: np.ndarray
) -> np.ndarray:
    """Where each pixel of each distorted digit is taken from.

    Returns:
        float32 array of shape (n, 2, 28, 28): x and y in the undistorted digit, pixels.
    """
    n = len(stack)
    times = (
        np.where(random.random(n) < distortion.extremes, EXTREME, 1.0) if distortion.extremes else np.ones(n)
    )
    angle = times * np.deg2rad(random.uniform(-distortion.rotation, distortion.rotation, n))
    shear = np.tan(np.deg2rad(random.uniform(-distortion.shear, distortion.shear, n)))
    size = np.maximum(_SMALLEST, 1 + times * random.uniform(-distortion.scale, distortion.scale, (2, n)))
    shift = times[:, None] * random.uniform(-distortion.shift, distortion.shift, (n, 2))
    cosine, sine = np.cos(angle), np.sin(angle)
    # The inverse of: shear, scale, rotate.
    matrix = np.array(
        [
            [(cosine + shear * sine) / size[0], (sine - shear * cosine) / size[0]],
            [-sine / size[1], cosine / size[1]],
        ]
    )  # (2, 2, n)
    middle = np.full((n, 2), (SIDE - 1) / 2)
    target = middle
    if distortion.refit or distortion.stretch or distortion.scanned:
        matrix, middle, target = _refit(stack, matrix, size, distortion, random, is_scanned)
    # Places (x, y, 1) times one matrix (2, 3) a digit.
    offset = middle - np.einsum("ijn,nj->ni", matrix, shift + target)
    affine = np.concatenate([matrix.transpose(2, 0, 1), offset[:, :, None]], axis=2).astype(np.float32)
    sources = (affine @ _PLACES).reshape(n, 2, SIDE, SIDE)
    if distortion.elastic:
        sources += _elastic(n, distortion.elastic, random)
    return sources


def _refit(
    stack: np.ndarray,
    matrix: np.ndarray,
    size: np.ndarray,
    distortion: Distortion,
    random: np.random.Generator,
    is_scanned: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Stretch digits towards a square, and fit and centre a share of them as the one door does.

    Args:
        stack: uint8 (n, 28 + 2 gap, same), the digits.
        matrix: (2, 2, n), from places in the distorted digit, about its middle, to places in the digit.
        size: (2, n), by how much it was to be resized along x and y.
        distortion: how many are refitted, and how far they are stretched.
        random: where the choices come from.
        is_scanned: bool (n,), which are widened far and always fitted.

    Returns:
        The matrix, the middle (n, 2) of each digit and where it goes (n, 2), pixels of the 28.
    """
    n, side = len(stack), stack.shape[1]
    is_ink: np.ndarray = stack >= INK
    weight = stack.astype(np.float32)
    axis = np.arange(side, dtype=np.float32) - GAP
    total = np.maximum(weight.sum(axis=(1, 2)), 1)
    mass = np.stack([weight.sum(axis=1) @ axis, weight.sum(axis=2) @ axis], axis=1) / total[:, None]
    forward = np.linalg.inv(matrix.transpose(2, 0, 1)).astype(np.float32)  # (n, 2, 2)
    # In each row the first and the last pixel of ink reach furthest, whichever way the digit is turned.
    first, last = is_ink.argmax(axis=2), side - 1 - np.flip(is_ink, axis=2).argmax(axis=2)  # (n, side)
    is_used = np.expand_dims(is_ink.any(axis=2), 1)  # (n, 1, side)
    x = np.stack([first, last]).astype(np.float32)[:, :, None] - GAP  # (2, n, 1, side)
    # (2, n, 2, side): first or last, digit, axis, row
    places = forward[:, :, 0, None] * x + forward[:, :, 1, None] * axis
    furthest = np.where(is_used, places, -np.inf).max(axis=(0, 3))
    extent = (furthest - np.where(is_used, places, np.inf).min(axis=(0, 3)) + 1).T  # (2, n)
    extent = np.where(np.isfinite(extent), extent, FITTED_SIDE)
    stretch = distortion.stretch * random.random(n) ** 4
    is_refitted = random.random(n) < distortion.refit
    if is_scanned.any():
        stretch = np.where(is_scanned, random.uniform(_SCANNED_STRETCH, 1, n), stretch)
        is_refitted |= is_scanned
    widening = 1 + stretch * (extent.max(axis=0) / extent - 1)  # (2, n)
    # Shrunk or enlarged until the longer side has 20 pixels, then as much as was asked for.
    fitting = FITTED_SIDE / (extent * widening).max(axis=0) * np.sqrt(size.prod(axis=0))
    factor = widening * np.where(is_refitted, fitting, 1)
    still = np.full(2, (SIDE - 1) / 2)
    chosen = is_refitted[:, None]
    return matrix / factor[None], np.where(chosen, mass, still), np.where(chosen, SIDE / 2, still)


def _elastic(n: int, amount: float, random: np.random.Generator) -> np.ndarray:
    """Smooth random displacements, float32 of shape (n, 2, 28, 28), with root mean square `amount` pixels.

    Uniform noise under a Gaussian, after P. Simard, D. Steinkraus and J. Platt, "Best practices for convolutional
    neural networks applied to visual document analysis", ICDAR 2003.
    """
    axis = np.arange(SIDE)
    blur = np.exp(-((axis[:, None] - axis[None]) ** 2) / (2 * ELASTIC_SMOOTHNESS**2)).astype(np.float32)
    field = blur @ (random.random((n, 2, SIDE, SIDE), np.float32) - np.float32(0.5)) @ blur
    rms = np.sqrt(np.mean(field**2, axis=(1, 2, 3), keepdims=True))
    return field * (np.float32(amount) * random.uniform(0, 1, (n, 1, 1, 1)).astype(np.float32) / rms)


def remap(stack: np.ndarray, sources: np.ndarray) -> np.ndarray:
    """Sample a padded stack (n, 28 + 2 gap, same) at `sources` (n, 2, 28, 28): uint8 of shape (n, 28, 28)."""
    padded = stack.shape[1]
    inside = np.clip(sources, -1, SIDE) + GAP
    inside[:, 1] += padded * np.arange(len(stack), dtype=np.float32)[:, None, None]
    x, y = inside[:, 0].reshape(-1, SIDE), inside[:, 1].reshape(-1, SIDE)
    flat = cv2.remap(stack.reshape(-1, padded), x, y, cv2.INTER_LINEAR)
    return flat.reshape(-1, SIDE, SIDE)
