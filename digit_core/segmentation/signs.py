"""The signs between the digits of a line: told by their shape and by where they stand among the digits beside them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from digit_core.digits import brief
from digit_core.segmentation import cuts
from digit_core.segmentation.lines import Piece, TextLine

SIGNS = "-.,:/"

# Lengths are heights of a digit, places go upwards from where the digits stand, unless said otherwise; a pair is the least and the
# most. Chosen on made signs as benchmarks/whole_numbers.py makes them, with other seeds, and on rows without signs.
_RIGHT = 0.994  # of the signs that are told: 516 of 519 of made signs of seeds that nothing was chosen on
_BODY = 0.6  # pieces that are higher are digits that signs stand beside
_BESIDE = 4  # of these at most say where a sign stands
_NEAR = 1.3  # from ink to ink: no sign stands farther from a digit
_OVERLAP = 0.35  # of its width: so much of a sign lies above or below other ink at most
_THICK = 1.0, 2.6  # of the stroke's width: dots and commas
_THIN = 0.6, 1.6  # of the stroke's width: dashes and slashes

_DOT_SIDE = 0.36
_DOT_ASPECT = 1.75
_DOT_FILLED = 0.45  # of its box
_DOT_AT = -0.3, 0.25
_UPPER_DOT_AT = 0.22, 0.9
_LOWER_DOT_AT = -0.3, 0.35
_DOTS_APART = 0.06
_DOTS_BESIDE = 0.25

_COMMA_HEIGHT = 0.1, 0.65
_COMMA_WIDTH = 0.4
_COMMA_TOP = -0.12, 0.3
_COMMA_BOTTOM = -0.05
_COMMA_ASPECT = 1.3
_COMMA_ANGLE = 35.0  # degrees: less is a dash

_DASH_WIDTH = 0.15, 1.1
_DASH_ASPECT = 1.8
_DASH_TILT = 22.0  # degrees
_DASH_BEND = 0.45  # of the stroke's width
_DASH_AT = 0.22, 0.85
_DASH_OVERLAP = 0.1  # of its width
# Dashes that stand higher lie clear of all other ink, with a digit behind: the bar of a 5 does not.
_BAR_AT = 0.65

_SLASH_HEIGHT = 1.2, 2.0
_SLASH_LEAN = 14.0, 47.0  # degrees
_SLASH_MORE = 4.0  # degrees, than the digits
_SLASH_ALIKE = 1.3  # slashes that are as high may lean like their row
_SLASH_BEND = 0.3  # of the stroke's width
_SLASH_BOTTOM = 0.03
_HIGHEST = 0.95  # of the highest digit: a slash is no lower


@dataclass(frozen=True, eq=False)
class Sign:
    """A sign of a line.

    Attributes:
        text: one of `SIGNS` or of `marks.CURRENCIES`; "" for a mark that is no digit and no sign that is sure.
        piece: its ink.
        certainty: 0.0 to 1.0, how probable it is that it is this sign.
    """

    text: str
    piece: Piece
    certainty: float = _RIGHT

    __repr__ = brief


@dataclass(frozen=True)
class _Stand:
    """Where a piece stands among the digits beside it: lengths in heights of a digit, upwards from where these stand.

    Attributes:
        top, bottom: of the piece.
        width, height: of the piece.
        size: pixels, of a digit.
        is_after, is_before: whether a digit stands near to the left, and to the right.
        covered: the share of its width that lies above or below other ink.
    """

    top: float
    bottom: float
    width: float
    height: float
    size: float
    is_after: bool
    is_before: bool
    covered: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def is_free(self) -> bool:
        return self.covered <= _OVERLAP


def take_out_of_all(found: Sequence[TextLine], pen: float) -> tuple[list[TextLine], list[Sign]]:
    """The signs of all lines of a page, and the lines without them.

    A long comma that looks like a line of its own belongs to the line in which it is a comma.

    Args:
        found: the lines, from the top.
        pen: pixels, the width of the stroke.
    """
    rows, signs = [], []
    for line in found:
        comma = _lone_comma(line, [other for other in found if other is not line], pen)
        rest, own = (replace(line, pieces=()), [comma]) if comma else take_out(line, pen)
        signs += own
        if rest.pieces:
            rows.append(rest)
    return rows, signs


def _lone_comma(line: TextLine, others: Sequence[TextLine], pen: float) -> Sign | None:
    """The only piece of a line as the comma that it is in another one; None if it is none there."""
    if len(line.pieces) != 1:
        return None
    piece = line.pieces[0]
    for other in others:
        pieces = (*other.pieces, piece)
        bodies = [number for number, one in enumerate(other.pieces) if one.height >= _BODY * other.height]
        if bodies and piece.height < _BODY * other.height:
            stand = _stand(len(other.pieces), replace(other, pieces=pieces), bodies)
            if stand.is_after and stand.is_before and stand.is_free and _is_comma(piece, stand, pen):
                return Sign(",", piece)
    return None


def take_out(line: TextLine, pen: float) -> tuple[TextLine, list[Sign]]:
    """The signs of a line, and the line without them.

    Args:
        line: with the pieces of signs among those of digits.
        pen: pixels, the width of the stroke.

    Returns:
        The line, which keeps every piece that is not surely a sign, and the signs from left to right.
    """
    pieces = line.pieces
    tall = [number for number, piece in enumerate(pieces) if piece.height >= _BODY * line.height]
    leaning = [number for number in tall if _is_leaning_stroke(pieces[number], pen)]
    slashes = {number for number in leaning if _is_slash(number, line, tall, leaning)}
    bodies = [number for number in tall if number not in slashes]
    if not bodies:
        return line, []
    signs = [Sign("/", pieces[number]) for number in slashes]
    taken = set(slashes)
    small = [number for number in range(len(pieces)) if number not in bodies and number not in slashes]
    stands = {number: _stand(number, line, bodies) for number in small}
    dots = [number for number in small if _is_dot(pieces[number], stands[number], pen)]
    for lower, upper in _colons(dots, stands, line):
        if not {lower, upper} & taken:
            signs.append(Sign(":", cuts.joined([pieces[lower], pieces[upper]])))
            taken |= {lower, upper}
    for number in small:
        if number not in taken and stands[number].is_free:
            text = _text(pieces[number], stands[number], number in dots, pen)
            if text:
                signs.append(Sign(text, pieces[number]))
                taken.add(number)
    rest = tuple(piece for number, piece in enumerate(pieces) if number not in taken)
    return replace(line, pieces=rest), sorted(signs, key=lambda sign: sign.piece.middle[1])


def _text(piece: Piece, stand: _Stand, is_dot: bool, pen: float) -> str:
    """Which sign a small piece is; "" if it is surely none."""
    if _is_dash(piece, stand, pen):
        return "-"
    if not (stand.is_after and stand.is_before):
        return ""
    if _is_comma(piece, stand, pen):
        return ","
    return "." if is_dot and _DOT_AT[0] <= stand.middle <= _DOT_AT[1] else ""


def _stand(number: int, line: TextLine, bodies: Sequence[int]) -> _Stand:
    piece = line.pieces[number]
    x = piece.middle[1]
    others = [line.pieces[body] for body in bodies if body != number]
    near = sorted(others, key=lambda other: abs(other.middle[1] - x))[:_BESIDE]
    size = float(np.median([other.height for other in near]))
    ground = float(np.median([other.bottom + line.slope * (x - other.middle[1]) for other in near]))
    reach = _NEAR * size
    rest = [other for place, other in enumerate(line.pieces) if place != number]
    width = piece.right - piece.left
    return _Stand(
        top=(ground - piece.top) / size,
        bottom=(ground - piece.bottom) / size,
        width=width / size,
        height=piece.height / size,
        size=size,
        is_after=any(one.middle[1] < x and piece.left - one.right < reach for one in others),
        is_before=any(one.middle[1] > x and one.left - piece.right < reach for one in others),
        covered=max(0.0, _covered(piece, rest) / width),
    )


def _is_dot(piece: Piece, stand: _Stand, pen: float) -> bool:
    short, long = sorted(piece.ink.shape)
    return (
        long <= _DOT_SIDE * stand.size
        and long <= _DOT_ASPECT * short
        and _THICK[0] * pen <= short <= _THICK[1] * pen
        and piece.mass >= _DOT_FILLED * short * long
    )


def _colons(dots: Sequence[int], stands: dict[int, _Stand], line: TextLine) -> list[tuple[int, int]]:
    """Two dots above each other each, beside a digit: the lower and the upper one."""
    pairs = []
    for lower in dots:
        for upper in dots:
            low, high = stands[lower], stands[upper]
            beside = abs(line.pieces[lower].middle[1] - line.pieces[upper].middle[1])
            if (
                _LOWER_DOT_AT[0] <= low.middle <= _LOWER_DOT_AT[1]
                and _UPPER_DOT_AT[0] <= high.middle <= _UPPER_DOT_AT[1]
                and high.bottom - low.top >= _DOTS_APART
                and beside <= _DOTS_BESIDE * low.size
                and (low.is_after or low.is_before)
                and _is_bare(lower, upper, line)
            ):
                pairs.append((lower, upper))
    return pairs


def _is_bare(lower: int, upper: int, line: TextLine) -> bool:
    """Whether nothing else stands above or below two dots: three of them are what is left of a digit."""
    both = cuts.joined([line.pieces[lower], line.pieces[upper]])
    rest = [piece for number, piece in enumerate(line.pieces) if number not in (lower, upper)]
    return _covered(both, rest) <= _OVERLAP * both.ink.shape[1]


def _covered(piece: Piece, others: Sequence[Piece]) -> int:
    """Pixels of its width that the widest of the others covers."""
    return max((min(piece.right, one.right) - max(piece.left, one.left) for one in others), default=0)


def _is_comma(piece: Piece, stand: _Stand, pen: float) -> bool:
    length, thickness, angle, _ = _stroke(piece)
    return (
        _COMMA_HEIGHT[0] <= stand.height <= _COMMA_HEIGHT[1]
        and stand.width <= _COMMA_WIDTH
        and _COMMA_TOP[0] <= stand.top <= _COMMA_TOP[1]
        and stand.bottom <= _COMMA_BOTTOM
        and length >= _COMMA_ASPECT * thickness
        and angle >= _COMMA_ANGLE
        and thickness <= _THICK[1] * pen
    )


def _is_dash(piece: Piece, stand: _Stand, pen: float) -> bool:
    length, thickness, angle, bend = _stroke(piece)
    return (
        (stand.is_after or stand.is_before)
        and _DASH_WIDTH[0] <= stand.width <= _DASH_WIDTH[1]
        and stand.covered <= _DASH_OVERLAP
        and _DASH_AT[0] <= stand.middle <= _DASH_AT[1]
        and (stand.middle <= _BAR_AT or (stand.covered == 0 and stand.is_before))
        and length >= _DASH_ASPECT * thickness
        and (angle <= _DASH_TILT or angle >= 180 - _DASH_TILT)
        and _THIN[0] * pen <= thickness <= _THIN[1] * pen
        and bend <= _DASH_BEND * pen
    )


def _is_leaning_stroke(piece: Piece, pen: float) -> bool:
    """Whether it is one straight stroke that leans to the right: a slash or a 1."""
    _, thickness, angle, bend = _stroke(piece)
    return (
        _SLASH_LEAN[0] <= 90 - angle <= _SLASH_LEAN[1]
        and thickness <= _THIN[1] * pen
        and bend <= _SLASH_BEND * pen
    )


def _is_slash(number: int, line: TextLine, tall: Sequence[int], leaning: Sequence[int]) -> bool:
    """Whether a leaning stroke stands between digits, is higher than they are, reaches as far down, and leans further or is
    higher still.

    Args:
        number: of the piece.
        line: that it stands in.
        tall, leaning: its pieces that are as high as digits, and those of them that are leaning strokes.
    """
    piece = line.pieces[number]
    digits = [line.pieces[place] for place in tall if place not in leaning]
    if not digits or len(tall) < 3:
        return False
    stand = _stand(number, line, tall)
    _, _, angle, _ = _stroke(piece)
    others = [_lean(line.pieces[place].ink) for place in tall if place != number]
    return (
        stand.is_after
        and stand.is_before
        and _SLASH_HEIGHT[0] <= stand.height <= _SLASH_HEIGHT[1]
        and piece.height >= _HIGHEST * max(digit.height for digit in digits)
        and stand.bottom <= _SLASH_BOTTOM
        and (stand.height >= _SLASH_ALIKE or 90 - angle >= float(np.median(others)) + _SLASH_MORE)
    )


def _stroke(piece: Piece) -> tuple[float, float, float, float]:
    """A piece as one stroke: its length and thickness, pixels, by the moments of its ink; how it rises, 0 to 180 degrees,
    90 is upright; and how far its middle strays from the straight line, pixels.
    """
    y, x = np.nonzero(piece.ink > 0.3)
    weights = piece.ink[y, x]
    middle = np.average([x, y], axis=1, weights=weights)
    offsets = np.stack([x, y]) - middle[:, None]
    spread = np.cov(offsets, aweights=weights, bias=True) + np.eye(2) / 12
    values, vectors = np.linalg.eigh(spread)
    along = vectors[:, 1]
    thickness, length = np.sqrt(12 * values)
    angle = float(np.degrees(np.arctan2(-along[1], along[0])) % 180)
    places = along @ offsets
    across = vectors[:, 0] @ offsets
    bins = np.clip(((places - places.min()) / max(np.ptp(places), 1e-6) * 8).astype(int), 0, 7)
    strays = [float(across[bins == number].mean()) for number in range(8) if (bins == number).any()]
    return float(length), float(thickness), angle, float(np.abs(strays).max())


def _lean(ink: np.ndarray) -> float:
    """By how many degrees ink leans to the right: the shear that its moments tell, as MNIST's deskewing measures it."""
    y, x = np.nonzero(ink > 0.3)
    if len(y) < 3 or np.ptp(y) == 0:
        return 0.0
    shear = -np.cov(x, y)[0, 1] / np.var(y)
    return float(np.degrees(np.arctan(shear)))
