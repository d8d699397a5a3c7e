"""Lines that are no writing: ruled and squared paper, frames, the edge of the paper, the table beside it."""

from dataclasses import dataclass

import cv2
import numpy as np

_INK = 0.18  # what counts as ink
_MIN_LENGTH = 0.5  # of the page's side: from where to where a line runs
_MIN_COVER = 0.5  # of its length: the rest is hidden or too faint
_PIECE = 0.05  # of the page's side, but at least _MIN_PIECE pixels: a straight piece of a line
_MIN_PIECE = 24
_BRIDGE = 12  # pieces nearer than the page's side divided by this are one line
_MAX_SLOPE = 0.12  # how far a line falls along its length, beside what all of them do: a page held askew
_SLOPES = np.linspace(-0.15, 0.15, 61)  # how far all lines may fall
# Of the variance of the ink along such slopes: so much more of it than along no slope, for lines to fall like that.
_CLEARER = 1.1
_MOST_PLACES = 6_000  # of ink, that are looked at for it
_CLEARANCE = 2  # pixels more than the line's width: what is taller there is a stroke that crosses it
_MAX_THICKNESS = 0.02  # of the page's longer side: lines are finer than strokes of that length
_MIN_OF_SHORT = 4  # lines across the shorter side: as many, evenly spaced; else they may be ones
_UNEVENNESS = 0.06  # of their distance
_WHOLE_SIDE = 0.9  # of the page's height: what is as high at its side is an edge
_HIGHER = 1.5  # heights of the other pieces: an edge is higher than that
# Where one digit is looked for: shares of the page's shorter side, and of a line's length.
_LINE_OF_ONE, _MIN_DIGIT, _STRAIGHT = 0.5, 0.04, 0.02
_ONE_PEN = 0.5  # of the width of a digit's stroke: what is thinner is left of a line
_RIM, _RIM_COVER = 0.06, 0.85  # of a frame's sides: it lies within the rim, and covers each side


def without_lines(ink: np.ndarray, least: float = _INK) -> np.ndarray:
    """Ink without ruled lines along and across the page, and without frames.

    Args:
        ink: float32 array of shape (h, w), 0.0 to 1.0.
        least: of it that counts as ink.

    Returns:
        The same, with 0 where a line was; strokes that cross a line stay whole.
    """
    level = _without_level_lines(_without_frames(ink, least), least)
    across = _without_level_lines(np.ascontiguousarray(level.T), least)
    return np.ascontiguousarray(across.T)


def without_border(ink: np.ndarray) -> np.ndarray:
    """Ink without what hangs on the border and runs along it: the edge of the paper, the table beside it.

    Args:
        ink: float32 array of shape (h, w), 0.0 to 1.0.
    """
    height, width = ink.shape
    _, pieces, boxes, _ = cv2.connectedComponentsWithStats((ink > _INK).astype(np.uint8), connectivity=8)
    left, top, wide, high = boxes[:, 0], boxes[:, 1], boxes[:, 2], boxes[:, 3]
    at_side = (left <= 1) | (left + wide >= width - 1)
    at_end = (top <= 1) | (top + high >= height - 1)
    inner = ~at_side
    inner[0] = False
    # A 1 at the side of a tight cut-out is as slim and upright as an edge, but no higher than the other digits.
    is_high = at_end | (high > _WHOLE_SIDE * height) | (high > _HIGHER * _usual_height(boxes[inner]))
    is_edge = at_side & is_high & (high > 0.5 * height) & (wide < 0.2 * width)
    is_edge |= at_end & (wide > 0.5 * width) & (high < 0.2 * height)
    is_edge[pieces[[0, 0, -1, -1], [0, -1, 0, -1]]] = True  # nobody writes into the corner
    is_edge[0] = False
    return np.where(is_edge[pieces], 0, ink).astype(np.float32)


