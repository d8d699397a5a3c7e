"""Intensity: what pens, paper and cameras do to a picture of a digit, each digit by an amount of its own.

All take and give uint8 arrays of shape (n, 28, 28), ink is 255, and amounts of shape (n,).
"""

from functools import lru_cache

import numpy as np

FULL_INK = 255
# Pixels around MNIST's digits, which are 20 pixels large.
_MARGIN = 4
# Of blur to a pixel: matrices are kept.
_STEPS = 16
# Standard deviation, a share of full ink: half a level of the 255.
_MIN_NOISE = 0.002
# Pixels, and share of full ink.
_LINE_WIDTHS, _LINE_INKS = (0.6, 2.2), (0.25, 1.0)
# Pixels: a digit's edge is looked for after a little blur; how thick outlines are.
_EDGE_BLUR, _OUTLINE_WIDTHS = 0.7, (0.8, 2.0)
# Bends of a zigzag line, and how far they lie from its middle, in pixels.
_BENDS, _SWINGS = 8, (1.5, 9.0)
# Most lines are those of ruled paper: level but for so many degrees.
_LEVEL_SHARE, _LEVEL_TILT = 0.6, 12.0


def blur(images: np.ndarray, deviations: np.ndarray) -> np.ndarray:
    """Put digits out of focus: a Gaussian whose deviation is rounded to 1/16 of a pixel; beyond the edge is paper."""
    steps = np.round(deviations * _STEPS).astype(int)
    side = images.shape[1]
    return _filtered(images, [_blurring(step, side) for step in steps.tolist()], steps > 0)


