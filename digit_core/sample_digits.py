"""Sample pictures of one digit each, as people bring them: made of MNIST's validation digits, each time the same."""

import io
from collections.abc import Callable, Mapping
from functools import partial

import cv2
import numpy as np
from PIL import Image

from digit_core import datasets

Colour = tuple[int, int, int]  # red, green, blue, 0 to 255
_HEIGHT, _WIDTH = 300, 260  # pixels


def _digit(label: int, place: int) -> np.ndarray:
    """A validation digit's ink on a larger sheet: float32 (300, 260), 0.0 to 1.0."""
    validation = datasets.load_mnist().validation
    image = validation.images[np.flatnonzero(validation.labels == label)[place]]
    large = cv2.resize(image, (200, 200), interpolation=cv2.INTER_CUBIC) / np.float32(255)
    sharp = np.clip((cv2.GaussianBlur(large, (0, 0), 3) - 0.35) / 0.3, 0, 1)
    sheet = np.zeros((_HEIGHT, _WIDTH), np.float32)
    sheet[50:250, 30:230] = sharp
    return sheet


def _sheet(ink: np.ndarray, paper: Colour, pen: Colour) -> np.ndarray:
    """Ink on paper: float32 (h, w, 3), 0 to 255."""
    return ink[..., None] * np.array(pen, np.float32) + (1 - ink[..., None]) * np.array(paper, np.float32)


def _png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def _on_squared_paper() -> bytes:
    squares = np.zeros((_HEIGHT, _WIDTH), np.float32)
    squares[::26], squares[:, ::26] = 1, 1
    paper = _sheet(squares, (246, 245, 240), (222, 230, 236))
    ink = _digit(2, 5)[..., None]
    return _png(ink * np.array((34, 62, 140), np.float32) + (1 - ink) * paper)


def _on_a_blackboard() -> bytes:
    grain = np.random.default_rng(0).normal(0, 0.22, (_HEIGHT, _WIDTH)).astype(np.float32)
    chalk = np.clip(_digit(7, 3) * (0.85 + cv2.GaussianBlur(grain, (0, 0), 1) * 2), 0, 1)
    return _png(_sheet(chalk, (38, 62, 52), (236, 236, 226)) + grain[..., None] * 10)


def _photo_with_a_shadow() -> bytes:
    down, across = np.mgrid[0:_HEIGHT, 0:_WIDTH].astype(np.float32)
    shadow = 0.45 + 0.55 / (1 + np.exp((down * 0.6 + across - 260) / 28))
    grain = np.random.default_rng(1).normal(0, 4, (_HEIGHT, _WIDTH, 1))
    return _png(_sheet(_digit(5, 2), (228, 222, 208), (52, 50, 56)) * shadow[..., None] + grain)


def _on_a_clear_ground(label: int) -> bytes:
    pixels = np.zeros((_HEIGHT, _WIDTH, 4), np.uint8)
    pixels[..., 3] = np.round(255 * _digit(label, 4))
    return _png(pixels)


SAMPLES: Mapping[str, Callable[[], bytes]] = {
    "Squared paper": _on_squared_paper,
    "Blackboard": _on_a_blackboard,
    "Photo with a shadow": _photo_with_a_shadow,
    "Clear ground": partial(_on_a_clear_ground, 8),
}
