"""The form of a training in a visitor's session: one plain record that widgets show and change.

A widget's own value ends with the page and with the widget; the record does not. So every widget shows the record's
value and writes its change back at once.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import streamlit as st

from digit_core.recipes.architectures import ARCHITECTURES
from digit_core.recipes.configuration import TrainingConfig
from digit_core.recipes.presets import PRESETS
from ui.frame import state
from ui.train.setup import draft as drafts
from ui.train.setup.draft import Draft

FIRST_PRESET = "quick" if "quick" in PRESETS else next(iter(PRESETS))


def current() -> Draft:
    """The record of this visitor's form, to be changed in place; the first preset's when there is none yet."""
    found = st.session_state.get(state.SETUP)
    fresh = drafts.from_configs(PRESETS[FIRST_PRESET].configs)
    # A session may be older than the code that runs now.
    is_whole = isinstance(found, dict) and found.keys() == fresh.keys()
    if not is_whole or found["network"] not in {*ARCHITECTURES, drafts.OWN}:
        st.session_state[state.SETUP] = fresh
    return st.session_state[state.SETUP]


def fill(configs: Sequence[TrainingConfig], parent: str | None = None) -> None:
    """Put configurations into the form, whatever stood there; the name that was typed goes, too."""
    st.session_state[state.SETUP] = drafts.from_configs(configs, parent)
    st.session_state.pop(state.SETUP_FAILURE, None)


def key_of(name: str) -> str:
    """The key of the widget that shows an entry of the record."""
    return f"setup {name}"


def show(key: str, value: Any, choices: Sequence[Any] = ()) -> None:
    """Have a widget show a value.

    It is given only where it is news: a value that is given in each run overtakes what a quick hand has set meanwhile.

    Args:
        key: of the widget, which comes after this.
        value: of its kind: what a slider of floats shows is a float.
        choices: what it offers, where that changes from run to run: Streamlit takes it for another widget then, which
            shows its first choice unless it is given a value.
    """
    is_other = st.session_state.get(f"{key} choices", []) != list(choices)
    if is_other or key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
        st.session_state[f"{key} choices"] = list(choices)


def held(
    name: str, choices: Sequence[Any] = (), *, then: Callable[[Draft], None] | None = None
) -> dict[str, Any]:
    """What ties a widget to an entry of the record: its key and its callback.

    Args:
        name: of the entry.
        choices: see `show`.
        then: what else a change does to the record.
    """
    key = key_of(name)
    show(key, current()[name], choices)
    return {"key": key, "on_change": _take, "args": (name, then)}


def _take(name: str, then: Callable[[Draft], None] | None) -> None:
    value, record = st.session_state[key_of(name)], current()
    if value is None:  # a number that was emptied, a choice that was taken back: what stood there stands
        return
    # A slider's steps add up to 0.30000000000000004.
    record[name] = float(f"{value:.12g}") if isinstance(value, float) else value
    if then:
        then(record)


def including(options: Iterable[Any], value: Any) -> list[Any]:
    """Choices in order of size, and the one that is set where it is not among them."""
    return sorted({*options, value})
