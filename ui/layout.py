"""How every page starts: its title, the model picker, and what happens once in the life of the server."""

import functools
import gc
from pathlib import Path

import streamlit as st

from digit_core.errors import DigitError
from ui import resources, state

_STYLE = Path(__file__).with_name("style.css")


def start(title: str, promise: str) -> str:
    """Begin a page.

    Args:
        title: of the page.
        promise: one sentence on what can be found out here.

    Returns:
        The name of the model that this visitor uses.
    """
    st.set_page_config(page_title=f"{title} · Digit Lab", page_icon=":material/edit_square:", layout="wide")
    st.html(_STYLE)
    try:
        with st.sidebar:
            model = _pick_model()
        _settle()
    except DigitError as error:
        st.title(title)
        st.error(str(error), icon=":material/error:")
        st.stop()
    st.title(title, anchor=False)
    st.markdown(promise)
    return model


def ink() -> str:
    """The colour of ink in this visitor's theme: dark on light paper, light on dark."""
    return "#eceae4" if st.context.theme.type == "dark" else "#1c2326"


def paper() -> str:
    """The colour of the paper in this visitor's theme."""
    return "#14191b" if st.context.theme.type == "dark" else "#fbfaf7"


def _pick_model() -> str:
    cards = resources.cards()
    # A link names the model, so that it opens the same view everywhere; the sidebar's links drop the address's words,
    # so the session knows it, too.
    asked = st.query_params.get(state.MODEL, st.session_state.get(state.MODEL))
    st.session_state[state.MODEL] = asked if asked in cards else next(iter(cards))
    chosen = st.selectbox(
        "Model in use",
        list(cards),
        key=state.MODEL,
        persist_state="session",
        on_change=_name_model_in_address,
        format_func=lambda name: (
            f"{cards[name]['architecture']['title']} · {cards[name]['figures']['test']['value']:.1%}"
        ),
        help="The trained network that reads on every page. The figure is the share of the 10,000 test digits of "
        "MNIST, which it never saw while it learnt, that it reads right.",
    )
    if chosen != next(iter(cards)) or state.MODEL in st.query_params:
        st.query_params[state.MODEL] = chosen
    return chosen


def _name_model_in_address() -> None:
    st.query_params[state.MODEL] = st.session_state[state.MODEL]


@functools.lru_cache(maxsize=1)
def _settle() -> None:
    """Load what every visitor needs, then keep it out of the garbage collector's sight, once in the server's life.

    A full collection over our libraries takes longer than answering a stroke; what is frozen is not looked at again.
    """
    resources.mnist()
    resources.classifier(next(iter(resources.cards())))
    gc.collect()
    gc.freeze()
