"""What a run does by itself: keep the best weights, stop early, lower its learning rate (Keras' callbacks)."""

import streamlit as st

from digit_core.recipes.configuration import MAX_EPOCHS
from digit_core.recipes.descriptions import MONITOR_NAMES
from ui.train.setup import form
from ui.train.setup.draft import Draft


def show(draft: Draft) -> None:
    """What happens by itself while it runs."""
    st.toggle(
        "Keep the best weights",
        help="At the end, go back to the epoch with the lowest validation loss, instead of keeping the last one.",
        **form.entry("keeps_best_weights"),
    )
    left, right = st.columns(2, gap="medium")
    with left:
        st.toggle(
            "Stop early",
            help="End the run when it no longer improves (early stopping): saves time, prevents overfitting.",
            **form.entry("early_stopping"),
        )
        if draft["early_stopping"]:
            _shared("early_stopping")
            st.number_input(
                "Not before epoch",
                0,
                MAX_EPOCHS,
                help="It always trains at least this many epochs.",
                **form.entry("early_stopping.start_from_epoch"),
            )
    with right:
        st.toggle(
            "Lower the learning rate on a plateau",
            help="Make smaller steps when it no longer improves.",
            **form.entry("reduce_lr_on_plateau"),
        )
        if draft["reduce_lr_on_plateau"]:
            _shared("reduce_lr_on_plateau")
            _reduction(draft)


def _shared(callback: str) -> None:
    """What both callbacks have: the figure they watch and how long they wait."""
    st.selectbox(
        "Watches",
        format_func=MONITOR_NAMES.__getitem__,
        help="The figure that should improve (monitor).",
        **form.listed(f"{callback}.monitor", list(MONITOR_NAMES)),
    )
    st.number_input(
        "Patience, epochs",
        0,
        MAX_EPOCHS,
        help="How many epochs to wait without improvement (patience).",
        **form.entry(f"{callback}.patience"),
    )
    st.number_input(
        "Smallest improvement",
        0.0,
        1.0,
        step=0.0001,
        format="%g",
        help="The smallest change that counts as an improvement.",
        **form.entry(f"{callback}.min_delta"),
    )


def _reduction(draft: Draft) -> None:
    callback = "reduce_lr_on_plateau"
    st.slider(
        "Multiply it by",
        0.01,
        0.99,
        step=0.01,
        help="What the learning rate is multiplied by: 0.5 halves it.",
        **form.entry(f"{callback}.factor"),
    )
    st.number_input(
        "Wait afterwards, epochs",
        0,
        MAX_EPOCHS,
        help="Epochs to wait after a reduction (cooldown).",
        **form.entry(f"{callback}.cooldown"),
    )
    rates = form.including((0.0, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3), draft[f"{callback}.min_lr"])
    st.select_slider(
        "Never below",
        format_func=lambda rate: f"{rate:g}",
        help="The learning rate is not lowered below this.",
        options=rates,
        **form.entry(f"{callback}.min_lr", rates),
    )
