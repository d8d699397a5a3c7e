"""What learning a handwriting did: how well the model read MNIST and the drawings before, and how well it does now."""

import html
from typing import Any

import streamlit as st

from digit_core.recipes import fine_tuning
from digit_core.recipes.fine_tuning import Effect
from ui.panels import answers

_NAMES = {
    "mnist": "MNIST, the 10,000 test digits",
    "held_back": "Your handwriting: the drawings held back",
    "learnt": "The drawings it learnt from (no exam: it has seen them)",
}


def show(card: dict[str, Any] | None) -> None:
    """Both accuracies before and after, where a run has learnt drawings; else nothing."""
    found = fine_tuning.effect_of(card)
    if found is None:
        return
    st.markdown("##### What learning the drawings did")
    st.html(table(found))
    if "held_back" not in found.after:
        st.caption(
            "No drawing was held back, so nobody can tell how well it reads new ones: each third drawing of a set is."
        )


def table(found: Effect) -> str:
    """Each part read, before and after, as HTML."""
    rows = "".join(
        f'<tr><th scope="row">{html.escape(_NAMES[name])}</th><td>{answers.one_share(found.before[name])}</td>'
        f"<td>{answers.one_share(found.after[name])}</td></tr>"
        for name in found.after
    )
    head = '<thead><tr><th></th><th scope="col">before</th><th scope="col">after</th></tr></thead>'
    return f'<table class="effect">{head}<tbody>{rows}</tbody></table>'
