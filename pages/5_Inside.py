"""Look into the network while it reads: each layer's maps, and each number as the sum that it is."""

import streamlit as st

from digit_core.errors import DigitError
from ui.frame import layout, state
from ui.inside import explained, layers

VIEWS = {
    explained.PAPER: layers.show,
    "Where it looked": explained.show_where,
    "Point by point": explained.show_replay,
}

model = layout.start(
    "Inside",
    "Look into the network while it reads your digit: every map of every layer, and the sum behind every number.",
)
view = layout.pick_view(VIEWS, state.INSIDE_VIEW)
try:
    VIEWS[view](model)
except DigitError as error:
    st.error(str(error), icon=":material/error:")
layout.finish()
