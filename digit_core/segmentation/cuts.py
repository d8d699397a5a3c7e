"""Where touching digits can be cut apart: paths from top to bottom that cross little ink."""

import itertools
from collections.abc import Sequence

import cv2
import numpy as np

from digit_core.preprocessing import normalization
from digit_core.segmentation.lines import Piece

_FINE = 48  # pixels: a digit's height while paths are sought
_BEND = 0.22  # of a digit's height: how far a path swerves to either side
_SIDESTEP = 0.12  # of full ink: what a step to the side costs a path
_MAX_INK = 0.34  # of a digit's height: the most ink that a path crosses
_MIN_MASS = 0.25  # of a digit's height times the stroke's width: less ink is no part worth cutting off
_BARE = 0.3  # of full ink: less is none
_MIN_DISTANCE = 0.1  # of a digit's height: paths nearer to each other are one
_NEAR = 0.12  # of a digit's height: so far from where a joint is said to be a path may run
_MIN_WIDTH = 0.3  # of a digit's height: narrower pieces are not cut
_MAX_CUTS = 3.0  # to a digit's height of width, besides joints
# Of a digit's height: holes are larger (its square); those of neighbours stand beside each other over this, and no farther apart.
_HOLE, _BESIDE, _APART = 0.01, 0.15, 0.5


def cut(piece: Piece, height: float, pen: float, joints: Sequence[float] = ()) -> list[Piece]:
    """Cut a piece wherever two digits could touch: into more parts than there are digits, in most cases.

    Args:
        piece: connected ink.
        height: pixels, of a digit in its line.
        pen: pixels, the width of the stroke.
        joints: pixels of the page, about which x one digit ends and the next begins, however much ink is crossed there.

    Returns:
        Its parts from left to right; the piece itself where there is nothing to cut.
    """
    if piece.ink.shape[1] < _MIN_WIDTH * height:
        return [piece]
    scale = min(1.0, _FINE / height)
    size = tuple(max(2, round(side * scale)) for side in piece.ink.shape[::-1])
    small = cv2.resize(piece.ink, size, interpolation=cv2.INTER_AREA) if scale < 1 else piece.ink
    costs, paths = _paths(small, max(1, round(_BEND * height * scale)))
    least = _MIN_MASS * height * pen
    between = _between_holes(small, height * scale)
    for joint in joints:
        if piece.left < joint < piece.right:
            between.append(
                paths[_cheapest(costs, (joint - piece.left) * scale, _NEAR * height * scale)][None]
            )
    costs, paths = np.append(np.full(len(between), -1.0), costs), np.concatenate([*between, paths])
    chosen = _choose(piece.ink, costs, paths / scale, _MAX_INK * height * scale, least, height)
    return _parts(piece, chosen) if chosen else [piece]


def _paths(ink: np.ndarray, bend: int) -> tuple[np.ndarray, np.ndarray]:
    """The path of least ink around each column.

    Args:
        ink: float32 array of shape (h, w).
        bend: pixels to either side that a path may swerve.

    Returns:
        The cost of each column's path, (w,), and its x in each row, (w, h).
    """
    height, width = ink.shape
    band = 2 * bend + 1
    columns = np.arange(width)[:, None] + np.arange(-bend, bend + 1)[None]  # (w, band)
    padded = np.pad(ink, ((0, 0), (bend, bend)))
    astray = 0.004 * np.abs(np.arange(-bend, bend + 1))  # of two equal paths the straight one
    best = padded[0][columns + bend] + astray
    steps = np.zeros((height, width, band), np.int8)
    edge = np.full((width, 1), np.inf)
    for row in range(1, height):
        ways = np.stack(
            [np.hstack([edge, best[:, :-1]]) + _SIDESTEP, best, np.hstack([best[:, 1:], edge]) + _SIDESTEP]
        )
        step = ways[[1, 0, 2]].argmin(axis=0)  # straight first
        steps[row] = np.array([0, -1, 1])[step]
        best = ways.min(axis=0) + padded[row][columns + bend] + astray
    at = best.argmin(axis=1)
    costs = best[np.arange(width), at]
    xs = np.empty((width, height))
    for row in range(height - 1, -1, -1):
        xs[:, row] = columns[np.arange(width), at]
        at = at + steps[row, np.arange(width), at]
    return costs, xs


