"""What else speaks about a drawing: how it is written among others, its nearest digits, and what other models read."""

from html import escape

import numpy as np
import streamlit as st

from digit_core.datasets import nearest
from digit_core.errors import DigitError
from digit_core.explanations.morphometrics import Comparison
from digit_core.preprocessing import images
from ui.draw.explained_digit import NEIGHBOURS, ExplainedDigit
from ui.draw.preprocessing_steps import reading
from ui.frame import resources, words
from ui.panels import answers, html


def hand(explained: ExplainedDigit) -> None:
    """Stroke, size, place and slant among the training digits of that class."""
    seen, plain = (
        explained.comparisons(explained.pixels),
        explained.comparisons(images.to_dataset(explained.plain)),
    )
    unusual = [sentence for one in seen if (sentence := one.sentence(explained.peers))]
    st.markdown(
        "\n".join(f"- {sentence}" for sentence in unusual)
        or f"Stroke, size, place and slant are all typical of the {explained.peers}."
    )
    html.table(
        ("", "yours", f"nine of ten {explained.peers}", "", "only resized"),
        [
            (
                f"{escape(one.measurement.title)}<small>{one.measurement.unit}</small>",
                f"{_figure(one.value)}<small>{one.rank()}</small>",
                f"{_figure(one.low)} to {_figure(one.high)}",
                _range(one),
                f"{_figure(raw.value)}<small>{raw.rank()}</small>",
            )
            for one, raw in zip(seen, plain, strict=True)
        ],
        f"How your digit is written, compared with the {explained.peers}",
    )
    st.caption(
        "Measured on the 28 × 28 pixels that the network sees. The band shows where nine of ten training digits lie; the mark "
        "is your digit. “Only resized” is the same drawing with its whole paper squeezed into 28 × 28 pixels: what the network "
        "would get without preprocessing."
    )


def _figure(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0").replace("-", "−")


def _range(one: Comparison) -> str:
    """A band where most lie, and a mark where this one lies."""
    room = max(one.high - one.low, 1.0)
    low, high = min(one.low - 0.5 * room, one.value), max(one.high + 0.5 * room, one.value)
    left, right, mark = (100 * (value - low) / (high - low) for value in (one.low, one.high, one.value))
    return (
        f'<span class="range" aria-hidden="true"><span class="usual" style="left:{left:.0f}%;width:{max(right - left, 2):.0f}%">'
        f'</span><span class="yours" style="left:{np.clip(mark, 1, 99):.0f}%"></span></span>'
    )


def nearest_digits(explained: ExplainedDigit) -> None:
    """The nearest training digits, of all and of the class that was meant."""
    training, (rows, distances) = resources.mnist().train, explained.nearest
    st.markdown(f"The {len(rows)} most similar of {len(training):,} training digits, pixel by pixel:")
    _row_of(rows, distances)
    if not (training.labels[rows] == explained.meant).all():
        of_class = np.flatnonzero(training.labels == explained.meant)
        places, distances = nearest.nearest(explained.pixels, training.images[of_class], NEIGHBOURS)
        st.markdown(f"The most similar training **{explained.meant}s**:")
        _row_of(of_class[places], distances)
    st.caption(
        "Below each: what it is, and its distance, the square root of all 784 squared differences in shades of grey. 0 is the "
        "same picture; two digits of different kinds lie some 2,600 apart."
    )


def _row_of(rows: np.ndarray, distances: np.ndarray) -> None:
    training = resources.mnist().train
    labels = training.labels[rows]
    answers.captioned(
        images.from_dataset(training.images[rows]),
        [f"{label} · {distance:,.0f}" for label, distance in zip(labels, distances, strict=True)],
        [
            f"Training digit {row}, labelled {label}, distance {distance:.0f}"
            for row, label, distance in zip(rows, labels, distances, strict=True)
        ],
    )


def models(explained: ExplainedDigit) -> None:
    """What every model and a plain resize say."""
    html.table(
        ("model", "with preprocessing", "only resized"),
        [
            (_title(full.model, explained), reading(full, explained.meant), reading(plain, explained.meant))
            for full, plain in explained.by_models
        ],
        "What each model reads, with preprocessing and only resized",
    )
    with st.container(horizontal=True, gap="medium"):
        answers.captioned(
            np.stack([explained.stages.image, explained.plain]),
            ["preprocessed", "only resized"],
            [
                "What the networks see with preprocessing",
                "What they see when the drawing is only resized",
            ],
        )
    st.caption(
        f"≠ marks an answer that is not {words.a(explained.meant)}. Only resized: the whole paper squeezed into 28 × 28 pixels, as most programs do."
    )


def _title(model: str, explained: ExplainedDigit) -> str:
    in_use = "<small>in use</small>" if model == explained.classifier.name else ""
    try:
        return escape(resources.model_title(model)) + in_use
    except DigitError:  # a run that was deleted a moment ago still reads
        return escape(model) + in_use
