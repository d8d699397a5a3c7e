"""A map of digits on which a click, a box or a lasso chooses."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

# Streamlit lets a click select only while neither lasso nor box is the tool, so one of the three is chosen.
TOOLS = {"pan": "One digit", "lasso": "Lasso", "select": "Box"}
_CONFIG = {
    # A phone has no pointer to hover with: the buttons that zoom must be in sight.
    "displayModeBar": True,
    "modeBarButtonsToRemove": ["autoScale2d", "toImage"],
}


def pick_tool(key: str) -> str:
    """Ask what a finger or the mouse does on a map; one answer serves several maps.

    Args:
        key: of the widget.

    Returns:
        A key of `TOOLS`.
    """
    return st.segmented_control(
        "Choose on the map",
        list(TOOLS),
        format_func=TOOLS.__getitem__,
        default="pan",
        required=True,
        help="One digit: click or tap it, and drag to move the map. Lasso: draw round some digits. Box: draw a corner "
        "to corner rectangle.",
        key=key,
    )


def choose(
    figure: go.Figure, rows: np.ndarray, labels: np.ndarray, key: str, *, tool: str, description: str
) -> np.ndarray:
    """Show a map and say which digits are selected on it.

    A click or a tap selects one digit, a box or a lasso those inside it, a double click none. The selection stays from
    rerun to rerun; on another map, or with another tool, nothing is selected at first.

    Args:
        figure: made by `figures.digit_map` from digits with these labels; its way of dragging is set here.
        rows: integer array of shape (n,), which digits of the catalogue those of the figure are, in its order.
        labels: uint8 array of shape (n,), those that the figure was made with.
        key: of the widget.
        tool: a key of `TOOLS`.
        description: what the map shows, in words, for those who hear the page.

    Returns:
        int64 array: the selected digits' rows, ascending, each once; empty when nothing is selected.
    """
    shown = go.Figure(figure)  # the caller's may be shared by many visitors
    shown.layout.dragmode = tool
    event = st.plotly_chart(
        shown,
        key=key,
        on_select="rerun",
        selection_mode=("points", "box", "lasso"),
        config=_CONFIG,
        alt=description,
    )
    return np.unique(rows[_selected(event["selection"]["points"], labels)]).astype(np.int64)


def _selected(points: list[Any], labels: np.ndarray) -> np.ndarray:
    """The places in the arrays of the points that a browser's message names; the message may be anybody's."""
    named: dict[int, list[int]] = {}
    for point in points:
        trace, index = (
            (point.get("curve_number"), point.get("point_index")) if isinstance(point, dict) else (None, None)
        )
        if type(trace) is int and type(index) is int and index >= 0:
            named.setdefault(trace, []).append(index)
    found = [np.empty(0, np.int64)]
    for digit, indices in named.items():
        of_class = np.flatnonzero(labels == digit)
        within = np.array(indices, dtype=object)
        found.append(of_class[within[within < len(of_class)].astype(np.int64)])
    return np.concatenate(found)
