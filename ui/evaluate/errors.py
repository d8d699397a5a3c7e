"""The confusion matrix, and the very digits behind each of its cells."""

import numpy as np
import streamlit as st

from digit_core.metrics import classification, misclassified
from ui.components import confusion_matrix
from ui.components.confusion_matrix import Cell
from ui.digits import close_up, digit_grid
from ui.evaluate.subject import Subject
from ui.frame import address

_ANY = "any"
_SCALES = {"counts": "Digits", "true": "% of the true digit", "answer": "% of the answer"}
_PAGE_SIZE = 18
_GALLERY = "gallery"


def show(subject: Subject) -> None:
    """The matrix on one side, the digits of the chosen cell on the other."""
    confusion = classification.confusion_matrix(subject.labels, subject.predictions.answers)
    left, right = st.columns(2, gap="medium")
    with left:
        _matrix(confusion)
        _pairs(confusion)
    with right, st.container(key=_GALLERY):
        _gallery(subject, confusion)


def _matrix(confusion: np.ndarray) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        scale = st.segmented_control(
            "Cells show",
            required=True,
            **address.one("scale", list(_SCALES), named=_SCALES.__getitem__),
        )
        with_diagonal = st.toggle(
            "Colour right answers",
            **address.switch("diagonal"),
            help="The diagonal holds the digits that were read correctly. There are so many of them that the errors "
            "would be hard to see.",
        )
    values = confusion.astype(float) if scale == "counts" else misclassified.shares(confusion, scale)
    shades = np.nan_to_num(values)
    if not with_diagonal:
        np.fill_diagonal(shades, 0)
    picked = confusion_matrix.choose(
        shades,
        [_text(value, scale) for value in values.ravel()],
        [
            misclassified.cell_sentence(true, answer, int(confusion[true, answer]))
            for true in range(10)
            for answer in range(10)
        ],
        _cell(),
        key="confusion",
        has_headings=True,
        caption="Rows: the true digit. Columns: what was read. Choose a cell, or a heading for all of its errors, by tap or "
        "with arrow keys and Enter.",
        leads_to=_GALLERY,
    )
    if picked is not None:
        _choose(picked)


def _text(value: float, scale: str) -> str:
    if scale == "counts":
        return f"{value:,.0f}" if value else ""
    if np.isnan(value) or value == 0:
        return ""
    return f"{value:.0%}" if value >= 0.0995 else f"{value:.1%}"


def _pairs(confusion: np.ndarray) -> None:
    """The most confused pairs as buttons: a way to the cells without the matrix."""
    pairs = misclassified.most_confused(confusion, most=6)
    if not pairs:
        st.success("Not one digit of this set was misread.", icon=":material/check:")
        return
    st.markdown("**Confused most often**")
    with st.container(horizontal=True, gap="small"):
        for pair in pairs:
            st.button(
                f"{pair.true}→{pair.answer}: {pair.count}",
                key=f"pair {pair.true} {pair.answer}",
                help=str(pair),
                on_click=_choose,
                args=((pair.true, pair.answer),),
            )


def _gallery(subject: Subject, confusion: np.ndarray) -> None:
    cell = _cell()
    true, answer = cell or (None, None)
    is_right = true is not None and true == answer
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"## {_title(cell, confusion)}", width="content")
        if cell:
            st.button("All errors", icon=":material/close:", on_click=_choose, args=(None,), type="tertiary")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        order = st.selectbox(
            "Order",
            **address.listed(
                "order", list(misclassified.ORDERS), named=str.capitalize, then=digit_grid.restart
            ),
            help="Errors that the network is sure of are the worst: nothing warns you.",
            width=220,
        )
        low, high = st.slider(
            "How sure the network is, %",
            **address.number("sure", 0, 100, (0, 100), then=digit_grid.restart),
        )
    chosen = misclassified.select(
        subject.predictions,
        true=true,
        answer=answer,
        errors_only=not is_right,
        confidence=(low / 100, high / 100),
        order=order,
    )
    if not len(chosen):
        hint = (
            " Choose another cell or widen the range."
            if (subject.predictions.answers != subject.labels).any()
            else ""
        )
        st.info(f"No digits here.{hint}", icon=":material/filter_alt_off:")
        return
    spread = subject.in_catalogue()
    row = digit_grid.tiles_of(
        subject.catalogue,
        subject.rows[chosen],
        spread,
        key="evaluate",
        page_size=_PAGE_SIZE,
        is_one_of_them=True,
    )
    place = int(np.searchsorted(subject.rows, row))
    label, answered = int(subject.labels[place]), int(subject.predictions.answers[place])
    st.markdown(f"*{misclassified.caption(label, answered, float(subject.predictions.confidence[place]))}*")
    close_up.show(subject.catalogue, row, spread[row], subject.model)


def _title(cell: Cell | None, confusion: np.ndarray) -> str:
    errors = confusion * ~np.eye(10, dtype=bool)
    match cell:
        case (int(true), int(answer)):
            return misclassified.cell_sentence(true, answer, int(confusion[true, answer]))
        case (int(true), None):
            return _all(errors[true].sum(), f"misread {true}s")
        case (None, int(answer)):
            return _all(errors[:, answer].sum(), f"digits wrongly read as {answer}")
    return _all(errors.sum(), "misread digits")


def _all(count: int, what: str) -> str:
    return f"All {count:,} {what}" if count else f"No {what}"


def _cell() -> Cell | None:
    """The chosen cell; None for all errors."""
    parts = (address.chosen(address.CELL) or "").split("-")
    if len(parts) != 2 or parts == [_ANY, _ANY] or not all(part in _PARTS for part in parts):
        return None
    true, answer = (_PARTS[part] for part in parts)
    return true, answer


_PARTS = {str(digit): digit for digit in range(10)} | {_ANY: None}


def _choose(cell: Cell | None) -> None:
    text = "" if cell is None else "-".join(_ANY if part is None else str(part) for part in cell)
    address.choose(address.CELL, text or None)
    address.choose(address.DIGIT, None)
    digit_grid.restart()
