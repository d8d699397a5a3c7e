"""The teacher's code: who types it may steer, rename and delete what others own. `digit_core.storage.visitors` alone compares it."""

import math

import streamlit as st

from digit_core import settings
from digit_core.storage import visitors
from ui.frame import state


def typed() -> str:
    """The code as this visitor typed it; empty without."""
    return st.session_state.get(state.TEACHER_CODE) or ""


def explain(sentence: str, without: str = "") -> None:
    """Say why there is nothing to press, and take the code where this app has one.

    Args:
        sentence: who may.
        without: the same where nobody has set a code; `sentence` if "".
    """
    if not settings.TEACHER_CODE:
        st.caption(without or sentence)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(sentence, width="content")
        with st.popover("Teacher's code", icon=":material/key:"):
            st.text_input(
                "Teacher's code",
                type="password",
                key=state.TEACHER_CODE,
                persist_state="session",
                help="The person who runs this app chose it.",
            )
    if typed():
        wait = math.ceil(visitors.code_wait_seconds())
        st.caption(
            f"Too many wrong codes were typed. Try again in {wait} s."
            if wait
            else "That isn't the teacher's code."
        )
