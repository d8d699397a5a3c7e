"""What a visitor sees of a fault of ours: one sentence with a number, under which the log tells whoever runs the app more."""

import logging
import secrets
import traceback

import streamlit as st

WORDS = "Something went wrong here; it is our fault, not yours."  # with which the sentence begins
_log = logging.getLogger(__name__)


def say(error: Exception) -> bool:
    """Say that a page failed, in place of Streamlit's traceback: for `on_script_error` of `st.App`.

    Args:
        error: that no page caught. Streamlit has written its traceback into the log.

    Returns:
        True: Streamlit shows nothing.
    """
    number = f"{secrets.randbelow(10**4):04d}-{secrets.randbelow(10**4):04d}"
    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" in {last[0].filename}, line {last[0].lineno}" if last else ""
    _log.error("Failure %s: %s%s", number, type(error).__name__, place)
    st.error(
        f"{WORDS} Reload the page. If it happens again, tell whoever runs Digit Lab this number: **{number}**",
        icon=":material/error:",
    )
    return True
