"""Pieces of ink on a page, and the rows in which they stand."""

import itertools
from dataclasses import dataclass

import cv2
import numpy as np

_INK = 0.3  # what counts as ink when pieces are told apart
_SPECK = 0.1  # of the digits' height: smaller pieces are specks
_BODY = 0.45  # of the digits' height: pieces at least so tall make the rows
_FARTHEST = 5.0  # heights of a digit: neighbours in a row are nearer than this
_OVERLAP = 0.35  # of the smaller height: neighbours in a row stand so far beside each other
_SAME_LINE = 0.55  # heights of a digit: pieces of rows whose lines are nearer than this are one row
_NEAR_LINE = 0.95  # heights of a digit: small pieces nearer than this to a row's middle belong to it
_LOWEST_ROW = 0.3  # of the page's digits: rows of lower pieces are dust


@dataclass(frozen=True, eq=False)
class Piece:
    """Some ink that hangs together.

    Attributes:
        ink: float32 array of shape (h, w), 0.0 to 1.0, cut to the ink.
        top, left: the place of its first pixel on the page.
    """

    ink: np.ndarray
    top: int
    left: int

    @property
    def bottom(self) -> int:
        """The first row below it."""
        return self.top + self.ink.shape[0]

    @property
    def right(self) -> int:
        """The first column to the right of it."""
        return self.left + self.ink.shape[1]

    @property
    def height(self) -> int:
        """Pixels."""
        return self.ink.shape[0]

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of its box, y and x."""
        return (self.top + self.bottom) / 2, (self.left + self.right) / 2

    @property
    def mass(self) -> float:
        """The sum of its ink, pixels."""
        return float(self.ink.sum())


@dataclass(frozen=True, eq=False)
class Row:
    """A row of pieces.

    Attributes:
        pieces: from left to right.
        height: pixels, of a digit in it.
        slope: by how many pixels the row falls a pixel to the right.
    """

    pieces: tuple[Piece, ...]
    height: float
    slope: float


def pieces_of(ink: np.ndarray) -> list[Piece]:
    """The pieces of ink that hang together.

    Args:
        ink: float32 array of shape (h, w), 0.0 to 1.0.
    """
    _, numbers, boxes, _ = cv2.connectedComponentsWithStats((ink > _INK).astype(np.uint8), connectivity=8)
    found = []
    for number, (left, top, width, height, area) in enumerate(boxes):
        if number and area >= 3:
            cut = slice(top, top + height), slice(left, left + width)
            found.append(Piece(np.where(numbers[cut] == number, ink[cut], 0), int(top), int(left)))
    return found


def typical_height(pieces: list[Piece]) -> float:
    """The height of the digits, pixels: the median over the ink, so that dust has no say."""
    heights = np.array([piece.height for piece in pieces], float)
    order = np.argsort(heights)
    mass = np.cumsum(np.array([piece.mass for piece in pieces])[order])
    return float(heights[order][np.searchsorted(mass, 0.5 * mass[-1])])


def rows_of(pieces: list[Piece]) -> list[Row]:
    """The rows of a page, from the top; a row may slant. Dust is left out.

    Args:
        pieces: of the whole page, at least one.
    """
    height = typical_height(pieces)
    kept = [piece for piece in pieces if max(piece.ink.shape) >= max(2.0, _SPECK * height)]
    bodies = [piece for piece in kept if piece.height >= _BODY * height]
    if not bodies:
        return []
    slope = _slope(bodies, height)
    groups = _merged(_chains(bodies, slope, height), height)
    for piece in kept:
        if piece.height < _BODY * height:
            _add_to_nearest(piece, groups, height)
    rows = [_row(group, slope) for group in groups]
    rows = [row for row in rows if row.height >= _LOWEST_ROW * height]
    return sorted(
        rows, key=lambda row: float(np.mean([p.middle[0] - row.slope * p.middle[1] for p in row.pieces]))
    )


def together(first: Row, second: Row) -> Row:
    """Two rows as one, with the slope of the longer one."""
    longer = max(first, second, key=lambda row: len(row.pieces))
    return _row([*first.pieces, *second.pieces], longer.slope)


def _slope(bodies: list[Piece], height: float) -> float:
    """How the page slants: the median over neighbours."""
    slopes = []
    for piece in bodies:
        y, x = piece.middle
        beside = [
            (other.middle[1] - x, other.middle[0] - y)
            for other in bodies
            if 0.3 * height < other.middle[1] - x < 3 * height and abs(other.middle[0] - y) < 0.8 * height
        ]
        if beside:
            run, rise = min(beside)
            slopes.append(rise / run)
    return float(np.clip(np.median(slopes), -0.5, 0.5)) if len(slopes) >= 2 else 0.0


def _chains(bodies: list[Piece], slope: float, height: float) -> list[list[Piece]]:
    """Pieces linked to their nearest neighbour on the right that stands beside them."""
    owner = list(range(len(bodies)))

    def root(number: int) -> int:
        while owner[number] != number:
            number = owner[number]
        return number

    for number, piece in enumerate(bodies):
        best, nearest = -1, _FARTHEST * height
        for other_number, other in enumerate(bodies):
            run = other.middle[1] - piece.middle[1]
            if other_number == number or run < 0 or (run == 0 and other_number < number):
                continue
            fall = slope * run
            shared = min(piece.bottom, other.bottom - fall) - max(piece.top, other.top - fall)
            distance = max(0.0, other.left - piece.right) + 0.1 * run
            if shared >= _OVERLAP * min(piece.height, other.height) and distance < nearest:
                best, nearest = other_number, distance
        if best >= 0:
            owner[root(number)] = root(best)
    groups: dict[int, list[Piece]] = {}
    for number, piece in enumerate(bodies):
        groups.setdefault(root(number), []).append(piece)
    return list(groups.values())


def _line(group: list[Piece], slope: float) -> tuple[float, float]:
    """The middle line of a row: y at x = 0, and its slope; the page's slope where the row is short."""
    y, x = np.array([piece.middle for piece in group]).T
    if len(group) >= 4 and np.ptp(x) > 4 * float(np.median([piece.height for piece in group])):
        slope, start = np.polyfit(x, y, 1)
        return float(start), float(slope)
    return float(np.median(y - slope * x)), slope


