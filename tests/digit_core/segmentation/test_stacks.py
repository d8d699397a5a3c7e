import numpy as np

from digit_core.segmentation import lines
from digit_core.segmentation.lines import Piece, Row


def block(top: int, left: int, height: int = 40, width: int = 20) -> Piece:
    return Piece(np.ones((height, width), np.float32), top, left)


def test_what_stands_close_above_a_row_is_stacked_on_it_and_the_next_row_is_not() -> None:
    low, top, far, beside = (
        [Row((piece,), 40, 0.0)] for piece in (block(30, 0), block(0, 3, 25), block(-40, 0), block(0, 18, 25))
    )
    assert lines.are_stacked(*top, *low)
    assert not lines.are_stacked(*far, *low)
    assert not lines.are_stacked(*beside, *low)


def test_digits_of_two_rows_are_no_line() -> None:
    assert lines.is_one_line([block(0, 0), block(5, 30), block(-8, 24, 30, 20)], 40)
    assert not lines.is_one_line([block(0, 0), block(5, 30), block(48, 2)], 40)
