"""A digit that is chosen on another page, such as a kept drawing or one of a class, to be looked into on the page Inside."""

import numpy as np
import streamlit as st

from ui.frame import layout, state

WAY = "A chosen digit"  # of the page Inside: what it looks at


def offer(image: np.ndarray, words: str, key: str, **address: str) -> None:
    """A button that opens the page Inside with a digit.

    Args:
        image: uint8 array of shape (28, 28), 255 is ink.
        words: what is said of it there, in a sentence.
        key: of the button.
        address: what else is said to that page, such as which model reads.
    """
    if st.button("See its sums inside the network", icon=":material/network_node:", key=key):
        st.session_state[state.CHOSEN_DIGIT] = {"pixels": image, "words": words}
        st.session_state[state.INSIDE_DIGIT] = WAY
        layout.open_page("5_Inside", **address)


def show() -> np.ndarray | None:
    """Say which digit was chosen, or where one can be.

    Returns:
        As it was offered; None if none was.
    """
    chosen = st.session_state.get(state.CHOSEN_DIGIT)
    if chosen is None:
        st.info(
            "Choose a digit on the page Explore, such as one of the drawings that you kept, and press “See its sums inside the "
            "network” there."
        )
        if st.button("Choose one", icon=":material/grid_view:"):
            layout.open_page("1_Explore")
        return None
    st.caption(chosen["words"])
    return chosen["pixels"]
