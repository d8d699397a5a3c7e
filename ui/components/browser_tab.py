"""What a tab of a browser has that is too large for it to keep over a reload: the server keeps it, the tab its name."""

from typing import Any

import streamlit as st

from ui.components import browser_storage
from ui.frame import session_cache, state

_KEPT = (state.PICTURES, state.NUMBERS, state.NUMBER_WAY, state.TAUGHT)


def begin() -> None:
    """Bring back what this tab had before a reload: once the browser has told the tab's name, in one more run. Outside
    of fragments, before anything that is brought back.
    """
    answer = browser_storage.random_id("tab", browser_storage.TAB, st.session_state.get(state.TAB))
    if answer is None or state.TAB in st.session_state:
        return
    st.session_state[state.TAB] = answer
    _take_back(session_cache.default().get(answer) or {})


def keep() -> None:
    """Keep what there is now; after each change of it. A reload brings it back, for some hours, unless it is huge."""
    if name := st.session_state.get(state.TAB):
        there = {key: st.session_state[key] for key in _KEPT if key in st.session_state}
        session_cache.default().put(name, there)


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
