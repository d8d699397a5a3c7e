"""Which clicks are believed, and that each counts once."""

import pytest

from tests.app_pages import open_function, run
from ui.components import choice

LABELS = ["test 0: labelled 7, read as 7", "test 1: labelled 2, read as 2"]


@pytest.mark.parametrize(
    "message",
    [
        None,
        "1",
        1,
        [],
        {},
        {"index": 1},
        {"index": "1", "label": LABELS[1]},
        {"index": True, "label": LABELS[1]},
        {"index": 1.0, "label": LABELS[1]},
        {"index": 1, "label": ["test 1"]},
        {"index": 1, "label": "test 1: labelled 2, read as 3"},
    ],
)
def test_a_message_that_names_nothing_in_sight_chooses_nothing(message: object) -> None:
    assert choice.index_of(message, LABELS) is None


def test_a_message_with_a_place_and_its_words_chooses_it() -> None:
    assert choice.index_of({"index": 1, "label": LABELS[1]}, LABELS) == 1


@pytest.mark.parametrize("index", [-1, 0, 2, 10**30])
def test_what_has_moved_meanwhile_is_known_by_its_words(index: int) -> None:
    assert choice.index_of({"index": index, "label": LABELS[1]}, LABELS) == 1


def test_of_things_of_one_name_the_place_decides() -> None:
    assert choice.index_of({"index": 1, "label": "3"}, ["3", "3"]) == 1
    assert choice.index_of({"index": 2, "label": "3"}, ["3", "3"]) is None


def _boxes() -> None:
    import streamlit as st

    from ui.components import boxes

    shown = [boxes.NamedBox((0, 0, 1, 1), name, name, "#000", False) for name in "ab"]
    st.markdown(boxes.choose("data:,", (10, 10), shown, 0, "boxes", description="two boxes"))


def test_a_choice_is_given_once() -> None:
    page = open_function(_boxes, **{"boxes just chosen": {"index": 1, "label": "b"}})
    assert page.markdown[0].value == "1"
    assert run(page).markdown[0].value == "None"


def _interrupted_once() -> None:
    import streamlit as st

    from ui.components import choice

    def show(**_: object) -> None:
        """As Streamlit ends a run where another press has come meanwhile: at the next thing that is shown."""
        if st.session_state.pop("pressed", False):
            st.stop()

    st.markdown(choice.show(show, "tiles", {}, "ab", None))


def test_a_choice_whose_run_is_ended_by_the_next_press_is_not_lost() -> None:
    page = open_function(
        _interrupted_once, **{"tiles just chosen": {"index": 1, "label": "b"}, "pressed": True}
    )
    assert not page.markdown
    assert run(page).markdown[0].value == "1"
    assert run(page).markdown[0].value == "None"
