"""The form of a training in a visitor's session: one plain record that widgets show and change.

A widget's own value ends with the page and with the widget; the record does not. So every widget declares the record's
value and writes its change back at once: what is shown is what Start trains.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import streamlit as st

from digit_core.recipes.architectures import ARCHITECTURES
from digit_core.recipes.configuration import TrainingConfig
from digit_core.recipes.presets import PRESETS
from ui.frame import held, state
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


def entry(
    name: str, choices: Sequence[Any] = (), *, then: Callable[[Draft], None] | None = None
) -> dict[str, Any]:
    """What ties a widget to an entry of the record: its value, its key and its callback.

    Args:
        name: of the entry.
        choices: what the widget offers, or anything else that changes with it.
        then: what else a change does to the record.
    """

    def take(value: Any) -> None:
        record = current()
        record[name] = value
        if then:
            then(record)

    value = current()[name]
    return {"value": value} | held.by(key_of(name), value, take, choices)


def one(
    name: str, options: Sequence[Any], depends: Any = None, *, then: Callable[[Draft], None] | None = None
) -> dict[str, Any]:
    """As `entry`, for a choice of one or of several of some options: `st.pills`, `st.segmented_control`, `st.multiselect`.

    Args:
        name: of the entry.
        options: what the widget offers.
        depends: what else the offer depends on.
        then: see `entry`.
    """
    options = list(options)
    found = entry(name, [*options, depends], then=then)
    return found | {"options": options, "default": found.pop("value")}


def listed(name: str, options: Sequence[Any], **ways: Any) -> dict[str, Any]:
    """As `one`, for `st.selectbox`."""
    found = one(name, options, **ways)
    return found | {"index": found["options"].index(found.pop("default"))}


def including(options: Iterable[Any], value: Any) -> list[Any]:
    """Choices in order of size, and the one that is set where it is not among them."""
    return sorted({*options, value})
