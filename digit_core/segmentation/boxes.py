"""The digits and signs that were found in a picture: where each stands, how it was read, and the numbers that they make."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from digit_core.digits import picture_html
from digit_core.metrics.classification import percent
from digit_core.segmentation import cuts, lines
from digit_core.segmentation.lines import Piece
from digit_core.segmentation.stages import PageStages

Box = tuple[int, int, int, int]

# What a notebook shows of boxes: answers of this share of the digits' height, but no smaller; a margin around all of it; how
# wide. Pixels of the ink, and of the screen.
_WORD_SHARE, _SMALLEST_WORD, _MARGIN, _SHOWN_WIDTH = 0.3, 10.0, 4, 700


@dataclass(frozen=True, eq=False)
class DigitBox:
    """One digit of a number and where it stands. All fields are plain values: `dataclasses.asdict` and back keeps it.

    Attributes:
        image: float32 array of shape (28, 28), 0.0 to 1.0, preprocessed: what the model saw.
        box: top, left, bottom, right in pixels of the upright picture; bottom and right are the first ones outside.
        line: the number of its line, from 0 at the top.
        probabilities: float32 array of shape (10,), what the model answered, with what the line says.
        ink: float32 array of shape (h, w), 0.0 to 1.0: this digit's ink alone, from the box's top left corner.
        scale: pixels of the picture to one of `ink`; 1.0 unless a large photo was reduced.
        evidence: float32 array of shape (10,), by how much its line makes each digit likelier; see `decoder.FoundDigit`.
            None of a box that somebody made.
        certainty: 0.0 to 1.0, how probable it is that this ink is one digit of its line.
        origin: top and left of the ink on its page, in pixels of the ink; from `box` and `scale` if None.
        matrix: of the page that it stands on; see `page.Page`.

    Example:
        >>> from PIL import Image, ImageDraw
        >>> from digit_core import find_digits
        >>> picture = Image.new("L", (200, 100), "white")
        >>> ImageDraw.Draw(picture).text((20, 5), "2 5", font_size=80)
        >>> first = find_digits(picture)[0]
        >>> first.digit, first.line, first.image.shape
        (2, 0, (28, 28))
    """

    image: np.ndarray
    box: Box
    line: int
    probabilities: np.ndarray
    ink: np.ndarray
    scale: float
    evidence: np.ndarray | None = None
    certainty: float = 1.0
    origin: tuple[int, int] | None = None
    matrix: np.ndarray | None = None

    @property
    def digit(self) -> int:
        """The likeliest digit."""
        return int(self.probabilities.argmax())

    @property
    def confidence(self) -> float:
        """The probability of `digit`, 0.0 to 1.0."""
        return float(self.probabilities.max())

    def __repr__(self) -> str:
        return f"DigitBox({self.digit}, {percent(self.confidence)}, line {self.line}, box {self.box})"

    def _repr_html_(self) -> str:
        return picture_html(self.image, repr(self))


@dataclass(frozen=True)
class SignBox:
    """A sign beside or between the digits of a line.

    Attributes:
        text: one of `signs.SIGNS`: "-", ".", ",", "/" or ":"; or of `marks.CURRENCIES`: "€", "$" or "£".
        box: as a `DigitBox` has it.
        line: the number of its line, from 0 at the top.
        certainty: 0.0 to 1.0, how probable it is that it is this sign.

    Example:
        >>> from digit_core.segmentation import SignBox
        >>> SignBox(":", (30, 90, 70, 98), line=0).text
        ':'
    """

    text: str
    box: Box
    line: int
    certainty: float = 1.0


class DigitBoxes(list[DigitBox]):
    """The digits of a picture in reading order: a list that a notebook shows as ink with a box around each digit.

    Attributes:
        signs: what stands beside and between them and is surely a sign, in reading order.
        left_out: where the marks stand that are no digit, and no sign that is sure; see `DigitBox.box`.
        stages: how they were found, stage by stage; None of boxes that somebody put together.

    Example:
        >>> from PIL import Image, ImageDraw
        >>> from digit_core import find_digits
        >>> picture = Image.new("L", (200, 100), "white")
        >>> ImageDraw.Draw(picture).text((20, 5), "2 5", font_size=80)
        >>> boxes = find_digits(picture)
        >>> [box.digit for box in boxes]
        [2, 5]
        >>> boxes._repr_html_().count("<rect")  # what a notebook shows
        2
    """

    def __init__(
        self,
        digits: Iterable[DigitBox] = (),
        signs: Sequence[SignBox] = (),
        left_out: Sequence[Box] = (),
        stages: PageStages | None = None,
    ) -> None:
        super().__init__(digits)
        self.signs = tuple(signs)
        self.left_out = tuple(left_out)
        self.stages = stages

    def _repr_html_(self) -> str:
        if not self:
            return repr(self)
        pieces = [piece_of(box) for box in self]
        size = max(_SMALLEST_WORD, _WORD_SHARE * lines.typical_height(pieces))
        above, whole = round(1.5 * size), cuts.joined(pieces)  # the answers stand above the boxes
        sheet = np.pad(whole.ink, ((above, _MARGIN), (_MARGIN, _MARGIN)))
        down, right = above - whole.top, _MARGIN - whole.left
        frames = [
            (piece.top + down, piece.left + right, piece.bottom + down, piece.right + right)
            for piece in pieces
        ]
        words = [(frame[1], frame[0] - size / 4, str(box.digit)) for frame, box in zip(frames, self)]
        caption = "; ".join(line.text for line in number_lines(self))
        return picture_html(sheet, caption, max(1, _SHOWN_WIDTH // sheet.shape[1]), words, size, frames)


@dataclass(frozen=True)
class NumberLine:
    """A line of digits as text.

    Attributes:
        line: its number, from 0 at the top.
        text: its digits and signs from left to right.
        certainty: 0.0 to 1.0, the probability that every digit and every sign of it is right: the product of theirs.

    Example:
        >>> from digit_core.segmentation import NumberLine
        >>> NumberLine(line=0, text="12:45", certainty=0.98).text
        '12:45'
    """

    line: int
    text: str
    certainty: float


def number_lines(boxes: Sequence[DigitBox], signs: Sequence[SignBox] | None = None) -> list[NumberLine]:
    """The lines as text, from the top; each line's digits and signs from left to right.

    Args:
        boxes: as `find_digits` gives them, perhaps with some split, merged or left out.
        signs: what stands among them; if None those that `boxes` has, where it is as `find_digits` gave it. The signs of
            a line without digits are left out.

    Example:
        >>> from PIL import Image, ImageDraw
        >>> from digit_core import find_digits
        >>> from digit_core.segmentation import number_lines
        >>> picture = Image.new("L", (320, 200), "white")
        >>> ImageDraw.Draw(picture).text((20, 5), "2 0 : 2 5\\n3 7", font_size=80)
        >>> [line.text for line in number_lines(find_digits(picture))]
        ['20:25', '37']
    """
    if signs is None:
        signs = boxes.signs if isinstance(boxes, DigitBoxes) else ()
    digits: dict[int, list[DigitBox]] = {}
    for box in boxes:
        digits.setdefault(box.line, []).append(box)
    of_line = {line: [sign for sign in signs if sign.line == line] for line in digits}
    return [
        NumberLine(
            line,
            _text(digits[line], of_line[line]),
            float(
                np.prod([box.confidence for box in digits[line]] + [sign.certainty for sign in of_line[line]])
            ),
        )
        for line in sorted(digits)
    ]


def _text(digits: Sequence[DigitBox], signs: Sequence[SignBox]) -> str:
    """Digits and signs of one line from left to right."""
    entries = [(box.box, str(box.digit)) for box in digits] + [(sign.box, sign.text) for sign in signs]
    return "".join(text for _, text in sorted(entries, key=lambda entry: entry[0][1] + entry[0][3]))


def piece_of(box: DigitBox) -> Piece:
    """The ink of a box on its page, in pixels of the ink."""
    top, left = box.origin or (round(box.box[0] / box.scale), round(box.box[1] / box.scale))
    return Piece(box.ink, top, left)
