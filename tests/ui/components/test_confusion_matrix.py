"""What the table of true digits and answers refuses, and where its cells stand."""

import numpy as np
import pytest

from ui.components import confusion_matrix


@pytest.mark.parametrize(
    ("shape", "texts", "words"), [((10, 9), 100, 100), ((10, 10), 99, 100), ((10, 10), 100, 101)]
)
def test_other_than_a_hundred_cells_are_refused(shape: tuple[int, int], texts: int, words: int) -> None:
    with pytest.raises(ValueError, match="100 cells"):
        confusion_matrix.choose(np.zeros(shape), [""] * texts, ["x"] * words, None, "matrix")


@pytest.mark.parametrize("place", range(120))
def test_every_place_is_a_cell_or_a_heading_and_back(place: int) -> None:
    assert confusion_matrix.place_of(confusion_matrix.cell_at(place)) == place


def test_the_headings_follow_the_cells() -> None:
    assert [confusion_matrix.cell_at(place) for place in (0, 49, 104, 119)] == [
        (0, 0),
        (4, 9),
        (4, None),
        (None, 9),
    ]
    assert confusion_matrix.place_of(None) is None
