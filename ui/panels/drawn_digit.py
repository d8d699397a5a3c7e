"""The drawing that lies on the paper, for views that show no paper."""

import streamlit as st

from digit_core.preprocessing import images
from digit_core.preprocessing.normalization import Stages
from ui.canvas import canvas


def stages(view: str) -> Stages | None:
    """What preprocessing makes of the drawing; None, and a sentence on the page, where nothing is drawn.

    Args:
        view: of the same page, in which one draws.

    Raises:
        PictureError: it cannot be read.
    """
    canvas.keep()
    pixels = canvas.pixels()
    if pixels is None:
        st.info(
            f"Nothing drawn yet: draw a digit under “{view}”, then come back and see what the network made of it.",
            icon=":material/edit:",
        )
        return None
    return images.stages_of_canvas(pixels)
