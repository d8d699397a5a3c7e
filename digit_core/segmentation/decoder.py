"""The digits of a page's rows: which parts of their ink belong together, as the networks see it."""

from dataclasses import dataclass

import numpy as np

from digit_core.inference import verifiers
from digit_core.inference.classifier import Classifier
from digit_core.segmentation import lattice, lines
from digit_core.segmentation import lines as stacks
from digit_core.segmentation.lines import Piece, Row

_SURELY_WHOLE = 0.97  # such pieces are not cut
# What speaks against a candidate: that its ink is one whole digit is unlikely; that the reader is not certain; that it
# is higher or lower than the row's digits (square of the logarithm); bare gaps in it (in heights of a digit). The last
# is for each digit, below zero: the doubts add up along a row, and few digits would always be less doubtful than many.
# Chosen on the made rows and pages of benchmarks/whole_numbers.py.
_COSTS = np.array([0.75, 1.5, 3.0, 3.0, -1.2])
_SKIPPED = 1.4, 9.0  # cost of leaving out a part, and what a whole digit's ink adds to it


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
        if readings and stacks.are_stacked(readings[-1].row, row):
            both = _read(lines.together(readings[-1].row, row), pen, reader)
            is_likelier = both.score > readings[-1].score + reading.score
            # Digits of two rows, all in one, would be no less likely, but for their order.
            if is_likelier and stacks.is_one_line(both.digits, both.row.height):
                reading = both
                readings.pop()
        readings.append(reading)
    return [reading.digits for reading in readings if reading.digits]


def _read(row: Row, pen: float, reader: Classifier) -> _Reading:
    """The likeliest digits of a row."""
    parts = lattice.parts_of(row, pen, _are_whole(row))
    found = lattice.candidates(parts, row.height)
    full = 1.2 * row.height * pen  # the ink of a digit
    skipping = -np.array([_SKIPPED[0] + _SKIPPED[1] * min(1.0, part.mass / full) for part in parts])
    if not found:
        return _Reading(row, [], float(skipping.sum()))
    scores = -_doubts(found, parts, row.height, reader) @ _COSTS
    chosen, score = lattice.best_path(found, scores, skipping)
    return _Reading(row, [found[number].piece for number in chosen], score)


def _are_whole(row: Row) -> np.ndarray:
    """Which pieces of a row are surely one whole digit each: bool array."""
    seen = [lattice.seen(piece.ink) for piece in row.pieces]
    known = [image for image in seen if image is not None]
    whole = np.zeros(len(seen), bool)
    if known:
        whole[[image is not None for image in seen]] = (
            verifiers.segment_score(np.stack(known)) > _SURELY_WHOLE
        )
    tall = np.array([piece.height >= 0.6 * row.height for piece in row.pieces])
    return whole & tall


def _doubts(
    found: list[lattice.Candidate], parts: list[Piece], height: float, reader: Classifier
) -> np.ndarray:
    """What speaks against each candidate's being one digit, as `_COSTS` weighs it: float64 array of (len(found), 5)."""
    images = np.stack([candidate.image for candidate in found])
    sizes = np.log(np.array([candidate.piece.height for candidate in found]) / height)
    gaps = np.array([_gap(parts[candidate.first : candidate.end]) for candidate in found]) / height
    return np.column_stack([_unlikelihood(images, reader), sizes**2, gaps, np.ones(len(found))])


def likelihood(images: np.ndarray, reader: Classifier) -> np.ndarray:
    """How likely each image is one whole digit that the reader knows, as logarithms.

    Args:
        images: float32 array of shape (n, 28, 28).
        reader: whose certainty counts.

    Returns:
        float array of shape (n,), at most 0.
    """
    return -_unlikelihood(images, reader) @ _COSTS[:2]


def _unlikelihood(images: np.ndarray, reader: Classifier) -> np.ndarray:
    """Two columns: minus the logarithms of the probability of a whole digit, and of the reader's certainty."""
    likely = np.column_stack([verifiers.segment_score(images), reader.predict(images).max(axis=1)])
    return -np.log(np.maximum(likely, 1e-6))


def _gap(parts: list[Piece]) -> float:
    """The widest bare gap between neighbouring parts, pixels."""
    gap, right = 0.0, parts[0].right
    for part in parts[1:]:
        gap = max(gap, part.left - right)
        right = max(right, part.right)
    return gap
