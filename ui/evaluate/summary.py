"""How often the model is right, in one line and digit by digit."""

import numpy as np
import pandas as pd
import streamlit as st

from digit_core import figures
from digit_core.figures import evaluation
from digit_core.metrics import classification
from digit_core.metrics.classification import Evaluation
from ui.evaluate import subject as subjects
from ui.evaluate.subject import Subject
from ui.frame import address, words
from ui.panels import answers, charts

_NAME_WIDTH = 84  # pixels: "weighted"
_FIGURES = {
    "precision": "Precision: of all read as this digit, how many are one",
    "recall": "Recall: of all that are this digit, how many were found",
    "f1-score": "F1: one figure for both, near the worse of the two",
}


def headline(subject: Subject) -> None:
    """Accuracy, its interval and the number of errors, above every view; of drawings beside that on MNIST."""
    if subject.digits.drawings is not None:
        _side_by_side(subject)
        return
    found = classification.evaluate(subject.labels, subject.probabilities)
    accuracy = found.accuracy
    st.markdown(
        f"**{words.plain(subject.title)}** reads **{accuracy.value:.2%}** correctly: {found.errors:,} "
        f"{'error' if found.errors == 1 else 'errors'} in {accuracy.n:,} digits. With other digits of this kind "
        f"it might be {accuracy.low:.2%} to {accuracy.high:.2%}.",
        help="The range is the 95% Wilson interval: how far the choice of the digits alone can move the figure.",
    )


def _side_by_side(subject: Subject) -> None:
    """How well the model reads MNIST, and how well these drawings."""
    mnist = subjects.of(subject.model, subjects.MNIST_TEST)
    own = "the drawings held back" if subject.digits.held_back else "all drawings"
    shares = {
        "MNIST, the test digits": classification.evaluate(mnist.labels, mnist.probabilities).accuracy,
        f"{subject.digits.title}: {own}": classification.evaluate(
            subject.labels, subject.probabilities
        ).accuracy,
    }
    st.html(answers.shares(f"{subject.title} reads", shares))
    if subject.digits.held_back:
        st.caption(
            f"{words.plain(subject.title)} has learnt from the other drawings of this set, so only those that were held back "
            "count here."
        )


def show(subject: Subject) -> None:
    """The figures with and without labels in doubt, and the classification report."""
    found = classification.evaluate(subject.labels, subject.probabilities)
    doubtful = subject.label_errors
    columns = st.columns(4 if len(doubtful) else 2)
    columns[0].metric(
        "Accuracy", f"{found.accuracy.value:.2%}", help="The share of the digits that are read correctly."
    )
    columns[1].metric(
        "Log loss",
        f"{found.log_loss:.4f}",
        help="Minus the logarithm of the probability that the network gave to the true digit, on average. "
        "0 is perfect; being sure and wrong costs most.",
    )
    if len(doubtful):
        fair = classification.evaluate(subject.labels, subject.probabilities, without=doubtful)
        words = f"without {len(doubtful)} digits whose label is in doubt"
        columns[2].metric(
            "Without doubtful labels",  # a longer label would be cut off at 1280 pixels
            f"{fair.accuracy.value:.2%}",
            help=f"The same {words}: see Explore.",
        )
        columns[3].metric("Log loss without them", f"{fair.log_loss:.4f}", help=f"The same {words}.")
    _report(found, subject)


def _report(found: Evaluation, subject: Subject) -> None:
    table = pd.DataFrame(found.report).T.reset_index(names="digit")
    table["support"] = table["support"].astype(int)
    names = {"macro avg": "mean", "weighted avg": "weighted"}
    table["digit"] = table["digit"].replace(names)
    st.markdown("## Digit by digit")
    left, right = st.columns([2, 3], gap="medium")
    with left:
        config = {
            name: st.column_config.NumberColumn(name.capitalize(), format="percent", help=text)
            for name, text in _FIGURES.items()
        }
        config["support"] = st.column_config.NumberColumn("Digits", help="How many of them there are.")
        config["digit"] = st.column_config.TextColumn(
            "Digit",
            width=_NAME_WIDTH,
            help="Mean: every digit counts the same. Weighted: every digit counts as often as it occurs.",
        )
        st.dataframe(table, hide_index=True, column_config=config, height=458)
        charts.csv_button("Report as CSV", table, f"report-{subject.model}-{subject.digits.name}")
    with right:
        figure = st.segmented_control(
            "Draw",
            required=True,
            **address.one(
                "figure",
                list(_FIGURES),
                "recall",
                named=lambda name: name.removesuffix("-score").capitalize(),
            ),
        )
        charts.show(
            evaluation.class_bars(found.report, figure),
            f"{figure} of each digit",
            f"{figure}-{subject.model}",
        )
        present = [digit for digit in range(10) if found.report[str(digit)]["support"]]
        worst = min(present, key=lambda digit: found.report[str(digit)][figure])
        value = found.report[str(worst)][figure]
        st.caption(f"{_FIGURES[figure]}. The lowest is that of the {worst}: {figures.percent(value)}.")
    if np.any([found.report[str(digit)]["support"] == 0 for digit in range(10)]):
        st.caption("A digit that does not occur here has no figures: its 0% means nothing.")
