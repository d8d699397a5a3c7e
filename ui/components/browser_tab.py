"""What a tab of a browser has that is too large for it to keep over a reload: the server keeps it, the tab its name."""

from typing import Any

import streamlit as st

from digit_core.storage import visitors
from ui.frame import session_cache, state

# As in ui/components/browser_storage.py the tab's own storage: at a computer of a school the next pupil finds nothing.
_ASK_THE_BROWSER = """
const PLACE = "digit-lab tab";

function nameInSessionStorage() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const fresh = Array.from(bytes, byte => byte.toString(16).padStart(2, "0")).join("");
    if (!/^[0-9a-f]{32}$/.test(sessionStorage.getItem(PLACE))) sessionStorage.setItem(PLACE, fresh);
    return sessionStorage.getItem(PLACE);
}

export default function ({ data, setStateValue }) {
    try {
        if (!data.is_known) setStateValue("name", nameInSessionStorage());
    } catch (blocked) {
        // Nothing is kept then: all else goes on.
    }
}
"""
_component = st.components.v2.component("digit_lab_tab", js=_ASK_THE_BROWSER)
_KEPT = (state.PICTURES, state.NUMBERS, state.NUMBER_WAY, state.TAUGHT)


def begin() -> None:
    """Bring back what this tab had before a reload. It puts an invisible element here, which asks the browser for the
    tab's name; the answer starts one more run. Outside of fragments, before anything that is brought back.
    """
    answer = _component(
        key="tab-name",
        data={"is_known": state.TAB in st.session_state},
        default={"name": None},
        on_name_change=_nothing_more,
    ).name
    if state.TAB in st.session_state or not visitors.is_visitor(answer):
        return
    st.session_state[state.TAB] = answer
    _take_back(session_cache.default().take(answer) or {})


def keep() -> None:
    """Keep what there is now; after each change of it. A reload brings it back, for some hours, unless it is huge."""
    if (name := st.session_state.get(state.TAB)) is not None:
        there = {key: st.session_state[key] for key in _KEPT if key in st.session_state}
        session_cache.default().lay(name, there)


def _take_back(kept: dict[str, Any]) -> None:
    """What somebody has done since the reload, before the browser's answer, is not put away by what was kept."""
    now = st.session_state
    now[state.PICTURES] = now.get(state.PICTURES, []) + kept.get(state.PICTURES, [])
    numbers = now.setdefault(state.NUMBERS, {})
    for way, record in kept.get(state.NUMBERS, {}).items():
        # The drawing may have come back first, and have been read anew: without its corrections.
        is_same = (
            way in numbers and numbers[way]["content"] == record["content"] and not numbers[way]["before"]
        )
        if way not in numbers or is_same:
            numbers[way] = record
    for key in (state.NUMBER_WAY, state.TAUGHT):
        if key in kept:
            now[key] = kept[key]


def _nothing_more() -> None:
    """Streamlit keeps a component's value only where someone listens for its change."""
