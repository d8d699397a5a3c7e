"""Browse all 70,000 digits, take one apart, and see them as a network sees them."""

import streamlit as st

from digit_core.errors import DigitError
from ui import address, layout, own_sets, resources, visitor
from ui.explore import browse, digit_sets, distort, labels, map_of_digits, own_set, whole_set

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
who = visitor.identity()
with st.sidebar:
    chosen = digit_sets.choose(who)
view = st.segmented_control(
    "View",
    list(VIEWS),
    default="Browse",
    required=True,
    **address.bound("view"),
    label_visibility="collapsed",
)
try:
    if chosen.drawings is not None:
        own_set.tools(chosen.drawings, who)
    own_sets.say_news()
    VIEWS[view](resources.catalogue(chosen.catalogue), model)
except DigitError as error:
    st.info(str(error), icon=":material/info:")
layout.finish()
