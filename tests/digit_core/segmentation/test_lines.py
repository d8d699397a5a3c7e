import numpy as np

from digit_core.segmentation import lines
from digit_core.segmentation.lines import Piece, TextLine


def block(top: float, left: float, height: int = 40, width: int = 20) -> Piece:
    return Piece(np.ones((height, width), np.float32), round(top), round(left))


def test_pieces_of_ink_keep_their_places() -> None:
    ink = np.zeros((50, 60), np.float32)
    ink[5:15, 10:20] = 1
    ink[30:40, 40:45] = 0.8
    first, second = sorted(lines.pieces_of(ink), key=lambda piece: piece.top)
    assert (first.top, first.left, first.bottom, first.right) == (5, 10, 15, 20)
    assert (second.top, second.left) == (30, 40)
    assert second.ink.max() == np.float32(0.8)


def test_two_lines_are_told_apart_and_ordered() -> None:
    found = lines.text_lines([block(100, 200), block(0, 120), block(100, 0), block(3, 0), block(98, 90)])
    assert [[piece.left for piece in line.pieces] for line in found] == [[0, 120], [0, 90, 200]]
    assert [line.height for line in found] == [40, 40]


def test_slanting_lines_that_overlap_in_height_are_told_apart() -> None:
    slope = 0.15  # over 600 pixels a line falls by 90, and the next one begins 70 below it
    pieces = [block(70 * row + slope * left, left) for row in range(3) for left in range(0, 600, 60)]
    found = lines.text_lines(pieces)
    assert [len(line.pieces) for line in found] == [10, 10, 10]
    for line in found:
        assert abs(line.slope - slope) < 0.02


def test_a_line_with_a_wide_gap_stays_one() -> None:
    (line,) = lines.text_lines([block(0, 0), block(2, 40), block(1, 700), block(3, 740)])
    assert len(line.pieces) == 4


def test_dust_is_left_out_and_a_detached_bar_is_not() -> None:
    pieces = [block(0, 0), block(0, 60), block(-10, 62, 5, 22), block(20, 30, 2, 2)]
    (line,) = lines.text_lines(pieces)
    assert len(line.pieces) == 3


def test_the_height_is_that_of_digits_not_of_dust() -> None:
    dust = [block(200, 10 * place, 3, 3) for place in range(30)]
    assert lines.typical_height([block(0, 0), block(0, 60), *dust]) == 40


def test_two_lines_together_are_one_from_left_to_right() -> None:
    both = lines.together(
        TextLine((block(0, 30, 20),), 20, 0.1), TextLine((block(30, 0), block(30, 60)), 40, 0.0)
    )
    assert [piece.left for piece in both.pieces] == [0, 30, 60]
    assert both.height == 40


def test_what_stands_close_above_a_line_is_stacked_on_it_and_the_next_line_is_not() -> None:
    low, top, far, beside = (
        [TextLine((piece,), 40, 0.0)]
        for piece in (block(30, 0), block(0, 3, 25), block(-40, 0), block(0, 18, 25))
    )
    assert lines.are_stacked(*top, *low)
    assert not lines.are_stacked(*far, *low)
    assert not lines.are_stacked(*beside, *low)


def test_digits_of_two_lines_are_not_one() -> None:
    assert lines.is_one_line([block(0, 0), block(5, 30), block(-8, 24, 30, 20)], 40)
    assert not lines.is_one_line([block(0, 0), block(5, 30), block(48, 2)], 40)
