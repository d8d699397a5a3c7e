"""Strokes of a pen as made-up material: points in, smooth curves and ink out."""

from collections.abc import Sequence

import cv2
import numpy as np

# Pixels: the side of the square that made-up strokes are drawn on, four times that of a digit.
SHEET = 112
# OpenCV takes points in sixteenths of a pixel.
_FRACTION_BITS = 4


def smooth(points: np.ndarray, per_segment: int = 8, is_closed: bool = False) -> np.ndarray:
    """A curve through points: a uniform Catmull-Rom spline (Catmull and Rom, 1974).

    Args:
        points: float array of shape (n, 2), n at least 2. A point that stands twice is a corner.
        per_segment: points on the curve between two neighbours.
        is_closed: whether it ends where it began.

    Returns:
        float64 array of shape (m, 2).
    """
    if is_closed:
        padded = np.concatenate([points[-1:], points, points[:2]])
    else:
        padded = np.concatenate([points[:1], points, points[-1:]])
    before, start, end, after = (padded[i : len(padded) - 3 + i, None] for i in range(4))  # (segments, 1, 2)
    t = np.linspace(0, 1, per_segment, endpoint=False)[None, :, None]
    curve = 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    )
    return np.concatenate([curve.reshape(-1, 2), padded[-2:-1]])


def write(strokes: Sequence[np.ndarray], width: float) -> np.ndarray:
    """The ink of strokes with round ends.

    Args:
        strokes: float arrays of shape (points, 2): x right, y down, pixels of the sheet.
        width: of the pen, in pixels of the sheet; at least 1.

    Returns:
        float32 array of shape (112, 112), 0.0 to 1.0, ink is 1.0.
    """
    sheet = np.zeros((SHEET, SHEET), np.uint8)
    paths = [_fixed(stroke) for stroke in strokes]
    cv2.polylines(sheet, paths, False, 255, max(1, round(width)), cv2.LINE_AA, _FRACTION_BITS)
    return sheet * np.float32(1 / 255)


def fill(outline: np.ndarray) -> np.ndarray:
    """The ink of a filled shape.

    Args:
        outline: float array of shape (points, 2), as a stroke in `write`; its end is joined to its start.

    Returns:
        As `write`.
    """
    sheet = np.zeros((SHEET, SHEET), np.uint8)
    cv2.fillPoly(sheet, [_fixed(outline)], 255, cv2.LINE_AA, _FRACTION_BITS)
    return sheet * np.float32(1 / 255)


def _fixed(points: np.ndarray) -> np.ndarray:
    return np.round(points * (1 << _FRACTION_BITS)).astype(np.int32)
