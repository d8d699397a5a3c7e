"""One digit up close: its numbers, its shapes on the way into a network, its label, its answer, its neighbours."""

import numpy as np
import streamlit as st

from digit_core import figures, images, neighbours
from digit_core.catalogue import Catalogue
from ui import canvas, panels

_NEIGHBOURS = 8


def show(catalogue: Catalogue, row: int, probabilities: np.ndarray) -> None:
    """Show the digit in a row of the catalogue; `probabilities` are the answers to the whole set, (n, 10)."""
    image = catalogue.images(np.array([row]))[0]
    label = int(catalogue.labels[row])
    title = f"{split_name(catalogue, row)} {catalogue.number[row]}"
    st.markdown(f"#### {title.capitalize()}, labelled {label}")
    panels.answer(images.from_dataset(image), probabilities[row])
    with st.container(horizontal=True, gap="xsmall"):
        if st.button("Open on the canvas", icon=":material/draw:"):
            canvas.put(image)
            # Without the {} Streamlit refuses to leave while the address holds a widget's value (1.67).
            st.switch_page("pages/4_Draw.py", query_params={})
        name = title.replace(" ", "-")
        st.download_button(
            "PNG",
            figures.grey_png(image),
            f"{name}.png",
            "image/png",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            "CSV",
            ",".join(map(str, [label, *image.ravel()])) + "\n",
            f"{name}.csv",
            "text/csv",
            icon=":material/download:",
            help="One row: the label, then the 784 pixels from 0 to 255.",
            on_click="ignore",
        )
    part = st.segmented_control(
        "Look at",
        list(_PARTS),
        default="Neighbours",
        required=True,
        label_visibility="collapsed",
        key="part",
        bind="query-params",
    )
    _PARTS[part](catalogue, row, image)


def split_name(catalogue: Catalogue, row: int) -> str:
    """What the split of a digit is called before its number: "test", or "digit" in a set that is not split."""
    return catalogue.splits[catalogue.split[row]] if len(catalogue.splits) > 1 else "digit"


def _neighbours(catalogue: Catalogue, row: int, image: np.ndarray) -> None:
    """The nearest training digits, pixel for pixel."""
    training = catalogue.parts[0]
    is_own = catalogue.split[row] == 0
    rows, distances = neighbours.nearest(
        image, training, _NEIGHBOURS, int(catalogue.number[row]) if is_own else None
    )
    labels = catalogue.labels[rows]
    st.caption(
        f"The {_NEIGHBOURS} digits {'to train on ' if len(catalogue.splits) > 1 else ''}whose pixels differ the least. A network that only compared "
        "pixels would answer with their label."
    )
    panels.captioned(
        images.from_dataset(training[rows]),
        [f"{label}" for label in labels],
        [
            f"{split_name(catalogue, 0)} {number}, labelled {label}, distance {distance:.0f}"
            for number, label, distance in zip(rows, labels, distances, strict=True)
        ],
    )


def _numbers(catalogue: Catalogue, row: int, image: np.ndarray) -> None:
    """The 784 numbers, as stored and as a network takes them."""
    normalised = st.toggle("Normalised to 0 to 1", key="normalised", bind="query-params")
    st.caption(
        "Stored as whole numbers from 0 (paper) to 255 (ink). Divided by 255 they lie between 0 and 1, where a network "
        "learns best: no input shouts another down."
    )
    shown = images.from_dataset(image) if normalised else image
    if st.button("All 784 at once", icon=":material/zoom_in:"):
        _numbers_in_large(shown)
    panels.pixel_table(shown)


@st.dialog("The numbers of a digit", width="large")
def _numbers_in_large(image: np.ndarray) -> None:
    panels.pixel_table(image)


def _shapes(catalogue: Catalogue, row: int, image: np.ndarray) -> None:
    """The shapes that the same numbers take on the way into a network, and the label as one-hot."""
    batch = images.from_dataset(image)[None, :, :, None]
    st.markdown(
        f"""
| step | shape | why |
|---|---|---|
| the picture | `{image.shape}` | 28 rows of 28 pixels |
| with a channel | `{batch[0].shape}` | grey has one colour; a photo would have three |
| in a batch | `{batch.shape}` | networks read many at a time: here one |
| in a row | `{batch.reshape(1, -1).shape[1:]}` | how a network without convolutions takes it |
"""
    )
    label = int(catalogue.labels[row])
    one_hot = np.eye(10, dtype=int)[label]
    st.markdown(
        f"The label **{label}** as **one-hot**: ten numbers, a 1 at place {label} and 0 elsewhere, to be compared with "
        f"the network's ten probabilities.\n\n`{one_hot.tolist()}`"
    )


def _histogram(catalogue: Catalogue, row: int, image: np.ndarray) -> None:
    """How many pixels have each value."""
    st.plotly_chart(
        figures.pixel_histogram(np.bincount(image.ravel(), minlength=256)),
        config={"displayModeBar": False},
        alt="How many of the 784 pixels have each value from 0 to 255",
    )
    paper, full = int((image == 0).sum()), int((image >= 250).sum())
    st.caption(
        f"{paper} of 784 pixels are bare paper and {full} are full ink; the rest are the strokes' soft edges."
    )


_PARTS = {"Neighbours": _neighbours, "Numbers": _numbers, "Shapes": _shapes, "Histogram": _histogram}
