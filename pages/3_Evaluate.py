"""Take a model's errors apart: where it fails, whether it knows it, and whether the label is to blame."""

import streamlit as st

from digit_core.errors import DigitError
from ui.components import visitor
from ui.evaluate import (
    calibration,
    downloads,
    errors,
    model_comparison,
    robustness,
    subject,
    summary,
    thresholds,
)
from ui.frame import layout
from ui.panels import drawing_sets

VIEWS = {
    "Errors": errors.show,
    "Digit by digit": summary.show,
    "ROC": thresholds.show,
    "Certainty": calibration.show,
    "Two models": model_comparison.show,
    "Worse pictures": robustness.show,
    "Download": downloads.show,
}

model = layout.start(
    "Evaluate", "Find out where a network fails, whether it knows it, and whether the label is to blame."
)
who = visitor.identity()
try:
    with st.sidebar:
        digits = subject.choose(model, who)
    drawing_sets.say_news()
    evaluated = subject.of(model, digits)
    summary.headline(evaluated)
    if sentence := subject.warning(evaluated):
        st.warning(sentence, icon=":material/balance:")
    view = layout.pick_view(VIEWS, "evaluate")
    VIEWS[view](evaluated)
except DigitError as error:
    st.error(str(error), icon=":material/error:")
layout.finish()
