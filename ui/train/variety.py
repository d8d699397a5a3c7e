"""How the training digits are distorted, with a look at some."""

import numpy as np
import streamlit as st

from digit_core import augmentation, images
from digit_core.augmentation import DISTORTIONS, LIMITS
from ui import panels, resources
from ui.train import draft as drafts
from ui.train import form
from ui.train.draft import Draft

_NAMES = {
    "none": "None",
    "gentle": "Gentle",
    "strong": "Strong",
}
# Name of the distortion to: label, step, what it does.
_DISTORTIONS = {
    "rotation": ("Rotation, degrees", 1.0, "Turned to either side by up to this much."),
    "shift": ("Shift, pixels", 0.5, "Moved along each axis by up to this much."),
    "scale": ("Size, share", 0.01, "0.1 draws sizes from 0.9 to 1.1."),
    "shear": ("Shear, degrees", 1.0, "Upright lines lean, as handwriting does."),
    "thickness": ("Thickness, pixels", 0.1, "Bolder and finer pens."),
    "elastic": ("Elastic, pixels", 0.1, "Bent as rubber would be."),
    "noise": ("Noise, share of full ink", 0.01, "Grain, as in a bad photo."),
}


def show(draft: Draft) -> None:
    """By how much they are distorted: a named amount, or each distortion by itself."""
    left, right = st.columns(2, gap="medium")
    with left:
        _pick_distortion(draft)
        with st.expander("Each distortion by itself"):
            for name, (label, step, words) in _DISTORTIONS.items():
                st.slider(
                    label,
                    0.0,
                    LIMITS[name],
                    step=step,
                    format="%g",
                    help=words,
                    **form.held(f"augmentation.{name}"),
                )
    with right:
        st.markdown("What it will see, drawn anew in each epoch:")
        _preview(draft)


def _pick_distortion(draft: Draft) -> None:
    matching = (name for name, known in DISTORTIONS.items() if known == drafts.distortion(draft))
    form.show("setup distortion", next(matching, None))
    st.segmented_control(
        "Distort the digits",
        list(_NAMES),
        format_func=_NAMES.__getitem__,
        key="setup distortion",
        on_change=_take_distortion,
        help="Turned, leaned and bent digits make a network that other people's handwriting does not surprise. It learns more "
        "slowly and reads more.",
    )


def _take_distortion() -> None:
    if (name := st.session_state["setup distortion"]) is not None:
        form.current().update(drafts.distortion_values(DISTORTIONS[name]))


def _preview(draft: Draft) -> None:
    train = resources.mnist().train
    rows = [int((train.labels == digit).argmax()) for digit in range(10)]
    draw = st.session_state.setdefault("setup draw", 0)
    distorted = augmentation.distort(
        np.concatenate([train.images[rows]] * 3), drafts.distortion(draft), np.random.default_rng(draw)
    )
    for row in range(3):
        panels.digit_row(
            images.from_dataset(distorted[10 * row : 10 * row + 10]),
            "The digits 0 to 9 as they will be distorted",
        )
    st.button("Draw others", icon=":material/casino:", on_click=_draw_others)


def _draw_others() -> None:
    st.session_state["setup draw"] += 1
