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
            sizes,
            format_func=lambda n: f"{n:,}" if n else f"all {everything:,}",
            help="How many digits it learns from, each class in its share: fewer is quicker, more is better.",
            **form.held("subset_size", [*sizes, everything]),
        )
        if draft["subset_size"] and draft["subset_size"] < MIN_DIGITS * 10:
            st.caption(
                "A network learns so few digits by heart within a few epochs: a way to see overfitting."
            )
    with right:
        st.segmented_control(
            "Validated on",
            list(_VALIDATION),
            format_func=_VALIDATION.__getitem__,
            required=True,
            help="Validation digits: the network does not learn from them, they show after each epoch how well it reads "
            "what it has not seen.",
            **form.held("validation"),
        )
        if draft["validation"] == drafts.SHARE:
            st.slider(
                "Share held back",
                0.01,
                0.9,
                step=0.01,
                format="percent",
                help="The part of the 60,000 digits that is not learnt from but used to judge.",
                **form.held("validation_share"),
            )
    if draft["validation"] == drafts.TEST:
        st.warning(
            "The 10,000 test digits are the exam. A run that looks at them after each epoch, and keeps the weights that "
            "did best there, has seen the exam: its test figure then **flatters** it, and nobody can say by how much. "
            "Many tutorials do it. The model's card will say so wherever the model is shown.",
            icon=":material/visibility:",
        )


def learning(draft: Draft) -> None:
    """How the weights are changed at each step."""
    left, right = _pair()
    with left:
        rates = drafts.learning_rates(draft["learning_rate"])
        st.select_slider(
            "Learning rate",
            rates,
            format_func=lambda rate: f"{rate:g}",
            help="How far the weights move at each step: too small takes too long, too large never settles. Each step of this "
            "slider multiplies it.",
            **form.held("learning_rate", rates),
        )
        st.selectbox(
            "How it changes during training",
            list(SCHEDULE_NAMES),
            format_func=SCHEDULE_NAMES.__getitem__,
            help="The schedule of the learning rate: large steps at first, small ones at the end.",
            **form.held("schedule"),
        )
        st.selectbox(
            "Optimizer",
            list(_OPTIMIZERS),
            format_func=_OPTIMIZERS.__getitem__,
            help="The rule by which a step is made from the slope of the error. Adam gives each weight a step size of its own.",
            **form.held("optimizer"),
        )
        if draft["optimizer"] in drafts.WITH_MOMENTUM:
            st.slider(
                "Momentum",
                0.0,
                0.999,
                step=0.001,
                format="%.3g",
                help="How much of the last step is carried over into the next, as a rolling ball keeps rolling.",
                **form.held("momentum"),
            )
    with right:
        st.number_input(
            "Epochs",
            1,
            MAX_EPOCHS,
            help="How many times it goes through all training digits.",
            **form.held("epochs"),
        )
        sizes = form.including(_BATCHES, draft["batch_size"])
        st.select_slider(
            "Batch size",
            sizes,
            help="How many digits it looks at before each step: small is slow and jumpy, large is quick and smooth.",
            **form.held("batch_size", sizes),
        )
        st.selectbox(
            "Loss",
            list(LOSSES[::-1]),
            format_func=LOSS_NAMES.__getitem__,
            help="What is made as small as possible: how surprised the network is by the right answer. Both forms give "
            "the same network.",
            **form.held("loss"),
        )
        st.selectbox(
            "Number precision",
            list(PRECISION_NAMES),
            format_func=PRECISION_NAMES.__getitem__,
            help="How exactly a step computes. 16 bits are up to twice as quick where the processor supports them; elsewhere "
            "they change nothing.",
            **form.held("precision"),
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
            **form.held("seed"),
        )
        st.button("Another seed", icon=":material/casino:", on_click=_roll)
    st.caption(
        f"Run the same settings with other seeds than {draft['seed']} to see how much of a result is luck."
    )


def _roll() -> None:
    form.current()["seed"] = int(np.random.default_rng().integers(1, 10_000))