def of_one_digit(ink: np.ndarray) -> np.ndarray:
    """Ink of a page with one digit, without what reaches its border, straight lines and what these left, if anything remains.

    Args:
        ink: float32 array of shape (h, w), 0.0 to 1.0.
    """
    _, pieces, boxes, _ = cv2.connectedComponentsWithStats((ink > _INK).astype(np.uint8), connectivity=8)
    height, width = ink.shape
    left, top, wide, high = boxes[:, 0], boxes[:, 1], boxes[:, 2], boxes[:, 3]
    is_inner = (left > 1) & (top > 1) & (left + wide < width - 1) & (top + high < height - 1)
    is_inner[0] = False
    longest = np.maximum(wide, high) / min(ink.shape)
    for piece in np.flatnonzero(is_inner & (longest > _LINE_OF_ONE)):
        is_inner[piece] = not _is_straight(pieces == piece)
    are_large = is_inner & (longest >= _MIN_DIGIT)
    if not are_large.any():
        return ink
    is_inner &= _are_of_the_pen(pieces, are_large)
    near = cv2.dilate(is_inner[pieces].astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.where(near & (is_inner[pieces] | (pieces == 0)), ink, 0).astype(np.float32)


def _are_of_the_pen(pieces: np.ndarray, are_large: np.ndarray) -> np.ndarray:
    """Which pieces are about as wide at their widest as the widest of the large ones: what a line left is thinner.

    Args:
        pieces: the piece of each pixel, int array of shape (h, w).
        are_large: bool array of shape (pieces,).

    Returns:
        bool array of shape (pieces,).
    """
    marked = pieces > 0
    depths = cv2.distanceTransform(marked.astype(np.uint8), cv2.DIST_L2, 5)
    widest = np.zeros(len(are_large), np.float32)
    np.maximum.at(widest, pieces[marked], depths[marked])
    return widest >= _ONE_PEN * widest[are_large].max()


def _is_straight(mark: np.ndarray) -> bool:
    """Whether a mark, bool (h, w), is a line: far longer than a pen's stroke is wide."""
    rows, columns = np.nonzero(mark)
    _, sides, _ = cv2.minAreaRect(np.stack([columns, rows], axis=1).astype(np.float32))
    return min(sides) < _STRAIGHT * max(sides)


def _usual_height(boxes: np.ndarray) -> float:
    """The height of pieces, pixels: the median over their pixels; 0 where there are none."""
    order = np.argsort(boxes[:, 3])
    area = np.cumsum(boxes[order, 4])
    return float(boxes[order[np.searchsorted(area, area[-1] / 2)], 3]) if len(boxes) else 0.0


def _without_frames(ink: np.ndarray, least: float) -> np.ndarray:
    """Ink without the boxes that are printed around where one writes."""
    height, width = ink.shape
    _, pieces, boxes, _ = cv2.connectedComponentsWithStats((ink > least).astype(np.uint8), connectivity=8)
    kept = ink
    for number, (left, top, wide, high, _) in enumerate(boxes):
        if number and wide > 0.6 * width and high > 0.6 * height:
            mark = pieces[top : top + high, left : left + wide] == number
            if _is_frame(mark):
                kept = np.where(pieces == number, 0, kept).astype(np.float32)
    return kept


def _is_frame(mark: np.ndarray) -> bool:
    """Whether a mark, bool (h, w), cut to itself, runs along all four of its sides, and nowhere else."""
    rims = [max(2, round(_RIM * side)) for side in mark.shape]
    if mark[rims[0] : -rims[0], rims[1] : -rims[1]].sum() > (1 - _RIM_COVER) * mark.sum():
        return False
    sides = (mark[: rims[0]], mark[-rims[0] :], mark[:, : rims[1]].T, mark[:, -rims[1] :].T)
    return min(float(side.any(axis=0).mean()) for side in sides) > _RIM_COVER


def _without_level_lines(ink: np.ndarray, least: float) -> np.ndarray:
    """Ink without straight lines from side to side; a page on which all of them fall is made level, column by column, for it."""
    is_short = ink.shape[1] < len(ink)
    slope = _slope(ink > least)
    if not slope:
        return _without_nearly_level_lines(ink, least, is_short=is_short)
    falls = np.round(slope * np.arange(ink.shape[1])).astype(int)
    levelled = _without_nearly_level_lines(_raised(ink, falls - falls.min()), least, is_short=is_short)
    return _raised(levelled, falls.max() - falls)[np.ptp(falls) :][: len(ink)]


def _slope(marked: np.ndarray) -> float:
    """By how much most straight lines of the ink, bool (h, w), fall, pixels a pixel; 0.0 where that makes little difference."""
    rows, columns = np.nonzero(marked)
    if not len(rows):
        return 0.0
    rows, columns = (places[:: -(-len(rows) // _MOST_PLACES)] for places in (rows, columns))
    beyond = int(np.abs(_SLOPES).max() * marked.shape[1]) + 1
    levels = np.round(rows - _SLOPES[:, None] * columns).astype(int) + beyond
    shares = [np.bincount(level, minlength=len(marked) + 2 * beyond).var() for level in levels]
    best = int(np.argmax(shares))
    return float(_SLOPES[best]) if shares[best] > _CLEARER * shares[len(_SLOPES) // 2] else 0.0


def _raised(ink: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Ink (h, w) with each column so many pixels higher, at least 0, on a page that is higher by as much as the highest."""
    height = len(ink) + int(pixels.max())
    raised = np.zeros((height, ink.shape[1]), ink.dtype)
    columns = np.arange(ink.shape[1])
    raised[np.arange(len(ink))[:, None] + pixels.max() - pixels, columns] = ink
    return raised


def _without_nearly_level_lines(ink: np.ndarray, least: float, *, is_short: bool) -> np.ndarray:
    """Ink without straight lines from side to side that fall by at most _MAX_SLOPE; along the shorter side only even ones."""
    width = ink.shape[1]
    marked = (ink > least).astype(np.uint8)
    piece = max(_MIN_PIECE, round(_PIECE * width))
    if piece >= width:
        return ink
    thickest = _MAX_THICKNESS * max(ink.shape) + _CLEARANCE
    # A bold stroke holds level pieces as well, and would join one line to the next.
    bold = cv2.morphologyEx(marked, cv2.MORPH_OPEN, np.ones((int(thickest), int(thickest)), np.uint8))
    # Thickened upwards and downwards, a slightly slanting line still holds level pieces.
    thick = cv2.dilate(marked - bold, np.ones((3, 1), np.uint8))
    level = np.minimum(cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, piece), np.uint8)), thick)
    lines, pieces = _level_ones(level)
    is_even = _is_even([line.middle for line in lines])
    if is_short and not is_even:
        return ink
    heights = _run_heights(marked)
    gone = np.zeros(marked.shape, bool)
    usual = [height for line in lines if (height := _take_off(gone, marked, line, heights, thickest, np.inf))]
    if is_even and usual:
        for short in _between(lines, pieces):
            _take_off(gone, marked, short, heights, thickest, float(np.median(usual)))
    return np.where(gone, 0, ink).astype(np.float32)


@dataclass(frozen=True, eq=False)
class _Level:
    """A level piece of ink.

    Attributes:
        top: the row of the page that `mask` begins with.
        mask: uint8 (h, w), as wide as the page: 1 is ink.
    """

    top: int
    mask: np.ndarray

    @property
    def middle(self) -> float:
        """Its middle row on the page, pixels."""
        return self.top + float(np.nonzero(self.mask)[0].mean())


def _level_ones(level: np.ndarray) -> tuple[list[_Level], list[_Level]]:
    """The level ink, uint8 (h, w), joined along the page: what is long enough to be a line, and what is not."""
    width = level.shape[1]
    bridged = cv2.morphologyEx(level, cv2.MORPH_CLOSE, np.ones((3, max(3, width // _BRIDGE)), np.uint8))
    _, joined, boxes, _ = cv2.connectedComponentsWithStats(bridged, connectivity=8)
    lines: list[_Level] = []
    pieces: list[_Level] = []
    for number, (left, top, wide, high, _) in enumerate(boxes):
        if number == 0 or high > _MAX_SLOPE * wide + 12:
            continue
        rows = slice(top, top + high)
        one = _Level(top, ((joined[rows] == number) & (level[rows] > 0)).astype(np.uint8))
        if not one.mask.any():
            continue
        cover = float(one.mask[:, left : left + wide].any(axis=0).mean())
        is_line = wide >= _MIN_LENGTH * width and cover > _MIN_COVER
        (lines if is_line else pieces).append(one)
    return lines, pieces


def _between(lines: list[_Level], pieces: list[_Level]) -> list[_Level]:
    """The pieces that lie where even lines do, or another one would: what a bold stroke has cut off."""
    middles = np.array([line.middle for line in lines])
    step = float(np.median(np.diff(np.sort(middles))))
    found = []
    for piece in pieces:
        steps = (piece.middle - middles[np.abs(middles - piece.middle).argmin()]) / step
        if abs(steps - round(steps)) < _UNEVENNESS:
            found.append(piece)
    return found


def _is_even(middles: list[float]) -> bool:
    """Whether lines, by their middle rows, are as many and as evenly spaced as those of squared paper."""
    if len(middles) < _MIN_OF_SHORT:
        return False
    gaps = np.diff(sorted(middles))
    steps = np.round(gaps / np.median(gaps))  # a line may be hidden by another
    return bool(np.percentile(np.abs(gaps / np.median(gaps) - steps), 70) < _UNEVENNESS)


def _take_off(
    gone: np.ndarray, marked: np.ndarray, line: _Level, heights: np.ndarray, thickest: float, most: float
) -> float:
    """Mark the pixels of a line as gone, but for the columns in which the ink is taller than the line.

    Args:
        gone: bool (h, w), of the page; is changed.
        marked: uint8 (h, w), 1 is ink.
        line: one of the level pieces.
        heights: int32 (h, w), as `_run_heights` gives them.
        thickest: pixels: what is thicker is no line.
        most: pixels: it is no thicker than this.

    Returns:
        How thick the line is, pixels; 0.0 where it is none.
    """
    top, bottom = max(0, line.top - 1), min(len(marked), line.top + len(line.mask) + 1)
    padding = line.top - top, bottom - line.top - len(line.mask)
    mask = np.pad(line.mask, (padding, (0, 0)))
    own, high = marked[top:bottom] > 0, heights[top:bottom]
    by_column = np.where((mask > 0) & own, high, 0).max(axis=0)
    usual = float(np.median(by_column[by_column > 0])) if by_column.any() else np.inf
    if usual > min(thickest, most + _CLEARANCE):
        return 0.0
    near = cv2.dilate(mask, np.ones((3, 1), np.uint8)) > 0
    gone[top:bottom] |= near & own & (high <= min(usual, most) + _CLEARANCE)
    return usual


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
