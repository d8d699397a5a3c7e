"""The digits of a page's rows: which parts of their ink belong together, as the networks see it."""

from dataclasses import dataclass

import numpy as np

from digit_core import lattice, rows, wholeness
from digit_core.classifier import Classifier
from digit_core.rows import Piece, Row

_SURELY_WHOLE = 0.97  # such pieces are not cut
# What speaks against a candidate: that its ink is one whole digit is unlikely; that the reader is not certain; that it
# is higher or lower than the row's digits (square of the logarithm); bare gaps in it (in heights of a digit). The last
# is for each digit, below zero: the doubts add up along a row, and few digits would always be less doubtful than many.
# Found by scripts/weigh_rows.py on made rows.
COSTS = np.array([0.74, 1.7, 8.1, 14.68, -0.82])
LOSS_COSTS = np.array([2.35, 3.41])  # of leaving out a part: of any, and what a whole digit's ink adds


@dataclass(frozen=True, eq=False)
class _Reading:
    """The digits of a row, from left to right, and how well they explain its ink: less than that is below it."""

    row: Row
    digits: list[Piece]
    score: float


def lines_of(found: list[Row], pen: float, reader: Classifier) -> list[list[Piece]]:
    """The digits of a page, row by row, each from left to right; rows without digits are left out.

    The upper parts of broken digits may look like a row of their own. Where two rows stand so close that they could be
    one, they are also read as one, and the likelier reading counts.

    Args:
        found: the rows of a page, from the top.
        pen: pixels, the width of the stroke.
        reader: whose certainty counts where one digit ends and the next begins.
    """
    readings: list[_Reading] = []
    for row in found:
        reading = _read(row, pen, reader)
        if readings and rows.are_stacked(readings[-1].row, row):
            both = _read(rows.together(readings[-1].row, row), pen, reader)
            if both.score > readings[-1].score + reading.score:
                reading = both
                readings.pop()
        readings.append(reading)
    return [reading.digits for reading in readings if reading.digits]


def _read(row: Row, pen: float, reader: Classifier) -> _Reading:
    """The likeliest digits of a row."""
    parts, found = ways(row, pen)
    skipping = -losses(parts, row.height, pen) @ LOSS_COSTS
    if not found:
        return _Reading(row, [], float(skipping.sum()))
    scores = -doubts(found, parts, row.height, reader) @ COSTS
    chosen, score = lattice.best_path(found, scores, skipping)
    return _Reading(row, [found[number].piece for number in chosen], score)


def ways(row: Row, pen: float) -> tuple[list[Piece], list[lattice.Candidate]]:
    """The parts of a row, from left to right, and all that may be one digit of them.

    Args:
        row: a row of pieces.
        pen: pixels, the width of the stroke.
    """
    parts = lattice.parts_of(row, pen, _are_whole(row))
    return parts, lattice.candidates(parts, row.height)


def _are_whole(row: Row) -> np.ndarray:
    """Which pieces of a row are surely one whole digit each: bool array."""
    seen = [lattice.seen(piece.ink) for piece in row.pieces]
    known = [image for image in seen if image is not None]
    whole = np.zeros(len(seen), bool)
    if known:
        likely = 1 - wholeness.probabilities(np.stack(known))[:, wholeness.NONE]
        whole[[image is not None for image in seen]] = likely > _SURELY_WHOLE
    tall = np.array([piece.height >= 0.6 * row.height for piece in row.pieces])
    return whole & tall


def doubts(
    found: list[lattice.Candidate], parts: list[Piece], height: float, reader: Classifier
) -> np.ndarray:
    """What speaks against each candidate's being one digit, as `COSTS` weighs it.

    Args:
        found: candidates of a row, at least one.
        parts: of that row.
        height: pixels, of a digit in it.
        reader: whose certainty counts.

    Returns:
        float64 array of shape (len(found), 5).
    """
    images = np.stack([candidate.image for candidate in found])
    sizes = np.log(np.array([candidate.piece.height for candidate in found]) / height)
    gaps = np.array([_gap(parts[candidate.first : candidate.end]) for candidate in found]) / height
    return np.column_stack([_unlikelihood(images, reader), sizes**2, gaps, np.ones(len(found))])


def losses(parts: list[Piece], height: float, pen: float) -> np.ndarray:
    """What is lost with each part that is left out, as `LOSS_COSTS` weighs it.

    Args:
        parts: of a row.
        height: pixels, of a digit in it.
        pen: pixels, the width of the stroke.

    Returns:
        float64 array of shape (len(parts), 2): 1, and its ink as a share of a digit's, at most 1.
    """
    full = 1.2 * height * pen
    return np.array([(1.0, min(1.0, part.mass / full)) for part in parts])


def likelihood(images: np.ndarray, reader: Classifier) -> np.ndarray:
    """How likely each image is one whole digit that the reader knows, as logarithms.

    Args:
        images: float32 array of shape (n, 28, 28).
        reader: whose certainty counts.

    Returns:
        float array of shape (n,), at most 0.
    """
    return -_unlikelihood(images, reader) @ COSTS[:2]


def _unlikelihood(images: np.ndarray, reader: Classifier) -> np.ndarray:
    """Two columns: minus the logarithms of the probability of a whole digit, and of the reader's certainty."""
    whole = 1 - wholeness.probabilities(images)[:, wholeness.NONE]
    return -np.log(np.maximum(np.column_stack([whole, reader.predict(images).max(axis=1)]), 1e-6))


def _gap(parts: list[Piece]) -> float:
    """The widest bare gap between neighbouring parts, pixels."""
    gap, right = 0.0, parts[0].right
    for part in parts[1:]:
        gap = max(gap, part.left - right)
        right = max(right, part.right)
    return gap