def _distance(group: list[Piece], other: list[Piece]) -> float:
    """How far apart the lines of two rows run, in the middle between them, pixels."""
    slope = 0.0
    for longer in sorted((group, other), key=len):
        slope = _line(longer, slope)[1]
    middles = [float(np.mean([p.middle[0] - slope * p.middle[1] for p in row])) for row in (group, other)]
    return abs(middles[0] - middles[1])


def _merged(groups: list[list[Piece]], height: float) -> list[list[Piece]]:
    """Chains on the same line joined: a wide gap, or a digit above the others, had parted them."""
    merged: list[list[Piece]] = []
    for group in sorted(groups, key=len, reverse=True):
        near = [row for row in merged if _distance(row, group) < _SAME_LINE * height]
        if near:
            min(near, key=lambda row: _distance(row, group)).extend(group)
        else:
            merged.append(list(group))
    return merged


def _add_to_nearest(piece: Piece, groups: list[list[Piece]], height: float) -> None:
    """Put a small piece into the row whose digits are nearest, if they are near."""
    y, x = piece.middle

    def distance(group: list[Piece]) -> float:
        return min(
            np.hypot(max(body.top - y, y - body.bottom, 0.0), max(body.left - x, x - body.right, 0.0))
            for body in group
        )

    nearest = min(groups, key=distance)
    if distance(nearest) < _NEAR_LINE * height:
        nearest.append(piece)


def _row(group: list[Piece], slope: float) -> Row:
    ordered = sorted(group, key=lambda piece: piece.middle[1])
    bodies = [piece for piece in ordered if piece.height >= _BODY * typical_height(ordered)]
    return Row(tuple(ordered), typical_height(ordered), _line(bodies, slope)[1])


_STACKED_GAP = 0.3  # heights of a digit: parts of one digit stand no farther above each other
_SAME_HEIGHT = 0.3  # heights of a digit: those of one row stand beside each other at least so far
_STACKED_SHARE = 0.4  # of the narrower one's width: so far they stand above each other


def are_stacked(first: Row, second: Row) -> bool:
    """Whether a piece of one row stands so close above one of the other that both may be parts of one digit."""
    farthest = _STACKED_GAP * max(first.height, second.height)
    return any(
        _stand_above_each_other(one, other) and _gap(one, other) < farthest
        for one in first.pieces
        for other in second.pieces
    )


def is_one_line(pieces: list[Piece], height: float) -> bool:
    """Whether no piece stands above another one, as digits of two rows do.

    Args:
        pieces: of what may be a row.
        height: pixels, of a digit in it.
    """
    return not any(
        _stand_above_each_other(one, other) and _gap(one, other) > -_SAME_HEIGHT * height
        for one, other in itertools.combinations(pieces, 2)
    )


def _stand_above_each_other(one: Piece, other: Piece) -> bool:
    shared = min(one.right, other.right) - max(one.left, other.left)
    return shared > _STACKED_SHARE * min(one.ink.shape[1], other.ink.shape[1])


def _gap(one: Piece, other: Piece) -> int:
    """Pixels between the lower end of one and the upper end of the other; below zero where they stand beside each other."""
    return max(one.top, other.top) - min(one.bottom, other.bottom)
