"""Whole numbers: a picture, photo or wide canvas taken apart into its digits, in reading order.

The ink of the page (`preprocessing.page`) falls into pieces and these into text lines (`lines`); they are cut into more
parts than there are digits (`cuts`), and of all ways to join neighbouring parts again the likeliest is taken (`decoder`,
`lattice`): over-segmentation and dynamic programming, as Y. LeCun, L. Bottou, Y. Bengio and P. Haffner describe it in "Gradient-based learning applied to
document recognition", 1998.
"""

from dataclasses import dataclass, replace

import numpy as np

from digit_core.errors import NoDigitsError
from digit_core.inference.classifier import Classifier, load
from digit_core.preprocessing import binarization, images, page, pictures
from digit_core.segmentation import cuts, decoder, lattice, lines, non_numbers
from digit_core.segmentation.lines import Piece

Box = tuple[int, int, int, int]

MAX_DIGITS = 300  # of one picture
_INK = 0.5  # what is surely ink
_NONE = "No digits were found in this picture: write larger, or take the photo from nearer."


@dataclass(frozen=True, eq=False)
class DigitBox:
    """One digit of a number and where it stands. All fields are plain values: `dataclasses.asdict` and back keeps it.

    Attributes:
        image: float32 array of shape (28, 28), 0.0 to 1.0, preprocessed: what the model saw.
        box: top, left, bottom, right in pixels of the upright picture; bottom and right are the first ones outside.
        line: the number of its line, from 0 at the top.
        probabilities: float32 array of shape (10,), what the model answered.
        ink: float32 array of shape (h, w), 0.0 to 1.0: this digit's ink alone, from the box's top left corner.
        scale: pixels of the picture to one of `ink`; 1.0 unless a large photo was reduced.
    """

    image: np.ndarray
    box: Box
    line: int
    probabilities: np.ndarray
    ink: np.ndarray
    scale: float

    @property
    def digit(self) -> int:
        """The likeliest digit."""
        return int(self.probabilities.argmax())

    @property
    def confidence(self) -> float:
        """The probability of `digit`, 0.0 to 1.0."""
        return float(self.probabilities.max())


@dataclass(frozen=True)
class NumberLine:
    """A line of digits as text.

    Attributes:
        line: its number, from 0 at the top.
        text: its digits from left to right.
        certainty: 0.0 to 1.0, the probability that every digit of it is right: the product of theirs.
    """

    line: int
    text: str
    certainty: float


def find_digits(
    picture: pictures.Source | np.ndarray, classifier: Classifier | None = None
) -> list[DigitBox]:
    """Find the digits of a picture and read them.

    Args:
        picture: a path, the bytes of a file, a binary file object, a PIL image, or a uint8 array of shape
            (height, width, 4), such as a wide canvas: ink on a transparent background.
        classifier: who reads; the default model if None.

    Returns:
        The digits in reading order: line by line from the top, from left to right; at most `MAX_DIGITS`.

    Raises:
        NoDigitsError: there is ink, but nothing that could be digits, or far too much.
        NoInkError: nothing is written on it.
        PictureError: it cannot be read; see `pictures.read`.
    """
    reader = classifier or load()
    found = page.read(picture)
    pieces = lines.pieces_of(found.ink)
    if not pieces:
        raise NoDigitsError(_NONE)
    non_numbers.check_marks(pieces, lines.typical_height(pieces))
    pen = binarization.stroke_width(found.ink > _INK)
    decoded = decoder.decode(lines.text_lines(pieces), pen, reader)
    _check_count(sum(map(len, decoded)))
    boxes = [
        _box(piece, line, found.scale, reader) for line, digits in enumerate(decoded) for piece in digits
    ]
    share = sum(float(box.ink.sum()) for box in boxes) / float(found.ink.sum())
    non_numbers.check_digits(np.stack([box.image for box in boxes]), share)
    return boxes


