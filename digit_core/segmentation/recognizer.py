"""Whole numbers: a picture, photo or wide canvas taken apart into its digits, in reading order.

The ink of the page (`preprocessing.page`) falls into pieces and these into text lines (`lines`); what is surely a sign is
taken out (`signs`); the rest is cut into more parts than there are digits (`cuts`), and of all ways to join neighbouring
parts again the likeliest is taken (`decoder`, `lattice`): over-segmentation and dynamic programming, as Y. LeCun, L. Bottou, Y. Bengio and P. Haffner describe it in "Gradient-based learning applied to
document recognition", 1998. A network that reads whole lines (`line_reader`) says how likely these readings are.
"""

from dataclasses import replace

import cv2
import numpy as np

from digit_core.errors import NoDigitsError, NoInkError, PictureError
from digit_core.inference import verifiers
from digit_core.inference.classifier import Classifier, load
from digit_core.inference.rejection import DIGIT
from digit_core.preprocessing import binarization, images, page, pictures
from digit_core.segmentation import cuts, decoder, lattice, lines, marks, non_numbers, signs
from digit_core.segmentation.boxes import Box, DigitBox, DigitBoxes, SignBox, piece_of
from digit_core.segmentation.lines import Piece
from digit_core.segmentation.signs import Sign
from digit_core.segmentation.stages import PageStages

MAX_DIGITS = 300  # of one picture
_INK = 0.5  # what is surely ink
_NEAR_SIGN = 1.3  # heights of a digit: no sign stands farther from all digits
_SHEET = 1.1  # times as good as all of the picture
_SMALL = 0.6  # of the highest row's digits: print is as small, where a number is written beside it
_TALL_BESIDE = 0.6  # of all that is drawn: digits that stand beside each other are as high
_FEW = 3  # digits: what stands in other rows than fewer of them counts, too
_CLOSE = 0.5  # of the picture's height or width: a digit is as large in a cut-out
_NONE = "No digits were found in this picture: write larger, or take the photo from closer up."


def find_digits(picture: pictures.Source, classifier: Classifier | None = None) -> DigitBoxes:
    """Find the digits of a picture and read them.

    Args:
        picture: a path, the bytes of a file, a binary file object, a PIL image, or an array as `pictures.from_array`
            takes it, such as that of a wide canvas: uint8 (height, width, 4), ink on a transparent background.
        classifier: who reads; the default model if None.

    Returns:
        The digits in reading order: line by line from the top, from left to right; at most `MAX_DIGITS`. What is surely one of
        the signs "-", ".", ",", "/", ":", "€", "$" and "£" is among its `signs`, and in the text of `number_lines`; marks that are
        neither are in its `left_out`. Its `stages` say how it was read.

    Raises:
        NoDigitsError: there is ink, but nothing that could be digits, or far too much.
        NoInkError: nothing is written on it.
        PictureError: it cannot be read; see `pictures.read`.

    Example:
        >>> from PIL import Image, ImageDraw
        >>> from digit_core import find_digits
        >>> picture = Image.new("L", (320, 100), "white")
        >>> ImageDraw.Draw(picture).text((20, 5), "2 0 2 5", font_size=80)
        >>> [box.digit for box in find_digits(picture)]
        [2, 0, 2, 5]
    """
    reader = classifier or load()
    readings: list[DigitBoxes] = []
    refusals: list[PictureError] = []
    try:
        for found in page.candidates(picture):
            try:
                readings.append(_read(found, reader))
            except NoDigitsError as error:
                refusals.append(error)
    except NoInkError as error:
        refusals.append(error)
    if not readings:
        raise refusals[0]
    return readings[0] if len(readings) == 1 else max(readings, key=_goodness)


def _goodness(boxes: DigitBoxes) -> float:
    """By how many digits there are more that are likely digits than marks that are not; what is read on the sheet alone has a start.

    The edges of a sheet and the joints of a desk look like ones: these do not count, or as a single one where nothing else is.
    """
    scores = verifiers.ood_score(np.stack([box.image for box in boxes]))
    sure = np.array([box.confidence * box.certainty for box in boxes]) * (1 - scores)
    worth = 2 * sure - 1
    others = worth[[box.digit != 1 for box in boxes]]
    return float(others.sum() if len(others) else worth.max()) * (1.0 if boxes[0].matrix is None else _SHEET)


