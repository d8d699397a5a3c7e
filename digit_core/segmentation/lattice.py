"""All ways to read a line of parts as digits, and the best of them."""

from dataclasses import dataclass

import cv2
import numpy as np

from digit_core.digits import brief
from digit_core.errors import NoInkError
from digit_core.preprocessing import images
from digit_core.segmentation import cuts
from digit_core.segmentation.lines import Piece

_MAX_PARTS = 8  # in one digit
# Of a digit's height.
_MAX_WIDTH, _MAX_HEIGHT = 1.7, 2.2
_SEEN_SIDE = 80  # pixels: digits are read from copies of this size


@dataclass(frozen=True, eq=False)
class Candidate:
    """Parts of a line that may be one digit.

    Attributes:
        first, end: the parts from `first` to the one before `end`.
        piece: their ink together.
        image: float32 array of shape (28, 28), preprocessed.
    """

    first: int
    end: int
    piece: Piece
    image: np.ndarray

    __repr__ = brief


def candidates(parts: list[Piece], height: float) -> list[Candidate]:
    """Every run of neighbouring parts that is no larger than a digit can be.

    Args:
        parts: from left to right.
        height: pixels, of a digit.
    """
    found = []
    for first in range(len(parts)):
        for end in range(first + 1, min(first + _MAX_PARTS, len(parts)) + 1):
            piece = cuts.joined(parts[first:end])
            if piece.right - piece.left > _MAX_WIDTH * height:
                break
            if piece.height <= _MAX_HEIGHT * height and (image := seen(piece.ink)) is not None:
                found.append(Candidate(first, end, piece, image))
    return found


def seen(ink: np.ndarray) -> np.ndarray | None:
    """Ink preprocessed, from a smaller copy; None where there is too little."""
    scale = _SEEN_SIDE / max(ink.shape)
    if scale < 1:
        size = tuple(max(1, round(side * scale)) for side in ink.shape[::-1])
        ink = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    try:
        return images.from_ink(np.pad(ink, 2))
    except NoInkError:
        return None


@dataclass(frozen=True)
class Reading:
    """One way to read a line.

    Attributes:
        text: its digits, from left to right.
        path: the numbers of the candidates that are these digits.
        score: the sum of the scores along the path.
    """

    text: str
    path: tuple[int, ...]
    score: float


def best_readings(
    found: list[Candidate], scores: np.ndarray, skipping: np.ndarray, most: int
) -> list[Reading]:
    """The readings that explain every part with the highest scores (Viterbi, 1967), each with its best path alone.

    Args:
        found: as `candidates` gives them.
        scores: float array of shape (len(found), 10), of each candidate as each digit, added up along a path; minus
            infinity where it is none.
        skipping: float array of shape (parts,), what it costs to call a part no digit, as a score below zero.
        most: readings, at least 1.

    Returns:
        At most so many, the best first.
    """
    ending: list[list[int]] = [[] for _ in range(len(skipping) + 1)]
    for number, candidate in enumerate(found):
        ending[candidate.end].append(number)
    digits = [
        [(str(digit), row[digit]) for digit in np.flatnonzero(np.isfinite(row))] for row in scores.tolist()
    ]
    best: list[list[tuple[float, str, tuple[int, ...]]]] = [[(0.0, "", ())]]
    for end, cost in enumerate(skipping.tolist(), 1):
        ways = [(score + cost, text, path) for score, text, path in best[end - 1]]
        for number in ending[end]:
            for score, text, path in best[found[number].first]:
                ways += [(score + own, text + digit, (*path, number)) for digit, own in digits[number]]
        kept: dict[str, tuple[float, str, tuple[int, ...]]] = {}
        for way in sorted(ways, reverse=True):
            kept.setdefault(way[1], way)
            if len(kept) == most:
                break
        best.append(list(kept.values()))
    return [Reading(text, path, score) for score, text, path in best[-1]]


def spelt(found: list[Candidate], scores: np.ndarray, skipping: np.ndarray, text: str) -> Reading | None:
    """The best path that says a text; None where no path says it.

    Args:
        found, scores, skipping: as `best_readings` takes them.
        text: digits.
    """
    count, length = len(skipping), len(text)
    best = np.full((count + 1, length + 1), -np.inf)
    chosen = np.full((count + 1, length + 1), -1)
    best[0, 0] = 0.0
    wanted = scores[:, [int(digit) for digit in text]]  # (candidates, length)
    for end in range(1, count + 1):
        best[end] = best[end - 1] + skipping[end - 1]
        for number, candidate in enumerate(found):
            if candidate.end == end:
                totals = best[candidate.first, :-1] + wanted[number]
                is_better = totals > best[end, 1:]
                best[end, 1:][is_better] = totals[is_better]
                chosen[end, 1:][is_better] = number
    if not np.isfinite(best[count, length]):
        return None
    path: list[int] = []
    end = count
    while end > 0:
        number = int(chosen[end, length - len(path)])
        end = found[number].first if number >= 0 else end - 1
        path += [number] if number >= 0 else []
    return Reading(text, tuple(path[::-1]), float(best[count, length]))
