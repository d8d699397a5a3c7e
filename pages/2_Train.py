"""Watch a network learn, and steer it while it does."""

import streamlit as st

from digit_core import configuration
from digit_core.errors import DigitError
from ui import layout, resources, visitor
from ui.train import bring, fine_tune, history, setup, views, watch

model = layout.start(
    "Train",
    "Watch a network learn, and steer it while it does: stop it, slow it down, change its learning rate.",
)
who = visitor.identity()
view = views.pick()
try:
    if view in (views.SET_UP, views.DRAWINGS):
        request = (
            fine_tune.show(model, who) if view == views.DRAWINGS else setup.show(who, views.open_recording)
        )
        if request is not None:
            asked_for = resources.runs().start(
                request.configs, who, request.name, request.parent, request.digits
            )
            views.open_run(asked_for[0].id)
            st.rerun()
    elif view == views.WATCH:
        run = views.pick_run(who)
        if run is None:
            st.info("Nothing has been trained here yet: choose “Set up” and start.", icon=":material/info:")
        elif shipped := views.recorded(run):
            card = resources.cards()[shipped]
            watch.show_recording(
                resources.recording(shipped),
                configuration.from_dict(card["configuration"]),
                card["architecture"]["title"],
            )
        else:
            watch.show(run, who, propose=views.propose, use_model=layout.use_model)
    elif view == views.RUNS:
        history.show(who, views.ACTIONS)
    else:
        bring.show(who)
except DigitError as error:
    st.error(str(error), icon=":material/error:")
layout.finish()
