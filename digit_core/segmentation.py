"""Whole numbers: a picture, photo or wide canvas taken apart into its digits, in reading order."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from digit_core import classifier as classifiers
from digit_core import ground, images, pictures
from digit_core.errors import NoDigitsError

Box = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class DigitBox:
    """One digit of a number and where it stands. All fields are plain values: `dataclasses.asdict` and back keeps it.

    Attributes:
        image: float32 array of shape (28, 28), 0.0 to 1.0, made by the one door: what the model saw.
        box: top, left, bottom, right in pixels of the upright picture; bottom and right are the first ones outside.
        line: the number of its row, from 0 at the top.
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
    """A row of digits as text.

    Attributes:
        line: the number of the row, from 0 at the top.
        text: its digits from left to right.
        certainty: 0.0 to 1.0, the probability that every digit of it is right: the product of theirs.
    """

    line: int
    text: str
    certainty: float


def find_digits(
    picture: pictures.Source | np.ndarray, classifier: classifiers.Classifier | None = None
) -> list[DigitBox]:
    """Find the digits of a picture and read them.

    Args:
        picture: a path, the bytes of a file, a binary file object, a PIL image, or a uint8 array of shape
            (height, width, 4), such as a wide canvas: ink on a clear ground.
        classifier: who reads; the default model if None.

    Returns:
        The digits in reading order: row by row from the top, from left to right; at most `MOST_DIGITS`.

    Raises:
        NoDigitsError: nothing that could be digits is on it, or far too much.
        PictureError: it cannot be read; see `pictures.read`.
    """
    reader = classifier or classifiers.load()
    rgba = picture if isinstance(picture, np.ndarray) else pictures.read(picture)
    opaque = rgba[..., 3].min() == 255
    ink = (ground.find(rgba) if opaque else ground.from_opacity(rgba[..., 3])).ink
    _, pieces, boxes, _ = cv2.connectedComponentsWithStats((ink > 0.3).astype(np.uint8), connectivity=8)
    found = []
    for piece, (left, top, width, height, area) in enumerate(boxes):
        if piece and area > 30:
            cut = slice(top, top + height), slice(left, left + width)
            found.append(_box(np.where(pieces[cut] == piece, ink[cut], 0), (int(top), int(left)), 0, 1.0, reader))
    if not found:
        raise NoDigitsError("No digits were found in this picture: write larger, or take the photo from nearer.")
    return sorted(found, key=lambda digit: digit.box[1])


def split(box: DigitBox, classifier: classifiers.Classifier) -> tuple[DigitBox, DigitBox]:
    """Cut a box into its two likeliest digits, from left to right.

    Raises:
        NoDigitsError: it cannot be cut.
    """
    middle = box.ink.shape[1] // 2
    if middle < 1:
        raise NoDigitsError("This is too narrow to be cut in two.")
    left, right = box.ink.copy(), box.ink.copy()
    left[:, middle:], right[:, :middle] = 0, 0
    top, start = box.box[:2]
    origin = round(top / box.scale), round(start / box.scale)
    return (
        _box(left, origin, box.line, box.scale, classifier),
        _box(right, origin, box.line, box.scale, classifier),
    )


def merge(first: DigitBox, second: DigitBox, classifier: classifiers.Classifier) -> DigitBox:
    """Join two boxes into one digit; it stays in the first one's line."""
    boxes = (first, second)
    top, left = (min(box.box[side] for box in boxes) for side in (0, 1))
    bottom, right = (max(box.box[side] for box in boxes) for side in (2, 3))
    scale = first.scale
    ink = np.zeros((round((bottom - top) / scale) + 2, round((right - left) / scale) + 2), np.float32)
    for box in boxes:
        y, x = round((box.box[0] - top) / scale), round((box.box[1] - left) / scale)
        part = ink[y : y + box.ink.shape[0], x : x + box.ink.shape[1]]
        np.maximum(part, box.ink[: part.shape[0], : part.shape[1]], out=part)
    return _box(ink, (round(top / scale), round(left / scale)), first.line, scale, classifier)


def reread(boxes: list[DigitBox], classifier: classifiers.Classifier) -> list[DigitBox]:
    """The same ink, read by another model."""
    return [replace(box, probabilities=classifier.predict(box.image[None])[0]) for box in boxes]


def number_lines(boxes: list[DigitBox]) -> list[NumberLine]:
    """The rows as text, from the top; each row's digits from left to right.

    Args:
        boxes: as `find_digits` gives them, perhaps with some split, merged, overruled or left out.
    """
    rows: dict[int, list[DigitBox]] = {}
    for box in sorted(boxes, key=lambda box: (box.line, box.box[1] + box.box[3])):
        rows.setdefault(box.line, []).append(box)
    return [
        NumberLine(
            line,
            "".join(str(box.digit) for box in row),
            float(np.prod([box.confidence for box in row])),
        )
        for line, row in rows.items()
    ]


def _box(
    ink: np.ndarray, origin: tuple[int, int], line: int, scale: float, reader: classifiers.Classifier
) -> DigitBox:
    """The box of ink whose array starts at `origin` (top, left)."""
    rows, columns = np.flatnonzero(ink.max(axis=1) > 0), np.flatnonzero(ink.max(axis=0) > 0)
    if not len(rows):
        raise NoDigitsError("There is no ink here.")
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    top, left = origin[0] + int(rows[0]), origin[1] + int(columns[0])
    edges = top, left, top + ink.shape[0], left + ink.shape[1]
    image = images.from_ink(ink)
    box = tuple(round(edge * scale) for edge in edges)
    return DigitBox(image, box, line, reader.predict(image[None])[0], ink, scale)  # type: ignore[arg-type]
