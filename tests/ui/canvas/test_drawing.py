"""What a visitor's drawings may take of the server, and what a message that is no drawing comes to."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.app_pages import open_function
from tests.test_pages import CANVAS, DRAW, as_message, drawn


def _add() -> None:
    import streamlit as st

    from digit_core.errors import PictureError
    from ui.canvas import drawing

    for size in st.session_state["sizes"]:
        try:
            drawing.add("paper", [{"type": "Path", "path": [["M", 1, 2]], "note": "x" * size}], b"png")
        except PictureError as error:
            st.error(str(error))
    st.session_state["position"] = drawing.of("paper")["position"]


def added(sizes: list[int]) -> AppTest:
    return open_function(_add, sizes=sizes)


def test_a_drawing_has_a_megabyte_at_most() -> None:
    """30 messages of 5 MB stayed as 193 MB of the web process."""
    page = added([1_000, 1_100_000])
    assert page.session_state["position"] == 1
    assert page.error[0].value == "The drawing is too large: clear the canvas and draw again."


def test_the_steps_to_undo_have_three_megabytes_together() -> None:
    page = added([900_000] * 8)
    steps = page.session_state["paper"]["steps"]
    assert len(steps) == 4  # blank paper and the latest three
    assert page.session_state["position"] == 3
    assert sum(len(step["objects"]) for step in steps) < 3_000_000


def test_the_latest_hundred_small_steps_are_kept() -> None:
    page = added([10] * 120)
    assert len(page.session_state["paper"]["steps"]) == 101


MESSAGES: dict[str, Any] = {
    "a word": "x",
    "a number": 5,
    "a list": [1],
    "no picture": {"raw": {"objects": []}, "data": 5},
    "a picture that is none": {"raw": {"objects": [{}]}, "data": "data:image/png;base64,AAAA"},
    "a picture without a mark": {"raw": {"objects": [{}]}, "data": "AAAA"},
    "half a base64": {"raw": {"objects": [{}]}, "data": "data:image/png;base64,A"},
}


@pytest.mark.parametrize("kind", MESSAGES)
def test_a_message_that_is_no_drawing_is_a_sentence(kind: str) -> None:
    page = AppTest.from_file(str(DRAW), default_timeout=60)
    page.query_params["draw"] = "One digit"
    page.run()
    page.session_state[CANVAS] = {"drawing": MESSAGES[kind], "backgroundFit": None}
    page.run()
    assert not page.exception
    assert [
        one.value for one in page.warning if "clear the canvas" in one.value or "not a picture" in one.value
    ]


def test_a_place_beyond_all_papers_breaks_no_page(mnist: Any) -> None:
    page = AppTest.from_file(str(DRAW), default_timeout=60)
    page.query_params["draw"] = "One digit"
    page.run()
    message = as_message(drawn(mnist.test.images[0]))
    message["drawing"]["raw"]["objects"] = json.loads(
        json.dumps([{"type": "Path", "strokeWidth": 20, "path": [["M", 10**400, 5]]}])
    )
    page.session_state[CANVAS] = message
    page.run()
    assert not page.exception
