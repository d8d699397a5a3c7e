"""The set as a whole: how many of each digit, what they look like on average, and how they differ."""

import streamlit as st

from digit_core import figures
from digit_core.datasets.catalogue import Catalogue
from digit_core.storage import drawing_datasets
from ui.frame import resources
from ui.panels import answers

_PLAIN = {"displayModeBar": False}


def show(catalogue: Catalogue, model: str) -> None:
    """Counts, forms, averages and distributions, each with why one looks at it."""
    statistics = resources.statistics(catalogue.name)
    st.markdown("## How many of each digit?")
    is_drawn = drawing_datasets.parse(catalogue.name) is not None
    st.caption(
        "If one digit were rare, a network could ignore it and still look good. "
        + (
            "Draw what is missing here: a model that is taught this set learns only what is in it."
            if is_drawn
            else "Here all ten are about equally common, in each split."
        )
    )
    st.plotly_chart(
        figures.class_counts(statistics.counts, statistics.splits),
        config=_PLAIN,
        alt="Digits by class and split",
    )
    with st.expander("The same as a table"):
        st.dataframe(
            {"split": statistics.splits} | {str(digit): statistics.counts[:, digit] for digit in range(10)},
            hide_index=True,
        )
    st.markdown("## What form do they have?")
    forms = "\n".join(
        f"| {split} | `{shape}` | {statistics.dtype} | {statistics.lowest} to {statistics.highest} |"
        for split, shape in zip(statistics.splits, statistics.shapes, strict=True)
    )
    st.markdown(f"| split | shape | type | values |\n|---|---|---|---|\n{forms}")
    st.caption(
        "A network takes its numbers in one fixed form: the wrong shape or range is the most common mistake of all."
    )
    st.markdown("## The average digit of each class")
    st.caption(
        "All digits of a class on top of each other. Where it is sharp, people agree; where it is blurred, they differ."
    )
    answers.digit_row(statistics.mean_images, "The average image of each digit, 0 to 9")
    st.markdown("## Where people differ the most")
    st.caption(
        "The spread of each pixel in its class: bright edges show where strokes differ from person to person."
    )
    answers.digit_row(
        2 * statistics.deviation_images, "The standard deviation of each pixel, for each digit, 0 to 9"
    )
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("## Ink")
        st.caption(
            "The share of the page that is covered: 1s need little, 0s and 8s need a lot. Bold pens are on the right."
        )
        figure = figures.distribution(statistics.ink.edges, statistics.ink.counts, "mean ink, 0 to 1")
        st.plotly_chart(figure, config=_PLAIN, alt="Distribution of ink for each digit")
    with right:
        st.markdown("## Slant")
        st.caption(
            "How far each digit leans to the right, in degrees: most handwriting leans. Turning digits in training imitates this."
        )
        figure = figures.distribution(statistics.slant.edges, statistics.slant.counts, "slant, degrees")
        st.plotly_chart(figure, config=_PLAIN, alt="Distribution of slant for each digit")
    st.markdown("## Values of all pixels")
    st.caption(
        "Four in five pixels are bare paper, and most of the rest are full ink. Note that the axis is logarithmic."
    )
    st.plotly_chart(
        figures.pixel_histogram(statistics.pixel_counts), config=_PLAIN, alt="How many pixels have each value"
    )
