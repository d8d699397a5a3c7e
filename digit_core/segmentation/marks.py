"""Marks that stand beside numbers and are no digits: currency signs and letters, told by a small network.

The network has seen the ink of rows of digits, and signs and letters by made-up hands (`scripts/train_mark_reader.py`).
"""

import functools
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from digit_core import settings
from digit_core.errors import ModelError
from digit_core.inference import litert
from digit_core.segmentation import cuts, lattice
from digit_core.segmentation.lines import Piece, TextLine
from digit_core.segmentation.signs import Sign

CURRENCIES = "€$£"
NETWORK_FILE = "mark_reader.tflite"
_ANSWERS = 2 + len(CURRENCIES)
_OVERLAP = 0.35  # of the narrower one's width: pieces above each other are one mark
# Chosen on rows and prices as benchmarks/whole_numbers.py makes them, with other seeds.
_BODY = 0.6  # of a digit's height: lower marks may be parts of digits
_MAY_BE_A_NUMBER = 0.008  # probability
_SURE_WITHIN = 0.998  # probability of a mark that is no number, between digits
_SURE = 0.95  # probability of one currency
# Of a digit's height: parts of marks are larger than dust, one part of each is as large as a mark, and words stand farther apart.
_DUST, _MARK, _BESIDE = 0.1, 0.3, 0.6


def take_out(line: TextLine) -> tuple[TextLine, list[Sign]]:
    """The marks of a line that surely are no digits, and the line without them.

    Args:
        line: without the signs that `signs.take_out` tells.

    Returns:
        The line, which keeps one mark at least, and those that were taken out, from left to right: currency signs, and marks
        whose text is "".
    """
    own = groups(line.pieces)
    marks = [cuts.joined(pieces) for pieces in own]
    images = [lattice.seen(mark.ink) for mark in marks]
    known = [image for image in images if image is not None]
    if not known:
        return line, []
    answers = iter(probabilities(np.stack(known)))
    signs = [
        None if image is None else _sign(mark, next(answers), line.height)
        for image, mark in zip(images, marks, strict=True)
    ]
    numbers = [place for place, sign in enumerate(signs) if sign is None]
    if not numbers:  # nothing would be left
        return line, []
    first, end = numbers[0], numbers[-1] + 1
    told = [
        sign
        for place, sign in enumerate(signs)
        if sign is not None and (not first <= place < end or sign.text or sign.certainty >= _SURE_WITHIN)
    ]
    taken = [sign.piece for sign in told]
    rest = tuple(
        piece for mark, pieces in zip(marks, own, strict=True) if mark not in taken for piece in pieces
    )
    return replace(line, pieces=rest), told


def _sign(mark: Piece, answer: np.ndarray, height: float) -> Sign | None:
    """What a mark is among digits of that height: a currency sign, one with the text "" for another mark, None for a number's ink."""
    if mark.height < _BODY * height:
        return None
    best = int(answer[1 : 1 + len(CURRENCIES)].argmax())
    if (certainty := float(answer[1 + best])) >= _SURE:
        return Sign(CURRENCIES[best], mark, certainty)
    return Sign("", mark, 1 - float(answer[0])) if answer[0] <= _MAY_BE_A_NUMBER else None


def groups(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Pieces of a line that stand above each other together, from left to right: what stands by itself.

    Args:
        pieces: of one line.
    """
    found: list[list[Piece]] = []
    for piece in pieces:
        above = [group for group in found if any(_overlap(piece, other) for other in group)]
        found = [group for group in found if group not in above]
        found.append([other for group in above for other in group] + [piece])
    return sorted(found, key=lambda group: cuts.joined(group).middle[1])


def _overlap(one: Piece, other: Piece) -> bool:
    shared = min(one.right, other.right) - max(one.left, other.left)
    return shared > _OVERLAP * min(one.ink.shape[1], other.ink.shape[1])


def left_out(
    pieces: Sequence[Piece], taken: Sequence[Piece], height: float, rows: Sequence[Sequence[Piece]] = ()
) -> list[Piece]:
    """The marks of a page that are in none of its digits and signs; dust is no mark.

    Args:
        pieces: of the page's ink.
        taken: the ink of its digits and signs.
        height: pixels, of a digit.
        rows: the pieces of each row that is left out as a whole.

    Returns:
        One mark for what stands close beside each other, such as a word.
    """
    own = [piece for row in rows for piece in row]
    covered = _covered([*taken, *own], pieces)
    rest = own + [
        piece
        for piece in pieces
        if max(piece.ink.shape) >= _DUST * height
        and float(piece.ink[covered[piece.top : piece.bottom, piece.left : piece.right]].sum())
        < piece.mass / 2
    ]
    words = _words(rest, round(_BESIDE * height), covered.shape)
    return [
        cuts.joined(word) for word in words if max(max(piece.ink.shape) for piece in word) >= _MARK * height
    ]


def _covered(taken: Sequence[Piece], pieces: Sequence[Piece]) -> np.ndarray:
    """Where the ink of some pieces lies: bool, large enough for all pieces."""
    everything = (*taken, *pieces)
    covered = np.zeros(
        (max(piece.bottom for piece in everything), max(piece.right for piece in everything)), bool
    )
    for piece in taken:
        covered[piece.top : piece.bottom, piece.left : piece.right] |= piece.ink > 0
    return covered


def _words(pieces: Sequence[Piece], reach: int, shape: tuple[int, ...]) -> list[list[Piece]]:
    """Pieces that stand beside each other within `reach` pixels, or above each other without bare rows between them, together."""
    page = np.zeros(shape, np.uint8)
    for piece in pieces:
        page[piece.top : piece.bottom, max(0, piece.left - reach // 2) : piece.right + reach // 2] = 1
    _, numbers = cv2.connectedComponents(page)
    words: dict[int, list[Piece]] = {}
    for piece in pieces:
        words.setdefault(int(numbers[piece.top, piece.left]), []).append(piece)
    return list(words.values())


def probabilities(images: np.ndarray) -> np.ndarray:
    """What marks are.

    Args:
        images: array of shape (n, 28, 28), as preprocessing makes them: float32, 0.0 to 1.0, ink is 1.0; or uint8, ink
            is 255. n may be 0.

    Returns:
        float32 array of shape (n, 5), 0.0 to 1.0: of a number's ink, of each of `CURRENCIES`, and of another mark.

    Raises:
        ValueError: another shape or dtype, or a value outside the range.
        ModelError: the network is missing or damaged.
    """
    return np.clip(_network(settings.MARK_READER_FOLDER).read(images), 0, 1)


@functools.cache
def _network(folder: Path) -> litert.Reader:
    """The network in a folder, opened once."""
    try:
        content = (folder / NETWORK_FILE).read_bytes()
        return litert.Reader(content, _ANSWERS, "It does not give five answers.")
    except (OSError, ModelError) as error:
        remedy = settings.remedy("scripts/train_mark_reader.py")
        raise ModelError(f"The network mark-reader is missing or damaged. {remedy}") from error
