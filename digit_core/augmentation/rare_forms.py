"""Forms of digits that MNIST hardly has: a 0 broken at two sides, a 1 with a long upstroke, a 4 of straight strokes, a 7 with
a serif, a 9 with a foot, and any digit made of straight segments, as on a clock.

Unlike a writing style, which adds a mark, most of these are drawn anew, as large and with the same pen as the digit was.
"""

import numpy as np

from digit_core.augmentation.writing_styles import Form, Style, draw_line

# Of the digits that are changed: so many are made of segments, whichever digit they are, if they have a form of their own.
_SEGMENTS_SHARE = 0.25
# x and y of the corners of a segment display, shares of its width and height.
_CORNERS = np.array([[0, 0], [1, 0], [0, 0.5], [1, 0.5], [0, 1], [1, 1]])
_SEGMENTS = ((0, 1), (1, 3), (3, 5), (4, 5), (2, 4), (0, 2), (2, 3))  # corners at their ends
# Which of the segments a digit has; 2 is one that some people leave out.
_LIT = np.array(
    [
        [1, 1, 1, 1, 1, 1, 0],
        [0, 1, 1, 0, 0, 0, 0],
        [1, 1, 0, 1, 1, 0, 1],
        [1, 1, 1, 1, 0, 0, 1],
        [0, 1, 1, 0, 0, 1, 1],
        [1, 0, 1, 1, 0, 1, 1],
        [2, 0, 1, 1, 1, 1, 1],
        [1, 1, 1, 0, 0, 2, 0],
        [1, 1, 1, 1, 1, 1, 1],
        [1, 1, 1, 2, 0, 1, 1],
    ]
)


def change_forms(
    stack: np.ndarray, labels: np.ndarray, share: float, random: np.random.Generator
) -> np.ndarray:
    """Write a share of the digits in a form that is rare in MNIST.

    Args:
        stack: uint8 array of shape (n, h, w), ink is 255, with some empty pixels around each digit.
        labels: integers of shape (n,).
        share: of the digits, 0.0 to 1.0.
        random: where the choices come from.

    Returns:
        uint8 array of the same shape.
    """
    result = stack.copy()
    is_chosen = (random.random(len(stack)) < share) & stack.any(axis=(1, 2))
    has_own = np.isin(labels, list(_FORMS)) & (random.random(len(stack)) >= _SEGMENTS_SHARE)
    for digit, draw in _FORMS.items():
        rows = np.flatnonzero(is_chosen & has_own & (labels == digit))
        if len(rows):
            result[rows] = draw(stack[rows], Form(stack[rows]), random)
    rows = np.flatnonzero(is_chosen & ~has_own)
    if len(rows):
        result[rows] = _segments(Form(stack[rows]), labels[rows], stack[rows], random)
    return result


