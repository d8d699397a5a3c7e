"""The address of a page: what is chosen there stands in it, so that a link opens the same view.

Most choices are widgets that Streamlit binds to the address: the browser writes them at once. What no widget can hold,
such as a tile of a grid, the server writes. But it sends the address as a whole, as it stood when the run began: what was
chosen meanwhile falls out of it in the browser. So an address is only believed when its page is entered or when somebody
goes back in the browser's history. After that the session knows better: the server sends only what has changed, and what
the address has lost is written again in the run that the choice itself started.
"""

from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from digit_core.recipes import aliases
from ui.frame import state

MODEL, RUN, CELL, DIGIT = "model", "run", "cell", "digit"
_WRITTEN_HERE = (MODEL, RUN, CELL, DIGIT)  # all else in an address belongs to widgets
# Earlier words, and earlier values of a word: links that people have kept open the same view for ever.
_OLD_WORDS = {old.rpartition(".")[2]: new.rpartition(".")[2] for old, new in aliases.ALIASES.items()}
_OLD_VALUES = {
    "amounts": {"Handwriting, half calm": "Handwriting, half of them clean"},
    "evaluate": {"Take away": "Download"},
    "sort": {"Oddest first": "Least typical first"},
    "train": {"Bring a model": "Import a model"},
}


def enter(page: str) -> None:
    """Read the address of a page that is entered, or write again what it has lost. Every run begins with it.

    Args:
        page: its title.
    """
    known = _known()
    context = get_script_run_ctx()
    if known["page"] != page or (context is not None and context.is_history_navigation):
        _renew()
        chosen = {word: st.query_params[word] for word in _WRITTEN_HERE if word in st.query_params}
        st.session_state[state.ADDRESS] = _nothing_known() | {"page": page, "chosen": chosen}
        return
    lost = [key for key in known["bound"] if _is_lost(key)]
    for key in lost:  # Streamlit writes into the address what is set anew
        st.session_state[key] = st.session_state[key]
    written = [_write(word, known["chosen"].get(word)) for word in _WRITTEN_HERE]
    if lost or any(written):
        # What the run before has sent may reach the browser after this run's choice: said again, that comes last.
        st.query_params.update()


def _renew() -> None:
    """Write today's words and values into an address that has earlier ones; widgets read it anew in the run after."""
    before = st.query_params.to_dict()
    for old in _OLD_WORDS.keys() & before.keys():
        st.query_params.setdefault(_OLD_WORDS[old], st.query_params.pop(old))
    for word, values in _OLD_VALUES.items():
        if (value := st.query_params.get(word)) in values:
            st.query_params[word] = values[value]
    if st.query_params.to_dict() != before:
        st.rerun()


def leave() -> None:
    """Note which widgets are on the page. Every run ends with it; one that is cut short has not shown them all."""
    known = _known()
    known["bound"], known["binding"] = known["binding"], []


def bound(key: str) -> dict[str, Any]:
    """What ties a widget to the address: its key, which is what it is called there, and the binding."""
    known = _known()
    for keys in (known["bound"], known["binding"]):
        if key not in keys:
            keys.append(key)
    return {"key": key, "bind": "query-params"}


def chosen(word: str) -> str | None:
    """What is chosen under one of the words that belong to no widget; None if nothing is."""
    return _known()["chosen"].get(word)


def choose(word: str, value: str | None) -> None:
    """Choose it, or nothing with None; in a run as well as in a callback."""
    if value is None:
        _known()["chosen"].pop(word, None)
    else:
        _known()["chosen"][word] = value
    _write(word, value)


def _nothing_known() -> dict[str, Any]:
    return {"page": None, "chosen": {}, "bound": [], "binding": [], "seen": {}}


def _known() -> dict[str, Any]:
    """What the session knows of the page: what is chosen there, which widgets are bound, and how they were seen last."""
    return st.session_state.setdefault(state.ADDRESS, _nothing_known())


def _is_lost(key: str) -> bool:
    """Whether of a widget and what the address says of it only one has changed since they were seen in accord."""
    if key not in st.session_state:
        return False
    seen = _known()["seen"]
    value, said = st.session_state[key], st.query_params.get_all(key)
    if key in seen and (value == seen[key][0]) != (said == seen[key][1]):
        return True
    seen[key] = (value, said)
    return False


def _write(word: str, value: str | None) -> bool:
    """Write a word into the address if that says something else; whether it did."""
    if st.query_params.get(word) == value:
        return False
    if value is None:
        del st.query_params[word]
    else:
        st.query_params[word] = value
    return True
