"""Sample pictures of digits and of numbers, made from MNIST's validation digits: what people would photograph."""

import functools
import io
from collections.abc import Callable, Mapping
from functools import partial

import cv2
import numpy as np
from PIL import Image

from digit_core import datasets
from digit_core.digits import CLASSES, Digits
from digit_core.synthesis import numbers
from digit_core.synthesis import paper as papers
from digit_core.synthesis.numbers import Hand

_SEED = 20_261_121
_PEN = 0.15  # brightness of the ink

Random = np.random.Generator


def picture(name: str) -> bytes:
    """A sample as the bytes of a PNG, each time the same.

    Args:
        name: a key of `NUMBERS`, such as "ZIP code".
    """
    image = Image.fromarray(NUMBERS[name](np.random.default_rng(_SEED)))
    with io.BytesIO() as file:
        image.save(file, "PNG")
        return file.getvalue()


def text(name: str) -> str:
    """What stands on a sample: its digits, one number a line."""
    return _TEXTS[name]


@functools.cache
def _rows_of_class() -> tuple[np.ndarray, ...]:
    labels = datasets.load_mnist().validation.labels
    return tuple(np.flatnonzero(labels == digit) for digit in range(CLASSES))


def _digits(number: str, random: Random) -> Digits:
    """Validation digits that spell a number."""
    return datasets.load_mnist().validation.take(
        np.array([random.choice(_rows_of_class()[int(digit)]) for digit in number])
    )


def _write(number: str, hand: Hand, ink: np.ndarray, top: float, left: float, random: Random) -> None:
    """Write a number onto ink of uint8 (h, w)."""
    numbers.paste(numbers.write(_digits(number, random), hand, random), ink, top, left)


def _zip_code(random: Random) -> np.ndarray:
    """The lower right part of an envelope with a postcode."""
    paper = papers.plain((260, 640), 0.88)
    cv2.rectangle(paper, (0, 0), (639, 259), 0.8, 2)
    ink = np.zeros(paper.shape, np.uint8)
    _write(_TEXTS["ZIP code"], Hand(90, 7, 0.3, 0.06), ink, 90, 70, random)
    return papers.photographed(papers.shaded(papers.written(paper, ink, _PEN), 0.25, random), random)


def _check_amount(random: Random) -> np.ndarray:
    """The box of a check in which the amount stands, on tinted paper."""
    paper = papers.plain((200, 700), 0.9) - 0.03 * np.sin(np.arange(700) / 9).astype(np.float32)
    cv2.rectangle(paper, (12, 12), (687, 187), 0.45, 2)
    ink = np.zeros(paper.shape, np.uint8)
    _write(_TEXTS["Check amount"], Hand(100, 8, 0.16, 0.06), ink, 48, 60, random)
    return papers.photographed(papers.written(paper, ink, _PEN), random)


def _squared_paper(random: Random) -> np.ndarray:
    """Two rows on squared paper, held a little askew."""
    paper = papers.squared((420, 760), 36)
    ink = np.zeros(paper.shape, np.uint8)
    first, second = _TEXTS["Two rows on squared paper"].split("\n")
    _write(first, Hand(80, 6, 0.3, 0.08), ink, 80, 70, random)
    _write(second, Hand(80, 6, 0.3, 0.08), ink, 240, 90, random)
    page = papers.turned(papers.written(paper, ink, _PEN), 2.5)
    return papers.photographed(papers.shaded(page, 0.35, random), random)


def _touching(random: Random) -> np.ndarray:
    """Digits that touch each other, chalk on a blackboard."""
    ink = np.zeros((220, 620), np.uint8)
    _write(_TEXTS["Touching digits in chalk"], Hand(110, 9, 0.15, 0.03, ties=0.5), ink, 55, 50, random)
    return 255 - papers.photographed(papers.written(papers.plain(ink.shape, 0.82), ink, 0.1), random)


_TEXTS = {
    "ZIP code": "90210",
    "Check amount": "1749",
    "Two rows on squared paper": "314159\n27182",
    "Touching digits in chalk": "6402",
}
NUMBERS: dict[str, Callable[[Random], np.ndarray]] = {
    "ZIP code": _zip_code,
    "Check amount": _check_amount,
    "Two rows on squared paper": _squared_paper,
    "Touching digits in chalk": _touching,
}


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


DIGITS: Mapping[str, Callable[[], bytes]] = {
    "Squared paper": _on_squared_paper,
    "Blackboard": _on_a_blackboard,
    "Photo with a shadow": _photo_with_a_shadow,
    "Clear ground": partial(_on_a_clear_ground, 8),
}
