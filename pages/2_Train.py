"""Watch a network learn, and steer it while it does."""

import streamlit as st

from digit_core.errors import DigitError
from digit_core.recipes import configuration
from ui.components import visitor
from ui.frame import layout, resources
from ui.train import model_import, views
from ui.train.runs import page
from ui.train.setup import fine_tuning
from ui.train.setup import page as setup
from ui.train.watch import page as watch

model = layout.start(
    "Train",
    "Watch a network learn, and steer it while it does: stop it, slow it down, change its learning rate.",
)
who = visitor.identity()
view = views.pick()
try:
    if view in (views.SET_UP, views.DRAWINGS):
        request = (
            fine_tuning.show(model, who) if view == views.DRAWINGS else setup.show(who, views.open_recording)
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
            watch.show(run, who, propose=views.propose, use_model=layout.use_model, download=views.download)
    elif view == views.RUNS:
        page.show(who, views.ACTIONS)
    else:
        model_import.show(who)
except DigitError as error:
    st.error(str(error), icon=":material/error:")
layout.finish()
