"""Pieces of ink on a page, and the text lines in which they stand."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from digit_core.digits import brief

# What counts as ink where pieces are separated.
_INK = 0.3
# Of the digits' height: smaller pieces are specks; pieces at least as tall as a body make the lines.
_SPECK, _BODY = 0.1, 0.45
_TAP = 1.0  # of the stroke's width: a pen that only touches the paper leaves no less
_MAX_TAPS = 2  # a digit: more specks are dust
# Neighbours in a line are nearer than this (heights of a digit), and overlap in height by this (of the smaller height).
_MAX_DISTANCE, _MIN_OVERLAP = 5.0, 0.35
# Heights of a digit: lines nearer to each other than this are one; small pieces nearer to a line's digits belong to it.
_SAME_LINE, _NEAR_LINE = 0.55, 0.95
# Of the page's digits: lines of lower pieces are dust.
_MIN_HEIGHT = 0.3
# Heights of a digit: parts of one digit stand no farther above each other.
_MAX_STACKED_GAP = 0.3
# Heights of a digit: those of one line stand beside each other at least so far.
_MIN_BESIDE = 0.3
# Of the narrower one's width: so far two pieces that stand above each other overlap.
_MIN_STACKED_OVERLAP = 0.4


@dataclass(frozen=True, eq=False)
class Piece:
    """A connected piece of ink.

    Attributes:
        ink: float32 array of shape (h, w), 0.0 to 1.0, cut to the ink.
        top, left: the place of its first pixel on the page.
    """

    ink: np.ndarray
    top: int
    left: int

    __repr__ = brief

    @property
    def bottom(self) -> int:
        """The first row of pixels below it."""
        return self.top + self.ink.shape[0]

    @property
    def right(self) -> int:
        """The first column of pixels to the right of it."""
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
class TextLine:
    """A line of writing.

    Attributes:
        pieces: from left to right.
        height: pixels, of a digit in it.
        slope: by how many pixels the line falls a pixel to the right.
    """

    pieces: tuple[Piece, ...]
    height: float
    slope: float


def pieces_of(ink: np.ndarray) -> list[Piece]:
    """The connected pieces of ink.

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
    """The height of the digits, pixels: the median over the ink, so that dust does not count."""
    heights = np.array([piece.height for piece in pieces], float)
    order = np.argsort(heights)
    mass = np.cumsum(np.array([piece.mass for piece in pieces])[order])
    return float(heights[order][np.searchsorted(mass, 0.5 * mass[-1])])


def text_lines(pieces: list[Piece], pen: float | None = None) -> list[TextLine]:
    """The text lines of a page, from the top; a line may slant. Dust is left out.

    Args:
        pieces: of the whole page, at least one.
        pen: pixels, the width of the stroke: specks that it may have made stay, too; see `without_specks`.
    """
    height = typical_height(pieces)
    kept = [piece for piece in pieces if not _is_speck(piece, height)]
    bodies = [piece for piece in kept if piece.height >= _BODY * height]
    if not bodies:
        return []
    slope = _slope(bodies, height)
    groups = _merged(_chains(bodies, slope, height), height)
    for piece in kept:
        if piece.height < _BODY * height:
            _add_to_nearest(piece, groups, height)
    for piece in _taps(pieces, height, pen, _MAX_TAPS * len(bodies)):
        _add_to_nearest(piece, groups, height)
    lines = [_text_line(group, slope) for group in groups]
    lines = [line for line in lines if line.height >= _MIN_HEIGHT * height]
    return sorted(lines, key=lambda line: _start(line.pieces, line.slope))


def without_specks(line: TextLine, height: float) -> TextLine:
    """A line without what is smaller than parts of a digit are.

    Args:
        line: as `text_lines` gives it.
        height: pixels, of the page's digits: its `typical_height`.
    """
    return replace(line, pieces=tuple(piece for piece in line.pieces if not _is_speck(piece, height)))


def _is_speck(piece: Piece, height: float) -> bool:
    return max(piece.ink.shape) < max(2.0, _SPECK * height)


def _taps(pieces: list[Piece], height: float, pen: float | None, most: int) -> list[Piece]:
    """The specks that a pen may have made; none if there are more than `most`, as dust has."""
    if pen is None:
        return []
    least = max(2.0, _TAP * pen)
    found = [piece for piece in pieces if _is_speck(piece, height) and min(piece.ink.shape) >= least]
    return found if len(found) <= most else []


