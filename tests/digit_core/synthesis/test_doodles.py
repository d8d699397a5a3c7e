import numpy as np
import pytest

from digit_core.preprocessing.images import from_ink
from digit_core.synthesis import doodles, negatives, pen


@pytest.mark.parametrize("name", doodles.FIGURES)
def test_every_figure_is_drawn_on_its_sheet_by_hands_that_differ(name: str) -> None:
    random = np.random.default_rng(0)
    drawn = [doodles.doodle(name, random) for _ in range(12)]
    for ink in drawn:
        assert ink.shape == (pen.SHEET, pen.SHEET)
        assert ink.dtype == np.float32
        assert ink.min() == 0
        assert ink.max() == 1
        assert not ink[[0, -1]].any()
        assert not ink[:, [0, -1]].any()
    assert len({ink.tobytes() for ink in drawn}) == 12
    images = np.stack([from_ink(ink) for ink in drawn])
    assert np.mean([negatives.is_a_bar((255 * image).astype(np.uint8)) for image in images]) < 0.5


def test_the_same_chance_draws_the_same() -> None:
    first, again = (doodles.doodle("house", np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_many_houses_have_nothing_in_them() -> None:
    """With a quarter of them the network that refuses took such houses for a 0."""
    random = np.random.default_rng(4)
    houses = [doodles.FIGURES["house"](random) for _ in range(400)]
    assert (
        np.mean([len(strokes) <= 3 and all(np.ptp(one[:, 0]) > 1 for one in strokes) for strokes in houses])
        > 0.4
    )
