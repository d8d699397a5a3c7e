"""The digits, the optimizer and the seed of a training: settings, each with a sentence on what it does."""

import numpy as np
import streamlit as st

from digit_core.recipes.configuration import LOSSES, MAX_EPOCHS, MIN_DIGITS, OPTIMIZER_NAMES
from digit_core.recipes.descriptions import LOSS_NAMES, PRECISION_NAMES, SCHEDULE_NAMES
from ui.train.setup import draft as drafts
from ui.train.setup import form
from ui.train.setup.draft import Draft

_SIZES = (1_000, 2_000, 3_000, 5_000, 10_000, 20_000, 30_000, 40_000, 50_000)
_BATCHES = tuple(2**power for power in range(3, 13))
_VALIDATION = {
    drafts.FIXED: "5,000 kept aside",
    drafts.SHARE: "A share of my own",
    drafts.TEST: "The test digits",
}
_OPTIMIZERS = OPTIMIZER_NAMES | {"sgd": "SGD (plain steps downhill)"}


def _pair() -> tuple:
    return st.columns(2, gap="medium")


def digits(draft: Draft) -> None:
    """How many digits it trains on, and which ones it is validated on."""
    left, right = _pair()
    with left:
        everything = drafts.available(draft)
        sizes = [*form.including(_SIZES, draft["subset_size"] or _SIZES[0]), drafts.ALL_DIGITS]
        st.select_slider(
            "Training digits",
            options=sizes,
            format_func=lambda n: f"{n:,}" if n else f"all {everything:,}",
            help="How many digits it learns from, with the same mix of classes: fewer is quicker, more is better.",
            **form.entry("subset_size", [*sizes, everything]),
        )
        if draft["subset_size"] and draft["subset_size"] < MIN_DIGITS * 10:
            st.caption(
                "A network learns so few digits by heart within a few epochs: a way to see overfitting."
            )
    with right:
        st.segmented_control(
            "Validated on",
            format_func=_VALIDATION.__getitem__,
            required=True,
            wrap=True,
            help="The network does not learn from the validation digits. After each epoch they show how well it reads "
            "digits that it has not seen.",
            **form.one("validation", list(_VALIDATION)),
        )
        if draft["validation"] == drafts.SHARE:
            st.slider(
                "Share held back",
                0.01,
                0.9,
                step=0.01,
                format="percent",
                help="The share of the 60,000 digits that is used for validation, not for learning.",
                **form.entry("validation_share"),
            )


def learning(draft: Draft) -> None:
    """How the weights are changed at each step."""
    left, right = _pair()
    with left:
        rates = drafts.learning_rates(draft["learning_rate"])
        st.select_slider(
            "Learning rate",
            options=rates,
            format_func=lambda rate: f"{rate:g}",
            help="How far the weights move at each step: too small takes too long, too large never settles. Each step of this "
            "slider multiplies it.",
            **form.entry("learning_rate", rates),
        )
        st.selectbox(
            "How it changes during training",
            format_func=SCHEDULE_NAMES.__getitem__,
            help="The schedule of the learning rate: large steps at first, small ones at the end.",
            **form.listed("schedule", list(SCHEDULE_NAMES)),
        )
        st.selectbox(
            "Optimizer",
            format_func=_OPTIMIZERS.__getitem__,
            help="The rule that turns the slope of the error into a step. Adam gives each weight a step size of its own.",
            **form.listed("optimizer", list(_OPTIMIZERS)),
        )
        if draft["optimizer"] in drafts.WITH_MOMENTUM:
            st.slider(
                "Momentum",
                0.0,
                0.999,
                step=0.001,
                format="%.3g",
                help="How much of the last step is carried over into the next, like a ball that keeps rolling.",
                **form.entry("momentum"),
            )
    with right:
        st.number_input(
            "Epochs",
            1,
            MAX_EPOCHS,
            help="How many times it goes through all training digits.",
            **form.entry("epochs"),
        )
        sizes = form.including(_BATCHES, draft["batch_size"])
        st.select_slider(
            "Batch size",
            options=sizes,
            help="How many digits it looks at before each step: small is slow and jumpy, large is quick and smooth.",
            **form.entry("batch_size", sizes),
        )
        st.selectbox(
            "Loss",
            format_func=LOSS_NAMES.__getitem__,
            help="What is made as small as possible: how surprised the network is by the right answer. Both forms give "
            "the same network.",
            **form.listed("loss", list(LOSSES[::-1])),
        )
        st.selectbox(
            "Number precision",
            format_func=PRECISION_NAMES.__getitem__,
            help="How exactly a step computes. 16 bits are up to twice as quick where the processor supports them; elsewhere "
            "they change nothing.",
            **form.listed("precision", list(PRECISION_NAMES)),
        )


def seed(draft: Draft) -> None:
    """The seed of everything random."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            "Seed",
            0,
            2**31 - 1,
            width=220,
            help="Where the random numbers start: the first weights, the order of the digits, dropout and distortions. The same "
            "seed gives the same run again.",
            **form.entry("seed"),
        )
        st.button("Another seed", icon=":material/casino:", on_click=_roll)
    st.caption(
        f"Run the same settings with seeds other than {draft['seed']} to see how much of a result is luck."
    )


def _roll() -> None:
    form.current()["seed"] = int(np.random.default_rng().integers(1, 10_000))