def coarsen(images: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """Show digits as on a grid of `cells` x `cells`, whole numbers from 1 to 28, enlarged smoothly again."""
    side = images.shape[1]
    return _filtered(images, [_coarsening(count, side) for count in cells.tolist()], cells < side)


def change_contrast(images: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """Multiply the ink: 0.3 leaves three tenths of it."""
    return _rounded(images * factors.astype(np.float32)[:, None, None])


def change_gamma(images: np.ndarray, exponents: np.ndarray) -> np.ndarray:
    """Raise the ink, 0 to 1, to a power: above 1 grey edges get lighter, below 1 darker; paper and full ink stay."""
    tones = np.arange(FULL_INK + 1, dtype=np.float32) / FULL_INK
    tables = _rounded(FULL_INK * tones ** exponents.astype(np.float32)[:, None])  # (n, 256)
    return np.take_along_axis(tables, images.reshape(len(images), -1).astype(np.intp), axis=1).reshape(
        images.shape
    )


def add_noise(images: np.ndarray, deviations: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Make each pixel lighter or darker at random; `deviations` are standard deviations, 1 is full ink."""
    result, is_noisy = images.copy(), deviations >= _MIN_NOISE
    grain = random.standard_normal((int(is_noisy.sum()), *images.shape[1:]), np.float32)
    grain *= (FULL_INK * deviations[is_noisy].astype(np.float32))[:, None, None]
    result[is_noisy] = _rounded(images[is_noisy] + grain)
    return result


def add_ground(images: np.ndarray, amounts: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Darken paper like a shadow: a slope in any direction; each amount is at its darkest corner, 1 is full ink."""
    axis = np.linspace(-1, 1, images.shape[1], dtype=np.float32)
    direction = random.uniform(0, 2 * np.pi, len(images)).astype(np.float32)[:, None, None]
    slope = np.cos(direction) * axis + np.sin(direction) * axis[:, None]  # (n, h, w), up to 1.41
    shade = amounts.astype(np.float32)[:, None, None] * np.clip((slope + 1) / 2.4, 0, 1)
    return _rounded(images + (FULL_INK - images.astype(np.float32)) * shade)


def add_lines(images: np.ndarray, drawn: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Draw a straight line across those digits for which `drawn`, bool of shape (n,), is true.

    Most are nearly level, as on ruled paper, or upright, as on squared paper; thickness, ink and place vary.
    """
    result = images.copy()
    chosen = images[drawn]
    n, side = len(chosen), images.shape[1]
    tilt = np.deg2rad(random.uniform(-_LEVEL_TILT, _LEVEL_TILT, n)) + np.pi / 2 * (random.random(n) < 0.25)
    tilt = np.where(random.random(n) < _LEVEL_SHARE, tilt, random.uniform(0, np.pi, n))
    offset = random.uniform(-side / 2, side / 2, n)
    width, ink = random.uniform(*_LINE_WIDTHS, n), random.uniform(*_LINE_INKS, n)
    axis = np.arange(side, dtype=np.float32) - (side - 1) / 2
    sine, cosine = (f(tilt).astype(np.float32)[:, None, None] for f in (np.sin, np.cos))
    distance = np.abs(cosine * axis[:, None] - sine * axis - offset.astype(np.float32)[:, None, None])
    cover = np.clip(width.astype(np.float32)[:, None, None] / 2 + 0.5 - distance, 0, 1)
    line = cover * (FULL_INK * np.minimum(1, width) * ink).astype(np.float32)[:, None, None]
    result[drawn] = np.maximum(chosen, _rounded(line))
    return result


def add_zigzags(images: np.ndarray, drawn: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Draw a line that goes to and fro across those digits for which `drawn`, bool of shape (n,), is true.

    It runs from edge to edge in any direction; how many bends there are, how far they swing, thickness and ink vary.
    """
    result = images.copy()
    chosen = images[drawn]
    n, side = len(chosen), images.shape[1]
    angle, offset = random.uniform(0, 2 * np.pi, n), random.normal(0, side / 7, n)
    spacing = random.uniform(0.1, 0.45, n) * side
    swing = random.uniform(*_SWINGS, n)[:, None] * random.uniform(0.5, 1, (n, _BENDS))
    along = (np.arange(_BENDS) - (_BENDS - 1) / 2 + random.normal(0, 0.15, (n, _BENDS))) * spacing[:, None]
    across = offset[:, None] + swing * np.where(np.arange(_BENDS) % 2, 1, -1)
    sine, cosine = np.sin(angle)[:, None], np.cos(angle)[:, None]
    bends = np.stack([cosine * along - sine * across, sine * along + cosine * across], axis=1)
    bends = (bends + (side - 1) / 2).astype(np.float32)[..., None, None]  # (n, 2, bends, 1, 1)
    x, y = np.arange(side, dtype=np.float32), np.arange(side, dtype=np.float32)[:, None]
    nearest = np.full(chosen.shape, np.inf, np.float32)
    for start, end in zip(range(_BENDS - 1), range(1, _BENDS)):
        (x0, y0), (x1, y1) = ((bends[:, 0, place], bends[:, 1, place]) for place in (start, end))
        dx, dy = x1 - x0, y1 - y0
        share = np.clip(((x - x0) * dx + (y - y0) * dy) / np.maximum(dx**2 + dy**2, 1e-6), 0, 1)
        nearest = np.minimum(nearest, np.hypot(x - x0 - share * dx, y - y0 - share * dy))
    width, ink = random.uniform(*_LINE_WIDTHS, n), random.uniform(0.4, 1.2, n)
    covered = np.clip(width.astype(np.float32)[:, None, None] / 2 + 0.5 - nearest, 0, 1)
    line = covered * (FULL_INK * np.minimum(1, width) * ink).astype(np.float32)[:, None, None]
    result[drawn] = np.maximum(chosen, _rounded(line))
    return result


def outline(images: np.ndarray, drawn: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Show only the edges of those digits for which `drawn`, bool of shape (n,), is true: a hollow pen.

    An edge is where the ink, blurred a little, has a level that differs from digit to digit; a third are without greys.
    """
    result = images.copy()
    chosen = images[drawn]
    n = len(chosen)
    ink = blur(chosen, np.full(n, _EDGE_BLUR)).astype(np.float32) / FULL_INK
    peak = np.maximum(ink.max(axis=(1, 2), keepdims=True), 1 / FULL_INK)
    level = peak * random.uniform(0.15, 0.65, n).astype(np.float32)[:, None, None]
    # A pixel is about as far from the edge as its ink differs from that level, over how steeply the ink changes there.
    slope = np.hypot(*np.gradient(ink, axis=(1, 2)))
    distance = np.abs(ink - level) / np.maximum(slope, 0.02 * peak)
    width = random.uniform(*_OUTLINE_WIDTHS, n).astype(np.float32)[:, None, None]
    line = np.clip(width / 2 + 0.5 - distance, 0, 1)
    is_crisp = (random.random(n) < 1 / 3)[:, None, None]
    result[drawn] = _rounded(FULL_INK * np.where(is_crisp, line >= 0.5, line))
    return result


def invert_parts(images: np.ndarray, changed: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Swap ink and paper in a band across, or in about a half, of those digits for which `changed`, bool (n,), is true.

    Most edges are upright or level, the others lie in any direction.
    """
    result = images.copy()
    chosen = images[changed]
    n, side = len(chosen), images.shape[1]
    angle = np.where(
        random.random(n) < 0.75, np.pi / 2 * random.integers(0, 4, n), random.uniform(0, 2 * np.pi, n)
    )
    axis = np.arange(side, dtype=np.float32) - (side - 1) / 2
    sine, cosine = (f(angle).astype(np.float32)[:, None, None] for f in (np.sin, np.cos))
    place = cosine * axis + sine * axis[:, None]
    # A half goes on to the edge of the picture.
    low = random.uniform(-11, 4, n)
    high = np.where(random.random(n) < 0.4, side, low + random.uniform(2, 16, n))
    is_inside = (place >= low[:, None, None]) & (place < high[:, None, None])
    result[changed] = np.where(is_inside, FULL_INK - chosen, chosen)
    return result


def cover(images: np.ndarray, sides: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Lay a square of blank paper on each digit, within its inner 20 x 20 pixels; `sides` are whole pixels."""
    side = images.shape[1]
    room = side - 2 * _MARGIN - sides + 1
    corners = _MARGIN + np.floor(random.random((2, len(images))) * room).astype(int)
    axis = np.arange(side)
    rows, columns = ((axis >= corner[:, None]) & (axis < (corner + sides)[:, None]) for corner in corners)
    return np.where(rows[:, :, None] & columns[:, None, :], np.uint8(0), images)


def _rounded(images: np.ndarray) -> np.ndarray:
    return np.clip(images + np.float32(0.5), 0, FULL_INK).astype(np.uint8)


def _filtered(images: np.ndarray, matrices: list[np.ndarray], is_changed: np.ndarray) -> np.ndarray:
    """Multiply those digits that are changed, bool (n,), by their matrix (28, 28) from both sides."""
    result = images.copy()
    if is_changed.any():
        chosen = np.stack([matrix for matrix, changed in zip(matrices, is_changed, strict=True) if changed])
        result[is_changed] = _rounded(
            chosen @ images[is_changed].astype(np.float32) @ chosen.transpose(0, 2, 1)
        )
    return result


@lru_cache(maxsize=256)
def _blurring(steps: int, side: int) -> np.ndarray:
    """A Gaussian of so many steps of standard deviation, float32 (side, side)."""
    if steps == 0:
        return np.eye(side, dtype=np.float32)
    double_variance = 2 * (steps / _STEPS) ** 2
    axis = np.arange(side)
    kernel = np.exp(-((axis[:, None] - axis) ** 2) / double_variance)
    # The weights of the middle row sum up all there are; beyond the edge there is paper.
    return (kernel / np.exp(-(np.arange(-side, side + 1) ** 2) / double_variance).sum()).astype(np.float32)


@lru_cache(maxsize=32)
def _coarsening(cells: int, side: int) -> np.ndarray:
    """Areas averaged into cells, then a straight line from the middle of one to that of the next: (side, side)."""
    edges = np.linspace(0, side, cells + 1)
    pixels = np.arange(side)
    overlap = np.minimum(pixels + 1, edges[1:, None]) - np.maximum(pixels, edges[:-1, None])
    down = np.clip(overlap, 0, None) * cells / side  # (cells, pixels)
    place = np.clip((pixels + 0.5) * cells / side - 0.5, 0, cells - 1)
    up = np.clip(1 - np.abs(place[:, None] - np.arange(cells)), 0, None)  # (pixels, cells)
    return (up @ down).astype(np.float32)
