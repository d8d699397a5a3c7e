"""Digits in pages of a hundred tiles, one of which is chosen and shown up close."""

import numpy as np
import streamlit as st

from digit_core import figures
from digit_core.datasets.catalogue import Catalogue
from ui.components import grid
from ui.digits import close_up
from ui.frame import address, layout

_PAGE_SIZE, _COLUMNS = 100, 10
_PAGE = "page"  # in the address
_MISREAD = "#c9485b"


def grid_of(catalogue: Catalogue, rows: np.ndarray, probabilities: np.ndarray, model: str, key: str) -> None:
    """Some digits in pages of a hundred, with the chosen one beside them.

    Args:
        catalogue: n digits.
        rows: int64 array of shape (m,): which of them, in which order; m is at least 1. All of them were read.
        probabilities: float32 array of shape (n, 10): what the model answers; NaN for digits that it was not asked.
        model: its name.
        key: of the grid's widgets.
    """
    left, right = st.columns([3, 2], gap="medium")
    with left:
        chosen = tiles_of(catalogue, rows, probabilities, key)
    with right:
        close_up.show(catalogue, chosen, probabilities[chosen], model)


def tiles_of(
    catalogue: Catalogue,
    rows: np.ndarray,
    probabilities: np.ndarray,
    key: str,
    page_size: int = _PAGE_SIZE,
    *,
    is_one_of_them: bool = False,
) -> int:
    """Some digits in pages; one of them, or the one that the address names, is chosen.

    Args:
        catalogue, rows, probabilities, key: as in `grid_of`.
        page_size: digits on a page.
        is_one_of_them: whether the chosen digit has to be among `rows`; else an address may name any that was read.

    Returns:
        The chosen digit's row in the catalogue.
    """
    pages = -(-len(rows) // page_size)
    with st.container(horizontal=True, vertical_alignment="center"):
        page = st.pagination(**address.page_of(_PAGE, pages), max_visible_pages=5)
        read = len(catalogue) - int(np.isnan(probabilities[:, 0]).sum())
        st.markdown(f"**{len(rows):,}** of {read:,} digits", width="content")
    shown = rows[(page - 1) * page_size : page * page_size]
    chosen = _chosen_row(catalogue)
    if chosen is not None and (np.isnan(probabilities[chosen, 0]) or (is_one_of_them and chosen not in rows)):
        chosen = None
    answers = probabilities[shown].argmax(axis=1)
    labels = catalogue.labels[shown]
    with st.container(key=f"{key}-tiles"):  # on a phone it scrolls by itself: see style.css
        picked = grid.choose(
            figures.sprite_png(catalogue.images(shown), _COLUMNS, layout.ink()),
            _COLUMNS,
            [name(catalogue, row, answer) for row, answer in zip(shown, answers, strict=True)],
            next(iter(np.flatnonzero(shown == chosen).tolist()), None),
            key=f"{key} grid",
            marks=[_MISREAD if wrong else None for wrong in answers != labels],
            captions=[
                f"{label}→{answer}" if label != answer else None
                for label, answer in zip(labels, answers, strict=True)
            ],
        )
    if picked is not None:
        chosen = int(shown[picked])
        address.choose(
            address.DIGIT, f"{catalogue.splits[catalogue.split[chosen]]}-{catalogue.number[chosen]}"
        )
    is_wrong = answers != labels
    legend = "A red edge and 4→9 mean: labelled 4, read as 9. " if is_wrong.any() else ""
    st.caption(f"{legend}Choose one to see it up close.")
    return int(shown[0]) if chosen is None else chosen


def name(catalogue: Catalogue, row: int, answer: int) -> str:
    """A digit in words: "test 947: labelled 8, read as 9"."""
    split = close_up.split_name(catalogue, row)
    return f"{split} {catalogue.number[row]}: labelled {catalogue.labels[row]}, read as {answer}"


def _chosen_row(catalogue: Catalogue) -> int | None:
    """The digit that the address names; None if it names none of this set."""
    split, _, number = (address.chosen(address.DIGIT) or "").rpartition("-")
    if split not in catalogue.splits or not number.isdecimal() or len(number) > 6:
        return None
    index = catalogue.splits.index(split)
    return catalogue.row_of(split, int(number)) if int(number) < len(catalogue.parts[index]) else None


def restart() -> None:
    """Another choice starts at its first page."""
    address.choose(_PAGE, None)
