"""A whole number that was found on a drawing or a picture, with its corrections: plain values in the session."""

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from digit_core import segmentation
from digit_core.errors import DigitError
from digit_core.segmentation import SignBox, corrections
from digit_core.segmentation.corrections import Corrected
from ui.draw import number_stages
from ui.frame import resources, state

_MAX_STEPS = 30  # corrections that can be undone

# A record holds, under "digits", `corrections.as_values`; under "signs" the fields of each `SignBox`; under "removed" the boxes of
# signs that count no more; under "before" what digits and removed signs were before each correction; under "left out" how many
# marks were left out; under "stages" what `number_stages` keeps of them, or None; "source", "size" and "content" of the picture,
# of a drawing with the "ink" of its source; "model", which read it; "chosen", a place among the digits or, behind them, among the
# signs that count, or None; "failure", why nothing was found, and "refusal", why the last correction was not made: sentences, or "".
_EMPTY = {"source": "", "size": (1, 1), "content": b"", "model": "", "ink": ""}
_EMPTY |= {
    "digits": [],
    "signs": [],
    "removed": [],
    "left out": 0,
    "stages": None,
    "before": [],
    "chosen": None,
}
_EMPTY |= {"failure": "", "refusal": ""}


def of(way: str) -> dict[str, Any] | None:
    """The record of one way to bring a number; None before there is one."""
    return st.session_state.setdefault(state.NUMBERS, {}).get(way)


def find(
    way: str,
    picture: np.ndarray,
    content: bytes,
    source: str,
    size: tuple[int, int],
    model: str,
    *,
    is_grown: bool,
) -> dict[str, Any]:
    """Look for digits on a picture, and keep what was found.

    Args:
        way: to bring a number, which has one record.
        picture: uint8 array of shape (height, width, 4).
        content: what tells this picture from another.
        source: its address for the page.
        size: its height and width, in pixels of the boxes.
        model: the name of the model that reads.
        is_grown: whether it is the picture before with something added or taken away: then its corrections stay.
    """
    old = of(way) if is_grown else None
    record = _EMPTY | {"source": source, "size": size, "content": content, "model": model}
    try:
        found = segmentation.find_digits(picture, resources.classifier(model))
    except DigitError as error:
        record["failure"] = str(error)
        # Clear and undo bring the number back: so do they its corrections.
        record |= {key: old[key] if old else [] for key in ("digits", "signs", "removed")}
    else:
        past = corrections.from_values(old["digits"]) if old else []
        record["digits"] = corrections.as_values(corrections.carry_over(past, found))
        record["signs"] = [vars(sign) for sign in found.signs]
        record["removed"] = (
            [box for box in old["removed"] if box in {sign.box for sign in found.signs}] if old else []
        )
        record["left out"] = len(found.left_out)
        record["stages"] = None if found.stages is None else number_stages.kept(found.stages)
    st.session_state[state.NUMBERS][way] = record
    return record


def digits(record: dict[str, Any], model: str) -> list[Corrected]:
    """The digits, read by this model."""
    found = corrections.from_values(record["digits"])
    if record["model"] != model:
        found = corrections.reread(found, resources.classifier(model))
        record["digits"], record["model"] = corrections.as_values(found), model
    return found


def signs(record: dict[str, Any]) -> list[SignBox]:
    """The signs beside and between the digits that count."""
    found = [SignBox(**value) for value in record["signs"]]
    return [sign for sign in found if sign.box not in record["removed"]]


def remove_sign(way: str, sign: SignBox) -> None:
    """Make a sign count no more."""
    if record := of(way):
        _keep_before(record)
        record["removed"] = [*record["removed"], sign.box]
        record["chosen"], record["refusal"] = None, ""


def correct(way: str, change: Callable[[list[Corrected]], list[Corrected]], chosen: int | None) -> None:
    """Make one correction.

    Args:
        way: to bring a number.
        change: from digits to digits; it may raise a PictureError.
        chosen: the place that is marked afterwards.
    """
    record = of(way)
    if record is None:
        return
    try:
        changed = corrections.as_values(change(corrections.from_values(record["digits"])))
    except DigitError as error:
        record["refusal"] = str(error)
        return
    _keep_before(record)
    record["digits"] = changed
    record["chosen"], record["refusal"] = chosen, ""


def _keep_before(record: dict[str, Any]) -> None:
    """Keep what there is, for `undo`."""
    now = {key: record[key] for key in ("digits", "removed")}
    record["before"] = [*record["before"], now][-_MAX_STEPS:]


def undo(way: str) -> None:
    """Take the last correction back."""
    record = of(way)
    if record and record["before"]:
        record |= record["before"].pop()
        record["chosen"], record["refusal"] = None, ""


def refuse(way: str, sentence: str) -> None:
    """Say why a picture cannot be read; the number before it stays."""
    if record := of(way):
        record["refusal"] = sentence
    else:
        st.session_state[state.NUMBERS][way] = _EMPTY | {"failure": sentence}