def _segments(form: Form, labels: np.ndarray, stack: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Digits of two to seven straight segments whose corners are not quite where they belong."""
    n = len(stack)
    width = np.where(
        labels == 1, form.width, np.maximum(form.width, form.height * random.uniform(0.4, 0.8, n))
    )
    inner = np.stack([width - form.pen, form.height - form.pen], axis=1)[:, None]  # (n, 1, 2)
    middle = np.stack([form.left + form.right, form.top + form.bottom], axis=1)[:, None] / 2
    corners = middle + inner * (_CORNERS - 0.5 + random.normal(0, 0.05, (n, *_CORNERS.shape)))
    is_lit = random.random((n, len(_SEGMENTS))) < _LIT[labels] * np.where(_LIT[labels] == 2, 0.25, 1)
    drawn = np.zeros_like(stack)
    for segment, (start, end) in enumerate(_SEGMENTS):
        line = draw_line(drawn, _point(corners, start), _point(corners, end), form)
        drawn = np.where(is_lit[:, segment, None, None], line, drawn)
    return drawn


def _point(corners: np.ndarray, index: int) -> tuple[np.ndarray, np.ndarray]:
    return corners[:, index, 0], corners[:, index, 1]


def _broken(stack: np.ndarray, form: Form, random: np.random.Generator) -> np.ndarray:
    """A 0 with a gap at two opposite sides, mostly left and right."""
    n = len(stack)
    rows, columns = np.mgrid[: stack.shape[1], : stack.shape[2]].astype(np.float32)
    angle = random.normal(0, 0.25, n) + np.pi / 2 * (random.random(n) < 0.3)
    sine, cosine = (f(angle)[:, None, None] for f in (np.sin, np.cos))
    x, y = (form.left + form.right) / 2, (form.top + form.bottom) / 2
    aside = sine * (columns - x[:, None, None]) - cosine * (rows - y[:, None, None])
    kept = np.clip(np.abs(aside) - random.uniform(0.75, 2.75, n)[:, None, None] + 0.5, 0, 1)
    return (stack * kept).astype(np.uint8)


def _long_upstroke(stack: np.ndarray, form: Form, random: np.random.Generator) -> np.ndarray:
    """A 1 of two strokes: up from the left, from half way or from the line, and down; some with a foot."""
    n = len(stack)
    top, bottom = form.top + form.pen / 2, form.bottom - form.pen / 2
    upper, lower = form.column(0, 0.15), form.column(0.85, 1)
    aside, depth = form.height * random.uniform(0.2, 0.6, n), form.height * random.uniform(0.35, 0.9, n)
    # Half of it lies left of where the 1 was, so that there is room for it.
    peak, foot = upper + aside / 2, lower + aside / 2
    drawn = draw_line(np.zeros_like(stack), (peak, top), (foot, bottom), form)
    drawn = draw_line(drawn, (peak - aside, top + depth), (peak, top), form)
    half = form.height * random.uniform(0.1, 0.3, n)
    footed = draw_line(drawn, (foot - half, bottom), (foot + half, bottom), form)
    return np.where((random.random(n) < 0.25)[:, None, None], footed, drawn)


def _straight_four(stack: np.ndarray, form: Form, random: np.random.Generator) -> np.ndarray:
    """A 4 of three straight strokes, from wide open to closed at the top."""
    n = len(stack)
    width = np.maximum(form.width, 0.6 * form.height) - form.pen
    left = (form.left + form.right - width) / 2
    top, height = form.top + form.pen / 2, form.height - form.pen
    stem = left + width * random.uniform(0.65, 1, n)
    start = left + (stem - left) * random.uniform(0, 1, n)
    level = top + height * random.uniform(0.45, 0.72, n)
    drawn = draw_line(np.zeros_like(stack), (start, top), (left, level), form)
    end = np.maximum(stem, left + width * random.uniform(0.6, 1.1, n))
    drawn = draw_line(drawn, (left, level), (end, level + random.normal(0, 0.5, n)), form)
    # The more the first stroke leans, the higher the stem begins: a short one beside it would be a 9's or a 6's.
    head = top + height * random.uniform(0, 0.3, n) * (start < (left + stem) / 2)
    return draw_line(drawn, (stem, head), (stem - random.uniform(0, 0.2, n) * width, top + height), form)


def _serif(stack: np.ndarray, form: Form, random: np.random.Generator) -> np.ndarray:
    """A stroke down from the left end of the top of a 7, and a long bar through some."""
    n = len(stack)
    x, y = form.left + form.pen / 2 - 0.5, form.top + form.pen / 2
    length = form.height * random.uniform(0.1, 0.35, n)
    serif = draw_line(stack, (x, y), (x + random.normal(0, 0.8, n), y + length), form)
    level, middle = form.top + 0.55 * form.height, form.column(0.5, 0.6)
    half = form.height * random.uniform(0.2, 0.4, n)
    rise = half * random.normal(0, 0.2, n)
    barred = draw_line(serif, (middle - half, level + rise), (middle + half, level - rise), form)
    return np.where((random.random(n) < 0.5)[:, None, None], barred, serif)


def _foot(stack: np.ndarray, form: Form, random: np.random.Generator) -> np.ndarray:
    """A stroke to the left from the lower end of a 9, level or bent up; some go to the right, too."""
    n = len(stack)
    x, y = form.column(0.88, 1), form.bottom + 0.5 - form.pen / 2
    length = form.height * random.uniform(0.2, 0.55, n)
    rise = length * random.uniform(0, 0.5, n)
    footed = draw_line(stack, (x - length / 2, y), (x, y), form)
    footed = draw_line(footed, (x - length, y - rise), (x - length / 2, y), form)
    both = draw_line(footed, (x, y), (x + form.height * random.uniform(0.1, 0.3, n), y), form)
    return np.where((random.random(n) < 0.2)[:, None, None], both, footed)


_FORMS: dict[int, Style] = {0: _broken, 1: _long_upstroke, 4: _straight_four, 7: _serif, 9: _foot}