def _read(found: page.Page, reader: Classifier) -> DigitBoxes:
    """The digits of a page."""
    pieces = lines.pieces_of(found.ink)
    if not pieces:
        raise NoDigitsError(_NONE)
    non_numbers.check_marks(pieces, lines.typical_height(pieces))
    pen = binarization.stroke_width(found.ink > _INK)
    rows, told = signs.take_out_of_all(lines.text_lines(pieces, pen), pen)
    height = lines.typical_height(pieces)
    plain = [marks.take_out(lines.without_specks(row, height)) for row in rows]
    told += [mark for _, own in plain for mark in own]
    everything = _without_print(decoder.decode([row for row, _ in plain], pen, reader))
    decoded = _without_border(everything, found)
    written = [row.digits for row in decoded if row.digits]
    _check_count(sum(map(len, written)))
    kept = _with_lines([sign for sign in told if sign.text], written)
    taken = [digit.piece for row in written for digit in row] + [sign.piece for sign, _ in kept]
    unread = [list(row.line.pieces) for row in decoded if not row.digits]
    rest = marks.left_out(pieces, taken, height, unread)
    boxes = DigitBoxes(
        (
            _box(digit.piece, line, found, reader, digit.evidence, digit.certainty)
            for line, digits in enumerate(written)
            for digit in digits
        ),
        [SignBox(sign.text, _in_picture(sign.piece, found), line, sign.certainty) for sign, line in kept],
        [_in_picture(mark, found) for mark in rest],
        PageStages(found, tuple(decoded), tuple(sign for sign, _ in kept)),
    )
    told_apart = sum(piece.mass for row in unread for piece in row)
    mass, all_ink = sum(piece.mass for piece in taken), float(found.ink.sum())
    off = [
        _images(row) for row, kept in zip(everything, decoded, strict=True) if row.digits and not kept.digits
    ]
    share_of_all = mass / all_ink if len(boxes) < _FEW else 1.0
    seen = np.stack([box.image for box in boxes])
    non_numbers.check_digits(seen, mass / (all_ink - told_apart), share_of_all)
    if off:
        non_numbers.check_digits(np.concatenate([seen, *off]))
    return boxes


def _without_print(rows: list[decoder.Row]) -> list[decoder.Row]:
    """The rows of a page, those of small print without digits."""
    highest = max((row.line.height for row in rows if row.digits), default=0.0)
    return [
        replace(row, digits=[])
        if row.line.height < _SMALL * highest and row.digits and non_numbers.is_print(_images(row))
        else row
        for row in rows
    ]


def _without_border(rows: list[decoder.Row], found: page.Page) -> list[decoder.Row]:
    """The rows of a page, those without digits that run off a photo: things and the edge of a sheet do, writing does not.

    A close cut-out may cut into its digits, and a drawing may leave its canvas.
    """
    shapes = [digit.piece.ink.shape for row in rows for digit in row.digits]
    if found.lines is None or not shapes:
        return rows
    if found.matrix is None and (np.median(shapes, axis=0) > _CLOSE * np.array(found.ink.shape)).any():
        return rows
    return [
        replace(row, digits=[])
        if all(_runs_off(digit.piece, found.ink.shape) for digit in row.digits)
        else row
        for row in rows
    ]


def _runs_off(piece: Piece, shape: tuple[int, ...]) -> bool:
    """Whether a piece reaches a side of its page."""
    return min(piece.top, piece.left, shape[0] - piece.bottom, shape[1] - piece.right) <= 1


def _images(row: decoder.Row) -> np.ndarray:
    """The digits of a row, preprocessed: float32 (n, 28, 28)."""
    return np.stack([images.from_ink(np.pad(digit.piece.ink, 2)) for digit in row.digits])


def _with_lines(told: list[Sign], written: list[list[decoder.FoundDigit]]) -> list[tuple[Sign, int]]:
    """The signs that stand near a digit that was read, each with the number of its line, in reading order."""
    digits = [(digit.piece, line) for line, row in enumerate(written) for digit in row]
    kept = []
    for sign in told:
        distance, line = min((_distance(sign.piece, piece), line) for piece, line in digits)
        if distance <= _NEAR_SIGN * lines.typical_height([piece for piece, own in digits if own == line]):
            kept.append((sign, line))
    return sorted(kept, key=lambda entry: (entry[1], entry[0].piece.middle[1]))


def _distance(one: Piece, other: Piece) -> float:
    """From box to box, pixels."""
    down = max(one.top - other.bottom, other.top - one.bottom, 0)
    right = max(one.left - other.right, other.left - one.right, 0)
    return float(np.hypot(down, right))


def several_digits(picture: pictures.Source | np.ndarray, classifier: Classifier) -> list[DigitBox]:
    """The digits of a drawing that is several of them in one line.

    Args:
        picture: as for `find_digits`; what `Classifier.judge` calls no digit, or where pieces `stand_beside` each other.
        classifier: who reads.

    Returns:
        Two digits or more, from left to right, each surely a digit by itself; none if that is not what was drawn.

    Example:
        >>> from PIL import Image, ImageDraw
        >>> from digit_core import load_model
        >>> from digit_core.segmentation import several_digits
        >>> picture = Image.new("L", (200, 100), "white")
        >>> ImageDraw.Draw(picture).text((20, 5), "2 5", font_size=80)
        >>> [box.digit for box in several_digits(picture, load_model())]
        [2, 5]
    """
    try:
        found = find_digits(picture, classifier)
    except PictureError:
        return []
    is_line = len(found) > 1 and all(box.line == 0 for box in found)
    verdicts = classifier.judge(np.stack([box.image for box in found])).verdicts
    return found if is_line and (verdicts == DIGIT).all() else []


