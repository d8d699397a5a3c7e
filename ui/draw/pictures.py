"""Pictures of single digits that a visitor brings, and what the model in use reads on them."""

from typing import Any

import numpy as np
import streamlit as st

from digit_core.digits import SIDE
from digit_core.errors import PictureError
from digit_core.inference import rejection, results_table
from digit_core.inference.rejection import Judgements
from digit_core.inference.results_table import Result
from digit_core.preprocessing import images, pictures
from digit_core.synthesis import samples
from ui.canvas import canvas
from ui.components import browser_tab
from ui.draw import picture_table, sources, teach
from ui.draw.picture_table import Row
from ui.draw.sources import NewPicture
from ui.frame import address, resources, state
from ui.panels import answers, charts

_CHOICE_WIDTH = 340  # pixels of the page
_MAX_KEPT = 200  # pictures in the table: the oldest ones go


def show(model: str) -> None:
    """The view: a place for pictures, and the table of those that were brought in this session.

    Args:
        model: the name of the model in use.
    """
    browser_tab.begin()
    if new := sources.ask("pictures", samples.DIGITS, is_several=True):
        _keep(_take_in(new))
        st.rerun()
    browser_tab.keep()
    kept = st.session_state.get(state.PICTURES, [])
    if not kept:
        st.info(
            "No picture yet. Add a photo of one handwritten digit, or a digit that you drew in another program.",
            icon=":material/image:",
        )
        return
    if not kept[0]["name"]:
        st.warning(kept[0]["remark"], icon=":material/filter_none:")
    rows = _read([picture for picture in kept if picture["name"]], model)
    picture_table.show(rows)
    if len(kept) == _MAX_KEPT:
        st.caption(f"The table keeps the latest {_MAX_KEPT} pictures: download it before you add more.")
    with st.container(horizontal=True, gap="small"):
        charts.download(
            "Download as CSV",
            results_table.as_csv([row.result for row in rows]),
            "results.csv",
            key="results as csv",
        )
        st.button(
            "Clear the table", icon=":material/delete:", on_click=lambda: _keep([]), key="clear pictures"
        )
    _ask_for_mistakes(rows, model)


def _ask_for_mistakes(rows: list[Row], model: str) -> None:
    """A picture that was misread can be taught, and asked about as if it had been drawn."""
    names = {
        place: f"{place + 1}. {row.result.name}: {row.result.guesses[0]}"
        for place, row in enumerate(rows)
        if row.image is not None
    }
    # Another table is another list: a place in it would be another picture's.
    chosen = st.selectbox(
        "Was one misread?",
        list(names),
        index=None,
        format_func=names.get,
        placeholder="Choose it (counted from the top)",
        key=f"misread of {len(rows)} {rows[0].result.name}",
        width=_CHOICE_WIDTH,
    )
    if chosen is None:
        return
    row = rows[chosen]
    assert row.image is not None
    answers.captioned(row.image[None], [f"read as {row.result.guesses[0]}"], ["The picture that you chose"])
    st.button(
        "Why this answer?",
        icon=":material/help:",
        help="This puts it on the paper of “One digit”, in place of the drawing there. Undo brings that drawing back.",
        on_click=_ask_why,
        args=(row.image,),
    )
    teach.show(model, row.image, row.preview, row.result.probabilities)


def _ask_why(image: np.ndarray) -> None:
    canvas.put(images.to_dataset(image))
    address.choose(state.DRAW_VIEW, "Why this answer?")


def _keep(taken: list[dict[str, Any]]) -> None:
    """Put pictures at the top of the table; no pictures clear it."""
    before = [picture for picture in st.session_state.get(state.PICTURES, []) if picture["name"]]
    st.session_state[state.PICTURES] = (taken + before)[:_MAX_KEPT] if taken else []


def _take_in(new: list[NewPicture]) -> list[dict[str, Any]]:
    """Preprocess pictures; the page tells how far it is."""
    progress = st.progress(0.0, "Reading the pictures …") if len(new) > 1 else st.empty()
    taken = []
    for number, picture in enumerate(new):
        taken.append(_preprocessed(picture))
        if len(new) > 1:
            progress.progress((number + 1) / len(new), f"{number + 1} of {len(new)} pictures")
    progress.empty()
    return taken


def _preprocessed(picture: NewPicture) -> dict[str, Any]:
    kept: dict[str, Any] = {"name": picture.name, "preview": b"", "images": [], "remark": picture.refusal}
    if picture.refusal:
        return kept
    try:
        with pictures.ONE_AT_A_TIME:
            pixels = pictures.read(picture.content)
            kept["preview"] = picture_table.preview(pixels)
            kept["images"] = [stages.image for stages in images.candidates(pixels)]
    except PictureError as error:
        kept["remark"] = str(error)
    return kept


def _read(kept: list[dict[str, Any]], model: str) -> list[picture_table.Row]:
    """What a model says to the pictures that passed preprocessing."""
    seen = [image for picture in kept for image in picture["images"]]
    judgements = resources.classifier(model).judge(np.array(seen, np.float32).reshape(-1, SIDE, SIDE))
    ends = np.cumsum([len(picture["images"]) for picture in kept])
    return [
        _judged(picture, judgements[end - len(picture["images"]) : end])
        if picture["images"]
        else _refused(picture)
        for picture, end in zip(kept, ends, strict=True)
    ]


def _refused(picture: dict[str, Any]) -> Row:
    return Row(picture["preview"], None, Result(picture["name"], None, picture["remark"]))


def _judged(picture: dict[str, Any], judgements: Judgements) -> Row:
    """The likeliest of the ways to read a picture."""
    likeliest = judgements.likeliest
    judgement = judgements[likeliest]
    remark = "" if judgement.verdict == rejection.DIGIT else str(judgement)
    result = Result(picture["name"], judgement.probabilities, remark)
    return Row(
        picture["preview"], picture["images"][likeliest], result, judgement.verdict == rejection.NO_DIGIT
    )
