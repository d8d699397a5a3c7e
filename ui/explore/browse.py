"""The grid: filters that combine, an order, pages of a hundred digits, and one of them up close."""

from typing import Any

import numpy as np
import streamlit as st

from digit_core import browsing, figures
from digit_core.browsing import Query
from digit_core.catalogue import Catalogue
from ui import address, grid, layout, resources
from ui.explore import close_up

_PAGE_SIZE, _COLUMNS = 100, 10
_SORTS = {
    "number": "Number",
    "typical": "Most typical first",
    "odd": "Oddest first",
    "hardest": "Hardest for the model",
    "random": "Random",
}
_MISREAD = "#c9485b"


def show(catalogue: Catalogue, model: str) -> None:
    """Filters, the grid, and the digit that was chosen."""
    probabilities = resources.answers(catalogue.name, model)
    rows = browsing.select(catalogue, _query(catalogue), probabilities)
    if not len(rows):
        st.info("No digit meets all of these conditions: take one back.", icon=":material/filter_alt_off:")
        return
    grid_of(catalogue, rows, probabilities, model, key="browse")


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
    if st.session_state.get("page", 1) > pages:
        st.session_state["page"] = 1
    with st.container(horizontal=True, vertical_alignment="center"):
        page = st.pagination(pages, **address.bound("page"), max_visible_pages=5)
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
    st.caption("A red edge and 4→9: labelled 4, read as 9. Choose one to see it up close.")
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


def _query(catalogue: Catalogue) -> Query:
    """The filters and the order, which stand in the address, too."""
    digits = list(range(10))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        labels = st.pills("Labelled", digits, selection_mode="multi", **restarting("labelled"))
        answers = st.pills("Read as", digits, selection_mode="multi", **restarting("read"))
        verdict = st.segmented_control(
            "Answer",
            browsing.VERDICTS,
            default="any",
            required=True,
            **restarting("verdict"),
        )
        sort = st.selectbox(
            "Order",
            list(_SORTS),
            format_func=_SORTS.__getitem__,
            **restarting("sort"),
            width=215,
        )
        more = st.popover("More filters", icon=":material/tune:")
    with more:
        splits = st.pills(
            "Split",
            catalogue.splits,
            selection_mode="multi",
            **restarting("split"),
            help="Networks learn from train, are chosen on validation and examined on test.",
        )
        confidence = st.slider("How sure the model is, %", 0, 100, (0, 100), **restarting("sure"))
        ink = st.slider(
            "Ink, from the thinnest to the boldest, %",
            0,
            100,
            (0, 100),
            **restarting("ink"),
            help="0 to 10 are the thinnest tenth of all digits.",
        )
        slant = st.slider(
            "Slant in degrees, to the right is positive",
            -browsing.MOST_SLANT,
            browsing.MOST_SLANT,
            (-browsing.MOST_SLANT, browsing.MOST_SLANT),
            **restarting("slant"),
        )
        in_doubt = st.toggle("Label in doubt", **restarting("doubt"))
        seed = 0
        if sort == "random":
            seed = st.number_input("Shuffle", 0, browsing.MOST_SEED, 0, **address.bound("seed"))
        _jump(catalogue)
    # Anybody can write an address, and Streamlit takes the ends of a range from it in any order.
    confidence, ink, slant = (tuple(sorted(ends)) for ends in (confidence, ink, slant))
    return Query(
        tuple(splits),
        tuple(labels),
        tuple(answers),
        verdict,
        (confidence[0] / 100, confidence[1] / 100),
        ink,
        slant,
        in_doubt,
        sort,
        seed,
    )


def _jump(catalogue: Catalogue) -> None:
    """Show one digit by its number, whatever the filters are."""
    split = st.selectbox("Go to a digit of", catalogue.splits, index=len(catalogue.splits) - 1)
    last = len(catalogue.parts[catalogue.splits.index(split)]) - 1
    number = st.number_input("with number", 0, last, 0)
    if st.button("Go", icon=":material/arrow_forward:"):
        address.choose(address.DIGIT, f"{split}-{number}")


def restarting(key: str) -> dict[str, Any]:
    """What ties a choice of tiles to the address: another one starts at its first page."""
    return address.bound(key) | {"on_change": restart}


def restart() -> None:
    """Another choice starts at its first page."""
    st.session_state["page"] = 1
