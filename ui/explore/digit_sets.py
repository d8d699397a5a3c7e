"""Which set of digits is looked at: the app's own, or one of the sets of drawings that are open to the visitor."""

from dataclasses import dataclass

import streamlit as st

from digit_core.datasets import catalogue as catalogues
from digit_core.storage import drawing_datasets
from digit_core.storage.drawings import DrawingSet
from ui.frame import state
from ui.panels import drawing_sets

_TITLES = {"mnist": "MNIST", "sklearn-digits": "scikit-learn"}
_KEY = "set"


@dataclass(frozen=True)
class Chosen:
    """A set of digits.

    Attributes:
        catalogue: its name for `resources.catalogue`.
        drawings: the set of drawings that it is; None for one of the app's own.
    """

    catalogue: str
    drawings: DrawingSet | None = None


def choose(who: str | None) -> Chosen:
    """Ask which set is to be seen, and offer to make and to join sets of drawings.

    Args:
        who: the visitor; None before the browser has answered.
    """
    sets = drawing_sets.of(who)
    titles = {name: _TITLES[name] for name in catalogues.CATALOGUES}
    explanation = "MNIST: 70,000 digits, written in the United States in the 1990s. scikit-learn's: 1,797, by 43 people in Turkey."
    chosen = drawing_sets.choose(who, sets, titles, _KEY, explanation)
    if not isinstance(chosen, str):
        st.session_state[state.DRAWING_SET] = chosen.id
    drawing_sets.manage(sets, who, chooses=False)
    return Chosen(chosen) if isinstance(chosen, str) else Chosen(drawing_datasets.name(chosen), chosen)
