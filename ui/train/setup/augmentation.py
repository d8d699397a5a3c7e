"""How the training digits are distorted, with a look at some."""

import numpy as np
import streamlit as st

from digit_core import augmentation
from digit_core.augmentation.policies import LIMITS, POLICIES
from digit_core.preprocessing import images
from ui.frame import held, resources
from ui.panels import answers, distortions
from ui.panels.distortions import Slider
from ui.train.setup import draft as drafts
from ui.train.setup import form
from ui.train.setup.draft import Draft


def show(draft: Draft) -> None:
    """By how much they are distorted: a named amount, or each distortion by itself."""
    left, right = st.columns(2, gap="medium")
    with left:
        _pick_distortion(draft)
        with st.expander("Each distortion by itself"):
            distortions.sliders(_slider)
    with right:
        st.markdown("What the network will see, different in each epoch:")
        _preview(draft)


def _slider(field: str, slider: Slider) -> float:
    tie = form.entry(f"augmentation.{field}")
    return st.slider(
        slider.label, 0.0, LIMITS[field], step=slider.step, format="%g", help=slider.words, **tie
    )


def _pick_distortion(draft: Draft) -> None:
    known = POLICIES.items()
    matching = next((name for name, amounts in known if amounts == drafts.distortion(draft)), None)
    st.segmented_control(
        "Distort the digits",
        list(distortions.TITLES),
        default=matching,
        format_func=distortions.TITLES.__getitem__,
        wrap=True,
        **held.by(form.key_of("distortion"), matching, _take_distortion),
        help="A network that learns from turned, leaned and bent digits reads other people's handwriting better, but it learns "
        "more slowly.",
    )
    if matching:
        st.caption(distortions.DESCRIPTIONS[matching])


def _take_distortion(name: str) -> None:
    form.current().update(drafts.distortion_values(POLICIES[name]))


def _preview(draft: Draft) -> None:
    train, digits = resources.mnist().train, np.tile(np.arange(10), 3)
    rows = [int((train.labels == digit).argmax()) for digit in digits]
    random = np.random.default_rng(st.session_state.setdefault("setup draw", 0))
    distorted = augmentation.distort(train.images[rows], drafts.distortion(draft), random, digits)
    for row in range(3):
        answers.digit_row(
            images.from_dataset(distorted[10 * row : 10 * row + 10]),
            "The digits 0 to 9 as they will be distorted",
        )
    st.button("Draw others", icon=":material/casino:", on_click=_draw_others)


def _draw_others() -> None:
    st.session_state["setup draw"] += 1
