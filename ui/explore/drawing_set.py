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
            "Only the set's creator or a teacher can download, import or delete it.",
            without="Only the set's creator can download, import or delete it.",
        )
        return
    with st.container(horizontal=True, gap="small"):
        if found.count:
            _downloads(found, who)
        with st.popover("Import drawings", icon=":material/upload:"):
            _import(found, who)
        with st.popover("Delete the set", icon=":material/delete:"):
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
            help="The pictures with a table of labels. The people who drew them are only numbers."
            if ending == "zip"
            else "The arrays images, labels and held_back, for numpy.load.",
        )


def _import(found: DrawingSet, who: str | None) -> None:
    st.markdown(
        "A **zip** of pictures with a CSV table (columns `file` and `label`), or an **.npz** file with `images` "
        "(n, 28, 28) and `labels`: the same as the downloads here. Up to 20 MB."
    )
    file = st.file_uploader("A set of drawings as a file", type=["zip", "npz"], key="set file")
    if file is None or st.session_state.get(state.SET_IMPORTED) == file.file_id:
        return
    if not st.button("Add them to this set", type="primary", icon=":material/upload:", key="import set"):
        return
    try:
        with st.spinner("Checking each drawing …"):
            drawings = drawing_archives.read(file.getvalue())
            new = resources.store().drawings.bring_in(str(who), found.id, drawings, teacher_code.typed())
    except DigitError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        return
    st.session_state[state.SET_IMPORTED] = file.file_id
    known = len(drawings) - new
    st.session_state[state.SET_NEWS] = f"New drawings: {new:,}" + (
        f"; already here: {known:,}." if known else "."
    )
    st.rerun()


def _remove(found: DrawingSet, who: str | None) -> None:
    st.markdown(
        f"This deletes **{words.plain(found.name)}** and its {drawing_sets.count(found)} for ever, for everybody."
    )
    st.button(
        "Delete it for ever",
        type="primary",
        key="remove set",
        on_click=_remove_now,
        args=(who, found),
    )


def _remove_now(who: str, found: DrawingSet) -> None:
    def remove() -> str:
        code = teacher_code.typed()
        resources.store().drawing_sets.remove(who, found.id, code)
        return f"“{words.plain(found.name)}” is deleted."

    drawing_sets.attempt(remove)
