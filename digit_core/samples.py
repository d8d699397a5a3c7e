"""Sample pictures of numbers, composed from MNIST's validation digits: what people would photograph."""

import functools
import io
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image

from digit_core import composition, datasets, papers
from digit_core.composition import Hand

_SEED = 20_261_121
_PEN = 0.15  # brightness of the ink
_PRINT = cv2.FONT_HERSHEY_SIMPLEX

Random = np.random.Generator


def picture(name: str) -> bytes:
    """A sample as the bytes of a PNG, each time the same.

    Args:
        name: a key of `SAMPLES`, such as "ZIP code".
    """
    image = Image.fromarray(SAMPLES[name](np.random.default_rng(_SEED)))
    with io.BytesIO() as file:
        image.save(file, "PNG")
        return file.getvalue()


def text(name: str) -> str:
    """What stands on a sample: its digits, one number a line."""
    return _TEXTS[name]


@functools.cache
def _rows_of_class() -> tuple[np.ndarray, ...]:
    labels = datasets.load_mnist().validation.labels
    return tuple(np.flatnonzero(labels == digit) for digit in range(datasets.CLASSES))


def _digits(number: str, random: Random) -> datasets.Digits:
    """Validation digits that spell a number."""
    return datasets.load_mnist().validation.take(
        np.array([random.choice(_rows_of_class()[int(digit)]) for digit in number])
    )


def _write(number: str, hand: Hand, ink: np.ndarray, top: float, left: float, random: Random) -> None:
    """Write a number onto ink of uint8 (h, w)."""
    composition.paste(composition.write(_digits(number, random), hand, random), ink, top, left)


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
SAMPLES: dict[str, Callable[[Random], np.ndarray]] = {
    "ZIP code": _zip_code,
    "Check amount": _check_amount,
    "Two rows on squared paper": _squared_paper,
    "Touching digits in chalk": _touching,
}
