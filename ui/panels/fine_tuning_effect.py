"""What learning a handwriting did: how well the model read MNIST and the drawings before, and how well it does now."""

import html
from typing import Any

import streamlit as st

from digit_core.recipes import fine_tuning
from digit_core.recipes.fine_tuning import Effect
from ui.panels import answers
from ui.panels.html import table_html

_NAMES = {
    "mnist": "MNIST, the 10,000 test digits",
    "held_back": "{}: the drawings held back",
    "learnt": "The drawings it learnt from (not a test: it has seen them)",
}


def show(card: dict[str, Any] | None) -> None:
    """Both accuracies before and after, where a run has learnt drawings; else nothing."""
    found = fine_tuning.effect_of(card)
    if found is None:
        return
    st.markdown("## What learning the drawings did")
    st.html(table(found))
    if "held_back" not in found.after:
        st.caption(
            "No drawing is held back: with so few there is no test. Later, every third drawing is held back for testing."
        )


def table(found: Effect) -> str:
    """Each part read, before and after, as HTML."""
    rows = (
        (
            _NAMES[name].format(html.escape(found.name or "Your handwriting")),
            answers.one_share(found.before[name]),
            answers.one_share(found.after[name]),
        )
        for name in found.after
    )
    return table_html(("", "before", "after"), rows, "effect")