def _cheapest(costs: np.ndarray, place: float, reach: float) -> int:
    """The column with the cheapest path within `reach` of a place."""
    first = int(np.clip(round(place - reach), 0, len(costs) - 1))
    return first + int(costs[first : max(first + 1, round(place + reach) + 1)].argmin())


def _between_holes(ink: np.ndarray, height: float) -> list[np.ndarray]:
    """Paths between holes that stand beside each other, as those of touching zeros: there much ink is crossed.

    Args:
        ink: float32 array of shape (h, w).
        height: pixels of it, of a digit.

    Returns:
        The x in each row, float arrays of shape (1, h), from left to right.
    """
    bare = np.pad((ink < _BARE).astype(np.uint8), 1, constant_values=1)
    _, numbers, boxes, middles = cv2.connectedComponentsWithStats(bare, connectivity=4)
    outside = numbers[0, 0]
    numbers = numbers[1:-1, 1:-1]
    holes = [n for n in range(1, len(boxes)) if n != outside and boxes[n][4] > _HOLE * height**2]
    found = []
    for left, right in itertools.pairwise(sorted(holes, key=lambda hole: middles[hole][0])):
        rows = np.flatnonzero((numbers == left).any(axis=1) & (numbers == right).any(axis=1))
        if len(rows) < _BESIDE * height:
            continue
        ends = ink.shape[1] - 1 - (numbers[rows, ::-1] == left).argmax(axis=1)
        starts = (numbers[rows] == right).argmax(axis=1)
        if (starts - ends).min() > 0 and np.median(starts - ends) < _APART * height:
            found.append(np.interp(np.arange(len(ink)), rows, (ends + starts + 1) / 2)[None])
    return found


def _choose(
    ink: np.ndarray, costs: np.ndarray, paths: np.ndarray, most: float, least: float, height: float
) -> list[np.ndarray]:
    """Of all paths the cheapest that leave enough ink between each other, from left to right.

    Returns:
        Paths as the x at which each row of `ink` is cut, float arrays of shape (h,).
    """
    rows = np.linspace(0, paths.shape[1] - 1, len(ink))
    chosen: list[np.ndarray] = []
    masses: list[float] = [0.0, float(ink.sum())]
    running = np.cumsum(ink, axis=1)
    count = 1 + _MAX_CUTS * ink.shape[1] / height + np.count_nonzero(costs < 0)
    for column in np.argsort(costs, kind="stable"):
        if costs[column] > most or len(chosen) >= count:
            break
        path = np.interp(rows, np.arange(paths.shape[1]), paths[column])
        at = np.clip(np.round(path).astype(int), 0, ink.shape[1]) - 1
        left = float(np.where(at >= 0, running[np.arange(len(ink)), np.maximum(at, 0)], 0).sum())
        middle = float(path.mean())
        if any(abs(middle - float(other.mean())) < _MIN_DISTANCE * height for other in chosen):
            continue
        if min(abs(left - mass) for mass in masses) >= least:
            chosen.append(path)
            masses.append(left)
    return sorted(chosen, key=lambda path: float(path.mean()))


def _parts(piece: Piece, paths: list[np.ndarray]) -> list[Piece]:
    x = np.arange(piece.ink.shape[1])[None]
    number = np.sum([x >= np.round(path)[:, None] for path in paths], axis=0)  # (h, w)
    return [
        part
        for which in range(len(paths) + 1)
        if (part := trimmed(np.where(number == which, piece.ink, 0), piece.top, piece.left)) is not None
    ]


def trimmed(ink: np.ndarray, top: int, left: int) -> Piece | None:
    """A piece cut to its ink, from an array whose first pixel stands at `top`, `left`; None without ink."""
    marked = ink > 0.1
    if not marked.any():
        return None
    first_row, first_column, end_row, end_column = normalization.box_of(marked)
    cut_out = np.ascontiguousarray(ink[first_row:end_row, first_column:end_column])
    return Piece(cut_out, top + first_row, left + first_column)


def joined(pieces: list[Piece]) -> Piece:
    """Some pieces as one."""
    top, left = min(piece.top for piece in pieces), min(piece.left for piece in pieces)
    bottom, right = max(piece.bottom for piece in pieces), max(piece.right for piece in pieces)
    ink = np.zeros((bottom - top, right - left), np.float32)
    for piece in pieces:
        under = ink[piece.top - top : piece.bottom - top, piece.left - left : piece.right - left]
        np.maximum(under, piece.ink, out=under)
    return Piece(ink, top, left)
