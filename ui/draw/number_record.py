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

# A record holds, under "digits", `corrections.as_values`; under "before" what they were before each correction; under "signs"
# the fields of each `SignBox`; under "stages" what `number_stages` keeps of them, or None; "source", "size" and "content" of the picture, of a drawing with the "ink" of its source;
# "model", which read it; "chosen", a place among the digits or None; "failure", why nothing was found, and "refusal", why the
# last correction was not made: sentences, or "".
_EMPTY = {"source": "", "size": (1, 1), "content": b"", "model": "", "ink": ""}
_EMPTY |= {
    "digits": [],
    "signs": [],
    "stages": None,
    "before": [],
    "chosen": None,
    "failure": "",
    "refusal": "",
}


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
        record |= {key: old[key] if old else [] for key in ("digits", "signs")}
    else:
        past = corrections.from_values(old["digits"]) if old else []
        record["digits"] = corrections.as_values(corrections.carry_over(past, found))
        record["signs"] = [vars(sign) for sign in found.signs]
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
    """The signs beside and between the digits."""
    return [SignBox(**value) for value in record["signs"]]


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
    before = record["digits"]
    try:
        record["digits"] = corrections.as_values(change(corrections.from_values(before)))
    except DigitError as error:
        record["refusal"] = str(error)
        return
    record["before"] = [*record["before"], before][-_MAX_STEPS:]
    record["chosen"], record["refusal"] = chosen, ""


def undo(way: str) -> None:
    """Take the last correction back."""
    record = of(way)
    if record and record["before"]:
        record["digits"] = record["before"].pop()
        record["chosen"], record["refusal"] = None, ""


def refuse(way: str, sentence: str) -> None:
    """Say why a picture cannot be read; the number before it stays."""
    if record := of(way):
        record["refusal"] = sentence
    else:
        st.session_state[state.NUMBERS][way] = _EMPTY | {"failure": sentence}
