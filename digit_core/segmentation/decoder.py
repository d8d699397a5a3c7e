"""The digits of a page's text lines: which parts of their ink belong together, as the networks see it."""

from dataclasses import dataclass

import numpy as np

from digit_core.digits import CLASSES, brief
from digit_core.inference import verifiers
from digit_core.inference.classifier import Classifier
from digit_core.segmentation import cuts, lattice, line_reader, lines
from digit_core.segmentation.lattice import Candidate, Reading
from digit_core.segmentation.lines import Piece, TextLine

_SURELY_WHOLE = 0.97  # such pieces are not cut
# What speaks against a candidate: that its ink is one whole digit is unlikely; that the reader is not certain; that it
# is higher or lower than the line's digits (square of the logarithm); bare gaps in it (in heights of a digit); cuts through
# ink at its ends. The last is for each digit, below zero: costs add up along a line, and few digits would always be cheaper
# than many. Chosen on the made lines and pages of benchmarks/whole_numbers.py, as all below.
_COSTS = np.array([0.75, 1.5, 3.0, 3.0, 0.3, -1.2])
_SKIPPED = 1.4, 9.0  # cost of leaving out a part, and what a whole digit's ink adds to it
_READINGS = 24  # of a line, that the line reader scores
_SHOWN = 3  # of these are kept beside its digits
_POSSIBLE = 0.03  # probability: a digit that the reader finds less likely is no reading of a candidate, but for the likeliest
_LINE_READER = 2.0  # what its logarithms of likelihoods weigh beside the costs
_LEAST = -8.0  # a digit, of costs and logarithms together: what explains a line less well is no reading of it
_TEMPERATURE = 3.0  # of the probabilities that come of both


@dataclass(frozen=True, eq=False)
class FoundDigit:
    """A digit of a line.

    Attributes:
        piece: its ink.
        evidence: float32 array of shape (10,), up to 1.0: by how much the line reader makes each digit likelier, the rest of
            the line being as it was read.
        certainty: 0.0 to 1.0, how probable it is that this ink is one of the line's digits.
    """

    piece: Piece
    evidence: np.ndarray
    certainty: float

    __repr__ = brief


@dataclass(frozen=True, eq=False)
class Row:
    """A line of a page on its way to digits.

    Attributes:
        line: its pieces of ink.
        parts: these cut wherever two digits could touch, from left to right.
        columns: float32 array of shape (n, 11), as `line_reader.columns` gives it.
        readings: its likeliest readings, the best first, each with its probability among all that were thought of.
        digits: those of the best one, from left to right; none where no reading explains the line.
    """

    line: TextLine
    parts: list[Piece]
    columns: np.ndarray
    readings: list[tuple[str, float]]
    digits: list[FoundDigit]

    __repr__ = brief


@dataclass(frozen=True, eq=False)
class _Decoded:
    """What the columns of a line say, its parts, its readings, the likeliest first, and the candidates that they are made of."""

    line: TextLine
    said: np.ndarray
    parts: list[Piece]
    candidates: list[Candidate]
    readings: list[Reading]

    @property
    def score(self) -> float:
        """How well the likeliest reading explains the line's ink: minus the costs."""
        return self.readings[0].score

    @property
    def pieces(self) -> list[Piece]:
        """The digits of the likeliest reading, from left to right."""
        return [self.candidates[number].piece for number in self.readings[0].path]


def decode(found: list[TextLine], pen: float, reader: Classifier) -> list[Row]:
    """The digits of a page, line by line.

    The upper parts of broken digits may look like a line of their own. Where two lines stand so close that they could be
    one, they are also read as one, and the likelier of both counts. Of the readings of each line the line reader then
    has a say in which is the likeliest.

    Args:
        found: the lines of a page, from the top.
        pen: pixels, the width of the stroke.
        reader: whose certainty counts where one digit ends and the next begins.

    Raises:
        ModelError: a network is missing or damaged.
    """
    decoded: list[_Decoded] = []
    for line in found:
        last = _decode(line, pen, reader)
        if decoded and lines.are_stacked(decoded[-1].line, line):
            both = _decode(lines.together(decoded[-1].line, line), pen, reader)
            is_likelier = both.score > decoded[-1].score + last.score
            # Digits of two lines, all in one, would be no less likely, but for their order.
            if is_likelier and lines.is_one_line(both.pieces, both.line.height):
                last = both
                decoded.pop()
        decoded.append(last)
    return [_read(one) for one in decoded]


def _decode(line: TextLine, pen: float, reader: Classifier) -> _Decoded:
    """The likeliest digits of a line."""
    said = line_reader.columns(line)
    parts, crossings = _parts(line, pen, line_reader.joints(line, said))
    found = lattice.candidates(parts, line.height)
    full = 1.2 * line.height * pen  # the ink of a digit
    skipping = -np.array([_SKIPPED[0] + _SKIPPED[1] * min(1.0, part.mass / full) for part in parts])
    if not found:
        return _Decoded(line, said, parts, found, [Reading("", (), float(skipping.sum()))])
    scores, is_possible = _scores(found, parts, crossings, line.height, reader)
    readings = lattice.best_readings(found, np.where(is_possible, scores, -np.inf), skipping, _READINGS)
    # What the columns say by themselves is among the readings, too, however unlikely the reader finds its digits.
    own = line_reader.said_digits(said)
    if own not in [reading.text for reading in readings]:
        spelt = lattice.spelt(found, scores, skipping, own)
        readings += [spelt] if spelt is not None else []
    return _Decoded(line, said, parts, found, readings)


