"""Look into the network while it reads: each layer's maps, and each number as the sum that it is."""

import streamlit as st

from digit_core.errors import DigitError
from ui.frame import layout
from ui.inside import page

model = layout.start(
    "Inside",
    "Look into the network while it reads your digit: every map of every layer, and the sum behind every number.",
)
try:
    page.show(model)
except DigitError as error:
    st.error(str(error), icon=":material/error:")
layout.finish()
