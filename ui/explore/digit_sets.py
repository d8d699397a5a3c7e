"""Which set of digits is looked at: the app's own, or one of the sets of drawings that are open to the visitor."""

from dataclasses import dataclass

import streamlit as st

from digit_core import catalogue as catalogues
from digit_core import drawing_sets
from digit_core.drawings import DrawingSet
from ui import address, own_sets, state

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
    own_sets.wait_for_visitor(who, _KEY)
    sets = own_sets.of(who)
    labels = {name: _TITLES[name] for name in catalogues.CATALOGUES} | own_sets.titles(sets)
    chosen = st.selectbox(
        "Digits",
        list(labels),
        format_func=labels.get,
        **address.bound(_KEY),
        help="MNIST: 70,000 digits, written in the United States in the 1990s. scikit-learn's: 1,797, by 43 people in "
        "Turkey. With ✎: drawings that you or your class kept on the page Draw.",
    )
    own = next((one for one in sets if one.id == chosen), None)
    if own is not None:
        st.session_state[state.DRAWING_SET] = own.id
    own_sets.manage(sets, who, chooses=False)
    return Chosen(chosen) if own is None else Chosen(drawing_sets.name(own), own)
