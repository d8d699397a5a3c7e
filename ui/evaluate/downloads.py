"""What one takes home: a report, the answers, the figures."""

import streamlit as st

from digit_core.evaluation import reports
from ui.evaluate.subject import Subject
from ui.frame import resources, words
from ui.panels import charts


def show(subject: Subject) -> None:
    """The report and the predictions as files."""
    set_title = subject.digits.title
    name = f"{subject.model}-{subject.digits.name}"
    st.markdown(
        f"One page on how **{words.plain(subject.title)}** reads {set_title}: it opens in any browser, without internet, and prints well."
    )
    charts.download(
        "Report (HTML)",
        lambda: reports.html_report(
            subject.title,
            set_title,
            subject.images,
            subject.labels,
            subject.probabilities,
            card=resources.card(subject.model),
            without=subject.label_errors,
        ),
        f"report-{name}.html",
        type="primary",
    )
    st.markdown("One row for each answer: number, true digit, answer, ten probabilities.")
    charts.download(
        "Predictions (CSV)",
        lambda: reports.predictions_csv(
            subject.catalogue.number[subject.rows], subject.labels, subject.probabilities
        ),
        f"predictions-{name}.csv",
    )
    st.caption(
        "On the other views, each figure has its own downloads: HTML and CSV below it, PNG with its camera button."
    )
