"""Where the pixels of a digit come from when it is turned, bent, stretched, fitted or written with another pen."""

import cv2
import numpy as np

from digit_core.augmentation.policies import Distortion
from digit_core.augmentation.writing_styles import INK
from digit_core.digits import SIDE

# Pixels: sigma of the Gaussian that smooths the displacements (Simard et al., 2003).
ELASTIC_SMOOTHNESS = 4.0
# Digits in one call of `remap`: OpenCV's takes pictures of up to 32,767 rows.
STACK = 900
# Empty pixels around a digit, so that neighbours in a stack never bleed into each other.
GAP = 3
# A stroke that shrank to less than a quarter of its ink is left faint.
_MAX_REINKING = 4.0
# Pixels: MNIST fits every digit into a square of this side.
FITTED_SIDE = 20
# Outliers are turned, shifted and resized so many times as far.
OUTLIER_FACTOR = 3.0
# Of its size: a digit that shrinks more is lost.
_MIN_SIZE = 0.35
# Low-resolution digits are widened at least so far of the way to a square.
_LOW_RES_STRETCH = 0.3
# Squared digits are widened at least so far of the way to a square.
_SQUARED = 0.7


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
    result *= np.clip(stack.max(axis=(1, 2), keepdims=True) / np.maximum(peak, 1), 1, _MAX_REINKING)
    return np.clip(result + 0.5, 0, 255).astype(np.uint8)


_PLACES = np.stack(  # (3, 784): x and y of each pixel, and 1
    [*(axis.ravel() for axis in np.meshgrid(np.arange(SIDE), np.arange(SIDE))), np.ones(SIDE * SIDE)]
).astype(np.float32)


def sources(stack: np.ndarray, distortion: Distortion, random: np.random.Generator) -> np.ndarray:
    """Where each pixel of each distorted digit is taken from.

    Args:
        stack: uint8 (n, 28 + 2 gap, same), the digits.
        distortion: the largest amounts; where it asks for low-resolution digits, all of these are.
        random: where the amounts come from.

    Returns:
        float32 array of shape (n, 2, 28, 28): x and y in the undistorted digit, pixels.
    """
    n = len(stack)
    times = (
        np.where(random.random(n) < distortion.outlier_share, OUTLIER_FACTOR, 1.0)
        if distortion.outlier_share
        else np.ones(n)
    )
    angle = times * np.deg2rad(random.uniform(-distortion.rotation, distortion.rotation, n))
    shear = np.tan(np.deg2rad(random.uniform(-distortion.shear, distortion.shear, n)))
    size = np.maximum(_MIN_SIZE, 1 + times * random.uniform(-distortion.scale, distortion.scale, (2, n)))
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
    if distortion.recenter or distortion.stretch or distortion.low_res_share or distortion.square_share:
        matrix, middle, target = _recenter(stack, matrix, size, distortion, random)
    # Places (x, y, 1) times one matrix (2, 3) a digit.
    offset = middle - np.einsum("ijn,nj->ni", matrix, shift + target)
    affine = np.concatenate([matrix.transpose(2, 0, 1), offset[:, :, None]], axis=2).astype(np.float32)
    places = (affine @ _PLACES).reshape(n, 2, SIDE, SIDE)
    if distortion.elastic:
        places += _elastic(n, distortion.elastic, random)
    return places


def _recenter(
    stack: np.ndarray,
    matrix: np.ndarray,
    size: np.ndarray,
    distortion: Distortion,
    random: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Stretch digits towards a square, and fit and centre a share of them as preprocessing does.

    Args:
        stack: uint8 (n, 28 + 2 gap, same), the digits.
        matrix: (2, 2, n), from places in the distorted digit, about its middle, to places in the digit.
        size: (2, n), by how much it was to be resized along x and y.
        distortion: how many are re-centred, and how far they are stretched.
        random: where the choices come from.

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
    is_recentred = random.random(n) < distortion.recenter
    if distortion.low_res_share:
        stretch, is_recentred = random.uniform(_LOW_RES_STRETCH, 1, n), np.ones(n, bool)
    if distortion.square_share:
        is_squared = random.random(n) < distortion.square_share
        stretch = np.where(is_squared, random.uniform(_SQUARED, 1, n), stretch)
        is_recentred = is_recentred | is_squared
    widening = 1 + stretch * (extent.max(axis=0) / extent - 1)  # (2, n)
    # Shrunk or enlarged until the longer side has 20 pixels, then as much as was asked for.
    fitting = FITTED_SIDE / (extent * widening).max(axis=0) * np.sqrt(size.prod(axis=0))
    factor = widening * np.where(is_recentred, fitting, 1)
    still = np.full(2, (SIDE - 1) / 2)
    chosen = is_recentred[:, None]
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


def remap(stack: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Sample a padded stack (n, 28 + 2 gap, same) at `places` (n, 2, 28, 28): uint8 of shape (n, 28, 28)."""
    padded = stack.shape[1]
    inside = np.clip(places, -1, SIDE) + GAP
    inside[:, 1] += padded * np.arange(len(stack), dtype=np.float32)[:, None, None]
    x, y = inside[:, 0].reshape(-1, SIDE), inside[:, 1].reshape(-1, SIDE)
    flat = cv2.remap(stack.reshape(-1, padded), x, y, cv2.INTER_LINEAR)
    return flat.reshape(-1, SIDE, SIDE)
