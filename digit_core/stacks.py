"""Rows that stand close above each other: two lines of digits, or the upper and lower parts of one."""

import itertools

from digit_core.rows import Piece, Row

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
