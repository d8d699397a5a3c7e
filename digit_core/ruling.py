"""Lines that are no writing: ruled and squared paper, the edge of a sheet, the table beside it."""

import cv2
import numpy as np

_INK = 0.35  # what counts as ink
_LEAST_LENGTH = 0.3  # of the page's side: pieces of one straight line add up to so much
_PIECE = 0.05  # of the page's side, but at least _LEAST_PIECE pixels: a straight piece of a line
_LEAST_PIECE = 24
_STEEPEST = 0.12  # how far a line falls along its length: a page held askew
_CLEARANCE = 2  # pixels more than the line's width: what is taller there is a stroke that crosses it


def without_lines(ink: np.ndarray) -> np.ndarray:
    """Ink without ruled lines along and across the page, and without what hangs on its border.

    Args:
        ink: float32 array of shape (h, w), 0.0 to 1.0.

    Returns:
        The same, with 0 where a line was; strokes that cross a line stay whole.
    """
    inner = without_border(ink)
    level = _without_level_lines(inner)
    return np.ascontiguousarray(_without_level_lines(np.ascontiguousarray(level.T)).T)


def without_border(ink: np.ndarray) -> np.ndarray:
    """Ink without the pieces that touch the border and are long along it: the edge of a sheet, the table."""
    height, width = ink.shape
    _, pieces, boxes, _ = cv2.connectedComponentsWithStats((ink > _INK / 2).astype(np.uint8), connectivity=8)
    left, top, wide, high = boxes[:, 0], boxes[:, 1], boxes[:, 2], boxes[:, 3]
    at_side = (left <= 1) | (left + wide >= width - 1)
    at_end = (top <= 1) | (top + high >= height - 1)
    is_edge = (at_side & (high > 0.5 * height) & (wide < 0.2 * width)) | (at_end & (wide > 0.5 * width))
    is_edge |= at_side & at_end
    is_edge[0] = False
    return np.where(is_edge[pieces], 0, ink).astype(np.float32)


def _without_level_lines(ink: np.ndarray) -> np.ndarray:
    """Ink without straight lines from side to side that fall by at most _STEEPEST."""
    height, width = ink.shape
    marked = (ink > _INK / 2).astype(np.uint8)
    piece = max(_LEAST_PIECE, round(_PIECE * width))
    if piece >= width:
        return ink
    # Thickened upwards and downwards, a slightly slanting line still holds level pieces.
    thick = cv2.dilate(marked, np.ones((3, 1), np.uint8))
    level = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, piece), np.uint8)) & thick
    lines = np.zeros_like(marked)
    for line in _long_ones(level, width, height):
        lines |= line
    if not lines.any():
        return ink
    return np.where(_thin_at(marked, lines), 0, ink).astype(np.float32)


def _long_ones(level: np.ndarray, width: int, height: int) -> list[np.ndarray]:
    """The level pieces, joined along the page, that are long enough to be a line: uint8 masks of (h, w)."""
    bridged = cv2.morphologyEx(level, cv2.MORPH_CLOSE, np.ones((3, max(3, width // 12)), np.uint8))
    _, joined, boxes, _ = cv2.connectedComponentsWithStats(bridged, connectivity=8)
    found = []
    for number, (_, _, wide, high, _) in enumerate(boxes):
        if number == 0 or wide < max(_LEAST_LENGTH * width, 0.0) or high > _STEEPEST * wide + 12:
            continue
        mask = ((joined == number) & (level > 0)).astype(np.uint8)
        covered = float(np.mean(mask[:, boxes[number][0] : boxes[number][0] + wide].any(axis=0)))
        if covered > 0.5:
            found.append(mask)
    return found


def _thin_at(marked: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """The marked pixels of lines, but for the columns in which the ink is taller than a line: bool (h, w)."""
    heights = _run_heights(marked)
    on_line = (lines > 0) & (marked > 0)
    if not on_line.any():
        return on_line
    usual = float(np.median(heights[on_line]))
    near = cv2.dilate(lines, np.ones((3, 1), np.uint8)) > 0
    return near & (marked > 0) & (heights <= usual + _CLEARANCE)


def _run_heights(marked: np.ndarray) -> np.ndarray:
    """For each marked pixel the height of the unbroken run of marked pixels in its column: int32 (h, w)."""
    height = len(marked)
    down = np.zeros(marked.shape, np.int32)
    up = np.zeros(marked.shape, np.int32)
    for row in range(height):
        down[row] = (down[row - 1] + 1 if row else 1) * marked[row]
        last = height - 1 - row
        up[last] = (up[last + 1] + 1 if row else 1) * marked[last]
    return down + up - marked
