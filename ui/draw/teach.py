"""“It was a ...”: keeps a drawing with what it was meant to be, in a set of the visitor's own or of a class."""

from typing import Any

import numpy as np
import streamlit as st

from digit_core.errors import DigitError
from digit_core.preprocessing import images
from digit_core.storage import drawings
from digit_core.storage.drawings import Drawing, DrawingSet
from ui.components import visitor
from ui.frame import layout, resources, state, words
from ui.panels import drawing_sets


def show(model: str, image: np.ndarray, picture: bytes, answer: np.ndarray | None) -> None:
    """Ask what a drawing was meant to be; a press keeps it. It may stand in a fragment.

    Args:
        model: the name of the model that read it.
        image: float32 array of shape (28, 28), 0.0 to 1.0, ink is 1.0: what the model saw.
        picture: what was drawn or brought, as the bytes of a picture; empty if only `image` is known.
        answer: float32 array of shape (10,): the model's probabilities; None if it refused or was not asked.
    """
    who = visitor.identity()
    sets = drawing_sets.of(who)
    pixels = images.to_dataset(image)
    taught = _taught(pixels)
    label = taught.get("label")
    with st.container(key="teach"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown("**It was a**", width="content")
            for digit in range(10):
                st.button(
                    str(digit),
                    key=f"it was {digit}",
                    type="primary" if digit == label else "secondary",
                    on_click=_keep,
                    args=(who, model, pixels, picture, answer, digit),
                    disabled=who is None,
                )
        if label is not None:
            _say_kept(who, taught, sets)
        else:
            _say_what_happens(drawing_sets.current(sets))
        drawing_sets.manage(sets, who)
        drawing_sets.say_news()


def prepare() -> None:
    """What can be done about sets while there is no drawing to keep: a class's set is joined first. It may stand in a fragment."""
    who = visitor.identity()
    drawing_sets.manage(drawing_sets.of(who), who)
    drawing_sets.say_news()


def offer(model: str, image: np.ndarray, answer: np.ndarray, label: int) -> None:
    """Ask whether a digit that somebody has corrected is to be kept with its label. It may stand in a fragment.

    Args:
        model, image, answer: as for `show`.
        label: what it is, 0 to 9.
    """
    who = visitor.identity()
    sets = drawing_sets.of(who)
    pixels = images.to_dataset(image)
    taught = _taught(pixels)
    if taught.get("label") == label:
        _say_kept(who, taught, sets)
    else:
        st.button(
            f"Keep it as {words.a(label)} in “{words.plain(_name(drawing_sets.current(sets)))}”",
            icon=":material/bookmark_add:",
            help="A model can then learn from it: see “Your drawings” on the Train page.",
            on_click=_keep,
            args=(who, model, pixels, b"", answer, label),
            disabled=who is None,
            key="keep the digit",
        )
    drawing_sets.say_news()


def _taught(pixels: np.ndarray) -> dict[str, Any]:
    """What the last press did with this drawing: its "label", "digest" and "set"; empty if that was another drawing."""
    taught = st.session_state.get(state.TAUGHT) or {}
    return taught if taught.get("digest") == Drawing(pixels, 0).digest else {}


def _name(chosen: DrawingSet | None) -> str:
    return drawing_sets.FIRST_NAME if chosen is None else chosen.name


def _say_what_happens(chosen: DrawingSet | None) -> None:
    where = ", a set of your own" if chosen is None else f" ({drawing_sets.count(chosen)})"
    st.caption(
        f"Choose what you meant. The drawing is kept with that label in “{words.plain(_name(chosen))}”{where}: a model can learn "
        "from it."
    )


def _say_kept(who: str | None, taught: dict[str, Any], sets: list[DrawingSet]) -> None:
    kept_in = next((one for one in sets if one.id == taught["set"]), None)
    if kept_in is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f":material/check: Kept as a **{taught['label']}**: “{words.plain(kept_in.name)}” has "
            f"{drawing_sets.count(kept_in)}.",
            width="content",
        )
        st.button(
            "Take it back",
            icon=":material/undo:",
            on_click=_take_back,
            args=(who, kept_in.id, taught["digest"]),
        )
        if st.button("Teach it to a model", icon=":material/model_training:", type="tertiary"):
            st.session_state[state.DRAWING_SET] = kept_in.id
            layout.open_page("2_Train", **{state.TRAIN_VIEW: drawing_sets.TEACHING})


def _keep(
    who: str, model: str, pixels: np.ndarray, picture: bytes, answer: np.ndarray | None, label: int
) -> None:
    """Keep a drawing, in a callback; the visitor's first one makes a set for it."""
    store = resources.store()
    read = None if answer is None else int(answer.argmax())
    try:
        drawing = Drawing(
            pixels,
            label,
            drawings.small_picture(picture) if picture else b"",
            read,
            None if answer is None else min(1.0, float(answer.max())),
            resources.model_title(model),
        )
        chosen = drawing_sets.current(store.drawing_sets.of(who)) or drawing_sets.make_first(who)
        store.drawings.keep(who, chosen.id, [drawing])
    except DigitError as error:
        st.session_state[state.SET_FAILURE] = str(error)
        return
    st.session_state[state.TAUGHT] = {"digest": drawing.digest, "label": label, "set": chosen.id}


def _take_back(who: str, set_id: str, digest: str) -> None:
    def take_back() -> str:
        resources.store().drawings.take_back(who, set_id, digest)
        st.session_state.pop(state.TAUGHT, None)
        return "The drawing is no longer kept."

    drawing_sets.attempt(take_back)
