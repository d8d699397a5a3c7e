"""The address of a page: what is chosen there stands in it, so that a link opens the same view and the browser's Back returns
to what one left.

The session holds the words of each page, and the address says those of them that the page shows, written when a run ends.
An address is believed when its page is entered and when somebody goes through the browser's history; after that the session
knows better: what the browser sends with a press may be older. A word with nothing or nonsense behind it is as good as none.

Streamlit has a binding of widgets to the address of its own. It writes into the browser's present entry of the history instead
of a new one, adds an entry when a page is left, and takes from an address what two pages call alike.
"""

import contextlib
import math
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from digit_core.recipes import aliases
from ui.frame import held, state

_MAX_DIGITS = 10  # of a page: Python refuses to read thousands
MODEL, RUN, CELL, DIGIT = "model", "run", "cell", "digit"
# Earlier words, and earlier values of a word: links that people have kept open the same view for ever.
_OLD_WORDS = {old.rpartition(".")[2]: new.rpartition(".")[2] for old, new in aliases.ALIASES.items()}
_OLD_VALUES = {
    "amounts": {"Handwriting, half calm": "Handwriting, half of them clean"},
    "evaluate": {"Take away": "Download"},
    "sort": {"Oddest first": "Least typical first"},
    "train": {"Bring a model": "Import a model"},
}
# Streamlit makes a new entry of each change that the server sends: on the way to another page the old one's address without its
# words, then the new page, then the new page with its words. One press of a visitor is one entry.
_HISTORY_JS = """
export default function () {
    if (window.digitLabHistory) return;
    window.digitLabHistory = true;
    let pressed = navigator.userActivation?.hasBeenActive ?? false;  // before this was loaded
    for (const kind of ["pointerdown", "keydown", "click"]) {
        window.addEventListener(kind, () => { pressed = true; }, true);
    }
    window.addEventListener("popstate", () => { pressed = false; }, true);
    const push = history.pushState.bind(history);
    history.pushState = (...entry) => {
        if (pressed) push(...entry); else history.replaceState(...entry);
        pressed = false;
    };
}
"""
_history_component = st.components.v2.component("digit_lab_history", js=_HISTORY_JS)
# Out of the page's flow: an element of no height would still have the gap between elements above it.
_STYLE = "<style>.st-key-browser-history { position: absolute; height: 0; overflow: hidden; }</style>"

Words = dict[str, list[str]]


def enter(page: str) -> None:
    """Read the address of a page that is entered. Every run of a page begins with it.

    Args:
        page: its title.
    """
    st.html(_STYLE)
    _history_component(key="browser-history")
    known, context = _known(), get_script_run_ctx()
    known["shown"] = []
    if context is not None and context.is_history_navigation:
        known["words"][page] = _read()
    elif known["page"] != page:
        # The list of pages leads to a page as it was left; which model is in use is no page's own.
        left = {word: said for word, said in known["words"].get(page, {}).items() if word != MODEL}
        known["words"][page] = left | _read()
    known["page"] = page


def leave() -> None:
    """Write the address. Every run ends with it; one that is cut short has not shown all that it would say."""
    words = {word: said for word, said in _words().items() if word in _known()["shown"]}
    if words != {word: st.query_params.get_all(word) for word in st.query_params}:
        st.query_params.from_dict(words)


def chosen(word: str) -> str | None:
    """What is chosen under a word that belongs to no widget; None if nothing is."""
    said = _said(word)
    return said[0] if said else None


def choose(word: str, value: str | None) -> None:
    """Choose it, or nothing with None; in a run as well as in a callback."""
    _say(word, [] if value is None else [value])


def renamed(old: str, new: str) -> None:
    """What somebody has renamed stays chosen, on every page."""
    for words in _known()["words"].values():
        for word, said in words.items():
            words[word] = [new if text == old else text for text in said]


def one(
    word: str,
    options: Sequence[Any],
    first: Any = None,
    *,
    named: Callable[[Any], str] = str,
    then: Callable[[], None] | None = None,
) -> dict[str, Any]:
    """What a choice of one of several takes: `st.pills`, `st.segmented_control`.

    Args:
        word: in the address; the widget's key begins with it.
        options: what it offers, at least one thing.
        first: what is chosen where the address says nothing that is offered; the first option unless given.
        named: an option in words, on the page and in the address.
        then: what else a change does.
    """
    options = list(options)
    first = options[0] if first is None else first
    said = chosen(word)
    value = next((option for option in options if named(option) == said), first)
    tie = _held(word, value, options, lambda new: [named(new)], then, is_first=lambda new: new == first)
    return {"options": options, "default": value, "format_func": named, "wrap": True} | tie


