"""How far a model gets when the digits get worse."""

import numpy as np
import pandas as pd
import streamlit as st

from digit_core import figures
from digit_core.evaluation import corruptions, robustness
from digit_core.figures import evaluation
from digit_core.metrics.classification import Share
from ui.evaluate import subject as subjects
from ui.evaluate.subject import Subject
from ui.frame import address, layout, resources, words
from ui.panels import answers, charts

_SHOWN = 8  # digits of the sample


def show(subject: Subject) -> None:
    """A curve for each model under one corruption, and what the digits look like there."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        name = st.selectbox(
            "Kind of damage",
            **address.listed(
                "corruption",
                list(corruptions.CORRUPTIONS),
                named=lambda name: corruptions.CORRUPTIONS[name].title,
            ),
            width=240,
        )
        titles = subjects.models()
        others = st.multiselect(
            "Also show these models",
            [model for model in titles if model != subject.model],
            format_func=titles.get,
            key="others",
            width=420,
        )
    corruption = corruptions.CORRUPTIONS[name]
    st.caption(corruption.description)
    models = (subject.model, *others)
    curves = {titles[model]: _measure(model)[name] for model in models}
    strengths = tuple(corruption.words(strength) for strength in range(corruptions.STRENGTHS + 1))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        charts.show(
            evaluation.robustness(curves, strengths, corruption.title),
            f"Accuracy with increasing {corruption.title}",
            f"robustness-{name}-{subject.model}",
            pd.DataFrame(
                {"strength": strengths}
                | {title: [share.value for share in curve] for title, curve in curves.items()}
            ),
        )
    with right:
        _sample(subject, name, strengths)
    mean = {title: np.mean([share.value for share in curve[1:]]) for title, curve in curves.items()}
    st.caption(
        f"Measured on the same {robustness.SAMPLE:,} test digits for each model. Mean over the five strengths: "
        + ", ".join(f"{words.plain(title)} {figures.percent(float(value))}" for title, value in mean.items())
        + "."
    )
    for model in models:
        if resources.card(model).get("chosen_on_test"):
            st.warning(
                f"{words.plain(titles[model])} was chosen on the test digits, and these are a sample of them: they flatter it.",
                icon=":material/balance:",
            )


def _measure(model: str) -> dict[str, tuple[Share, ...]]:
    """The curves of a model: measured once for all visitors, with progress for the one who waits."""
    kept = resources.measured_robustness(model)
    if not kept:
        title, points = words.plain(resources.model_title(model)), []
        bar = st.progress(0.0, f"{title} reads corrupted digits …")
        for point in robustness.measure(
            resources.classifier(model), robustness.sample(resources.mnist().test)
        ):
            points.append(point)
            bar.progress(
                point.done / point.total, f"{title} reads corrupted digits: {point.done} of {point.total}"
            )
        bar.empty()
        kept[:] = points  # at once: another visitor may be looking
    return robustness.curves(kept)


def _sample(subject: Subject, name: str, strengths: tuple[str, ...]) -> None:
    images = subject.images[:_SHOWN]
    rows = [corruptions.corrupt(images, name, strength) for strength in range(corruptions.STRENGTHS + 1)]
    png = figures.sprite_png(np.concatenate(rows), len(images), layout.ink())
    st.markdown("**What the digits look like**")
    answers.sprite(png, 380, f"{len(images)} digits in rows: {', '.join(strengths)}")
    st.caption("From top to bottom: " + ", ".join(strengths) + ".")
