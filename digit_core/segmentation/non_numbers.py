"""The rejection of pictures without a number: pages of text, photos of things, dust.

Both `verifiers` look at the marks. Neither decides about a single mark here: a number may hold a smudge, and a page of text
has marks like digits.
"""

import numpy as np

from digit_core.errors import NoDigitsError
from digit_core.inference import verifiers
from digit_core.segmentation import lattice
from digit_core.segmentation.lines import Piece

_MAX_PIECES = 1500  # of ink: pictures of more are no numbers
_MANY = 30  # marks: of so many, some are looked at before all are read
_LOOKED_AT = 48  # of them
_MIN_HEIGHT, _MAX_HEIGHT = 0.45, 2.2  # of the usual height: marks that may be digits
_MIN_SHARE = 0.35  # of the ink: with fewer of it in digits, the page holds something else
_MIN_OF_ALL = 0.2  # of all ink is in digits where these are few
_MIN_ALIKE = 0.5  # of what was found looks like digits
# The mean of both verifiers' probabilities. Photos of things and pages of text stay below, numbers that touch, are broken
# or stand on squared paper above: `benchmarks/whole_numbers.py` prints how many of each.
_MIN_OF_MARKS = 0.45
_MIN_OF_DIGITS = 0.36
_MIN_OF_ROW = 0.75  # of what was read in a row that is smaller than the others: with less it is print
_OTHER = "Most of what is written here does not look like digits; it may be text. Cut out the part with the digits."
_THINGS = "Most of what was found here does not look like digits: cut out the part with the number."


def check_marks(pieces: list[Piece], height: float) -> None:
    """Refuse a page of something else before it is read, which would take long.

    Args:
        pieces: of the page's ink.
        height: pixels, of most of them.

    Raises:
        NoDigitsError: most of many marks look like no digits, or there are far too many.
    """
    if len(pieces) > _MAX_PIECES:
        raise NoDigitsError(
            f"There are {len(pieces):,} separate marks in this picture: too many for numbers. "
            "Cut out the part with the digits."
        )
    bodies = [piece for piece in pieces if _MIN_HEIGHT * height <= piece.height <= _MAX_HEIGHT * height]
    if len(bodies) < _MANY:
        return
    chosen = np.linspace(0, len(bodies) - 1, min(_LOOKED_AT, len(bodies))).astype(int)
    seen = [image for place in chosen if (image := lattice.seen(bodies[place].ink)) is not None]
    if seen and _digitness(np.stack(seen)) < _MIN_OF_MARKS:
        raise NoDigitsError(_OTHER)


def check_digits(found: np.ndarray, share: float = 1.0, share_of_all: float = 1.0) -> None:
    """Refuse what was read where there is no number.

    Args:
        found: float32 array of shape (n, 28, 28), 0.0 to 1.0: what was taken for digits; n is at least 1.
        share: of the ink of their rows and of what stands in no row, 0.0 to 1.0, that they hold.
        share_of_all: of all ink, where they are few: a thing among many may look like a 1.

    Raises:
        NoDigitsError: most of it looks like no digits, or most of the ink is left over.
    """
    if share < _MIN_SHARE or share_of_all < _MIN_OF_ALL:
        raise NoDigitsError(_OTHER)
    alike = verifiers.ood_score(found) <= verifiers.refused_above()
    if float(np.mean(alike)) < _MIN_ALIKE or _digitness(found) < _MIN_OF_DIGITS:
        raise NoDigitsError(_THINGS)


def is_print(found: np.ndarray) -> bool:
    """Whether what was taken for the digits of a row that is smaller than others looks like letters.

    Args:
        found: float32 array of shape (n, 28, 28), 0.0 to 1.0; n is at least 1.
    """
    return _digitness(found) < _MIN_OF_ROW


def _digitness(images: np.ndarray) -> float:
    """How much images look like whole digits on average, 0.0 to 1.0."""
    return float((1 - verifiers.ood_score(images) + verifiers.segment_score(images)).mean() / 2)
