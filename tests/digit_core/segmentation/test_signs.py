import numpy as np
import pytest

from digit_core import segmentation
from digit_core.digits import Digits
from digit_core.inference import classifier
from digit_core.segmentation import lines
from digit_core.segmentation import signs as told
from digit_core.segmentation.boxes import DigitBox, SignBox
from digit_core.segmentation.lines import Piece, TextLine
from digit_core.synthesis import numbers, signs
from digit_core.synthesis.numbers import Hand

PEN = 6.0


def bar(top: int, left: int, height: int, width: int) -> Piece:
    return Piece(np.ones((height, width), np.float32), top, left)


def ring(left: int) -> Piece:
    """Something as high as a digit, from 0 to 60, and no stroke."""
    ink = np.ones((60, 40), np.float32)
    ink[8:-8, 8:-8] = 0
    return Piece(ink, 0, left)


def stroke(lean: float, top: int, bottom: int, left: int) -> Piece:
    """A straight stroke that leans to the right by so many degrees."""
    height = bottom - top
    across = round(height * np.tan(np.deg2rad(lean)))
    ink = np.zeros((height, across + 6), np.float32)
    for row in range(height):
        start = round(across * (1 - row / height))
        ink[row, start : start + 6] = 1
    return Piece(ink, top, left)


def leaning_ring(left: int) -> Piece:
    """A ring that leans to the right by 25 degrees."""
    ink = np.pad(ring(0).ink, ((0, 0), (0, 28)))
    rows = [np.roll(row, round((59 - place) * np.tan(np.deg2rad(25)))) for place, row in enumerate(ink)]
    return Piece(np.stack(rows), 0, left)


def signs_of(*pieces: Piece) -> str:
    line = TextLine((ring(0), *pieces, ring(120), ring(180)), 60.0, 0.0)
    rest, found = told.take_out(line, PEN)
    assert len(rest.pieces) + sum(2 if sign.text == ":" else 1 for sign in found) == len(line.pieces)
    return "".join(sign.text for sign in found)


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        ([bar(54, 70, 7, 7)], "."),
        ([bar(54, 70, 20, 6)], ","),
        ([bar(28, 60, 6, 30)], "-"),
        ([bar(20, 70, 7, 7), bar(50, 70, 7, 7)], ":"),
        ([stroke(30, -8, 72, 58)], "/"),
        ([stroke(30, 0, 60, 58)], ""),  # a 1
        ([stroke(0, -8, 72, 70)], ""),  # a tall 1
        ([bar(20, 70, 7, 7)], ""),  # a dot in the air
        ([bar(0, 35, 6, 30)], ""),  # the bar of a 5
        ([bar(20, 70, 6, 30), bar(36, 70, 6, 30)], ""),  # "equals"
        ([bar(10, 70, 7, 7), bar(30, 70, 7, 7), bar(50, 70, 7, 7)], ""),  # what is left of a 1
        ([ring(65)], ""),
    ],
)
def test_signs_are_told_by_their_shape_and_place(pieces: list[Piece], text: str) -> None:
    assert signs_of(*pieces) == text


@pytest.mark.parametrize(("top", "text"), [(-30, "/"), (-4, "")])
def test_a_slash_may_lean_like_its_row_where_it_is_much_higher(top: int, text: str) -> None:
    """In a row that leans it was a 1."""
    row = [leaning_ring(0), leaning_ring(60), stroke(25, top, 66, 130), leaning_ring(180), leaning_ring(240)]
    rest, found = told.take_out(TextLine(tuple(row), 60.0, 0.0), PEN)
    assert "".join(sign.text for sign in found) == text
    assert len(rest.pieces) == 5 - len(text)


def test_a_long_comma_that_looks_like_a_line_of_its_own_is_a_comma() -> None:
    found = lines.text_lines([ring(0), bar(52, 55, 30, 6), ring(80)], PEN)
    assert len(found) == 2
    rest, (comma,) = told.take_out_of_all(found, PEN)
    assert comma.text == ","
    assert [len(line.pieces) for line in rest] == [2]


def test_what_a_pen_leaves_that_only_touches_the_paper_is_a_dot_and_dust_is_no_part_of_a_digit() -> None:
    pieces = [Piece(np.ones((120, 40), np.float32), 0, 0), Piece(np.ones((120, 40), np.float32), 0, 90)]
    tap, dust = bar(108, 60, 11, 11), bar(110, 75, 3, 3)
    (line,) = lines.text_lines([*pieces, tap, dust], 10.0)
    assert tap in line.pieces and dust not in line.pieces
    assert tap not in lines.without_specks(line, 120.0).pieces
    (dusty,) = lines.text_lines([*pieces, *[tap] * 5], 10.0)
    assert tap not in dusty.pieces


def drawn(text: str, digits: Digits, random: np.random.Generator) -> np.ndarray:
    """A number with signs on the wide canvas."""
    parts = signs.write(text, digits, Hand(80, 9, 0.25, 0.04, lean=4), random)
    ink = np.zeros((280, 900), np.uint8)
    numbers.paste(parts, ink, 70, 60)
    return np.dstack([np.zeros((*ink.shape, 3), np.uint8), ink])


def texts(boxes: list[DigitBox]) -> list[str]:
    return [line.text for line in segmentation.number_lines(boxes)]


def test_numbers_with_signs_come_out_as_one_writes_them(
    reader: classifier.Classifier, digits: Digits
) -> None:
    """A dash was left out, a colon and a comma as well, and "/" was a 1."""
    random = np.random.default_rng(0)
    wanted = ["-42", "12:45", "24.12.2025", "3/4", "1.234,56", "2025-12-24"]
    right = 0
    for text in wanted * 3:
        right += texts(segmentation.find_digits(drawn(text, digits, random), reader)) == [text]
    assert right >= 14


def test_signs_have_a_place_and_a_line(reader: classifier.Classifier, digits: Digits) -> None:
    found = segmentation.find_digits(drawn("12:45", digits, np.random.default_rng(1)), reader)
    assert [sign.text for sign in found.signs] == [":"]
    (colon,) = found.signs
    assert colon.line == 0
    assert found[1].box[3] <= colon.box[1] and colon.box[3] <= found[2].box[1]


def test_a_sign_without_a_digit_in_its_line_is_no_number() -> None:
    assert segmentation.number_lines([], [SignBox("-", (0, 0, 5, 20), 0)]) == []
