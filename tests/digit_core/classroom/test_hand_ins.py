"""A drawing comes as strokes from anybody's page and is drawn and judged here."""

from typing import Any

import pytest

from digit_core.classroom import hand_ins
from digit_core.classroom.hand_ins import Judged
from digit_core.errors import ClassError
from digit_core.inference import rejection
from tests.digit_core.classroom.pupils_hand import CROSS, reader, strokes


def judged(sent: Any) -> Judged:
    return hand_ins.judge([hand_ins.paint(hand_ins.pen_strokes(sent))], reader("tiny"))[0]


def test_strokes_are_drawn_and_read() -> None:
    found = judged(strokes(7))
    assert (found.answer, found.image.shape, found.image.max()) == (7, (28, 28), 255)
    assert found.shares.sum() == pytest.approx(1, abs=1e-4)
    assert found.picture.startswith(b"\x89PNG")


def test_what_is_no_digit_is_judged_so() -> None:
    assert judged(CROSS).verdict == rejection.NO_DIGIT


def test_a_dot_is_ink() -> None:
    assert judged([[140, 140]]).image.any()


@pytest.mark.parametrize(
    "sent",
    [None, [], {}, [[]], [[1]], [[1, 2, 3]], [["1", "2"]], [[1.5, 2]], [[True, 2]], [[5_000, 1]], ["12"]],
)
def test_anything_else_is_refused_in_a_sentence(sent: Any) -> None:
    with pytest.raises(ClassError, match=r"Draw something first|came damaged"):
        hand_ins.pen_strokes(sent)


def test_ink_beyond_the_paper_alone_is_none() -> None:
    with pytest.raises(ClassError, match="Draw something first"):
        judged([[900, 900, 950, 950]])
