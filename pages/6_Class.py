"""A whole class at once: everybody draws and votes on a phone, the teacher leads, the projector shows."""

import streamlit as st

from digit_core.errors import DigitError
from ui.classroom import control, projector, pupil, teacher
from ui.components import visitor
from ui.frame import layout

CONTROL, PROJECTOR = "Control", "Projector"

if pupil.JOIN in st.query_params:
    pupil.show()
    st.stop()
model = layout.start(
    "Class",
    "Everybody draws at once, on phones or tablets: see how well the network reads the hands of this room.",
)
who, key = visitor.identity(), teacher.key()
teacher.take_remote(key)
with st.container(key="class-view"):
    view = layout.pick_view((CONTROL, PROJECTOR), "class")
try:
    if view == PROJECTOR:
        projector.show(key)
    else:
        control.show(model, who, key)
except DigitError as error:
    st.error(str(error), icon=":material/error:")
layout.finish()
