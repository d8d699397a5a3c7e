"""The first page: what this is, in a sentence and a picture that moves, where to go, and the models that stand ready."""

import html
from functools import partial
from pathlib import Path

import numpy as np
import streamlit as st

from digit_core import figures
from digit_core.preprocessing import images
from ui.frame import layout, resources
from ui.panels import answers

_STYLE = Path(__file__).with_name("home.css")
_SHOWN = (2, 5, 9)  # the digits of the picture that moves
_SECONDS = 4  # for each of them
# To a page: its file, icon, heading and what can be done there.
_DOORS = (
    ("4_Draw", "draw", "Try it", "Draw a digit and have it read, or take a photo of one."),
    ("2_Train", "model_training", "See how it learns", "Train a network of your own and steer it while it learns."),
    ("3_Evaluate", "troubleshoot", "Find its mistakes", "See which digits it misreads, and how sure it was of them."),
)  # fmt: skip


def show() -> None:
    """The page Home, from its title to its last line."""
    model = layout.start(
        "Digit Lab",
        "A neural network turns the pixels of a digit into ten numbers: how likely it is a 0, a 1, … a 9.",
    )
    st.html(_STYLE)
    _show_reading(model)
    for column, (page, icon, heading, promise) in zip(st.columns(len(_DOORS)), _DOORS, strict=True):
        with column, st.container(border=True, key=f"door-{page}"):
            st.page_link(f"pages/{page}.py", label=f"**{heading}**", icon=f":material/{icon}:")
            st.html(f"<p>{promise}</p>")
    st.page_link(
        "pages/1_Explore.py", label="Or look through all 70,000 digits first", icon=":material/grid_view:"
    )
    st.page_link(
        "pages/6_Class.py", label="Or with a class: everybody draws at once", icon=":material/groups:"
    )

    st.header("What is happening here?", anchor=False)
    st.markdown(_EXPLANATION)
    st.header("Ready-made models", anchor=False)
    _show_models(model)
    layout.finish()


def _show_reading(model: str) -> None:
    """A picture that moves: a digit, and the ten bars that the network makes of it, one digit after the other."""
    test = resources.mnist().test
    digits = images.from_dataset(test.images[[int((test.labels == digit).argmax()) for digit in _SHOWN]])
    rows = zip(digits, resources.classifier(model).predict(digits), strict=True)
    turns = "".join(_turn(place, image, probabilities) for place, (image, probabilities) in enumerate(rows))
    st.html(f'<div class="moving" style="--turns:{len(digits)};--seconds:{_SECONDS}s">{turns}</div>')


def _turn(place: int, image: np.ndarray, probabilities: np.ndarray) -> str:
    answer = int(probabilities.argmax())
    said = f"The pixels of a digit become ten bars: the network reads a {answer}"
    bars = "".join(
        f'<span>{digit}</span><i style="--share:{max(float(share), 0.01):.3f};--colour:{figures.CLASS_COLOURS[digit]}"></i>'
        for digit, share in enumerate(probabilities)
    )
    return (
        f'<div class="turn" style="--place:{place}" role="img" aria-label="{html.escape(said)}">'
        f"{answers.picture(image, 140, '')}<b>→</b><div>{bars}</div></div>"
    )


def _show_models(in_use: str) -> None:
    """A card for each shipped network; a press takes it."""
    with st.container(key="model-cards"):
        for name, card in resources.cards().items():
            with st.container(border=True, key=f"model-card-{name}"):
                st.html(answers.model_card(card))
                st.button(
                    "In use" if name == in_use else "Use this network",
                    key=f"use-{name}",
                    icon=":material/check:" if name == in_use else None,
                    disabled=name == in_use,
                    on_click=partial(layout.use_model, name),
                    help=f"{card['architecture']['title']} will then read on every page.",
                )


_EXPLANATION = """
A **neural network** is a long calculation with many adjustable numbers, its **parameters**. It starts with random ones
and can read nothing. Then it is shown thousands of digits, each with its right answer, and after every few of them all
its parameters are moved a little towards a better answer. That is **training**, and it is all there is to it.

The digits are **MNIST**: 70,000 digits that people in the United States wrote by hand in the 1990s. Of these, 55,000
are for training and 5,000 for choosing between networks. The last 10,000, the **test digits**, are kept away from both
until the end: only on digits that it has never seen can a network show what it has learnt.
"""
