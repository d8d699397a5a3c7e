import cv2
import numpy as np
import pytest

from digit_core.preprocessing import line_removal


def page() -> np.ndarray:
    """A thick upright stroke of 60 x 8 pixels on a bare page."""
    ink = np.zeros((200, 400), np.float32)
    ink[70:130, 100:108] = 1
    return ink


def test_bare_paper_is_left_alone() -> None:
    np.testing.assert_array_equal(line_removal.without_lines(page()), page())


def test_ruled_lines_go_and_the_stroke_across_one_stays_whole() -> None:
    ink = page()
    ink[::40] = ink[1::40] = 1
    cleaned = line_removal.without_lines(ink)
    assert cleaned[100, 104] == 1
    np.testing.assert_array_equal(cleaned[72:128, 100:108], 1)
    far = cleaned.copy()
    far[65:135, 95:113] = 0
    assert far.sum() < 10


def test_squares_go() -> None:
    ink = page()
    ink[::40] = 1
    ink[:, 20::40] = 1
    cleaned = line_removal.without_lines(ink)
    np.testing.assert_array_equal(cleaned[72:128, 102:106], 1)
    assert cleaned.sum() < 1.15 * page().sum()


def test_slightly_slanting_lines_go() -> None:
    ink = page()
    x = np.arange(400)
    for start in (20, 150):
        for thickness in (0, 1):
            ink[start + thickness + np.round(0.04 * x).astype(int), x] = 1
    cleaned = line_removal.without_lines(ink)
    assert cleaned.sum() < 1.15 * page().sum()
    assert cleaned[72:128, 100:108].min() == 1


def turned_squares(degrees: float, step: int = 30) -> np.ndarray:
    """Lines of 2 pixels on a page of 500 x 700."""
    ink = np.zeros((500, 700), np.float32)
    angle = np.deg2rad(degrees)
    along, across = (
        np.array([np.cos(angle), np.sin(angle)]),
        np.array([-np.sin(angle), np.cos(angle)]),
    )
    for way, aside in ((along, across), (across, along)):
        for place in range(-900, 900, step):
            start, end = (np.array([350, 250]) + place * aside + sign * 1_000 * way for sign in (-1, 1))
            cv2.line(ink, np.round(start).astype(int).tolist(), np.round(end).astype(int).tolist(), 1.0, 2)
    return ink


@pytest.mark.parametrize("degrees", [-7, -3, 3, 7])
def test_squares_of_a_sheet_that_lies_turned_go(degrees: float) -> None:
    ink = turned_squares(degrees)
    ink[200:300, 340:352] = 1
    cleaned = line_removal.without_lines(ink)
    np.testing.assert_array_equal(cleaned[202:298, 341:351], 1)
    assert cleaned.sum() < 1.2 * 100 * 12


def test_of_even_lines_the_short_pieces_beside_a_bold_stroke_go_and_a_dash_between_them_stays() -> None:
    """No piece of the lines that the stroke cuts is half as long as the page."""
    ink = np.zeros((500, 700), np.float32)
    ink[20::40] = ink[21::40] = 1
    stroke = slice(90, 330), slice(300, 420)
    ink[stroke] = 1
    dash = slice(118, 120), slice(500, 560)
    ink[dash] = 1
    cleaned = line_removal.without_lines(ink)
    assert cleaned[stroke].min() == 1
    assert cleaned[dash].min() == 1
    assert cleaned.sum() < 1.02 * 240 * 120 + 120


def test_the_edge_of_the_sheet_goes() -> None:
    ink = page()
    ink[:12] = 1
    ink[:, :9] = 1
    np.testing.assert_array_equal(line_removal.without_border(ink), page())


def test_a_digit_that_touches_the_border_stays() -> None:
    ink = np.zeros((200, 400), np.float32)
    ink[150:, 100:108] = 1
    np.testing.assert_array_equal(line_removal.without_border(ink), ink)


def test_a_thin_one_at_the_side_of_a_tight_crop_stays() -> None:
    ink = np.zeros((50, 200), np.float32)
    ink[5:45, :3] = ink[4:44, 197:] = ink[8:42, 80:86] = 1
    np.testing.assert_array_equal(line_removal.without_border(ink), ink)


def test_the_edge_of_a_sheet_that_ends_on_the_photo_goes() -> None:
    ink = page()
    ink[20:160, :9] = 1
    np.testing.assert_array_equal(line_removal.without_border(ink), page())


def test_thin_ones_in_a_tight_crop_are_no_lines() -> None:
    ink = np.zeros((50, 200), np.float32)
    for left in (20, 55, 130, 170):
        ink[3:47, left : left + 3] = 1
    np.testing.assert_array_equal(line_removal.without_lines(ink), ink)


def test_the_frame_of_a_box_goes_and_a_zero_that_fills_the_picture_stays() -> None:
    ink = page()
    ink[10:12, 10:390] = ink[188:190, 10:390] = ink[10:190, 10:12] = ink[10:190, 388:390] = 1
    np.testing.assert_array_equal(line_removal.without_lines(ink), page())
    y, x = np.mgrid[-1:1:200j, -1:1:160j]
    zero = (np.abs(np.hypot(x, y) - 0.85) < 0.12).astype(np.float32)
    np.testing.assert_array_equal(line_removal.without_lines(zero), zero)


def test_of_one_digit_the_border_and_straight_lines_are_left_out() -> None:
    ink = page()
    ink[:, 20:23] = 1  # from border to border
    ink[40:190, 300:302] = 1  # a straight line
    np.testing.assert_array_equal(line_removal.of_one_digit(ink), page())


def test_what_is_left_of_squares_is_no_part_of_one_digit() -> None:
    """Beside a 1 on squared paper that was turned it looked like a 7."""
    ink = np.zeros((300, 300), np.float32)
    ink[120:200, 100:112] = ink[205:230, 100:111] = 1  # a broken stroke
    wanted = ink.copy()
    for left in (150, 190, 230):
        ink[60:90, left : left + 2] = ink[70:72, left - 12 : left + 14] = 1
    np.testing.assert_array_equal(line_removal.of_one_digit(ink), wanted)


def test_a_digit_that_reaches_the_border_stays_where_nothing_else_is() -> None:
    ink = np.zeros((200, 400), np.float32)
    ink[:130, 100:108] = 1
    ink[180:183, 300:303] = 1  # a speck
    np.testing.assert_array_equal(line_removal.of_one_digit(ink), ink)


def test_lines_go_where_a_bold_stroke_joins_them() -> None:
    ink = np.zeros((400, 600), np.float32)
    ink[30::40] = ink[31::40] = 1
    ink[76:226, 200:230] = 1  # upright, over three lines
    ink[76:106, 200:320] = ink[196:226, 200:320] = 1  # along them
    cleaned = line_removal.without_lines(ink)
    assert cleaned[:, 400:].sum() == 0
    assert cleaned[78:104, 200:320].min() == 1
