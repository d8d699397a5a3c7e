"""Does the model know what it knows? Confidence against the share that is right, and the right to say "I don't know"."""

import pandas as pd
import streamlit as st

from digit_core import figures
from digit_core.figures import confidence
from digit_core.inference import provenance
from digit_core.metrics import calibration
from ui.evaluate.subject import Subject
from ui.frame import address, resources, words
from ui.panels import charts


def show(subject: Subject) -> None:
    """Reliability, temperature, rejection and the histogram of confidence."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        binning = st.segmented_control(
            "Bins",
            required=True,
            **address.one("binning", calibration.BINNINGS, named=str.capitalize),
            help=f"{calibration.BINS} bins of confidence: all equally wide, or all with the same number of digits.",
        )
        is_scaled = st.toggle(
            "With temperature",
            **address.switch("tempered"),
            help="Divides the network's scores by one number before they become probabilities. The number is fitted on "
            "digits that the network did not learn from. Its answers stay the same; how sure it sounds changes.",
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
    scaled = f"with temperature {temperature.value:.2f}" if is_scaled else "as the network says it"
    st.caption(
        f"Calibration error {found.error:.2%} ({calibration.BINS} bins of {binning}, {scaled}): on average, confidence and share "
        f"right differ by this much. On these digits the mean confidence is {found.mean_confidence:.2%}, and "
        f"{found.mean_accuracy:.2%} are read correctly. {_in_words(temperature)} {_fitted_on(subject.model)}"
    )


def _in_words(temperature: calibration.Temperature) -> str:
    found = f"The best-fitting temperature is {temperature.fitted:.2f}"
    interval = f"95% interval {temperature.low:.2f} to {temperature.high:.2f}"
    if not temperature.is_evident and not temperature.low <= 1 <= temperature.high:
        return (
            f"{found} ({interval}), but so few digits prove nothing. So it stays at 1, which changes nothing."
        )
    if not temperature.is_evident:
        return (
            f"{found}, but it could just as well be 1 ({interval}). So it stays at 1, which changes nothing."
        )
    verdict = "too sure of itself" if temperature.value > 1 else "not sure enough"
    return (
        f"{found} ({interval}): without it, the network is {verdict}. On the digits that it was fitted on, it changes the log "
        f"loss from {temperature.loss_before:.4f} to {temperature.loss_after:.4f}."
    )


def _fitted_on(model: str) -> str:
    """Which digits a temperature was fitted on, in a sentence."""
    card = resources.card(model)
    if sentence := provenance.learnt_from_validation(card, words.plain(resources.model_title(model))):
        return (
            sentence
            if card.get("configuration") is None
            else "It was fitted on the digits that the model held back."
        )
    return "It was fitted on the validation digits."


def _rejection(subject: Subject, probabilities: object) -> None:
    found = calibration.rejection_curve(subject.labels, probabilities)
    st.markdown("**What if it may say “I don't know”?**")
    percent = st.slider("Answer only when at least this sure, %", **address.number("refuse", 0, 100, 90))
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
        f"When it must be at least {percent}% sure, it answers {point.answered:,} of {found.n:,} digits ({figures.percent(point.coverage)}), and "
        f"{right}. Wrong answers left: {point.wrong:,}."
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
        f"Errors on {name}: {int(found.wrong.sum()):,}. Of these, made with 95% confidence or more: {sure_and_wrong:,}. "
        "The scale is logarithmic, because the errors would otherwise be too small to see."
    )
