"""The table of runs: sorted by a press on a heading, chosen by a tap or a key; on a phone a list of cards."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from digit_core.runs.comparison import MAX_COMPARED, Contender
from ui.frame import held
from ui.panels import run_formatting

_FOLDER = Path(__file__).parent
_HTML = '<div class="runs"></div>'
COLUMNS = {
    "state": "State",
    "network": "Network",
    "digits": "Digits",
    "epochs": "Epochs",
    "right": "Right",
    "parameters": "Parameters",
    "seconds": "Time",
    "size": "Size",
    "created": "When",
}
_component = st.components.v2.component(
    "digit_run_table",
    html=_HTML,
    css=(_FOLDER / "run_table.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "run_table.js").read_text(encoding="utf-8"),
)


def choose(
    contenders: Sequence[Contender],
    chosen: Sequence[str],
    visitor: str | None,
    on_choice: Callable[[list[str]], None],
    key: str,
) -> None:
    """Show runs and shipped models, of which up to six can be chosen.

    Args:
        contenders: in the order in which they are shown at first.
        chosen: the keys of those that are chosen.
        visitor: whose runs are marked as such.
        on_choice: called with the keys of all that are chosen now, in the order of their choice, before the page's run
            that follows a tap.
        key: of the widget.
    """
    serial_place = f"{key} serial"

    def take() -> None:
        message = held.told_by_component(key, "chosen")
        keys, serial = _choice(message, [contender.key for contender in contenders])
        st.session_state[serial_place] = serial
        if keys is not None:
            on_choice(keys)

    data = {
        "columns": [{"key": name, "title": title} for name, title in COLUMNS.items()],
        "rows": [row(contender, visitor) for contender in contenders],
        "chosen": list(chosen),
        "most": MAX_COMPARED,
        # The table counts its choices. What it is told of an older one than its latest is not shown: two quick taps
        # would else undo the second for a moment.
        "serial": st.session_state.get(serial_place, 0),
    }
    _component(key=key, data=data, on_chosen_change=take)


def row(contender: Contender, visitor: str | None) -> dict[str, Any]:
    """One row as the browser gets it: for each column a text and what it is sorted by (None comes last)."""
    is_mine = contender.run is not None and visitor is not None and contender.run.owner == visitor
    tags = ["yours"] * is_mine + ["chosen on the test digits"] * contender.chosen_on_test
    words = run_formatting
    cells = {
        "state": (words.state(contender), words.state(contender)),
        "network": (words.network(contender), words.network(contender)),
        "digits": (words.whole(contender.training_digits), contender.training_digits),
        "epochs": (words.epochs(contender), len(contender.epochs)),
        "right": (words.accuracy(contender.validation_accuracy), contender.validation_accuracy),
        "parameters": (words.whole(contender.parameters), contender.parameters),
        "seconds": (words.duration(contender.seconds), contender.seconds),
        "size": (words.size(contender.size_bytes), contender.size_bytes),
        # Told in the browser's own time.
        "created": ("" if contender.created is None else None, contender.created),
    }
    return {
        "key": contender.key,
        "name": contender.name,
        "tags": tags,
        "cells": {name: {"text": text, "sort": value} for name, (text, value) in cells.items()},
    }


def _choice(message: Any, known: Sequence[str]) -> tuple[list[str] | None, int]:
    """The keys and the serial number in a browser's message; it may be anybody's.

    Returns:
        The keys that are known, each once, `MAX_COMPARED` at the most; None if the message is none of the table's.
    """
    if not isinstance(message, dict):
        return None, 0
    keys, serial = message.get("keys"), message.get("serial")
    if not isinstance(keys, list) or type(serial) is not int or not 0 <= serial < 2**31:
        return None, 0
    found = [key for key in dict.fromkeys(entry for entry in keys if isinstance(entry, str)) if key in known]
    return found[:MAX_COMPARED], serial