def stand_beside(rgba: np.ndarray) -> bool:
    """Whether a drawing is of pieces that stand beside each other with bare paper between them, as two digits do.

    It takes a moment: `several_digits`, which reads them, takes longer.

    Args:
        rgba: uint8 array of shape (h, w, 4), ink on a transparent background.

    Example:
        >>> import numpy as np
        >>> from digit_core.segmentation import stand_beside
        >>> drawing = np.zeros((280, 280, 4), np.uint8)
        >>> drawing[40:240, 60:80] = 255
        >>> stand_beside(drawing)
        False
        >>> drawing[40:240, 160:180] = 255
        >>> stand_beside(drawing)
        True
    """
    pieces = lines.pieces_of(rgba[..., 3] * np.float32(1 / 255))
    height = max((piece.bottom for piece in pieces), default=0) - min(
        (piece.top for piece in pieces), default=0
    )
    tall = [piece for piece in pieces if piece.height >= _TALL_BESIDE * height]
    return len(tall) > 1 and min(piece.right for piece in tall) <= max(piece.left for piece in tall)


def _check_count(count: int) -> None:
    if not count:
        raise NoDigitsError(_NONE)
    if count > MAX_DIGITS:
        raise NoDigitsError(
            f"There are {count} digits in this picture, and at most {MAX_DIGITS} are read at a time: "
            "cut it into parts."
        )


def split(box: DigitBox, classifier: Classifier) -> tuple[DigitBox, DigitBox]:
    """Cut a box into its two likeliest digits, from left to right.

    Args:
        box: one that holds two digits, or parts of two.
        classifier: who reads them.

    Raises:
        NoDigitsError: it is too narrow to be cut.

    Example:
        >>> from PIL import Image, ImageDraw
        >>> from digit_core import find_digits, load_model
        >>> from digit_core.segmentation import merge, split
        >>> picture = Image.new("L", (200, 100), "white")
        >>> ImageDraw.Draw(picture).text((20, 5), "2 5", font_size=80)
        >>> model = load_model()
        >>> two, five = find_digits(picture, model)
        >>> [box.digit for box in split(merge(two, five, model), model)]
        [2, 5]
    """
    piece = piece_of(box)
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
        raise NoDigitsError("There is too little ink in this box to cut it in two.")
    left, right = (Piece(half.ink, half.top + piece.top, half.left + piece.left) for half in best[1])
    return _box(left, box.line, box, classifier), _box(right, box.line, box, classifier)


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

    Example:
        >>> from PIL import Image, ImageDraw
        >>> from digit_core import find_digits, load_model
        >>> from digit_core.segmentation import merge
        >>> picture = Image.new("L", (200, 100), "white")
        >>> ImageDraw.Draw(picture).text((20, 5), "2 5", font_size=80)
        >>> model = load_model()
        >>> two, five = find_digits(picture, model)
        >>> both = merge(two, five, model)
        >>> both.box[1] == two.box[1], both.box[3] == five.box[3]  # from the left of the 2 to the right of the 5
        (True, True)
    """
    return _box(cuts.joined([piece_of(first), piece_of(second)]), first.line, first, classifier)


def reread(boxes: list[DigitBox], classifier: Classifier) -> list[DigitBox]:
    """The same boxes, read by another model.

    Example:
        >>> from PIL import Image, ImageDraw
        >>> from digit_core import find_digits, load_model
        >>> from digit_core.segmentation import reread
        >>> picture = Image.new("L", (200, 100), "white")
        >>> ImageDraw.Draw(picture).text((20, 5), "2 5", font_size=80)
        >>> [box.digit for box in reread(find_digits(picture), load_model("tiny"))]
        [2, 5]
    """
    if not boxes:
        return []
    answers = classifier.predict(np.stack([box.image for box in boxes]))
    return [
        replace(box, probabilities=decoder.weighed(answer, box.evidence, box.certainty))
        for box, answer in zip(boxes, answers, strict=True)
    ]


def _box(
    piece: Piece,
    line: int,
    sheet: page.Page | DigitBox,
    reader: Classifier,
    evidence: np.ndarray | None = None,
    certainty: float = 1.0,
) -> DigitBox:
    """A digit of a page, or of the page that another one stands on."""
    image = images.from_ink(np.pad(piece.ink, 2))
    answer = decoder.weighed(reader.predict(image[None])[0], evidence, certainty)
    return DigitBox(
        image,
        _in_picture(piece, sheet),
        line,
        answer,
        piece.ink,
        sheet.scale,
        evidence,
        certainty,
        (piece.top, piece.left),
        sheet.matrix,
    )


def _in_picture(piece: Piece, sheet: page.Page | DigitBox) -> Box:
    """Where a piece of a page stands in the picture."""
    edges = piece.top, piece.left, piece.bottom, piece.right
    if sheet.matrix is not None:
        top, left, bottom, right = edges
        corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)
        x, y = cv2.perspectiveTransform(corners[None], sheet.matrix)[0].T
        return round(y.min()), round(x.min()), round(y.max()), round(x.max())
    top, left, bottom, right = (round(edge * sheet.scale) for edge in edges)
    return top, left, bottom, right
