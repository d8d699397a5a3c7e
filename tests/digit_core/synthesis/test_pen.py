import numpy as np
import pytest

from digit_core.synthesis import pen

CORNERS = np.array([[20.0, 20.0], [90.0, 30.0], [60.0, 95.0]])


def test_a_curve_goes_through_its_points() -> None:
    curve = pen.smooth(CORNERS, per_segment=5)
    assert curve.shape == (11, 2)
    np.testing.assert_allclose(curve[::5], CORNERS)


def test_a_closed_curve_ends_where_it_began() -> None:
    curve = pen.smooth(CORNERS, per_segment=5, is_closed=True)
    np.testing.assert_allclose(curve[[0, 5, 10, 15]], CORNERS[[0, 1, 2, 0]])


def test_two_points_make_a_straight_line() -> None:
    curve = pen.smooth(np.array([[10.0, 20.0], [50.0, 20.0]]))
    np.testing.assert_allclose(curve[:, 1], 20)


@pytest.mark.parametrize("width", [3, 7, 11])
def test_a_stroke_is_as_wide_as_its_pen(width: int) -> None:
    ink = pen.write([np.array([[20.0, 56.0], [90.0, 56.0]])], width)
    assert ink.shape == (pen.SHEET, pen.SHEET)
    assert ink.dtype == np.float32
    assert ink.max() == 1
    assert width <= ink[:, 55].sum() <= width + 2.5  # OpenCV adds a soft edge on each side


def test_a_filled_square_has_its_area() -> None:
    ink = pen.fill(np.array([[20.0, 30.0], [60.0, 30.0], [60.0, 70.0], [20.0, 70.0]]))
    assert ink.sum() == pytest.approx(40 * 40, rel=0.12)  # with its soft edge
    assert ink[50, 40] == 1
    assert ink[10, 10] == 0
