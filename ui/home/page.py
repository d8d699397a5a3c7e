"""The first page: what this is, which models stand ready, how good they are, and where to go."""

import streamlit as st

from digit_core.preprocessing import images
from ui.frame import layout, resources
from ui.panels import answers


def show() -> None:
    """The page Home, from its title to its last line."""
    model = layout.start(
        "Digit Lab",
        "See how a neural network learns to read handwritten digits, then have it read **yours**.",
    )

    test = resources.mnist().test
    first_of_each = [int((test.labels == digit).argmax()) for digit in range(10)]
    answers.digit_row(images.from_dataset(test.images[first_of_each]), "Ten handwritten digits, 0 to 9")

    with st.container(horizontal=True):
        if st.button("Draw a digit and have it read", type="primary", icon=":material/draw:"):
            st.switch_page("pages/4_Draw.py")
        if st.button("Explore 70,000 digits", icon=":material/grid_view:"):
            st.switch_page("pages/1_Explore.py")
        if st.button("Train a network", icon=":material/model_training:"):
            st.switch_page("pages/2_Train.py")
        if st.button("Take its errors apart", icon=":material/troubleshoot:"):
            st.switch_page("pages/3_Evaluate.py")

    st.subheader("Models that stand ready", anchor=False)
    answers.model_table(resources.cards(), in_use=model)

    with st.expander("What is happening here?", icon=":material/school:"):
        st.markdown(_EXPLANATION)
    layout.finish()


_EXPLANATION = """
A **neural network** is a long calculation with many adjustable numbers, its **parameters**. It starts with random ones
and can read nothing. Then it is shown thousands of digits, each with its right answer, and after every few of them all
its parameters are moved a little towards a better answer. That is **training**, and it is all there is to it.

The digits are **MNIST**: 70,000 digits that people in the United States wrote by hand in the 1990s. Of these, 55,000
are for training and 5,000 for choosing between networks. The last 10,000, the **test digits**, are kept away from both
until the end: only on digits that it has never seen can a network show what it has learnt.
"""
