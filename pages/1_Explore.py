"""Browse all 70,000 digits, take one apart, and see them as a network sees them."""

import streamlit as st

from digit_core import catalogue as catalogues
from ui import layout, resources
from ui.explore import browse, distort, labels, map_of_digits, whole_set

VIEWS = {
    "Browse": browse.show,
    "The whole set": whole_set.show,
    "Map": map_of_digits.show,
    "Labels in doubt": labels.show,
    "Distort": distort.show,
}

model = layout.start(
    "Explore", "Find out what 70,000 handwritten digits look like, and which ones a network misreads."
)
with st.sidebar:
    chosen_set = st.selectbox(
        "Digits",
        list(catalogues.CATALOGUES),
        format_func={"mnist": "MNIST", "sklearn-digits": "scikit-learn"}.get,
        key="set",
        bind="query-params",
        help="MNIST: 70,000 digits, written in the United States in the 1990s. scikit-learn's: 1,797, by 43 people in Turkey.",
    )
view = st.segmented_control(
    "View",
    list(VIEWS),
    default="Browse",
    required=True,
    key="view",
    bind="query-params",
    label_visibility="collapsed",
)
VIEWS[view](resources.catalogue(chosen_set), model)
