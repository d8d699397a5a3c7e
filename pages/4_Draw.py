"""Have your own handwriting read: a drawing, pictures, or a whole number."""

import streamlit as st

from digit_core.errors import DigitError
from ui.draw import one_digit, pictures, whole_numbers, why
from ui.frame import layout, state

VIEWS = {
    "One digit": one_digit.show,
    "Pictures": pictures.show,
    "Whole numbers": whole_numbers.show,
    "Why this answer?": why.show_drawing,
}

model = layout.start(
    "Draw", "Draw a digit with mouse, finger or pen, or add pictures: the network reads your handwriting."
)
view = layout.pick_view(VIEWS, state.DRAW_VIEW)
try:
    VIEWS[view](model)
except DigitError as error:
    st.error(str(error), icon=":material/error:")
layout.finish()