def listed(word: str, options: Sequence[Any], first: Any = None, **ways: Any) -> dict[str, Any]:
    """As `one`, for `st.selectbox`."""
    found = one(word, options, first, **ways)
    del found["wrap"]
    return found | {"index": found["options"].index(found.pop("default"))}


def several(
    word: str,
    options: Sequence[Any],
    first: Sequence[Any] = (),
    *,
    named: Callable[[Any], str] = str,
    then: Callable[[], None] | None = None,
) -> dict[str, Any]:
    """As `one`, for a choice of as many as one likes, none of them included."""
    options = list(options)
    said = _said(word)
    found = [option for option in options if named(option) in said]
    value = found if found or said == [""] else [option for option in options if option in first]
    tie = _held(
        word,
        value,
        options,
        lambda chosen: [named(option) for option in chosen] or [""],
        then,
        is_first=lambda new: set(new) == set(first),
    )
    return {"options": options, "default": value, "format_func": named, "wrap": True} | tie


def number(
    word: str, lowest: float, highest: float, first: Any, *, then: Callable[[], None] | None = None
) -> dict[str, Any]:
    """What `st.slider` and `st.number_input` take; whole numbers where the limits are. A range where `first` is a pair.

    Args:
        word, then: see `one`.
        lowest, highest: the limits, of the same kind as `first`; what an address says beyond them is taken to them.
        first: what is set where the address says no number.
    """
    ends = list(first) if isinstance(first, tuple) else [first]
    found = sorted(_numbers(_said(word), lowest, highest))
    value = found if len(found) == len(ends) else ends
    value = tuple(value) if isinstance(first, tuple) else value[0]

    def say(chosen: Any) -> list[str]:
        return [f"{end:g}" if isinstance(end, float) else str(end) for end in _as_list(chosen)]

    tie = _held(word, value, [lowest, highest], say, then, is_first=lambda new: new == first)
    return {"min_value": lowest, "max_value": highest, "value": value} | tie


def page_of(word: str, pages: int) -> dict[str, Any]:
    """What `st.pagination` takes, for pages 1 to `pages`; the first one where the address names none of them."""
    found = [int(text) for text in _said(word) if text.isdecimal() and len(text) < _MAX_DIGITS]
    value = found[0] if found and 1 <= found[0] <= pages else 1
    tie = _held(word, value, [pages], lambda new: [str(new)], None, is_first=lambda new: new == 1)
    return {"num_pages": pages, "default": value} | tie


def switch(word: str, *, first: bool = False, then: Callable[[], None] | None = None) -> dict[str, Any]:
    """What `st.toggle` takes."""
    said = (chosen(word) or "").lower()
    value = said == "true" if said in ("true", "false") else first
    return {"value": value} | _held(
        word, value, (), lambda new: [str(new).lower()], then, is_first=lambda new: new == first
    )


def _numbers(said: Sequence[str], lowest: float, highest: float) -> list[float]:
    """Those of the texts that are numbers, of the limits' kind and within them."""
    found = []
    for text in said:
        with contextlib.suppress(ValueError):
            if math.isfinite(value := float(text)):
                found.append(type(lowest)(min(max(value, lowest), highest)))
    return found


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, tuple) else [value]


def _held(
    word: str,
    value: Any,
    choices: Sequence[Any],
    say: Callable[[Any], list[str]],
    then: Callable[[], None] | None,
    *,
    is_first: Callable[[Any], bool],
) -> dict[str, Any]:
    def put(new: Any) -> None:
        _say(word, [] if is_first(new) else say(new))

    def take(new: Any) -> None:
        put(new)
        if then:
            then()

    put(value)  # nonsense goes out of the address
    return held.by(word, value, take, choices)


def _read() -> Words:
    """The address in today's words and values."""
    words = {word: st.query_params.get_all(word) for word in st.query_params}
    for old in _OLD_WORDS.keys() & words.keys():
        words.setdefault(_OLD_WORDS[old], words.pop(old))
    for word, values in _OLD_VALUES.items():
        if word in words:
            words[word] = [values.get(said, said) for said in words[word]]
    return words


def _known() -> dict[str, Any]:
    """What the session knows: the page it is on, the words of each page, and which of them this run has shown."""
    return st.session_state.setdefault(state.ADDRESS, {"page": None, "words": {}, "shown": []})


def _words() -> Words:
    known = _known()
    return known["words"].setdefault(known["page"], {})


def _said(word: str) -> list[str]:
    """What is said under a word of the page, which then stands in the address."""
    if word not in (shown := _known()["shown"]):
        shown.append(word)
    return _words().get(word, [])


def _say(word: str, said: list[str]) -> None:
    if said:
        _words()[word] = said
    else:
        _words().pop(word, None)
