"""One drawing of a set up close: what was drawn, when, what a model read then, and how to be rid of it."""

import html
import time

import streamlit as st

from digit_core import figures
from ui.components import visitor
from ui.frame import address, data_url, resources
from ui.panels import drawing_sets, teacher_code


def show(catalogue: str, row: int) -> None:
    """Show where a drawing comes from.

    Args:
        catalogue: the name of the set as it stands, see `digit_core.storage.drawing_datasets.name`.
        row: of the drawing.
    """
    drawn = resources.drawn(catalogue)
    drawing, who = drawn.drawings[row], visitor.known()
    when = time.strftime("%d %B %Y, %H:%M UTC", time.gmtime(drawing.created))
    told = f"Kept as a {drawing.label} on {when}."
    if drawing.answer is not None and drawing.confidence is not None:
        told += f" {drawing.model} read it as {drawing.answer}, {figures.percent(drawing.confidence)} sure."
    told += (
        " It is held back for testing: no model here learns from it."
        if drawing.held_back
        else " Models that are taught this set learn from it."
    )
    picture = resources.store().drawings.picture(who, drawn.set_id, drawing.number)
    if picture:
        st.html(
            f'<img class="seen" style="max-width:140px;background:#fff" alt="What was drawn for a {drawing.label}" '
            f'src="{data_url.of(picture)}">'
        )
    st.html(f"<p style='margin:0;line-height:1.5'>{html.escape(told)}</p>")
    is_own = drawing.visitor == who
    st.button(
        "Delete this drawing",
        icon=":material/delete:",
        key=f"remove {catalogue} {drawing.number}",
        help="This is for ever. You can delete your own drawings; the set's creator or a teacher can delete any.",
        on_click=_remove,
        args=(who, drawn.set_id, drawing.number, drawing.digest if is_own else ""),
        disabled=who is None,
    )
    st.caption("Wrong label? Delete it, draw it again and choose the right digit.")


def _remove(who: str, set_id: str, number: int, own_digest: str) -> None:
    def remove() -> str:
        table = resources.store().drawings
        if own_digest:
            table.take_back(who, set_id, own_digest)
        else:
            table.remove(who, set_id, [number], teacher_code.typed())
        address.choose(address.DIGIT, None)
        return "The drawing is deleted."

    drawing_sets.attempt(remove)
