"""Widgets whose value is kept elsewhere: in the session, in a form's record, in the address. They show it and report changes.

A value that is put into a widget's place in the session reaches the browser in one message of one run, and Streamlit drops
that message when another run begins before it was sent: the browser then shows the widget's first value, and sends that one
back at the next press. So a value is declared, in each run, as what the widget begins with. A browser keeps what stands in
a widget under its key; where the value was changed by anything else than the widget itself, the widget gets another key.
"""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from ui.frame import state

_DIGITS = 12  # of a float that count: the steps of a slider add up to 0.30000000000000004


def by(name: str, value: Any, take: Callable[[Any], None], choices: Sequence[Any] = ()) -> dict[str, Any]:
    """What ties a widget to a value that is kept elsewhere: its key and its callback. The value itself is declared beside it.

    Args:
        name: of the widget; its first key.
        value: what it has to show, as the widget returns it.
        take: is given what somebody has set; never None. A number that was emptied and a choice that was taken back are not
            taken: the widget shows `value` again.
        choices: what it offers, where that changes from run to run.
    """
    key = _key(name, value, choices)
    return {"key": key, "on_change": _take, "args": (name, key, take)}


def in_session(
    name: str, value: Any, choices: Sequence[Any] = (), *, then: Callable[[], None] | None = None
) -> dict[str, Any]:
    """As `by`, for a value that the session keeps under a name of its own, over a change of page, too.

    Args:
        name: of the entry in the session; the widget's key is another one.
        value, choices: see `by`.
        then: what else a change by the widget does.
    """

    def take(chosen: Any) -> None:
        st.session_state[name] = chosen
        if then:
            then()

    return by(f"{name} shown", value, take, choices)


def told(key: str) -> Any:
    """What a browser says of a widget, for the widget's own callback or its form's; None where the widget is gone.

    Streamlit also calls the callbacks of a widget that is gone, when a browser speaks that has not heard of it yet (a second press,
    another page): the session no longer knows its key then.
    """
    return st.session_state.get(key)


def told_by_component(key: str, trigger: str) -> Any:
    """As `told`, what a component sends with a trigger; it may be anything: a browser is somebody else's."""
    return (told(key) or {}).get(trigger)


def plain(value: Any) -> Any:
    """A value without what binary fractions add to it; of several values a list."""
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def _known() -> dict[str, tuple[int, list[Any]]]:
    """Of each name: how many keys the widget has had before its present one, and what it offered last."""
    return st.session_state.setdefault(state.HELD, {})


def _key(name: str, value: Any, choices: Sequence[Any]) -> str:
    """A new one where the widget, as it was last heard of, shows something else."""
    known = _known()
    generation, offered = known.get(name, (0, list(choices)))
    key = _numbered(name, generation)
    if offered != list(choices) or (key in st.session_state and plain(st.session_state[key]) != plain(value)):
        generation += 1
    known[name] = (generation, list(choices))
    return _numbered(name, generation)


def _numbered(name: str, generation: int) -> str:
    return f"{name} {generation}" if generation else name


def _take(name: str, key: str, take: Callable[[Any], None]) -> None:
    if key != _numbered(name, _known()[name][0]):
        return
    if (value := told(key)) is not None:
        take(plain(value) if isinstance(value, float) else value)
