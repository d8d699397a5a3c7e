"""The line reader: a network that reads a row of digits at once, column by column, without being told where one ends.

A fully convolutional network with connectionist temporal classification (A. Graves, S. Fernández, F. Gomez and J. Schmidhuber, ICML
2006), trained by `scripts/train_line_reader.py`. It says how likely the readings are that the lattice proposes.
"""

import functools
import itertools
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from digit_core import settings
from digit_core.digits import CLASSES
from digit_core.errors import ModelError
from digit_core.inference import litert
from digit_core.segmentation import cuts
from digit_core.segmentation.lines import TextLine

HEIGHT = 40  # pixels, of a row
_STRIDE = 2  # pixels to a column
_BODY = 26.0  # pixels, of a digit in it
_MARGIN = 8  # pixels, at either end
_WIDTH_STEP = 32  # pixels: rows are widened to a multiple of this
_MAX_WIDTH = 4_096  # pixels
_TALL = 0.45  # of a digit's height: lower pieces do not say where the middle of the row is
_LEAST = 1e-8  # probability
NETWORK_FILE = "line_reader.tflite"


def row_of(line: TextLine) -> np.ndarray:
    """A line's ink as the network sees it: level, its digits some 26 pixels high around the middle.

    Args:
        line: with at least one piece.

    Returns:
        float32 array of shape (40, width), 0.0 to 1.0, ink is 1.0.
    """
    whole = cuts.joined(list(line.pieces))
    tall = [piece for piece in line.pieces if piece.height >= _TALL * line.height] or list(line.pieces)
    masses = [piece.mass for piece in tall]
    places = np.average([piece.middle for piece in tall], axis=0, weights=masses) - (whole.top, whole.left)
    scale = _scale(line)
    width = round(whole.ink.shape[1] * scale) + 2 * _MARGIN
    width = -(-width // _WIDTH_STEP) * _WIDTH_STEP
    ink = whole.ink
    if scale < 1:  # a copy that is small already: warping skips pixels
        size = tuple(max(1, round(side * scale)) for side in ink.shape[::-1])
        ink = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
        places = places * scale
    grown = max(1.0, scale)
    middle_row, middle_column = places * grown
    matrix = np.array(
        [
            [grown, 0, _MARGIN],
            [-line.slope * grown, grown, HEIGHT / 2 - middle_row + line.slope * middle_column],
        ],
        np.float32,
    )
    return cv2.warpAffine(ink, matrix, (width, HEIGHT), flags=cv2.INTER_LINEAR)


def _scale(line: TextLine) -> float:
    """Pixels of a row to one of the page."""
    width = max(piece.right for piece in line.pieces) - min(piece.left for piece in line.pieces)
    return min(_BODY / line.height, (_MAX_WIDTH - 2 * _MARGIN) / width)


def columns(line: TextLine) -> np.ndarray:
    """What each column of a line says.

    Returns:
        float32 array of shape (n, 11): the probabilities of the ten digits and of none of them; n is half the width
        of `row_of`.

    Raises:
        ModelError: the network is missing or damaged.
    """
    (answer,) = _network(settings.LINE_READER_FOLDER).run(row_of(line)[None, :, :, None]).values()
    return answer[0]


@functools.cache
def _network(folder: Path) -> litert.Network:
    """The network in a folder, opened once."""
    try:
        return litert.Network((folder / NETWORK_FILE).read_bytes())
    except (OSError, ModelError) as error:
        remedy = settings.remedy("scripts/train_line_reader.py")
        raise ModelError(f"The network line-reader is missing or damaged. {remedy}") from error


def log_likelihoods(said: np.ndarray, readings: Sequence[str]) -> np.ndarray:
    """How likely each reading is, given what the columns say: the sum over all ways to place its digits (Graves et al., 2006).

    Args:
        said: float array of shape (n, 11), as `columns` gives it; n is at least 1.
        readings: digits.

    Returns:
        float64 array of shape (len(readings),), natural logarithms.

    Example:
        >>> import numpy as np
        >>> from digit_core.segmentation.line_reader import log_likelihoods
        >>> said = np.full((2, 11), 0.05)
        >>> said[0, 7] = said[1, 10] = 0.5  # a 7, then nothing
        >>> np.exp(log_likelihoods(said, ["7", "3"])).round(4).tolist()  # 7 and none, none and 7, 7 and 7
        [0.2775, 0.03]
    """
    longest = 2 * max(map(len, readings), default=0) + 1
    labels = np.full((len(readings), longest), CLASSES)
    for number, reading in enumerate(readings):
        labels[number, 1 : 2 * len(reading) : 2] = [int(digit) for digit in reading]
    # From one digit to the next without a blank, unless both are the same.
    leaps = np.zeros(labels.shape, bool)
    leaps[:, 2:] = (labels[:, 2:] != CLASSES) & (labels[:, 2:] != labels[:, :-2])
    sums = np.zeros(len(readings))
    state = np.zeros((len(readings), longest + 2))  # two bare places before the first
    state[:, 2] = 1.0
    for column in np.maximum(said, _LEAST).astype(float):
        arrived = state[:, 2:] + state[:, 1:-1] + np.where(leaps, state[:, :-2], 0)
        arrived *= column[labels]
        total = arrived.sum(axis=1)
        sums += np.log(total)
        state[:, 2:] = arrived / total[:, None]
    ends = np.array([2 * len(reading) for reading in readings], int)
    rows = np.arange(len(readings))
    # Before the first column only the first place was taken: a reading may also begin with its first digit.
    last = state[rows, ends + 2] + np.where(ends > 0, state[rows, ends + 1], 0)
    return sums + np.log(np.maximum(last, 1e-300))


def told(said: np.ndarray) -> list[tuple[int, float]]:
    """What the columns say by themselves: the likeliest of each, repeats as one; each digit and the middle of its columns."""
    best = said.argmax(axis=1)
    ends = np.flatnonzero(np.append(best[1:] != best[:-1], True)) + 1
    starts = np.append(0, ends[:-1])
    return [
        (int(best[start]), (start + end) / 2)
        for start, end in zip(starts, ends, strict=True)
        if best[start] != CLASSES
    ]


def said_digits(said: np.ndarray) -> str:
    """What the columns say by themselves, as text."""
    return "".join(str(digit) for digit, _ in told(said))


def joints(line: TextLine, said: np.ndarray) -> list[float]:
    """Where one digit ends and the next begins, as the columns say it by themselves.

    Args:
        line: the line.
        said: its `columns`.

    Returns:
        The x on the page halfway between the middles of two neighbours, pixels, from left to right.
    """
    left = min(piece.left for piece in line.pieces)
    middles = [_STRIDE * middle for _, middle in told(said)]
    return [left + ((one + other) / 2 - _MARGIN) / _scale(line) for one, other in itertools.pairwise(middles)]
