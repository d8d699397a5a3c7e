"""Sample pictures of digits and of numbers, made from MNIST's validation digits: what people would photograph."""

import io
from collections.abc import Callable, Mapping
from functools import partial

import cv2
import numpy as np
from PIL import Image

from digit_core import datasets
from digit_core.synthesis import numbers, paper, photos
from digit_core.synthesis.numbers import Hand

_SEED = 20_261_121
# Brightness of the ink of numbers.
_PEN = 0.15
# Of the picture of one digit, in pixels.
_HEIGHT, _WIDTH = 300, 260

Random = np.random.Generator
# Red, green, blue, 0 to 255.
Colour = tuple[int, int, int]


def _png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def _number(draw: Callable[[Random], np.ndarray]) -> bytes:
    return _png(draw(np.random.default_rng(_SEED)))


def _write(number: str, hand: Hand, ink: np.ndarray, top: float, left: float, random: Random) -> None:
    """Write a number in validation digits onto ink of uint8 (h, w)."""
    validation = datasets.load_mnist().validation
    rows = [random.choice(np.flatnonzero(validation.labels == int(digit))) for digit in number]
    numbers.paste(numbers.write(validation.take(np.array(rows)), hand, random), ink, top, left)


def _zip_code(random: Random) -> np.ndarray:
    """The lower right part of an envelope with a postcode."""
    sheet = paper.plain((260, 640), 0.88)
    cv2.rectangle(sheet, (0, 0), (639, 259), 0.8, 2)
    ink = np.zeros(sheet.shape, np.uint8)
    _write("90210", Hand(90, 7, 0.3, 0.06), ink, 90, 70, random)
    return paper.photographed(paper.shaded(paper.written(sheet, ink, _PEN), 0.25, random), random)


def _check_amount(random: Random) -> np.ndarray:
    """The box of a check in which the amount stands, on tinted paper."""
    sheet = paper.plain((200, 700), 0.9) - 0.03 * np.sin(np.arange(700) / 9).astype(np.float32)
    cv2.rectangle(sheet, (12, 12), (687, 187), 0.45, 2)
    ink = np.zeros(sheet.shape, np.uint8)
    _write("1749", Hand(100, 8, 0.16, 0.06), ink, 48, 60, random)
    return paper.photographed(paper.written(sheet, ink, _PEN), random)


def _two_rows(random: Random) -> np.ndarray:
    """Two rows on squared paper, held a little askew."""
    sheet = paper.squared((420, 760), 36)
    ink = np.zeros(sheet.shape, np.uint8)
    _write("314159", Hand(80, 6, 0.3, 0.08), ink, 80, 70, random)
    _write("27182", Hand(80, 6, 0.3, 0.08), ink, 240, 90, random)
    page = paper.turned(paper.written(sheet, ink, _PEN), 2.5)
    return paper.photographed(paper.shaded(page, 0.35, random), random)


def _touching(random: Random) -> np.ndarray:
    """Digits that touch each other, chalk on a blackboard."""
    ink = np.zeros((220, 620), np.uint8)
    _write("6402", Hand(110, 9, 0.15, 0.03, ties=0.5), ink, 55, 50, random)
    return 255 - paper.photographed(paper.written(paper.plain(ink.shape, 0.82), ink, 0.1), random)


def _digit(label: int, place: int) -> np.ndarray:
    """A validation digit's ink on a larger sheet: float32 (300, 260), 0.0 to 1.0."""
    validation = datasets.load_mnist().validation
    image = validation.images[np.flatnonzero(validation.labels == label)[place]]
    large = cv2.resize(image, (200, 200), interpolation=cv2.INTER_CUBIC) / np.float32(255)
    sharp = np.clip((cv2.GaussianBlur(large, (0, 0), 3) - 0.35) / 0.3, 0, 1)
    sheet = np.zeros((_HEIGHT, _WIDTH), np.float32)
    sheet[50:250, 30:230] = sharp
    return sheet


def _written(ink: np.ndarray, sheet: Colour | np.ndarray, pen: Colour) -> np.ndarray:
    """Ink of float32 (h, w) on a sheet of one colour or of (h, w, 3): float32 (h, w, 3), 0 to 255."""
    return ink[..., None] * np.array(pen, np.float32) + (1 - ink[..., None]) * np.asarray(sheet, np.float32)


def _on_squared_paper() -> bytes:
    squares = np.zeros((_HEIGHT, _WIDTH), np.float32)
    squares[::26], squares[:, ::26] = 1, 1
    return _png(_written(_digit(2, 5), _written(squares, (246, 245, 240), (222, 230, 236)), (34, 62, 140)))


def _on_a_blackboard() -> bytes:
    grain = np.random.default_rng(0).normal(0, 0.22, (_HEIGHT, _WIDTH)).astype(np.float32)
    chalk = np.clip(_digit(7, 3) * (0.85 + cv2.GaussianBlur(grain, (0, 0), 1) * 2), 0, 1)
    return _png(_written(chalk, (38, 62, 52), (236, 236, 226)) + grain[..., None] * 10)


def _photo_with_a_shadow() -> bytes:
    down, across = np.mgrid[0:_HEIGHT, 0:_WIDTH].astype(np.float32)
    shadow = 0.45 + 0.55 / (1 + np.exp((down * 0.6 + across - 260) / 28))
    grain = np.random.default_rng(1).normal(0, 4, (_HEIGHT, _WIDTH, 1))
    return _png(_written(_digit(5, 2), (228, 222, 208), (52, 50, 56)) * shadow[..., None] + grain)


def _on_a_desk() -> bytes:
    random = np.random.default_rng(_SEED)
    validation = datasets.load_mnist().validation
    digit = validation.images[np.flatnonzero(validation.labels == 3)[1]]
    return _png(photos.photo(digit, "squared paper on a desk", random))


def _on_a_clear_ground() -> bytes:
    pixels = np.zeros((_HEIGHT, _WIDTH, 4), np.uint8)
    pixels[..., 3] = np.round(255 * _digit(8, 4))
    return _png(pixels)


# Name to what makes the bytes of a PNG, each time the same: pictures of one digit, and of numbers.
DIGITS: Mapping[str, Callable[[], bytes]] = {
    "Squared paper": _on_squared_paper,
    "Sheet on a desk": _on_a_desk,
    "Blackboard": _on_a_blackboard,
    "Photo with a shadow": _photo_with_a_shadow,
    "Clear ground": _on_a_clear_ground,
}
NUMBERS: Mapping[str, Callable[[], bytes]] = {
    "ZIP code": partial(_number, _zip_code),
    "Check amount": partial(_number, _check_amount),
    "Two rows on squared paper": partial(_number, _two_rows),
    "Touching digits in chalk": partial(_number, _touching),
}
