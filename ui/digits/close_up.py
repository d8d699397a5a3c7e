"""One digit up close: its numbers, its shapes on the way into a network, its label, its answer, its neighbours."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from digit_core import figures
from digit_core.datasets import nearest
from digit_core.datasets.catalogue import Catalogue
from digit_core.datasets.label_errors import LABEL_ERRORS
from digit_core.inference import model_files
from digit_core.preprocessing import images
from digit_core.storage import drawing_datasets
from digit_core.storage.store import DigitKey
from ui.canvas import canvas
from ui.components import visitor
from ui.digits import chosen_digit, kept_drawing, saliency, votes
from ui.frame import address, layout, resources, words
from ui.panels import answers, charts

_NEIGHBOURS = 8


def show(catalogue: Catalogue, row: int, probabilities: np.ndarray, model: str) -> None:
    """Show the digit in a row of the catalogue; `probabilities` are what the model answers to it, of shape (10,)."""
    image = catalogue.images(np.array([row]))[0]
    label = int(catalogue.labels[row])
    title = f"{split_name(catalogue, row)} {catalogue.number[row]}"
    st.markdown(f"## {title.capitalize()}, labelled {label}")
    answers.answer(images.from_dataset(image), probabilities)
    with st.container(horizontal=True, gap="xsmall"):
        if st.button("Open on the canvas", icon=":material/draw:"):
            canvas.put(image)
            layout.open_page("4_Draw")
        told = f"{title.capitalize()} of {words.plain(catalogue.title)}, labelled {label}."
        chosen_digit.offer(image, told, "look inside")
        name = title.replace(" ", "-")
        charts.download("PNG", figures.grey_png(image), f"{name}.png")
        charts.download(
            "CSV",
            ",".join(map(str, [label, *image.ravel()])) + "\n",
            f"{name}.csv",
            help="One row: the label, then the 784 pixels from 0 to 255.",
        )
    part = layout.pick_view(_PARTS, "part", "Look at")
    _PARTS[part](_Seen(catalogue, row, image, probabilities, model))


def split_name(catalogue: Catalogue, row: int) -> str:
    """What the split of a digit is called before its number: "test", or "digit" in a set that is not split."""
    return catalogue.splits[catalogue.split[row]] if len(catalogue.splits) > 1 else "digit"


@dataclass(frozen=True)
class _Seen:
    """A digit up close: its set, its row there, uint8 (28, 28), and what a model answers to it."""

    catalogue: Catalogue
    row: int
    image: np.ndarray
    probabilities: np.ndarray
    model: str


def _neighbours(seen: _Seen) -> None:
    """The nearest training digits, pixel for pixel."""
    catalogue, row = seen.catalogue, seen.row
    training = catalogue.parts[0]
    is_own = catalogue.split[row] == 0
    rows, distances = nearest.nearest(
        seen.image, training, _NEIGHBOURS, int(catalogue.number[row]) if is_own else None
    )
    labels = catalogue.labels[rows]
    st.caption(
        f"The {len(rows)} most similar {'training ' if len(catalogue.splits) > 1 else ''}digits, pixel by pixel. A network that only compared "
        "pixels would answer with their label."
    )
    answers.captioned(
        images.from_dataset(training[rows]),
        [f"{label}" for label in labels],
        [
            f"{split_name(catalogue, 0)} {number}, labelled {label}, distance {distance:.0f}"
            for number, label, distance in zip(rows, labels, distances, strict=True)
        ],
    )


def _where_it_looked(seen: _Seen) -> None:
    """What of the ink speaks for an answer and what against."""
    saliency.show(seen.model, seen.image)


def _is_the_label_wrong(seen: _Seen) -> None:
    """A vote on the label. What is suggested instead never depends on the model in use: the votes would not add up."""
    catalogue, row = seen.catalogue, seen.row
    if drawing_datasets.parse(catalogue.name):
        kept_drawing.show(catalogue.name, row)
        return
    given, number = int(catalogue.labels[row]), int(catalogue.number[row])
    split = catalogue.splits[catalogue.split[row]]
    doubted = next((doubt.suggested for doubt in LABEL_ERRORS if doubt.number == number), None)
    if doubted is None or (catalogue.name, split) != ("mnist", "test"):
        others = resources.answers(catalogue.name, model_files.default_name())[row].copy()
        others[given] = -1
        suggested, by = int(others.argmax()), "If the label is wrong, the app's own network reads it as a"
    else:
        suggested, by = doubted, "People who looked again said"
    key = DigitKey(catalogue.name, split, number)
    votes.show(key, given, suggested, images.from_dataset(seen.image), visitor.known(), suggested_by=by)


def _numbers(seen: _Seen) -> None:
    """The 784 numbers, as stored and as a network takes them."""
    normalised = st.toggle("Normalised to 0 to 1", **address.switch("normalised"))
    st.caption(
        "Stored as whole numbers from 0 (paper) to 255 (ink). Divided by 255 they lie between 0 and 1, where a network "
        "learns best: no input is far larger than another."
    )
    shown = images.from_dataset(seen.image) if normalised else seen.image
    if st.button("All 784 at once", icon=":material/zoom_in:"):
        _numbers_in_large(shown)
    answers.pixel_table(shown)


@st.dialog("The numbers of a digit", width="large")
def _numbers_in_large(image: np.ndarray) -> None:
    answers.pixel_table(image)


def _shapes(seen: _Seen) -> None:
    """The shapes that the same numbers take on the way into a network, and the label as one-hot."""
    image = seen.image
    batch = images.from_dataset(image)[None, :, :, None]
    st.markdown(
        f"""
| step | shape | why |
|---|---|---|
| the picture | `{image.shape}` | 28 rows of 28 pixels |
| with a channel | `{batch[0].shape}` | grey is one colour; a colour photo has three |
| in a batch | `{batch.shape}` | networks read many at a time: here one |
| in a row | `{batch.reshape(1, -1).shape[1:]}` | how a network without convolutions takes it |
"""
    )
    label = int(seen.catalogue.labels[seen.row])
    one_hot = np.eye(10, dtype=int)[label]
    st.markdown(
        f"The label **{label}** as **one-hot**: ten numbers, a 1 at place {label} and 0 elsewhere, to be compared with "
        f"the network's ten probabilities.\n\n`{one_hot.tolist()}`"
    )


def _histogram(seen: _Seen) -> None:
    """How many pixels have each value."""
    image = seen.image
    st.plotly_chart(
        figures.pixel_histogram(np.bincount(image.ravel(), minlength=256)),
        config={"displayModeBar": False},
        alt="How many of the 784 pixels have each value from 0 to 255",
    )
    paper, full = int((image == 0).sum()), int((image >= 250).sum())
    st.caption(
        f"{paper} of 784 pixels are bare paper and {full} are full ink; the rest are the strokes' soft edges."
    )


_PARTS = {
    "Neighbours": _neighbours,
    "Where it looked": _where_it_looked,
    "Label wrong?": _is_the_label_wrong,
    "Numbers": _numbers,
    "Shapes": _shapes,
    "Histogram": _histogram,
}
