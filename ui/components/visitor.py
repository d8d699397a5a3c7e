"""Who is visiting: a random id in the browser's local storage. It stands in no address and says nothing of the person."""

import secrets

import streamlit as st

from ui.components import browser_storage
from ui.frame import state


def identity() -> str | None:
    """The id of this visitor: the same in every tab of a browser and after a reload.

    A session keeps the first one that it is told: else one connection could have as many places in the queue, and as many
    votes, as it makes up ids.

    Call it once in a run of a page: it asks the browser, whose answer starts one more run. Where local storage is
    blocked the id lasts as long as the session.

    Returns:
        A visitor's id (`digit_core.storage.visitors.is_visitor`); None until the browser has answered.
    """
    answer = browser_storage.random_id("visitor", browser_storage.BROWSER, known())
    if answer is not None:
        st.session_state.setdefault(state.VISITOR, answer or secrets.token_hex(16))
    return known()


def known() -> str | None:
    """The id of this visitor as far as this session knows it: for what stands on a page that asks with `identity`."""
    return st.session_state.get(state.VISITOR)