def _check_count(count: int) -> None:
    if not count:
        raise NoDigitsError(_NONE)
    if count > MAX_DIGITS:
        raise NoDigitsError(
            f"There are {count} digits in this picture, and at most {MAX_DIGITS} are read at a time: "
            "cut it in parts."
        )


def split(box: DigitBox, classifier: Classifier) -> tuple[DigitBox, DigitBox]:
    """Cut a box into its two likeliest digits, from left to right.

    Args:
        box: one that holds two digits, or parts of two.
        classifier: who reads them.

    Raises:
        NoDigitsError: it is too narrow to be cut.
    """
    piece = _piece(box)
    height = float(piece.height)
    pen = binarization.stroke_width(piece.ink > _INK)
    parts = [part for one in lines.pieces_of(piece.ink) for part in cuts.cut(one, height, pen)]
    parts = sorted(parts, key=lambda part: part.middle[1])
    if len(parts) < 2:
        parts = _halves(piece)
    best: tuple[float, tuple[Piece, Piece]] | None = None
    for count in range(1, len(parts)):
        halves = cuts.joined(parts[:count]), cuts.joined(parts[count:])
        seen = [lattice.seen(half.ink) for half in halves]
        if seen[0] is None or seen[1] is None:
            continue
        score = float(decoder.likelihood(np.stack([seen[0], seen[1]]), classifier).sum())
        if best is None or score > best[0]:
            best = score, halves
    if best is None:
        raise NoDigitsError("There is too little ink in this box to be cut in two.")
    left, right = (Piece(half.ink, half.top + piece.top, half.left + piece.left) for half in best[1])
    return _box(left, box.line, box.scale, classifier), _box(right, box.line, box.scale, classifier)


def _halves(piece: Piece) -> list[Piece]:
    """A piece cut straight through its middle: where no better cut is found."""
    middle = piece.ink.shape[1] // 2
    halves = [
        cuts.trimmed(piece.ink[:, :middle], 0, 0) if middle else None,
        cuts.trimmed(piece.ink[:, middle:], 0, middle),
    ]
    return [half for half in halves if half is not None]


def merge(first: DigitBox, second: DigitBox, classifier: Classifier) -> DigitBox:
    """Join two boxes of one picture into one digit, which stays in the first one's line.

    Args:
        first, second: the boxes.
        classifier: who reads it.
    """
    return _box(cuts.joined([_piece(first), _piece(second)]), first.line, first.scale, classifier)


def reread(boxes: list[DigitBox], classifier: Classifier) -> list[DigitBox]:
    """The same boxes, read by another model."""
    if not boxes:
        return []
    answers = classifier.predict(np.stack([box.image for box in boxes]))
    return [replace(box, probabilities=answer) for box, answer in zip(boxes, answers, strict=True)]


def number_lines(boxes: list[DigitBox]) -> list[NumberLine]:
    """The lines as text, from the top; each line's digits from left to right.

    Args:
        boxes: as `find_digits` gives them, perhaps with some split, merged or left out.
    """
    found: dict[int, list[DigitBox]] = {}
    for box in sorted(boxes, key=lambda box: (box.line, box.box[1] + box.box[3])):
        found.setdefault(box.line, []).append(box)
    return [
        NumberLine(
            line,
            "".join(str(box.digit) for box in digits),
            float(np.prod([box.confidence for box in digits])),
        )
        for line, digits in found.items()
    ]


def _piece(box: DigitBox) -> Piece:
    return Piece(box.ink, round(box.box[0] / box.scale), round(box.box[1] / box.scale))


def _box(piece: Piece, line: int, scale: float, reader: Classifier) -> DigitBox:
    image = images.from_ink(np.pad(piece.ink, 2))
    edges = piece.top, piece.left, piece.bottom, piece.right
    top, left, bottom, right = (round(edge * scale) for edge in edges)
    return DigitBox(image, (top, left, bottom, right), line, reader.predict(image[None])[0], piece.ink, scale)
