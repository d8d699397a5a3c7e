"""What pages share for one visitor: one constant a key, plain values only."""

from typing import Any

import streamlit as st

MODEL = "model"  # the name of the model in use
DRAWING = "drawing"  # the canvas of the Draw page: see ui/canvas.py
STROKE_WIDTH = "stroke_width"  # pixels of the canvas
VISITOR = "visitor"  # the id of the visitor: see ui/visitor.py
VOTE_FAILURE = "vote_failure"  # of the last press: the digit and a sentence, see ui/vote_panel.py
TEST_NUMBER = "test_number"  # which test digit is shown, 0 to 9,999


def remembered(key: str, default: Any) -> dict[str, Any]:
    """The `key` and `on_change` of a widget whose value is to outlast a change of page.

    Streamlit forgets a widget's value with its page; the copy under `key`, which other code reads and sets, stays.
    """
    widget_key = f"{key} widget"
    st.session_state.setdefault(key, default)
    if st.session_state.get(widget_key) != st.session_state[key]:
        st.session_state[widget_key] = st.session_state[key]

    def copy() -> None:
        st.session_state[key] = st.session_state[widget_key]

    return {"key": widget_key, "on_change": copy}
