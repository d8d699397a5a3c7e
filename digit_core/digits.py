"""One set of digits, and how digits show at Python's prompt and in a notebook."""

import base64
import html
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from PIL import Image

from digit_core.errors import DatasetError

CLASSES = 10
SIDE = 28  # pixels

_DIGIT_SCALE, _SET_SCALE = 5, 2  # pixels of the screen for one of a digit: alone, and of a set
_SHOWN, _COLUMNS = 50, 10  # digits of a set
_GAP, _LABEL = 4, 10  # pixels of a digit: between digits, and what a label below takes
_WRITING = "#b3410f"  # labels, answers and boxes: stands out from ink and from paper


def brief(record: Any) -> str:
    """A dataclass in one line, for use as `__repr__`: arrays by type and shape, other long values by their length."""
    told = [f"{field.name}={_brief_value(getattr(record, field.name))}" for field in fields(record)]
    return f"{type(record).__name__}({', '.join(told)})"


def _brief_value(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape}"
    if isinstance(value, bytes):
        return f"{len(value):,} bytes"
    if isinstance(value, tuple | list | dict) and len(repr(value)) > 60:
        return f"{type(value).__name__} of {len(value):,}"
    return repr(value)


def picture_html(
    ink: np.ndarray,
    caption: str,
    scale: int = _DIGIT_SCALE,
    words: Iterable[tuple[float, float, str]] = (),
    word_size: float = 8.0,
    boxes: Iterable[tuple[int, int, int, int]] = (),
) -> str:
    """Ink on white paper as a notebook shows it: every pixel a square, never smoothed, and nothing to be fetched.

    Args:
        ink: array of shape (h, w), ink is the highest: uint8, or float 0.0 to 1.0.
        caption: what it is; it stands below and is read out.
        scale: pixels of the screen for one of the ink, at least 1.
        words: left, baseline and text of what is written beside the ink, in its pixels.
        word_size: their size, in pixels of the ink.
        boxes: top, left, bottom, right of frames, in pixels of the ink.

    Returns:
        HTML: an SVG with the pixels in it as PNG, and the caption.
    """
    if ink.dtype != np.uint8:
        ink = np.round(ink * 255).astype(np.uint8)
    png = io.BytesIO()
    Image.fromarray(255 - ink).save(png, "PNG")
    height, width = ink.shape
    caption = html.escape(caption)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width * scale}" role="img" '
        f'aria-label="{caption}" style="max-width:100%;height:auto;font-family:sans-serif">',
        f'<image width="{width}" height="{height}" style="image-rendering:pixelated" '
        f'href="data:image/png;base64,{base64.b64encode(png.getvalue()).decode()}"/>',
    ]
    for top, left, bottom, right in boxes:
        parts.append(
            f'<rect x="{left}" y="{top}" width="{right - left}" height="{bottom - top}" fill="none" '
            f'stroke="{_WRITING}" vector-effect="non-scaling-stroke"/>'
        )
    for start, baseline, text in words:
        parts.append(
            f'<text x="{start:g}" y="{baseline:g}" font-size="{word_size:g}" fill="{_WRITING}">{html.escape(text)}</text>'
        )
    return f"<figure>{''.join(parts)}</svg><figcaption>{caption}</figcaption></figure>"


@dataclass(frozen=True)
class Digits:
    """Some digits and what they are.

    Attributes:
        images: uint8 array of shape (n, 28, 28), 0 is ground and 255 is ink.
        labels: uint8 array of shape (n,), 0 to 9.

    Example:
        >>> import numpy as np
        >>> from digit_core import Digits
        >>> Digits(np.zeros((3, 28, 28), np.uint8), np.array([7, 2, 1]))
        Digits(3 x 28x28)
    """

    images: np.ndarray
    labels: np.ndarray

    def __post_init__(self) -> None:
        if self.images.dtype != np.uint8 or self.images.ndim != 3 or self.images.shape[1:] != (SIDE, SIDE):
            raise DatasetError(
                f"Digits are uint8 arrays of shape (n, 28, 28), not {self.images.dtype} {self.images.shape}."
            )
        if self.labels.shape != (len(self.images),) or self.labels.dtype.kind not in "iu":
            raise DatasetError(
                f"{len(self.images)} digits need as many whole-number labels, not {self.labels.dtype} "
                f"{self.labels.shape}."
            )
        if len(self.labels) and not 0 <= int(self.labels.min()) <= int(self.labels.max()) < CLASSES:
            raise DatasetError("Labels are whole numbers from 0 to 9.")

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        return f"Digits({len(self):,} x {SIDE}x{SIDE})"

    def _repr_html_(self) -> str:
        """The first digits with their labels, for a notebook; one digit alone is shown large."""
        shown = self.images[:_SHOWN]
        if not len(shown):
            return html.escape(repr(self))
        columns = min(len(shown), _COLUMNS)
        across, down = SIDE + _GAP, SIDE + _LABEL
        sheet = np.zeros((-(-len(shown) // columns) * down, columns * across), np.uint8)
        words: list[tuple[float, float, str]] = []
        for number, image in enumerate(shown):
            top, left = number // columns * down, number % columns * across
            sheet[top : top + SIDE, left : left + SIDE] = image
            words.append((left + SIDE / 2 - 2, top + SIDE + 7, str(self.labels[number])))
        caption = f"{self!r}, the first {_SHOWN}" if len(self) > _SHOWN else repr(self)
        return picture_html(sheet, caption, _SET_SCALE if columns > 1 else _DIGIT_SCALE, words)

    def take(self, rows: np.ndarray | Sequence[int]) -> "Digits":
        """The digits at `rows` (whole numbers, m of them), in that order.

        Example:
            >>> from digit_core import load_mnist
            >>> load_mnist().test.take([0, 2, 1]).labels
            array([7, 1, 2], dtype=uint8)
        """
        return Digits(self.images[rows], self.labels[rows])


@dataclass(frozen=True)
class Handwriting:
    """Drawings of a set, to learn together with MNIST.

    Attributes:
        set_id: the id of the set that they are from.
        learnt: those to learn from; at least one.
        held_back: those to judge by; there may be none.
        name: what the set is called, such as its class's name; the model's card says it. Empty where nobody named it.
    """

    set_id: str
    learnt: Digits
    held_back: Digits
    name: str = ""

    def __post_init__(self) -> None:
        if not len(self.learnt):
            raise DatasetError("There is no drawing to learn from. Keep one on the Draw page first.")