def together(first: TextLine, second: TextLine) -> TextLine:
    """Two lines as one, with the slope of the longer one."""
    longer = max(first, second, key=lambda line: len(line.pieces))
    return _text_line([*first.pieces, *second.pieces], longer.slope)


def are_stacked(first: TextLine, second: TextLine) -> bool:
    """Whether a piece of one line stands so close above one of the other that both may be parts of one digit."""
    farthest = _MAX_STACKED_GAP * max(first.height, second.height)
    return any(
        _stand_above_each_other(one, other) and _gap(one, other) < farthest
        for one in first.pieces
        for other in second.pieces
    )


def is_one_line(pieces: list[Piece], height: float) -> bool:
    """Whether no piece stands above another one, as digits of two lines do.

    Args:
        pieces: of what may be a line.
        height: pixels, of a digit in it.
    """
    return not any(
        _stand_above_each_other(one, other) and _gap(one, other) > -_MIN_BESIDE * height
        for one, other in itertools.combinations(pieces, 2)
    )


def _stand_above_each_other(one: Piece, other: Piece) -> bool:
    shared = min(one.right, other.right) - max(one.left, other.left)
    return shared > _MIN_STACKED_OVERLAP * min(one.ink.shape[1], other.ink.shape[1])


def _gap(one: Piece, other: Piece) -> int:
    """Pixels between the lower end of one and the upper end of the other; below zero where they stand beside each other."""
    return max(one.top, other.top) - min(one.bottom, other.bottom)


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
        best, nearest = -1, _MAX_DISTANCE * height
        for other_number, other in enumerate(bodies):
            run = other.middle[1] - piece.middle[1]
            if other_number == number or run < 0 or (run == 0 and other_number < number):
                continue
            fall = slope * run
            shared = min(piece.bottom, other.bottom - fall) - max(piece.top, other.top - fall)
            distance = max(0.0, other.left - piece.right) + 0.1 * run
            if shared >= _MIN_OVERLAP * min(piece.height, other.height) and distance < nearest:
                best, nearest = other_number, distance
        if best >= 0:
            owner[root(number)] = root(best)
    groups: dict[int, list[Piece]] = {}
    for number, piece in enumerate(bodies):
        groups.setdefault(root(number), []).append(piece)
    return list(groups.values())


def _own_slope(group: list[Piece], slope: float) -> float:
    """The slope of a line; the page's slope where the line is short."""
    y, x = np.array([piece.middle for piece in group]).T
    if len(group) >= 4 and np.ptp(x) > 4 * float(np.median([piece.height for piece in group])):
        return float(np.polyfit(x, y, 1)[0])
    return slope


def _start(group: Sequence[Piece], slope: float) -> float:
    """How far down a line begins, at x = 0: the mean over its pieces, pixels."""
    return float(np.mean([piece.middle[0] - slope * piece.middle[1] for piece in group]))


def _distance(group: list[Piece], other: list[Piece]) -> float:
    """How far apart two lines run, pixels."""
    slope = 0.0
    for longer in sorted((group, other), key=len):
        slope = _own_slope(longer, slope)
    return abs(_start(group, slope) - _start(other, slope))


def _merged(groups: list[list[Piece]], height: float) -> list[list[Piece]]:
    """Chains on the same line joined: a wide gap, or a digit above the others, had parted them."""
    merged: list[list[Piece]] = []
    for group in sorted(groups, key=len, reverse=True):
        near = [line for line in merged if _distance(line, group) < _SAME_LINE * height]
        if near:
            min(near, key=lambda line: _distance(line, group)).extend(group)
        else:
            merged.append(list(group))
    return merged


def _add_to_nearest(piece: Piece, groups: list[list[Piece]], height: float) -> None:
    """Put a small piece into the line whose digits are nearest, if they are near."""
    y, x = piece.middle

    def distance(group: list[Piece]) -> float:
        return min(
            np.hypot(max(body.top - y, y - body.bottom, 0.0), max(body.left - x, x - body.right, 0.0))
            for body in group
        )

    nearest = min(groups, key=distance)
    if distance(nearest) < _NEAR_LINE * height:
        nearest.append(piece)


def _text_line(group: list[Piece], slope: float) -> TextLine:
    ordered = sorted(group, key=lambda piece: piece.middle[1])
    height = typical_height(ordered)
    bodies = [piece for piece in ordered if piece.height >= _BODY * height]
    return TextLine(tuple(ordered), height, _own_slope(bodies, slope))
