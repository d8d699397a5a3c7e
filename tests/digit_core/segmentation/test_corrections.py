"""Corrections stand as long as what they correct is there."""

import numpy as np
import pytest

from digit_core.inference import classifier
from digit_core.inference.classifier import Classifier
from digit_core.preprocessing import images
from digit_core.segmentation import corrections
from digit_core.segmentation.boxes import DigitBox
from digit_core.segmentation.corrections import Corrected


@pytest.fixture(scope="module")
def model() -> Classifier:
    return classifier.load()


def bar(left: int, model: Classifier, line: int = 0, width: int = 6) -> DigitBox:
    """An upright bar of 40 pixels, which is a 1, at a place in a line."""
    ink = np.ones((40, width), np.float32)
    image = images.from_ink(np.pad(ink, 4))
    top = 60 * line
    answer = model.predict(image[None])[0]
    return DigitBox(image, (top, left, top + 40, left + width), line, answer, ink, 1.0)


@pytest.fixture(scope="module")
def three(model: Classifier) -> list[DigitBox]:
    return [bar(left, model) for left in (0, 30, 60)]


def text(digits: list[Corrected]) -> str:
    return " ".join(line.text for line in corrections.lines(digits))


def test_what_was_found_is_read_as_it_was(three: list[DigitBox]) -> None:
    digits = corrections.carry_over([], three)
    assert text(digits) == "111"
    assert not any(digit.is_corrected for digit in digits)


def test_what_somebody_says_counts_and_is_certain(three: list[DigitBox]) -> None:
    digits = corrections.say(corrections.carry_over([], three), 1, 7)
    assert text(digits) == "171"
    assert (digits[1].digit, digits[1].confidence, digits[1].found.digit) == (7, 1.0, 1)
    every = corrections.say(corrections.say(digits, 0, 7), 2, 7)
    assert corrections.lines(every)[0].certainty == 1.0


@pytest.mark.parametrize("digit", [-1, 10])
def test_what_is_no_digit_cannot_be_said(three: list[DigitBox], digit: int) -> None:
    with pytest.raises(ValueError, match="0 to 9"):
        corrections.say(corrections.carry_over([], three), 0, digit)


def test_a_removed_box_counts_no_more(three: list[DigitBox]) -> None:
    assert text(corrections.remove(corrections.carry_over([], three), 0)) == "11"


def test_a_box_is_cut_and_its_halves_joined_again(model: Classifier) -> None:
    wide = [bar(0, model), bar(30, model, width=30)]
    cut = corrections.split(corrections.carry_over([], wide), 1, model)
    assert len(cut) == 3
    first, second = cut[1].found.box, cut[2].found.box
    assert first[3] <= second[1] + 1
    joined = corrections.merge(cut, 1, model)
    assert len(joined) == 2
    assert joined[1].found.box == wide[1].box


def test_joining_leaves_out_what_was_removed(three: list[DigitBox], model: Classifier) -> None:
    digits = corrections.remove(corrections.carry_over([], three), 1)
    assert corrections.next_of_line(digits, 0) == 2
    joined = corrections.merge(digits, 0, model)
    assert joined[0].found.box == (0, 0, 40, 66)
    assert [digit.is_removed for digit in joined] == [False, True]


def test_there_is_no_next_box_behind_a_lines_last(model: Classifier) -> None:
    digits = corrections.carry_over([], [bar(0, model), bar(0, model, line=1)])
    assert corrections.next_of_line(digits, 0) is None
    with pytest.raises(ValueError, match="no next box"):
        corrections.merge(digits, 0, model)


def test_another_model_reads_again_but_what_was_said_stands(three: list[DigitBox]) -> None:
    digits = corrections.say(corrections.carry_over([], three), 1, 7)
    other = classifier.load("ann")
    again = corrections.reread(digits, other)
    assert text(again)[1] == "7"
    expected = other.predict(three[0].image[None])[0]
    assert np.allclose(again[0].found.probabilities, expected, atol=1e-6)


def test_corrections_stand_when_the_drawing_grows(three: list[DigitBox], model: Classifier) -> None:
    digits = corrections.remove(corrections.say(corrections.carry_over([], three), 0, 7), 2)
    assert text(corrections.carry_over(digits, [*three, bar(90, model)])) == "711"


def test_a_correction_goes_with_the_box_that_it_was_made_of(three: list[DigitBox], model: Classifier) -> None:
    """A stroke through a digit makes it another one: what was said of it before is said no more."""
    digits = corrections.say(corrections.carry_over([], three), 1, 7)
    changed = [three[0], bar(29, model, width=8), three[2]]
    assert text(corrections.carry_over(digits, changed)) == "111"


def test_two_halves_stay_or_go_together(model: Classifier) -> None:
    found = [bar(0, model), bar(30, model, width=30)]
    cut = corrections.split(corrections.carry_over([], found), 1, model)
    joined = corrections.merge(cut, 0, model)  # the bar and the first half
    assert len(corrections.carry_over(joined, found)) == 2
    assert [digit.is_corrected for digit in corrections.carry_over(joined, found[1:])] == [False]


def test_a_session_keeps_plain_values(three: list[DigitBox]) -> None:
    digits = corrections.say(corrections.carry_over([], three), 1, 7)
    values = corrections.as_values(digits)
    assert type(values[0]["found"]) is dict
    again = corrections.from_values(values)
    assert text(again) == "171"
    assert again[1].origins == digits[1].origins
