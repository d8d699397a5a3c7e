"""Have your own handwriting read: a drawing, pictures, or a whole number."""

import streamlit as st

from digit_core.errors import DigitError
from ui.draw import explained, one_digit, pictures, whole_numbers
from ui.frame import address, layout, state

VIEWS = {
    "One digit": one_digit.show,
    "Pictures": pictures.show,
    "Whole numbers": whole_numbers.show,
    "Why this answer?": explained.show_why,
    "Where it looked": explained.show_where,
    "Point by point": explained.show_replay,
}

model = layout.start(
    "Draw", "Draw a digit with mouse, finger or pen, or bring pictures: the network reads your handwriting."
)
view = st.segmented_control(
    "View",
    list(VIEWS),
    default=None if state.DRAW_VIEW in st.session_state else "One digit",
    required=True,
    **address.bound(state.DRAW_VIEW),
    label_visibility="collapsed",
)
try:
    VIEWS[view](model)
except DigitError as error:
    st.error(str(error), icon=":material/error:")
layout.finish()
