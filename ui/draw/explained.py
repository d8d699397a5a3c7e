"""What explains the answer to the drawing that lies on the canvas."""

import streamlit as st

from digit_core.preprocessing import images
from digit_core.preprocessing.images import Stages
from ui.canvas import canvas, drawing
from ui.draw import replay, why
from ui.panels import saliency


def show_why(model: str) -> None:
    """The view: why the drawing is read as it is.

    Args:
        model: the name of the model in use.
    """
    if (stages := _stages()) is not None:
        why.show(model, stages)


def show_where(model: str) -> None:
    """The view: which parts of the drawing spoke for the answer."""
    if (stages := _stages()) is not None:
        saliency.show(model, stages.image)


def show_replay(model: str) -> None:
    """The view: what was read after each point of the pen."""
    if _stages() is not None:
        replay.show(model, drawing.objects(canvas.SQUARE.key))


def _stages() -> Stages | None:
    """What preprocessing makes of the drawing; None, and a sentence on the page, where nothing is drawn.

    Raises:
        PictureError: it cannot be read.
    """
    canvas.keep()
    pixels = canvas.pixels()
    if pixels is None:
        st.info(
            "Nothing drawn yet: draw a digit under “One digit”, then come back and see what the network made of it.",
            icon=":material/edit:",
        )
        return None
    return images.stages_of_canvas(pixels)
