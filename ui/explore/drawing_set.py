"""A set of drawings in Explore: downloaded and imported as a file, removed."""

import streamlit as st

from digit_core.errors import DigitError
from digit_core.storage import drawing_archives, visitors
from digit_core.storage.drawings import DrawingSet
from ui.frame import resources, state, words
from ui.panels import charts, drawing_sets, teacher_code


def tools(found: DrawingSet, who: str | None) -> None:
    """What can be done with a set as a whole, by those who may.

    Args:
        found: the set that is looked at.
        who: the visitor; None, before the browser has answered, can do nothing.
    """
    if not visitors.may_change(found.owner, who, teacher_code.typed()):
        teacher_code.explain(
            "Who made this set, or the teacher's code, takes it home, brings files in and removes it.",
            without="Who made this set takes it home, brings files in and removes it.",
        )
        return
    with st.container(horizontal=True, gap="small"):
        if found.count:
            _downloads(found, who)
        with st.popover("Bring drawings in", icon=":material/upload:"):
            _import(found, who)
        with st.popover("Remove the set", icon=":material/delete:"):
            _remove(found, who)


def _downloads(found: DrawingSet, who: str | None) -> None:
    """The set as files, made when they are asked for."""
    name = "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in found.name)
    kinds = {
        "Zip of pictures": ("zip", drawing_archives.to_zip),
        "NumPy (.npz)": ("npz", drawing_archives.to_npz),
    }
    for label, (ending, pack) in kinds.items():
        charts.download(
            label,
            lambda pack=pack: pack(resources.store().drawings.read(who, found.id)[1]),
            f"{name}.{ending}",
            key=f"download {ending}",
            help="The pictures with a table of labels; who drew them is told in numbers only."
            if ending == "zip"
            else "images, labels and held_back, as numpy.load reads them.",
        )


def _import(found: DrawingSet, who: str | None) -> None:
    st.markdown(
        "A **zip** of pictures with a table in CSV (columns `file` and `label`), or **.npz** with `images` "
        "(n, 28, 28) and `labels`, as they are downloaded here. Up to 20 MB."
    )
    file = st.file_uploader("A set of drawings as a file", type=["zip", "npz"], key="set file")
    if file is None or st.session_state.get(state.SET_IMPORTED) == file.file_id:
        return
    if not st.button("Put them into this set", type="primary", icon=":material/upload:", key="import set"):
        return
    try:
        with st.spinner("Looking at each drawing …"):
            drawings = drawing_archives.read(file.getvalue())
            new = resources.store().drawings.bring_in(str(who), found.id, drawings, teacher_code.typed())
    except DigitError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        return
    st.session_state[state.SET_IMPORTED] = file.file_id
    known = len(drawings) - new
    st.session_state[state.SET_NEWS] = f"{new:,} drawings are new here" + (
        f"; {known:,} were here already." if known else "."
    )
    st.rerun()


def _remove(found: DrawingSet, who: str | None) -> None:
    st.markdown(
        f"**{words.plain(found.name)}** and its {drawing_sets.count(found)} go for ever, for everybody."
    )
    st.button(
        "Remove it for ever",
        type="primary",
        key="remove set",
        on_click=_remove_now,
        args=(who, found),
    )


def _remove_now(who: str, found: DrawingSet) -> None:
    def remove() -> str:
        code = teacher_code.typed()
        resources.store().drawing_sets.remove(who, found.id, code)
        return f"“{words.plain(found.name)}” is removed."

    drawing_sets.attempt(remove)
