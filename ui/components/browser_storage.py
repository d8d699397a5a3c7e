"""What a tab of a browser keeps for its visitor over a reload, which begins a new session with an empty one's state."""

from collections.abc import Callable

import streamlit as st

# The tab's own storage: another tab has another drawing, and at a computer of a school the next pupil finds none.
# The server speaks first where it knows something; the browser answers only where it has something to tell.
_SCRIPT = """
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
        // It is not kept then: all else goes on.
    }
}
"""
_component = st.components.v2.component("digit_lab_keeping", js=_SCRIPT)
_STYLE = '<style>[class*="st-key-keeping-"] { position: absolute; height: 0; overflow: hidden; }</style>'


def keep(place: str, value: str | None, take_back: Callable[[object], None]) -> None:
    """Have the browser keep a text, or give back what it kept.

    It puts an invisible element here. Call it after `value` has come to its latest state in this run.

    Args:
        place: what it is kept under; one element of the page for each.
        value: the text to keep; None where there is none yet in this session, and the browser is asked for its own.
        take_back: called with what the browser had kept, before the next run, which that starts. It may be anything:
            a browser is somebody else's.
    """
    key = f"keeping-{place}"

    def answered() -> None:
        take_back(st.session_state[key].get("kept"))

    st.html(_STYLE)
    _component(key=key, data={"place": place, "value": value}, on_kept_change=answered)
