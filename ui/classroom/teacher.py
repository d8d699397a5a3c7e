"""The teacher of a class: the key that this browser keeps, and presses that say what they did."""

import secrets
from collections.abc import Callable

import streamlit as st

from digit_core import classroom
from digit_core.errors import DigitError
from ui.components import browser_storage
from ui.frame import state

REMOTE = "remote"  # in the address: the one-time key that makes a phone the remote


def key() -> str | None:
    """This browser's key: 128 random bits in its local storage, which stand in no address.

    Call it once in a run of the page, as `visitor.identity`.

    Returns:
        The key; None until the browser has answered.
    """
    known = st.session_state.get(state.TEACHER_KEY)
    answer = browser_storage.random_id("teacher", browser_storage.BROWSER, known)
    if answer is not None:
        st.session_state.setdefault(state.TEACHER_KEY, answer or secrets.token_hex(16))
    return st.session_state.get(state.TEACHER_KEY)


def take_remote(own: str | None) -> None:
    """Make this phone the remote where it came by a one-time key, once its browser has told its own."""
    if REMOTE in st.query_params:
        st.session_state[state.CLASS_REMOTE_ASKED] = st.query_params[REMOTE]
    asked = st.session_state.get(state.CLASS_REMOTE_ASKED)
    if own is None or asked is None:
        return
    del st.session_state[state.CLASS_REMOTE_ASKED]

    def take() -> str:
        classroom.default().take_remote(own, asked)
        return "This device steers the class now, too."

    attempt(take)


def attempt(action: Callable[[], str | None]) -> None:
    """Do what a press asks for; its sentence, or that of its failure, is said by `say_news`."""
    st.session_state.pop(state.CLASS_FAILURE, None)
    try:
        if sentence := action():
            st.session_state[state.CLASS_NEWS] = sentence
    except DigitError as error:
        st.session_state[state.CLASS_FAILURE] = str(error)


def say_news() -> None:
    """Say once what the last press did, and until the next one why it did nothing."""
    if news := st.session_state.pop(state.CLASS_NEWS, ""):
        st.toast(news, icon=":material/check:")
    if failure := st.session_state.get(state.CLASS_FAILURE, ""):
        st.warning(failure, icon=":material/error:")
