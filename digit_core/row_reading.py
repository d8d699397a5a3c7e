"""The digits of one row: which parts of its ink belong together, as the networks see it."""

import numpy as np

from digit_core import lattice, wholeness
from digit_core.classifier import Classifier
from digit_core.rows import Piece, Row

_SURELY_WHOLE = 0.97  # such pieces are not cut
# What speaks against a candidate: that its ink is one whole digit is unlikely; that the reader is not certain; that it
# is higher or lower than the row's digits (square of the logarithm); bare gaps in it (in heights of a digit); pieces of
# ink that end beside it (how many); and that it is one more digit. `_COSTS` weighs them, chosen on made rows.
_COSTS = np.array([1.0, 0.5, 3.0, 6.0, 0.5, 0.0])
_SKIPPED = 1.5, 9.0  # cost of leaving out a part, and what a whole digit's ink adds to it


def digits_of(row: Row, pen: float, reader: Classifier) -> list[Piece]:
    """The digits of a row from left to right.

    Args:
        row: a row of pieces.
        pen: pixels, the width of the stroke.
        reader: whose certainty counts where one digit ends and the next begins.
    """
    parts, sources = lattice.parts_of(row, pen, _are_whole(row))
    found = lattice.candidates(parts, row.height)
    if not found:
        return []
    scores = -doubts(found, parts, sources, row.height, reader) @ _COSTS
    full = 1.2 * row.height * pen  # the ink of a digit
    skipping = -np.array([_SKIPPED[0] + _SKIPPED[1] * min(2.0, part.mass / full) for part in parts])
    chosen = lattice.best_path(found, scores, skipping)
    return [found[number].piece for number in chosen]


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
    found: list[lattice.Candidate], parts: list[Piece], sources: list[int], height: float, reader: Classifier
) -> np.ndarray:
    """What speaks against each candidate's being one digit: float64 array of shape (len(found), 6), 0 or more.

    Args:
        found: the candidates.
        parts: of the row, from left to right.
        sources: the number of the piece that each part was cut from.
        height: pixels, of a digit in the row.
        reader: whose certainty counts.
    """
    spans = [slice(candidate.first, candidate.end) for candidate in found]
    pieces = np.array(sources)
    sizes = np.log(np.array([candidate.piece.height for candidate in found]) / height)
    gaps = np.array([_gap(parts[span]) for span in spans]) / height
    ends = [np.intersect1d(pieces[span], np.delete(pieces, span)).size for span in spans]
    images = np.stack([candidate.image for candidate in found])
    return np.column_stack([_unlikelihood(images, reader), sizes**2, gaps, ends, np.ones(len(found))])


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
    whole = 1 - wholeness.probabilities(images)[:, wholeness.NONE]
    return -np.log(np.maximum(np.column_stack([whole, reader.predict(images).max(axis=1)]), 1e-6))


def _gap(parts: list[Piece]) -> float:
    """The widest bare gap between neighbouring parts, pixels."""
    gap, right = 0.0, parts[0].right
    for part in parts[1:]:
        gap = max(gap, part.left - right)
        right = max(right, part.right)
    return gap
