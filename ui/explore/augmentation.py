"""Augmentation preview: one digit, a slider for each distortion, sixteen samples as training would see them."""

import numpy as np
import streamlit as st

from digit_core import augmentation, figures
from digit_core.augmentation.policies import POLICIES, Distortion
from digit_core.datasets.catalogue import Catalogue
from ui.frame import address, layout
from ui.panels import answers, distortions
from ui.panels.distortions import Slider

_SAMPLES = 16
_OWN = "own"
_FIRST = "strong"  # of POLICIES: where the sliders stand at first


def show(catalogue: Catalogue, model: str) -> None:
    """One digit and what each distortion makes of it."""
    st.markdown(
        "A network that has seen a digit turned, leaned and bent is not surprised by your handwriting. Here is what "
        "training would show it: the same functions, with new random amounts for each digit and each epoch."
    )
    samples_side, sliders_side = st.columns([3, 2], gap="large")  # on a phone the samples come first
    with sliders_side:
        last = len(catalogue) - 1
        row = st.number_input(f"Digit, 0 to {last:,}", **address.number("distorted", 0, last, 0))
        distortion = _pick()
        seed = st.session_state.setdefault("distortion seed", 0)
        if st.button("Draw sixteen others", icon=":material/casino:"):
            seed = st.session_state["distortion seed"] = seed + 1
    image = catalogue.images(np.array([row]))
    samples = augmentation.distort(
        np.repeat(image, _SAMPLES, axis=0),
        distortion,
        np.random.default_rng(seed),
        np.repeat(catalogue.labels[row], _SAMPLES),
    )
    with samples_side:
        st.markdown(f"The digit, a **{catalogue.labels[row]}**, and sixteen of its distortions:")
        answers.sprite(figures.sprite_png(image, 1, layout.ink(), 3), 90, "The digit as it is")
        answers.sprite(
            figures.sprite_png(samples, 4, layout.ink(), 3),
            380,
            f"Sixteen distortions of a {catalogue.labels[row]}",
        )


def _pick() -> Distortion:
    names = distortions.TITLES | {_OWN: "My own"}
    name = st.pills(
        "How much",
        required=True,
        **address.one("amounts", list(names), _OWN, named=names.__getitem__),
        help="You can choose the named ones on the Train page. “Handwriting” is what our best network learns from.",
    )
    if name == _OWN:
        return Distortion(**distortions.sliders(_slider))
    st.caption(f"{distortions.DESCRIPTIONS[name]} “My own” has a slider for each distortion.")
    return POLICIES[name]


def _slider(field: str, slider: Slider) -> float:
    return st.slider(
        slider.label,
        step=slider.step,
        format="%g",
        **address.number(field, 0.0, slider.most, float(getattr(POLICIES[_FIRST], field))),
        help=slider.words,
    )