def _read(decoded: _Decoded) -> Row:
    """The digits of the reading that the lattice and the line reader find the likeliest; none where it is out of the question."""
    said, readings = decoded.said, decoded.readings
    likely = line_reader.log_likelihoods(said, [reading.text for reading in readings])
    totals = np.array([reading.score for reading in readings]) + _LINE_READER * likely
    shares = np.exp((totals - totals.max()) / _TEMPERATURE)
    shares /= shares.sum()
    best = int(totals.argmax())
    is_out = not readings[0].path or totals[best] < _LEAST * len(readings[best].text)
    order = np.argsort(-totals, kind="stable")[:_SHOWN]
    return Row(
        decoded.line,
        decoded.parts,
        said,
        [(readings[place].text, float(shares[place])) for place in order],
        [] if is_out else _digits(decoded, readings[best], shares),
    )


def _digits(decoded: _Decoded, best: Reading, shares: np.ndarray) -> list[FoundDigit]:
    """The digits of a reading, given how probable each of the line's readings is, float (readings,)."""
    said, readings = decoded.said, decoded.readings
    others = [
        best.text[:place] + str(digit) + best.text[place + 1 :]
        for place in range(len(best.text))
        for digit in range(CLASSES)
    ]
    evidence = line_reader.log_likelihoods(said, others).reshape(-1, CLASSES) * (_LINE_READER / _TEMPERATURE)
    evidence = np.exp(evidence - evidence.max(axis=1, initial=-np.inf, keepdims=True)).astype(np.float32)
    return [
        FoundDigit(
            decoded.candidates[number].piece,
            evidence[place],
            float(sum(share for share, one in zip(shares, readings, strict=True) if number in one.path)),
        )
        for place, number in enumerate(best.path)
    ]


def weighed(answer: np.ndarray, evidence: np.ndarray | None, certainty: float) -> np.ndarray:
    """A classifier's answer to a digit of a line, with what the line says.

    Args:
        answer: float32 array of shape (10,), probabilities.
        evidence, certainty: as `FoundDigit` has them; without evidence the answer stays as it is.

    Returns:
        float32 array of shape (10,), probabilities.
    """
    if evidence is None:
        return answer
    both = answer.astype(float) ** (_COSTS[1] / _TEMPERATURE) * evidence
    return (certainty * both / both.sum() + (1 - certainty) / CLASSES).astype(np.float32)


def _parts(line: TextLine, pen: float, joints: list[float]) -> tuple[list[Piece], np.ndarray]:
    """The line's pieces cut wherever two digits could touch; what is surely one digit is left whole.

    Returns:
        The parts, from left to right, and how many cuts through ink lie between those before each place and those behind
        it: int array of shape (parts + 1,).
    """
    parts = [
        (part, number)
        for number, (piece, is_whole) in enumerate(zip(line.pieces, _are_whole(line), strict=True))
        for part in ([piece] if is_whole else cuts.cut(piece, line.height, pen, joints))
    ]
    parts.sort(key=lambda entry: entry[0].middle[1])
    pieces = [number for _, number in parts]
    crossings = [len({*pieces[:place]} & {*pieces[place:]}) for place in range(len(parts) + 1)]
    return [part for part, _ in parts], np.array(crossings)


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


def _scores(
    found: list[Candidate], parts: list[Piece], crossings: np.ndarray, height: float, reader: Classifier
) -> tuple[np.ndarray, np.ndarray]:
    """What speaks for each candidate's being each digit, at most 0 but for what a digit earns: float64 (len(found), 10).

    And which digits the reader finds possible, bool of the same shape.
    """
    images = np.stack([candidate.image for candidate in found])
    answers = reader.predict(images)
    sizes = np.log(np.array([candidate.piece.height for candidate in found]) / height)
    gaps = np.array([_gap(parts[candidate.first : candidate.end]) for candidate in found]) / height
    cut = np.array([crossings[candidate.first] + crossings[candidate.end] for candidate in found]) / 2
    doubts = np.column_stack(
        [_doubt(verifiers.segment_score(images)), sizes**2, gaps, cut, np.ones(len(found))]
    )
    is_possible = answers >= np.minimum(_POSSIBLE, answers.max(axis=1, keepdims=True))
    return -_COSTS[1] * _doubt(answers) - (doubts @ np.delete(_COSTS, 1))[:, None], is_possible


def likelihood(images: np.ndarray, reader: Classifier) -> np.ndarray:
    """How likely each image is one whole digit that the reader knows, as logarithms.

    Args:
        images: float32 array of shape (n, 28, 28).
        reader: whose certainty counts.

    Returns:
        float array of shape (n,), at most 0.
    """
    doubts = [_doubt(verifiers.segment_score(images)), _doubt(reader.predict(images).max(axis=1))]
    return -np.column_stack(doubts) @ _COSTS[:2]


def _doubt(probabilities: np.ndarray) -> np.ndarray:
    """Minus their logarithms."""
    return -np.log(np.maximum(probabilities, 1e-6))


def _gap(parts: list[Piece]) -> float:
    """The widest bare gap between neighbouring parts, pixels."""
    gap, right = 0.0, parts[0].right
    for part in parts[1:]:
        gap = max(gap, part.left - right)
        right = max(right, part.right)
    return gap
