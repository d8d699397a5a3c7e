"""What the table of true digits and answers refuses, and which clicks it believes."""

import numpy as np
import pytest

from ui.components import confusion_matrix

WORDS = [f"{truth} read as {answer}" for truth in range(10) for answer in range(10)]


@pytest.mark.parametrize(
    ("shape", "texts", "words"), [((10, 9), 100, 100), ((10, 10), 99, 100), ((10, 10), 100, 101)]
)
def test_other_than_a_hundred_cells_are_refused(shape: tuple[int, int], texts: int, words: int) -> None:
    with pytest.raises(ValueError, match="100 cells"):
        confusion_matrix.choose(np.zeros(shape), [""] * texts, ["x"] * words, None, "matrix")


@pytest.mark.parametrize(
    "message",
    [
        None,
        49,
        [],
        {},
        {"index": "49", "words": WORDS[49]},
        {"index": True, "words": WORDS[1]},
        {"index": 49},
        {"index": -1, "words": WORDS[-1]},
        {"index": 100, "words": ""},
        {"index": 49, "words": WORDS[48]},
    ],
)
def test_a_message_that_names_no_cell_in_sight_chooses_nothing(message: object) -> None:
    assert confusion_matrix._index(message, WORDS) is None


def test_a_message_with_a_cells_place_and_words_chooses_it() -> None:
    assert confusion_matrix._index({"index": 49, "words": "4 read as 9"}, WORDS) == 49


@pytest.mark.parametrize("place", range(120))
def test_every_place_is_a_cell_or_a_heading_and_back(place: int) -> None:
    assert confusion_matrix._place(confusion_matrix._cell(place)) == place


def test_the_headings_follow_the_cells() -> None:
    assert [confusion_matrix._cell(place) for place in (0, 49, 104, 119)] == [
        (0, 0),
        (4, 9),
        (4, None),
        (None, 9),
    ]
    assert confusion_matrix._place(None) is None
