"""All ways to read a line of parts as digits, and the best of them."""

from dataclasses import dataclass

import cv2
import numpy as np

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


def best_path(found: list[Candidate], scores: np.ndarray, skipping: np.ndarray) -> tuple[list[int], float]:
    """The candidates that together explain every part with the highest score (Viterbi, 1967).

    Args:
        found: as `candidates` gives them.
        scores: float array of shape (len(found),), added up along a path.
        skipping: float array of shape (parts,), what it costs to call a part no digit, as a score below zero.

    Returns:
        The numbers of the chosen candidates, from left to right, and the sum of the scores along the path.
    """
    count = len(skipping)
    ending: list[list[int]] = [[] for _ in range(count + 1)]
    for number, candidate in enumerate(found):
        ending[candidate.end].append(number)
    best = np.full(count + 1, -np.inf)
    best[0] = 0.0
    chosen = np.full(count + 1, -1)
    for end in range(1, count + 1):
        best[end] = best[end - 1] + skipping[end - 1]
        for number in ending[end]:
            total = best[found[number].first] + scores[number]
            if total > best[end]:
                best[end], chosen[end] = total, number
    path = []
    end = count
    while end > 0:
        if chosen[end] >= 0:
            path.append(int(chosen[end]))
            end = found[chosen[end]].first
        else:
            end -= 1
    return path[::-1], float(best[count])
