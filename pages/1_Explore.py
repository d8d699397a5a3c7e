"""Browse all 70,000 digits, take one apart, and see them as a network sees them."""

import streamlit as st

from digit_core.errors import DigitError
from ui.components import visitor
from ui.explore import augmentation, browse, digit_sets, drawing_set, embeddings, label_errors, statistics
from ui.frame import layout, resources
from ui.panels import drawing_sets

VIEWS = {
    "Browse": browse.show,
    "The whole set": statistics.show,
    "Map": embeddings.show,
    "Labels in doubt": label_errors.show,
    "Distort": augmentation.show,
}

model = layout.start(
    "Explore", "Find out what 70,000 handwritten digits look like, and which ones a network misreads."
)
who = visitor.identity()
with st.sidebar:
    chosen = digit_sets.choose(who)
view = layout.pick_view(VIEWS, "view")
try:
    if chosen.drawings is not None:
        drawing_set.tools(chosen.drawings, who)
    drawing_sets.say_news()
    VIEWS[view](resources.catalogue(chosen.catalogue), model)
except DigitError as error:
    st.info(str(error), icon=":material/info:")
layout.finish()
