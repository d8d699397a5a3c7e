import numpy as np
import pytest

from digit_core.synthesis import letters, pen


@pytest.mark.parametrize("name", letters.LETTERS)
def test_every_letter_is_written_whole(name: str) -> None:
    """Its ink stays on the sheet but for a bend now and then."""
    for seed in range(3):
        ink = letters.write(name, np.random.default_rng(seed))
        assert ink.shape == (pen.SHEET, pen.SHEET)
        assert ink.max() == 1
        assert np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]]).sum() <= 0.03 * ink.sum()


def test_a_letter_is_never_written_the_same_way_twice_unless_by_the_same_chance() -> None:
    first, again, other = (letters.write("K", np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_letters_that_look_like_digits_are_left_out() -> None:
    assert not set("OQIJijlZYySsbGBgqz") & set(letters.LETTERS)


def test_points_come_to_the_middle_of_the_sheet_at_the_size_asked_for() -> None:
    placed = letters.on_sheet(np.array([[0.0, 0.0], [5.0, 10.0]]), 80)
    np.testing.assert_allclose(placed, [[36, 16], [76, 96]])
