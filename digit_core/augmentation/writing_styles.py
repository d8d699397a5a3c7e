"""Writing styles that are rare in MNIST, drawn into its digits: a slash through 0, a flag and a foot on 1, a bar
through 7, a detached top on 5.

Of the drawings that a network trained on MNIST alone misread, most were written so.
"""

from collections.abc import Callable

import numpy as np

# Of 255: from here on a pixel is part of the digit.
INK = 64


def add_styles(
    stack: np.ndarray, labels: np.ndarray, share: float, random: np.random.Generator
) -> np.ndarray:
    """Draw a style into a share of the digits that have one.

    Args:
        stack: uint8 array of shape (n, h, w), ink is 255, with some empty pixels around each digit.
        labels: integers of shape (n,).
        share: of the 0s, 1s, 5s and 7s, 0.0 to 1.0.
        random: where the choices come from.

    Returns:
        uint8 array of the same shape.
    """
    result = stack.copy()
    is_chosen = random.random(len(stack)) < share
    for digit, draw in _STYLES.items():
        rows = np.flatnonzero(is_chosen & (labels == digit) & stack.any(axis=(1, 2)))
        if len(rows):
            result[rows] = draw(stack[rows], Form(stack[rows]), random)
    return result


class Form:
    """Where the ink of some digits is, in pixels; each attribute has the shape (n,)."""

    def __init__(self, stack: np.ndarray) -> None:
        ink = stack.astype(np.float32) / 255
        is_ink = stack >= np.minimum(INK, stack.max(axis=(1, 2), keepdims=True))
        self.top, self.bottom = _ends(is_ink.any(axis=2))
        self.left, self.right = _ends(is_ink.any(axis=1))
        self.width, self.height = self.right - self.left + 1, self.bottom - self.top + 1
        # The area of a stroke by half its outline; slanted outlines are a little longer than their steps' share.
        outline = sum(np.abs(np.diff(ink, axis=axis)).sum(axis=(1, 2)) for axis in (1, 2))
        self.pen = np.clip(2.2 * ink.sum(axis=(1, 2)) / np.maximum(outline, 1), 1.2, 5)
        self.tone = stack.max(axis=(1, 2))
        self._ink = ink

    def column(self, upper: float, lower: float) -> np.ndarray:
        """The middle of the ink between two heights, 0 is the top and 1 the bottom: x of shape (n,)."""
        axis = np.arange(self._ink.shape[1])
        first, last = (self.top + part * self.height for part in (upper, lower))
        is_between = (axis >= first[:, None]) & (axis <= last[:, None])  # (n, h)
        columns = np.einsum("nhw,nh->nw", self._ink, is_between.astype(np.float32))
        total = columns.sum(axis=1)
        middle = columns @ np.arange(self._ink.shape[2], dtype=np.float32) / np.maximum(total, 1e-6)
        return np.where(total > 0, middle, (self.left + self.right) / 2)


