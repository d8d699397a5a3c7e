"""What a first layer looks for, as pictures of its weights."""

import numpy as np
import streamlit as st

from digit_core.figures import explanations
from ui.frame import data_url


def show(*found: tuple[str, np.ndarray]) -> None:
    """Show what a first layer looks for, of several states of it side by side.

    Args:
        found: of each state its title, "" for none, and float32 of shape (n, side, side), which all have alike: small windows,
            or, behind a flatten, whole pictures.
    """
    if not all(weights.size for _, weights in found):
        st.info("The first layer has no windows to show.")
        return
    for column, (title, weights) in zip(st.columns(len(found)), found, strict=True):
        with column:
            if title:
                st.markdown(f"**{title}**")
            _show_picture(weights)
    side = found[0][1].shape[1]
    what = (
        f"Each square is a window of {side} x {side} pixels that slides over the picture"
        if side < 20
        else "Each square is what one unit looks for in the whole picture"
    )
    st.html(
        f'<p class="told">{what}. <b class="in-colour" style="--colour:{explanations.ADDS}">Blue</b>: ink here speaks for it. '
        f'<b class="in-colour" style="--colour:{explanations.TAKES}">Orange</b>: ink here speaks against it. Pale: it does not matter.</p>'
    )


def _show_picture(weights: np.ndarray) -> None:
    side = weights.shape[1]
    columns, scale = (8, max(1, 56 // side)) if side < 20 else (8, 3)
    png = explanations.filters_png(weights, min(columns, len(weights)), scale)
    # An image of Streamlit's keeps the old picture until the new one is there; one in HTML would blink.
    st.image(data_url.of(png), alt=f"The {len(weights)} filters of the first layer", output_format="PNG")
