"""Augmentation preview: one digit, a slider for each distortion, sixteen samples as training would see them."""

import numpy as np
import streamlit as st

from digit_core import augmentation, figures
from digit_core.augmentation import Distortion
from digit_core.catalogue import Catalogue
from ui import layout, panels

_SAMPLES = 16
# Name of the distortion to: label, the slider's end, its step, what it does.
_SLIDERS = {
    "rotation": ("Rotation, degrees", 45.0, 1.0, "Turned to either side."),
    "shift": ("Shift, pixels", 6.0, 0.5, "Moved along each axis."),
    "scale": ("Size, share", 0.5, 0.05, "0.1 draws sizes from 0.9 to 1.1."),
    "shear": ("Shear, degrees", 40.0, 1.0, "Upright lines lean, as handwriting does."),
    "thickness": ("Thickness, pixels", 2.0, 0.1, "Bolder and finer pens."),
    "elastic": ("Elastic, pixels", 3.0, 0.1, "Bent as rubber would be (Simard et al., 2003)."),
    "noise": ("Noise, share of full ink", 0.5, 0.01, "Grain, as in a bad photo."),
}


def show(catalogue: Catalogue, model: str) -> None:
    """One digit and what each distortion makes of it."""
    st.markdown(
        "A network that has seen a digit turned, leaned and bent is not surprised by your handwriting. Here is what "
        "training would show it: the same functions, drawn anew for each digit and each epoch."
    )
    samples_side, sliders_side = st.columns([3, 2], gap="large")  # on a phone the samples come first
    strong = augmentation.DISTORTIONS["strong"]
    with sliders_side:
        last = len(catalogue) - 1
        row = st.number_input(f"Digit, 0 to {last:,}", 0, last, 0, key="distorted", bind="query-params")
        amounts = {
            field: st.slider(
                label,
                0.0,
                end,
                float(getattr(strong, field)),
                step,
                key=field,
                bind="query-params",
                help=words,
            )
            for field, (label, end, step, words) in _SLIDERS.items()
        }
        seed = st.session_state.setdefault("distortion seed", 0)
        if st.button("Draw sixteen others", icon=":material/casino:"):
            seed = st.session_state["distortion seed"] = seed + 1
    image = catalogue.images(np.array([row]))
    samples = augmentation.distort(
        np.repeat(image, _SAMPLES, axis=0), Distortion(**amounts), np.random.default_rng(seed)
    )
    with samples_side:
        st.markdown(f"The digit, a **{catalogue.labels[row]}**, and sixteen of its distortions:")
        panels.sprite(figures.sprite_png(image, 1, layout.ink(), 3), 90, "The digit as it is")
        panels.sprite(
            figures.sprite_png(samples, 4, layout.ink(), 3),
            380,
            f"Sixteen distortions of a {catalogue.labels[row]}",
        )
