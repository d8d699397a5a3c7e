"""Who is visiting: a random id in the browser's local storage. It stands in no address and says nothing of the person."""

import secrets

import streamlit as st

from digit_core.storage import visitors
from ui.frame import state

# It speaks only when the server does not know the id yet, or knows another (a second tab may have been faster):
# each message is a rerun of the page. crypto.randomUUID would need HTTPS, and a class may be on plain HTTP.
_ASK_THE_BROWSER = """
const PLACE = "digit-lab visitor";

function idInLocalStorage() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const fresh = Array.from(bytes, byte => byte.toString(16).padStart(2, "0")).join("");
    if (!/^[0-9a-f]{32}$/.test(localStorage.getItem(PLACE))) localStorage.setItem(PLACE, fresh);
    return localStorage.getItem(PLACE);
}

export default function ({ data, setStateValue }) {
    try {
        const id = idInLocalStorage();
        if (id !== data.known) setStateValue("id", id);
    } catch (blocked) {
        if (!data.known) setStateValue("id", "");
    }
}
"""
_component = st.components.v2.component("digit_lab_visitor", js=_ASK_THE_BROWSER)

# Out of the page's flow: an element of no height would still have the gap between elements above it.
_STYLE = "<style>.st-key-visitor-component { position: absolute; height: 0; overflow: hidden; }</style>"


def identity() -> str | None:
    """The id of this visitor: the same in every tab of a browser and after a reload.

    Call it once in a run of a page: it puts an invisible element there, which asks the browser. Its answer starts one
    more run. Where local storage is blocked the id lasts as long as the session.

    Returns:
        A visitor's id (`digit_core.storage.visitors.is_visitor`); None until the browser has answered.
    """
    st.html(_STYLE)
    answer = _component(
        key="visitor component",
        data={"known": st.session_state.get(state.VISITOR)},
        default={"id": None},
        on_id_change=_nothing_more,
    ).id
    if visitors.is_visitor(answer):
        st.session_state[state.VISITOR] = answer
    elif answer is not None and state.VISITOR not in st.session_state:
        st.session_state[state.VISITOR] = secrets.token_hex(16)
    return st.session_state.get(state.VISITOR)


def known() -> str | None:
    """The id of this visitor as far as this session knows it: for what stands on a page that asks with `identity`."""
    return st.session_state.get(state.VISITOR)


def _nothing_more() -> None:
    """Streamlit keeps a component's value only where someone listens for its change."""
