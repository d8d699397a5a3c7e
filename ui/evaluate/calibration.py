"""Does the model know what it knows? Confidence against the share that is right, and the right to say "I don't know"."""

import pandas as pd
import streamlit as st

from digit_core import figures
from digit_core.figures import confidence
from digit_core.metrics import calibration
from ui.evaluate.subject import Subject, learnt_from_validation
from ui.frame import address, resources
from ui.panels import charts


def show(subject: Subject) -> None:
    """Reliability, temperature, rejection and the histogram of confidence."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        binning = st.segmented_control(
            "Bins",
            calibration.BINNINGS,
            default=calibration.BINNINGS[0],
            required=True,
            format_func=str.capitalize,
            **address.bound("binning"),
            help=f"{calibration.BINS} bins of confidence: each as wide as the others, or each with as many digits.",
        )
        is_scaled = st.toggle(
            "With temperature",
            **address.bound("tempered"),
            help="Divides what the network says before it becomes probabilities by one number, fitted on the "
            "validation digits. Its answers stay the same; how sure it sounds changes.",
        )
    temperature = resources.temperature(subject.model)
    probabilities = (
        calibration.at_temperature(subject.probabilities, temperature.value)
        if is_scaled
        else subject.probabilities
    )
    left, right = st.columns(2, gap="medium")
    with left:
        _reliability(subject, probabilities, binning, temperature, is_scaled)
    with right:
        _rejection(subject, probabilities)
    _histogram(subject, probabilities)


def _reliability(
    subject: Subject,
    probabilities: object,
    binning: str,
    temperature: calibration.Temperature,
    is_scaled: bool,
) -> None:
    found = calibration.reliability(subject.labels, probabilities, binning=binning)
    st.markdown("**Is it as often right as it is sure?**")
    table = pd.DataFrame(
        {
            "from": found.edges[:-1],
            "to": found.edges[1:],
            "digits": found.counts,
            "mean confidence": found.confidence,
            "share right": found.accuracy,
        }
    )
    charts.show(
        confidence.reliability(found),
        "Share right against confidence",
        f"reliability-{subject.model}",
        table,
    )
    way = "too sure of itself" if found.is_overconfident else "too modest"
    scaled = f"with temperature {temperature.value:.2f}" if is_scaled else "as the network says it"
    st.caption(
        f"Calibration error {found.error:.2%} ({calibration.BINS} bins of {binning}, {scaled}): so far do confidence and the "
        f"share right lie apart on average; on the whole it is {way}. Temperature {temperature.value:.2f} was fitted on the "
        f"validation digits: their log loss goes from {temperature.loss_before:.4f} to {temperature.loss_after:.4f}. "
        + learnt_from_validation(subject.model)
    )


def _rejection(subject: Subject, probabilities: object) -> None:
    found = calibration.rejection_curve(subject.labels, probabilities)
    st.markdown("**What if it may say “I don't know”?**")
    percent = st.slider("Answer only from this confidence on, %", 0, 100, 90, **address.bound("refuse"))
    point = found.at(percent / 100)
    charts.show(
        confidence.rejection_curves({subject.title: found}, {subject.title: point}),
        "Share right against share answered",
        f"refusals-{subject.model}",
        pd.DataFrame({"threshold": found.thresholds, "answered": found.answered, "right": found.right}).iloc[
            :: max(1, len(found.thresholds) // 200)
        ],
    )
    right = "nothing is answered" if point.accuracy is None else f"{point.accuracy:.2%} of these are right"
    st.caption(
        f"From {percent}% on it answers {point.answered:,} of {found.n:,} digits ({figures.percent(point.coverage)}), and "
        f"{right}: {point.wrong:,} wrong answers are left."
    )


def _histogram(subject: Subject, probabilities: object) -> None:
    found = calibration.confidence_histogram(subject.labels, probabilities)
    st.markdown("**How sure is it when it is right, and when it is wrong?**")
    table = pd.DataFrame(
        {"from": found.edges[:-1], "to": found.edges[1:], "right": found.right, "wrong": found.wrong}
    )
    charts.show(
        confidence.confidence_histogram(found),
        "Digits by confidence, right and wrong",
        f"confidence-{subject.model}",
        table,
    )
    sure_and_wrong = int(found.wrong[found.edges[:-1] >= 0.95 - 1e-9].sum())
    name = subject.digits.title
    st.caption(
        f"Of the {int(found.wrong.sum()):,} errors on {name} {sure_and_wrong:,} were made with 95% confidence or more. "
        "The scale is logarithmic: otherwise the errors could not be seen."
    )
