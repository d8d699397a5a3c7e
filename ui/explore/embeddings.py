"""Two maps of the test digits side by side: of their pixels, and of what a network makes of them."""

import numpy as np
import streamlit as st

from digit_core.datasets.catalogue import Catalogue
from digit_core.explanations import embeddings
from ui.components import map_view
from ui.digits import digit_grid
from ui.frame import address, resources


def show(catalogue: Catalogue, model: str) -> None:
    """The maps, how well each tells the digits apart, and the selected digits in a grid."""
    if catalogue.name != "mnist":
        st.info("There is a map of MNIST only: choose it in the sidebar.", icon=":material/info:")
        return
    with st.container(horizontal=True, gap="large"):
        method = st.segmented_control(
            "How the map is drawn",
            required=True,
            **address.one("method", list(embeddings.METHODS), "t-sne", named=embeddings.METHODS.__getitem__),
            help="PCA keeps the two directions in which digits differ the most. t-SNE keeps neighbours together; "
            "on its map, distances between groups that are far apart mean nothing.",
        )
        tool = map_view.pick_tool("tool")
    st.markdown(
        "Digits that are alike lie close together. **Choose with a tap, a box or a lasso**: the grid below shows them."
    )
    pixels, hidden = st.columns(2, gap="medium")
    with pixels:
        selected = _one_map(catalogue, embeddings.PIXELS, method, model, tool, "of the pixels")
    with hidden:
        beyond = _one_map(catalogue, model, method, model, tool, "of the network's last hidden layer")
    chosen = np.union1d(selected, beyond)
    if len(chosen):
        st.markdown(f"## {len(chosen):,} selected digits")
        digit_grid.grid_of(catalogue, chosen, resources.answers(catalogue.name, model), model, key="map")
    else:
        st.info("Nothing is selected yet: tap a point, or draw around some.", icon=":material/lasso_select:")


def _one_map(
    catalogue: Catalogue, subject: str, method: str, model: str, tool: str, words: str
) -> np.ndarray:
    """Show one map and return the rows selected on it."""
    if subject not in embeddings.names() and method != "pca":
        st.caption("This model did not come with the app. t-SNE would take minutes, so this is PCA.")
        method = "pca"
    found = resources.digit_map(subject, method)
    st.markdown(f"**A map {words}**: for {found.agreement:.1%}, the nearest neighbour is the same digit")
    return map_view.choose(
        resources.map_figure(subject, method, model, tool),
        found.rows,
        catalogue.labels[found.rows],
        key=f"map {subject} {method}",
        description=f"10,000 test digits: a map {words}",
    )
