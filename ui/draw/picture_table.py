"""Pictures beside what was read on them."""

import base64
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from PIL import Image

from digit_core import figures
from digit_core.inference.results_table import Result
from digit_core.preprocessing import pictures
from ui.panels import answers

_PREVIEW_SIDE = 120  # pixels of the file: two for each on the page
_STYLE = """<style>
.read-pictures { border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100%; max-width: 46rem; }
.read-pictures th { font-weight: 600; font-size: .9rem; }
.read-pictures th, .read-pictures td { text-align: left; padding: .35rem .8rem .35rem 0; vertical-align: middle;
    border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
.read-pictures .preview { height: 60px; max-width: 76px; object-fit: contain; display: block; border-radius: .3rem; background: #d6d5cf;
    border: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
.read-pictures .place { font-size: .85rem; opacity: .7; }
.read-pictures .answer { font-size: 2rem; font-weight: 700; line-height: 1; }
.read-pictures .name { overflow-wrap: anywhere; unicode-bidi: isolate; }
.read-pictures small { opacity: .8; display: inline-block; max-width: 17rem; }
@media (max-width: 640px) { .read-pictures th, .read-pictures td { padding-right: .45rem; } }
</style>"""


@dataclass(frozen=True, eq=False)
class Row:
    """A picture and what was read on it.

    Attributes:
        preview: a small picture file, as `preview` makes it, or b"".
        image: float32 array of shape (28, 28), what the model saw; None where there is none.
        result: of the picture.
        is_refused: whether it looks like no digit.
    """

    preview: bytes
    image: np.ndarray | None
    result: Result
    is_refused: bool = False


def preview(pixels: np.ndarray, side: int = _PREVIEW_SIDE) -> bytes:
    """A picture of uint8 (h, w, 4) made small, on its own background: a WebP file, the longer side at most `side`."""
    buffer = io.BytesIO()
    Image.fromarray(pictures.read_scaled(pixels, side)[0]).save(buffer, "WEBP", quality=85)
    return buffer.getvalue()


def source(content: bytes) -> str:
    """An address that holds a whole WebP file."""
    return "data:image/webp;base64," + base64.b64encode(content).decode()


def show(rows: Sequence[Row]) -> None:
    """The table: the picture, the 28 x 28 view of it, the digit and how sure the model is."""
    body = "".join(_row(place, row) for place, row in enumerate(rows, 1))
    heads = "".join(f"<th scope='col'>{word}</th>" for word in ("picture", "what it sees", "read as", "name"))
    st.html(
        f"{_STYLE}<table class='read-pictures'><thead><tr><td></td>{heads}</tr></thead><tbody>{body}</tbody></table>"
    )


def _row(place: int, row: Row) -> str:
    number = f"<td class='place'>{place}</td>"
    name = f"<td class='name' dir='auto'>{html.escape(row.result.name)}</td>"
    shown = f"<img class='preview' alt='' src='{source(row.preview)}'>" if row.preview else ""
    if row.image is None:
        return f"<tr>{number}<td>{shown}</td><td colspan='2'>{html.escape(row.result.remark)}</td>{name}</tr>"
    seen = answers.picture(row.image, 60, "The 28 by 28 pixels that the network sees")
    return f"<tr>{number}<td>{shown}</td><td>{seen}</td><td>{_answer(row)}</td>{name}</tr>"


def _answer(row: Row) -> str:
    probabilities, (first, second) = row.result.probabilities, row.result.guesses
    assert probabilities is not None
    if row.is_refused:
        return f"<span class='answer'>?</span> <small>{html.escape(row.result.remark)}</small>"
    colour = figures.CLASS_COLOURS[first]
    also = row.result.remark or f"then {second} with {figures.percent(float(probabilities[second]))}"
    return (
        f"<span class='answer in-colour' style='--colour:{colour}'>{first}</span> "
        f"{figures.percent(float(probabilities[first]))} sure<br><small>{html.escape(also)}</small>"
    )
