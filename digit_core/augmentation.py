"""Distort digits as handwriting varies, so that a network learns what does not matter."""

from dataclasses import dataclass, fields

import cv2
import numpy as np

from digit_core.datasets import SIDE
from digit_core.errors import ConfigurationError, number_sentences

ELASTIC_SMOOTHNESS = 4.0  # pixels: sigma of the Gaussian that smooths the displacements (Simard et al., 2003)
GAP = 3  # empty pixels around a digit, so that neighbours in a stack never bleed into each other
_MOST_REINKING = 4.0  # a stroke that shrank to less than a quarter of its ink is left faint
STACK = 900  # digits distorted in one call of OpenCV, whose remap takes pictures of up to 32,767 rows


@dataclass(frozen=True)
class Distortion:
    """The largest distortions; each digit draws its own between minus and plus these. Zero leaves it alone.

    Attributes:
        rotation: degrees.
        shift: pixels, along each axis.
        scale: share of the size; 0.1 draws from 0.9 to 1.1.
        shear: degrees by which upright lines lean.
        thickness: pixels by which strokes grow or shrink on each side.
        elastic: pixels, the root mean square of smooth random displacements (Simard et al., 2003).
        noise: standard deviation of Gaussian noise, as a share of full ink.
    """

    rotation: float = 0.0
    shift: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    thickness: float = 0.0
    elastic: float = 0.0
    noise: float = 0.0

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
}

DISTORTIONS = {
    "none": Distortion(),
    "gentle": Distortion(rotation=8, shift=1.0, scale=0.06, shear=6, thickness=0.3, elastic=0.5),
    "strong": Distortion(
        rotation=14, shift=1.5, scale=0.12, shear=14, thickness=0.9, elastic=1.1, noise=0.04
    ),
}


def distort(images: np.ndarray, distortion: Distortion, random: np.random.Generator) -> np.ndarray:
    """Distort each digit by an amount of its own.

    Args:
        images: uint8 array of shape (n, 28, 28), ink is 255.
        distortion: the largest amounts.
        random: where the amounts come from; the same state gives the same digits.

    Returns:
        uint8 array of shape (n, 28, 28), ink is 255.
    """
    distorted = np.empty_like(images)
    for start in range(0, len(images), STACK):
        chunk = slice(start, start + STACK)
        stack = np.pad(images[chunk], ((0, 0), (GAP, GAP), (GAP, GAP)))
        if distortion.thickness:
            stack = thicken(stack, random.uniform(-distortion.thickness, distortion.thickness, len(stack)))
        moved = remap(stack, _sources(len(stack), distortion, random))
        if distortion.noise:
            grain = random.standard_normal(moved.shape, np.float32) * np.float32(255 * distortion.noise)
            moved = np.clip(moved + grain, 0, 255).astype(np.uint8)
        distorted[chunk] = moved
    return distorted


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


def _sources(n: int, distortion: Distortion, random: np.random.Generator) -> np.ndarray:
    """Where each pixel of each distorted digit is taken from.

    Returns:
        float32 array of shape (n, 2, 28, 28): x and y in the undistorted digit, pixels.
    """
    angle = np.deg2rad(random.uniform(-distortion.rotation, distortion.rotation, n))
    shear = np.tan(np.deg2rad(random.uniform(-distortion.shear, distortion.shear, n)))
    size = 1 + random.uniform(-distortion.scale, distortion.scale, (2, n))
    shift = random.uniform(-distortion.shift, distortion.shift, (n, 2))
    cosine, sine = np.cos(angle), np.sin(angle)
    # The inverse of: shear, scale, rotate.
    matrix = np.array(
        [
            [(cosine + shear * sine) / size[0], (sine - shear * cosine) / size[0]],
            [-sine / size[1], cosine / size[1]],
        ]
    )  # (2, 2, n)
    middle = (SIDE - 1) / 2
    axis = np.arange(SIDE, dtype=np.float32) - middle
    grid = np.stack(np.meshgrid(axis, axis))  # (2, 28, 28): x, y
    centred = grid[None] - shift[:, :, None, None]  # (n, 2, 28, 28)
    sources = np.einsum("ijn,njhw->nihw", matrix.astype(np.float32), centred.astype(np.float32)) + middle
    if distortion.elastic:
        sources += _elastic(n, distortion.elastic, random)
    return sources


def _elastic(n: int, amount: float, random: np.random.Generator) -> np.ndarray:
    """Smooth random displacements, float32 of shape (n, 2, 28, 28), with root mean square `amount` pixels.

    Uniform noise under a Gaussian, after P. Simard, D. Steinkraus and J. Platt, "Best practices for convolutional
    neural networks applied to visual document analysis", ICDAR 2003.
    """
    axis = np.arange(SIDE)
    blur = np.exp(-((axis[:, None] - axis[None]) ** 2) / (2 * ELASTIC_SMOOTHNESS**2)).astype(np.float32)
    field = blur @ random.uniform(-1, 1, (n, 2, SIDE, SIDE)).astype(np.float32) @ blur
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
