"""Whole numbers, drawn on a wide canvas or brought as a picture: found digit by digit, read, and corrected."""

import hashlib

import streamlit as st

from digit_core.errors import DigitError, PictureError
from digit_core.preprocessing import page, pictures
from digit_core.synthesis import samples
from ui.canvas import canvas, drawing
from ui.components import browser_tab
from ui.draw import number_panel, number_record, picture_table, sources
from ui.frame import address, layout, state

_DRAWING, _PICTURE = "Draw it", "Picture or photo"
_PREVIEW_SIDE = 1200  # pixels of the picture as it is shown: enough for the finest screen


def show(model: str) -> None:
    """The view: a way to bring a number, and what was found.

    Args:
        model: the name of the model in use.
    """
    browser_tab.begin()
    if layout.pick_way("How", (_DRAWING, _PICTURE), state.NUMBER_WAY) == _DRAWING:
        _show_drawing(model)
    else:
        _show_picture(model)


def read_the_digit() -> None:
    """Go to this view, from a callback, with what is on the paper for one digit."""
    canvas.widen()
    st.session_state[state.NUMBER_WAY] = _DRAWING
    address.choose(state.DRAW_VIEW, "Whole numbers")


@st.fragment
def _show_drawing(model: str) -> None:
    """The wide canvas and its number: a stroke reruns these alone."""
    try:
        pixels = canvas.draw(canvas.WIDE)
    except DigitError as error:
        st.warning(str(error), icon=":material/error:")
        return
    if pixels is None:
        st.info(
            "Nothing drawn yet: write a number, such as your postcode, with its digits side by side.",
            icon=":material/edit:",
        )
        return
    png = drawing.step(canvas.WIDE.key)["png"]
    record = number_record.of(_DRAWING)
    if record is None or record["content"] != png:
        record = number_record.find(_DRAWING, pixels, png, "", pixels.shape[:2], model, is_grown=True)
    if record["ink"] != layout.ink():
        record |= {"source": drawing.address(pixels, layout.ink()), "ink": layout.ink()}
    number_panel.show(_DRAWING, model)
    browser_tab.keep()


@st.fragment
def _show_picture(model: str) -> None:
    """A place for a picture, and its number."""
    if new := sources.ask("number", samples.NUMBERS, is_several=False):
        with st.spinner("Looking for digits …", show_time=True):
            _take_in(new[0], model)
        st.rerun()
    if number_record.of(_PICTURE) is None:
        st.info(
            "No picture yet. Add a photo of one or more lines of handwritten digits, or try one of the “Samples”.",
            icon=":material/image:",
        )
        return
    number_panel.show(_PICTURE, model)
    browser_tab.keep()


def _take_in(new: sources.NewPicture, model: str) -> None:
    try:
        if new.refusal:
            raise PictureError(new.refusal)
        with pictures.ONE_AT_A_TIME:
            pixels, _ = pictures.read_scaled(new.content, page.MAX_SIDE)
            source = picture_table.source(picture_table.preview(pixels, _PREVIEW_SIDE))
            digest = hashlib.sha256(new.content).digest()
            number_record.find(_PICTURE, pixels, digest, source, pixels.shape[:2], model, is_grown=False)
    except PictureError as error:
        number_record.refuse(_PICTURE, str(error))
