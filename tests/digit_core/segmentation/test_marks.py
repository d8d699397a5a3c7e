from pathlib import Path

import numpy as np
import pytest

from digit_core import segmentation, settings
from digit_core.digits import Digits
from digit_core.errors import ModelError
from digit_core.inference import classifier
from digit_core.segmentation import marks
from digit_core.segmentation.boxes import DigitBoxes
from digit_core.segmentation.lines import Piece
from digit_core.synthesis import letters, numbers, signs
from digit_core.synthesis.numbers import Hand

HAND = Hand(90, 9, 0.25, 0.04, lean=4)


def bar(top: int, left: int, height: int, width: int) -> Piece:
    return Piece(np.ones((height, width), np.float32), top, left)


def canvas(ink: np.ndarray) -> np.ndarray:
    return np.dstack([np.zeros((*ink.shape, 3), np.uint8), ink])


def read(text: str, digits: Digits, reader: classifier.Classifier, random: np.random.Generator) -> DigitBoxes:
    """A number with signs, drawn on the wide canvas and read."""
    ink = np.zeros((280, 1100), np.uint8)
    numbers.paste(signs.write(text, digits, HAND, random), ink, 80, 60)
    return segmentation.find_digits(canvas(ink), reader)


def text_of(boxes: DigitBoxes) -> str:
    return "".join(line.text for line in segmentation.number_lines(boxes))


def test_what_stands_above_each_other_stands_by_itself_together() -> None:
    low, high, beside = bar(40, 10, 10, 30), bar(0, 12, 10, 30), bar(0, 60, 50, 10)
    across = bar(25, 0, 5, 50)
    assert marks.groups([low, beside, high]) == [[low, high], [beside]]
    assert [len(group) for group in marks.groups([low, beside, high, across])] == [3, 1]


def test_what_is_neither_digit_nor_sign_is_left_out_but_for_dust() -> None:
    digit, letter, stroke, dust = bar(0, 0, 60, 40), bar(0, 90, 60, 40), bar(10, 95, 20, 5), bar(5, 200, 9, 9)
    assert marks.left_out([digit, dust], [digit], 60.0) == []
    (mark,) = marks.left_out([digit, letter, stroke, dust], [digit], 60.0)
    assert (mark.top, mark.left, mark.bottom, mark.right) == (0, 90, 60, 130)
    (mark,) = marks.left_out([digit, letter], [digit, bar(0, 90, 60, 10)], 60.0)  # a little of it was read
    assert mark.left == 90


def test_currencies_are_told_also_by_hands_that_the_network_has_not_seen(
    reader: classifier.Classifier, digits: Digits
) -> None:
    """$250 was read 8250."""
    random, right = np.random.default_rng(0), 0
    wanted = ["€42", "42€", "$250", "£7", "17,50€", "$3"]
    for text in wanted * 3:
        right += text_of(read(text, digits, reader, random)) == text
    assert right >= 16
    told = 0
    for letter in signs.CURRENCIES:
        for _ in range(10):
            parts = signs.currency(letter, HAND, 5.0, random, held_back=True)
            own = digits.take(random.choice(np.flatnonzero(digits.labels != 1), 2))
            ink = np.zeros((280, 900), np.uint8)
            numbers.paste(parts, ink, 80, 60)
            numbers.paste(numbers.write(own, HAND, random), ink, 90, 200)
            found = segmentation.find_digits(canvas(ink), reader)
            told += [sign.text for sign in found.signs] == [letter]
    assert told >= 27


def test_a_currency_between_digits_is_told(reader: classifier.Classifier, digits: Digits) -> None:
    """2€50 was read 2650."""
    random = np.random.default_rng(5)
    wanted = ["2€50", "14$99", "3£07"] * 4
    right = [text_of(read(text, digits, reader, random)) == text for text in wanted]
    assert sum(right) >= 11


def test_a_letter_between_digits_is_left_out(reader: classifier.Classifier, digits: Digits) -> None:
    random, ink = np.random.default_rng(3), np.zeros((280, 1100), np.uint8)
    numbers.paste(signs.write("41", digits, HAND, random), ink, 80, 60)
    written = (255 * letters.write("N", np.random.default_rng(1))).astype(np.uint8)
    ink[80 : 80 + len(written), 330 : 330 + len(written)] = written
    numbers.paste(signs.write("73", digits, HAND, random), ink, 80, 500)
    found = segmentation.find_digits(canvas(ink), reader)
    assert text_of(found) == "4173"
    assert len(found.left_out) == 1


def test_a_letter_beside_a_number_is_left_out_and_its_place_said(
    reader: classifier.Classifier, digits: Digits
) -> None:
    ink = np.zeros((280, 900), np.uint8)
    numbers.paste(numbers.write(digits.take(np.array([5, 17])), HAND, np.random.default_rng(1)), ink, 90, 60)
    letter = (255 * letters.write("M", np.random.default_rng(2))).astype(np.uint8)
    ink[80 : 80 + len(letter), 400 : 400 + len(letter)] = letter
    found = segmentation.find_digits(canvas(ink), reader)
    assert text_of(found) == "".join(map(str, digits.labels[[5, 17]]))
    ((top, left, bottom, right),) = found.left_out
    columns = 400 + np.flatnonzero((letter > 60).any(axis=0))
    assert abs(left - columns[0]) <= 2 and abs(right - 1 - columns[-1]) <= 2
    assert 80 <= top < bottom <= 80 + len(letter)


def test_numbers_alone_lose_nothing(reader: classifier.Classifier, digits: Digits) -> None:
    random, lost = np.random.default_rng(3), 0
    for _ in range(40):
        chosen = digits.take(random.integers(0, len(digits), 4))
        ink = np.zeros((280, 1100), np.uint8)
        numbers.paste(numbers.write(chosen, Hand(110, 12, 0.15, 0.08, ties=0.1), random), ink, 60, 60)
        lost += bool(segmentation.find_digits(canvas(ink), reader).left_out)
    assert lost <= 1


def test_a_network_that_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MARK_READER_FOLDER", tmp_path)
    with pytest.raises(ModelError, match="mark-reader is missing"):
        marks.probabilities(np.zeros((1, 28, 28), np.float32))