def _ends(is_used: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first and the last true of each row of (n, length)."""
    return is_used.argmax(axis=1), is_used.shape[1] - 1 - is_used[:, ::-1].argmax(axis=1)


def draw_line(
    stack: np.ndarray, start: tuple[np.ndarray, np.ndarray], end: tuple[np.ndarray, np.ndarray], form: Form
) -> np.ndarray:
    """Draw a line with round ends into each digit, as thick and dark as its own strokes.

    Args:
        stack: uint8 array of shape (n, h, w).
        start, end: x and y of shape (n,) each, pixels.
        form: of these digits.
    """
    rows, columns = np.mgrid[: stack.shape[1], : stack.shape[2]].astype(np.float32)
    (x0, y0), (x1, y1) = (
        tuple(part.astype(np.float32)[:, None, None] for part in point) for point in (start, end)
    )
    dx, dy = x1 - x0, y1 - y0
    along = np.clip(((columns - x0) * dx + (rows - y0) * dy) / np.maximum(dx**2 + dy**2, 1e-6), 0, 1)
    distance = np.hypot(columns - x0 - along * dx, rows - y0 - along * dy)
    cover = np.clip(form.pen.astype(np.float32)[:, None, None] / 2 + 0.5 - distance, 0, 1)
    return np.maximum(stack, (cover * form.tone[:, None, None]).astype(np.uint8))


def _slash(stack: np.ndarray, form: Form, random: np.random.Generator) -> np.ndarray:
    """A line through a 0, mostly from the lower left to the upper right, within it or beyond."""
    n = len(stack)
    x, y = (form.left + form.right) / 2, (form.top + form.bottom) / 2
    angle = np.deg2rad(random.normal(52, 18, n)) * np.where(random.random(n) < 0.9, 1, -1)
    radius = 1 / np.hypot(np.cos(angle) / (form.width / 2), np.sin(angle) / (form.height / 2))
    reach = radius * random.uniform(0.55, 1.45, n)
    dx, dy = reach * np.cos(angle), -reach * np.sin(angle)
    aside = random.normal(0, 0.08, n) * form.width
    return draw_line(stack, (x - dx + aside, y - dy), (x + dx + aside, y + dy), form)


def _flag_and_foot(stack: np.ndarray, form: Form, random: np.random.Generator) -> np.ndarray:
    """A flag at the top of a 1, a foot under it, or both."""
    n = len(stack)
    kind = random.random(n)
    has_flag, has_foot = kind < 0.8, kind > 0.5
    top, bottom = form.column(0, 0.15), form.column(0.85, 1)
    angle, length = np.deg2rad(random.uniform(20, 80, n)), form.height * random.uniform(0.15, 0.55, n)
    lean = np.arctan2(top - bottom, form.height)  # the flag leans as its stem does
    tip = top - length * np.sin(angle - lean), form.top + length * np.cos(angle - lean)
    upper = form.top + form.pen / 2 - 0.5
    flagged = draw_line(stack, (top, upper), tip, form)
    stack = np.where(has_flag[:, None, None], flagged, stack)
    left, right = (form.height * random.uniform(0.12, 0.42, n) for _ in range(2))
    base, tilt = form.bottom + 0.5 - form.pen / 2, random.normal(0, 0.06, n)
    footed = draw_line(
        stack, (bottom - left, base + tilt * left), (bottom + right, base - tilt * right), form
    )
    return np.where(has_foot[:, None, None], footed, stack)


def _bar(stack: np.ndarray, form: Form, random: np.random.Generator) -> np.ndarray:
    """A short bar through the stem of a 7."""
    n = len(stack)
    height = random.uniform(0.4, 0.65, n)
    y = form.top + height * form.height
    upper, lower = form.column(0.35, 0.5), form.column(0.55, 0.7)
    x = upper + (lower - upper) * (height - 0.425) / 0.2
    left, right = (np.maximum(form.width, 8) * random.uniform(0.15, 0.42, n) for _ in range(2))
    tilt = np.tan(np.deg2rad(random.normal(4, 12, n)))
    return draw_line(stack, (x - left, y + tilt * left), (x + right, y - tilt * right), form)


def _detached_top(stack: np.ndarray, form: Form, random: np.random.Generator) -> np.ndarray:
    """The top stroke of a 5 drawn apart from its stem, higher or lower than it was, shorter or longer."""
    n = len(stack)
    stem = np.minimum(form.column(0.2, 0.4), (form.left + form.right) / 2)
    rows, columns = np.mgrid[: stack.shape[1], : stack.shape[2]]
    is_top = rows < (form.top + 0.24 * form.height)[:, None, None]
    is_aside = columns > (stem + form.pen / 2 + 0.5)[:, None, None]
    stack = np.where(is_top & is_aside, np.uint8(0), stack)
    y = form.top + form.pen / 2 - 0.5 + random.uniform(-2.5, 1.5, n)
    start = stem + form.pen / 2 + random.uniform(-1, 4.5, n)
    end = np.maximum(form.right + random.uniform(-3, 3, n), start + 0.25 * form.height)
    return draw_line(stack, (start, y + random.normal(0.3, 0.8, n)), (end, y), form)


Style = Callable[[np.ndarray, Form, np.random.Generator], np.ndarray]
_STYLES: dict[int, Style] = {0: _slash, 1: _flag_and_foot, 5: _detached_top, 7: _bar}
