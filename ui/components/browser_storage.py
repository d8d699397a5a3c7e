"""What a browser keeps for its visitor: over a reload, which begins a new session with nothing in its state, and longer.

A tab's own storage ends with it: another tab has another drawing, and at a computer of a school the next pupil finds
none. Where a browser blocks its storage, or it is full, nothing is kept and all else goes on.
"""

from collections.abc import Callable

import streamlit as st

from digit_core.storage import visitors
from ui.frame import held

TAB, BROWSER = "sessionStorage", "localStorage"

# The server speaks first where it knows something; the browser answers only where it has something to tell.
_KEEP_JS = """
export default function ({ data, setStateValue }) {
    const place = "digit-lab " + data.place;
    try {
        if (data.value !== null) {
            sessionStorage.setItem(place, data.value);
        } else {
            const kept = sessionStorage.getItem(place);
            if (kept) setStateValue("kept", kept);
        }
    } catch (blocked_or_full) {
        // It is not kept then.
    }
}
"""
# It speaks only when the server does not know an id yet, which then stays the session's: each message is a rerun of
# the page. crypto.randomUUID would need HTTPS, and a class may be on plain HTTP.
_ID_JS = """
function idIn(storage, place) {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const fresh = Array.from(bytes, byte => byte.toString(16).padStart(2, "0")).join("");
    if (!/^[0-9a-f]{32}$/.test(storage.getItem(place))) storage.setItem(place, fresh);
    return storage.getItem(place);
}

export default function ({ data, setStateValue }) {
    try {
        const id = idIn(window[data.storage], "digit-lab " + data.place);
        if (data.known === null) setStateValue("id", id);
    } catch (blocked) {
        if (data.known === null) setStateValue("id", "");
    }
}
"""
_keep_component = st.components.v2.component("digit_lab_keeping", js=_KEEP_JS)
_id_component = st.components.v2.component("digit_lab_id", js=_ID_JS)
# Out of the page's flow: an element of no height would still have the gap between elements above it.
_STYLE = (
    '<style>[class*="st-key-browser-keeps-"] { position: absolute; height: 0; overflow: hidden; }</style>'
)


def keep(place: str, value: str | None, take_back: Callable[[object], None]) -> None:
    """Have the tab keep a text, or give back what it kept.

    It puts an invisible element here. Call it after `value` has come to its latest state in this run.

    Args:
        place: what it is kept under; one element of the page for each.
        value: the text to keep; None where there is none yet in this session, and the browser is asked for its own.
        take_back: called with what the browser had kept, before the next run, which that starts. It may be anything:
            a browser is somebody else's.
    """
    key = f"browser-keeps-{place}"

    def answered() -> None:
        take_back(held.told_by_component(key, "kept"))

    st.html(_STYLE)
    _keep_component(key=key, data={"place": place, "value": value}, on_kept_change=answered)


def random_id(place: str, storage: str, known: str | None) -> str | None:
    """Ask the browser for a random id, which it makes when it is asked first.

    It puts an invisible element here, once in a run of a page. The answer starts one more run.

    Args:
        place: what the browser keeps it under.
        storage: `TAB`, or `BROWSER` for one that all its tabs share and that outlasts them.
        known: the id as far as this session knows it, "" where the browser is known to keep none; None before it answered.

    Returns:
        An id (`digit_core.storage.visitors.is_visitor`); "" where the browser keeps none; None until it has answered.
    """
    st.html(_STYLE)
    key, data = f"browser-keeps-{place}", {"place": place, "storage": storage, "known": known}
    # Streamlit keeps a component's value only where someone listens for its change.
    answer = _id_component(key=key, data=data, default={"id": None}, on_id_change=lambda: None).id
    return answer if answer is None or visitors.is_visitor(answer) else ""
