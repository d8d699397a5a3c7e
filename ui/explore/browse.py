"""The grid: filters that combine, an order, pages of a hundred digits, and one of them up close."""

import streamlit as st

from digit_core.datasets import queries
from digit_core.datasets.catalogue import Catalogue
from digit_core.datasets.queries import Query
from ui.frame import address, resources
from ui.panels import digit_grid

_SORTS = {
    "number": "Number",
    "typical": "Most typical first",
    "odd": "Least typical first",
    "hardest": "Hardest for the model",
    "random": "Random",
}


def show(catalogue: Catalogue, model: str) -> None:
    """Filters, the grid, and the digit that was chosen."""
    probabilities = resources.answers(catalogue.name, model)
    rows = queries.select(catalogue, _query(catalogue), probabilities)
    if not len(rows):
        st.info("No digit meets all of these conditions: take one back.", icon=":material/filter_alt_off:")
        return
    digit_grid.grid_of(catalogue, rows, probabilities, model, key="browse")


def _query(catalogue: Catalogue) -> Query:
    """The filters and the order, which stand in the address, too."""
    digits = list(range(10))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        labels = st.pills("Labelled", digits, selection_mode="multi", **digit_grid.restarting("labelled"))
        answers = st.pills("Read as", digits, selection_mode="multi", **digit_grid.restarting("read"))
        verdict = st.segmented_control(
            "Answer",
            queries.VERDICTS,
            default="any",
            required=True,
            **digit_grid.restarting("verdict"),
        )
        sort = st.selectbox(
            "Order",
            list(_SORTS),
            format_func=_SORTS.__getitem__,
            **digit_grid.restarting("sort"),
            width=215,
        )
        more = st.popover("More filters", icon=":material/tune:")
    with more:
        splits = st.pills(
            "Split",
            catalogue.splits,
            selection_mode="multi",
            **digit_grid.restarting("split"),
            help="Networks learn from train, are chosen on validation and examined on test.",
        )
        confidence = st.slider("How sure the model is, %", 0, 100, (0, 100), **digit_grid.restarting("sure"))
        ink = st.slider(
            "Ink, from the thinnest to the boldest, %",
            0,
            100,
            (0, 100),
            **digit_grid.restarting("ink"),
            help="0 to 10 are the thinnest tenth of all digits.",
        )
        slant = st.slider(
            "Slant in degrees, to the right is positive",
            -queries.MAX_SLANT,
            queries.MAX_SLANT,
            (-queries.MAX_SLANT, queries.MAX_SLANT),
            **digit_grid.restarting("slant"),
        )
        label_errors_only = st.toggle("Label in doubt", **digit_grid.restarting("doubt"))
        seed = 0
        if sort == "random":
            seed = st.number_input("Shuffle", 0, queries.MAX_SEED, 0, **address.bound("seed"))
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
        label_errors_only,
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
