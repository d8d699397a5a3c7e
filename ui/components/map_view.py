"""A map of digits on which a click, a tap, a box or a lasso chooses."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from ui.frame import held

# What dragging does; a click or a tap chooses with each.
TOOLS = {"lasso": "Lasso", "select": "Box", "pan": "Move"}
_CONFIG = {
    # A phone has no pointer to hover with: the buttons that zoom must be in sight.
    "displayModeBar": True,
    "modeBarButtonsToRemove": ["autoScale2d", "toImage"],
}

# Streamlit passes clicks on only while the tool is neither box nor lasso, and a finger must tap twice even then: Plotly
# learns of the first tap before it has looked which point lies under it. So this listens beside the chart.
_TAPS_JS = """
const SETTLED = 150;  // milliseconds in which Plotly finds the point below a finger

export default function (component) {
  const { parentElement: root, setTriggerValue } = component;
  const block = root.host.closest('[data-testid="stVerticalBlock"]');
  let press = { pointerType: "mouse" }, waiting = null;

  const report = (plot) => {
    const point = plot._hoverdata?.[0];
    if (point) setTriggerValue("tapped", { curve_number: point.curveNumber, point_index: point.pointNumber });
  };
  const look = (plot, target) => {
    const { clientX, clientY } = press;
    target.dispatchEvent(new MouseEvent("mousemove", { clientX, clientY, bubbles: true }));
    waiting = setTimeout(report, SETTLED, plot);
  };
  const onPress = (event) => { press = event; };
  const onClick = (event) => {
    const plot = event.target.closest(".js-plotly-plot");
    if (!plot || !event.target.closest(".draglayer")) return;
    clearTimeout(waiting);
    // With a mouse the point whose name stands there is the one that is meant.
    if (press.pointerType === "mouse" && plot._hoverdata) report(plot);
    else waiting = setTimeout(look, 0, plot, event.target);  // when Plotly is done with the press
  };
  block.addEventListener("pointerdown", onPress, true);
  block.addEventListener("click", onClick, true);
  return () => {
    block.removeEventListener("pointerdown", onPress, true);
    block.removeEventListener("click", onClick, true);
  };
}
"""
_taps = st.components.v2.component("digit_map_taps", html="<span></span>", js=_TAPS_JS)


def pick_tool(key: str) -> str:
    """Ask what dragging on a map does; one answer serves several maps. Their own small buttons do the same.

    Args:
        key: of the widget.

    Returns:
        A key of `TOOLS`, which `figures.embedding` takes as its `dragmode`.
    """
    return st.segmented_control(
        "Dragging on the map",
        list(TOOLS),
        format_func=TOOLS.__getitem__,
        default="lasso",
        required=True,
        wrap=True,
        help="Lasso: draw round some digits. Box: from corner to corner. Move: shift the map. A click or a tap on a "
        "point always chooses that digit.",
        key=key,
    )


def choose(
    figure: go.Figure,
    rows: np.ndarray,
    labels: np.ndarray,
    key: str,
    *,
    description: str,
) -> np.ndarray:
    """Show a map and say which digits are chosen on it.

    A click or a tap chooses one digit, a box or a lasso those inside it, a double click on clear ground none. The last
    choice stays from rerun to rerun. On another map under the same key, or with another tool, what was enclosed is
    forgotten.

    Args:
        figure: made by `figures.embedding` from digits with these labels.
        rows: integer array of shape (n,), which digits of the catalogue those of the figure are, in its order.
        labels: uint8 array of shape (n,), those that the figure was made with.
        key: of the widget.
        description: what the map shows, in words, for those who hear the page.

    Returns:
        int64 array: the chosen digits' rows, ascending, each once; empty when nothing is chosen.
    """
    tapped, taps_key = f"{key} tapped", f"{key} taps"

    def take_tap() -> None:
        st.session_state[tapped] = held.told_by_component(taps_key, "tapped")

    def forget_tap() -> None:
        st.session_state.pop(tapped, None)

    with st.container(gap=None):
        _taps(key=taps_key, on_tapped_change=take_tap)
        event = st.plotly_chart(
            figure,
            key=key,
            on_select=forget_tap,
            selection_mode=("box", "lasso"),
            config=_CONFIG,
            alt=description,
        )
    tap = st.session_state.get(tapped)
    places = _places([tap], labels) if tap is not None else _places(event["selection"]["points"], labels)
    return np.unique(rows[places]).astype(np.int64)


def _places(points: list[Any], labels: np.ndarray) -> np.ndarray:
    """Where in the arrays the points are that a browser's message names; the message may be anybody's."""
    named: dict[int, list[int]] = {}
    for point in points:
        if not isinstance(point, dict):
            continue
        trace, index = point.get("curve_number"), point.get("point_index")
        if type(trace) is int and type(index) is int and 0 <= index < len(labels):
            named.setdefault(trace, []).append(index)
    found = [np.empty(0, np.int64)]
    for digit, indices in named.items():
        of_class = np.flatnonzero(labels == digit)
        within = np.array(indices)
        found.append(of_class[within[within < len(of_class)]])
    return np.concatenate(found)
