"""The digits of a page's text lines: which parts of their ink belong together, as the networks see it."""

from dataclasses import dataclass

import numpy as np

from digit_core.inference import verifiers
from digit_core.inference.classifier import Classifier
from digit_core.segmentation import cuts, lattice, lines
from digit_core.segmentation.lines import Piece, TextLine

_SURELY_WHOLE = 0.97  # such pieces are not cut
# What speaks against a candidate: that its ink is one whole digit is unlikely; that the reader is not certain; that it
# is higher or lower than the line's digits (square of the logarithm); bare gaps in it (in heights of a digit). The last
# is for each digit, below zero: costs add up along a line, and few digits would always be cheaper than many.
# Chosen on the made lines and pages of benchmarks/whole_numbers.py.
_COSTS = np.array([0.75, 1.5, 3.0, 3.0, -1.2])
_SKIPPED = 1.4, 9.0  # cost of leaving out a part, and what a whole digit's ink adds to it


@dataclass(frozen=True, eq=False)
class _Decoded:
    """The digits of a line, from left to right, and how well they explain its ink: minus the costs."""

    line: TextLine
    digits: list[Piece]
    score: float


def decode(found: list[TextLine], pen: float, reader: Classifier) -> list[list[Piece]]:
    """The digits of a page, line by line, each from left to right; lines without digits are left out.

    The upper parts of broken digits may look like a line of their own. Where two lines stand so close that they could be
    one, they are also read as one, and the likelier of both counts.

    Args:
        found: the lines of a page, from the top.
        pen: pixels, the width of the stroke.
        reader: whose certainty counts where one digit ends and the next begins.
    """
    decoded: list[_Decoded] = []
    for line in found:
        last = _decode(line, pen, reader)
        if decoded and lines.are_stacked(decoded[-1].line, line):
            both = _decode(lines.together(decoded[-1].line, line), pen, reader)
            is_likelier = both.score > decoded[-1].score + last.score
            # Digits of two lines, all in one, would be no less likely, but for their order.
            if is_likelier and lines.is_one_line(both.digits, both.line.height):
                last = both
                decoded.pop()
        decoded.append(last)
    return [one.digits for one in decoded if one.digits]


def _decode(line: TextLine, pen: float, reader: Classifier) -> _Decoded:
    """The likeliest digits of a line."""
    parts = _parts(line, pen)
    found = lattice.candidates(parts, line.height)
    full = 1.2 * line.height * pen  # the ink of a digit
    skipping = -np.array([_SKIPPED[0] + _SKIPPED[1] * min(1.0, part.mass / full) for part in parts])
    if not found:
        return _Decoded(line, [], float(skipping.sum()))
    scores = -_doubts(found, parts, line.height, reader) @ _COSTS
    chosen, score = lattice.best_path(found, scores, skipping)
    return _Decoded(line, [found[number].piece for number in chosen], score)


def _parts(line: TextLine, pen: float) -> list[Piece]:
    """The line's pieces cut wherever two digits could touch, from left to right; what is surely one digit is left whole."""
    parts = []
    for piece, is_whole in zip(line.pieces, _are_whole(line), strict=True):
        parts += [piece] if is_whole else cuts.cut(piece, line.height, pen)
    return sorted(parts, key=lambda part: part.middle[1])


def _are_whole(line: TextLine) -> np.ndarray:
    """Which pieces of a line are surely one whole digit each: bool array."""
    seen = [lattice.seen(piece.ink) for piece in line.pieces]
    known = [image for image in seen if image is not None]
    whole = np.zeros(len(seen), bool)
    if known:
        whole[[image is not None for image in seen]] = (
            verifiers.segment_score(np.stack(known)) > _SURELY_WHOLE
        )
    tall = np.array([piece.height >= 0.6 * line.height for piece in line.pieces])
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
