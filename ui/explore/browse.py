"""The grid: filters that combine, an order, pages of a hundred digits, and one of them up close."""

import streamlit as st

from digit_core.datasets import queries
from digit_core.datasets.catalogue import Catalogue
from digit_core.datasets.queries import Query
from ui.digits import digit_grid
from ui.frame import address, resources

_SORTS = {
    "number": "Number",
    "typical": "Most typical first",
    "odd": "Least typical first",
    "hardest": "Hardest for the model",
    "random": "Random",
}
_FOLDED = "<style>@media (max-width: 640px) { .st-key-browse-filters { display: none !important; } }</style>"


def show(catalogue: Catalogue, model: str) -> None:
    """Filters, the grid, and the digit that was chosen."""
    probabilities = resources.answers(catalogue.name, model)
    rows = queries.select(catalogue, _query(catalogue), probabilities)
    if not len(rows):
        st.info("No digits match. Remove a filter.", icon=":material/filter_alt_off:")
        return
    digit_grid.grid_of(catalogue, rows, probabilities, model, key="browse")


def _query(catalogue: Catalogue) -> Query:
    """The filters and the order, which stand in the address, too."""
    digits = list(range(10))
    percent, slants = (0, 100), (-queries.MAX_SLANT, queries.MAX_SLANT)
    anew = {"then": digit_grid.restart}
    fold = st.container(key="browse-fold")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="browse-filters"):
        labels = st.pills("Labelled", selection_mode="multi", **address.several("labelled", digits, **anew))
        answers = st.pills("Read as", selection_mode="multi", **address.several("read", digits, **anew))
        verdict = st.segmented_control(
            "Answer",
            required=True,
            **address.one("verdict", queries.VERDICTS, "any", **anew),
        )
        sort = st.selectbox(
            "Order",
            **address.listed("sort", list(_SORTS), named=_SORTS.__getitem__, **anew),
            width=215,
        )
        more = st.popover("More filters", icon=":material/tune:")
    with more:
        splits = st.pills(
            "Split",
            selection_mode="multi",
            **address.several("split", catalogue.splits, **anew),
            help="Networks learn from the train digits, are chosen on the validation digits and tested on the test digits.",
        )
        low, high = st.slider("How sure the model is, %", **address.number("sure", *percent, percent, **anew))
        ink = st.slider(
            "Ink, from the thinnest to the boldest, %",
            **address.number("ink", *percent, percent, **anew),
            help="0 to 10 are the thinnest tenth of all digits.",
        )
        slant = st.slider(
            "Slant in degrees, to the right is positive",
            **address.number("slant", *slants, slants, **anew),
        )
        label_errors_only = st.toggle("Label in doubt", **address.switch("doubt", **anew))
        seed = 0
        if sort == "random":
            seed = st.number_input("Shuffle", **address.number("seed", 0, queries.MAX_SEED, 0))
        _jump(catalogue)
    query = Query(
        tuple(splits),
        tuple(labels),
        tuple(answers),
        verdict,
        (low / 100, high / 100),
        ink,
        slant,
        label_errors_only,
        sort,
        seed,
    )
    with fold:
        _fold(query.narrowing)
    return query


def _fold(narrowing: int) -> None:
    """On a phone the filters are out of the way until they are asked for."""
    label = f"Show filters and order ({narrowing} set)" if narrowing else "Show filters and order"
    if not st.toggle(label, key="browse unfolded"):
        st.html(_FOLDED)


def _jump(catalogue: Catalogue) -> None:
    """Show one digit by its number, whatever the filters are."""
    split = st.selectbox("Go to a digit of", catalogue.splits, index=len(catalogue.splits) - 1)
    last = len(catalogue.parts[catalogue.splits.index(split)]) - 1
    number = st.number_input("with number", 0, last, 0)
    if st.button("Go", icon=":material/arrow_forward:"):
        address.choose(address.DIGIT, f"{split}-{number}")
