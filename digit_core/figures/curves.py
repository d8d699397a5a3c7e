"""Figures of ROC and precision-recall curves. They draw and compute nothing but which points can be seen."""

import numpy as np
import plotly.graph_objects as go

from digit_core.figures.base import CLASS_COLOURS, DASHES, MODEL_COLOURS, NEUTRAL, blank
from digit_core.metrics.curves import Curve, Point, thin

# Of all curves together: 36 KB.
_POINTS = 1_500
# Of a logarithmic axis, left of the smallest rate above 0: what lies at 0 is drawn there.
_DECADES_LEFT = 0.15


def roc(
    curves: dict[str, Curve], points: dict[str, Point] | None = None, logarithmic: bool = False
) -> go.Figure:
    """ROC curves: the higher and the further to the left, the better.

    Args:
        curves: name to curve, in the legend's order: of one model as in `Curves.named()`, or of several models,
            with names such as "cnn, micro". Names "0" to "9" have their class's colour.
        points: name to where the threshold stands; none if None.
        logarithmic: whether the axis of the false-positive rate is logarithmic, from the smallest rate above 0 that any
            curve has; what lies at 0 is drawn at the left edge, and hovering says 0. The axis of the true-positive rate
            then starts where the data do.
    """
    figure = blank(440, "false alarms (false-positive rate)", "hits (true-positive rate)")
    smallest = min(
        (float(one.x[one.x > 0].min()) for one in curves.values() if np.any(one.x > 0)), default=1.0
    )
    edge = smallest / 10**_DECADES_LEFT if logarithmic else 0.0
    for place, (name, one) in enumerate(curves.items()):
        thinned = thin(one, _most(curves), edge or None)
        _add_line(figure, name, place, thinned, np.maximum(thinned.x, edge), "false alarms", "hits")
    _add_points(figure, curves, points, edge, "false alarms", "hits")
    figure.update_xaxes(zeroline=False, range=[-0.02, 1.03], tickformat="~%")
    figure.update_yaxes(zeroline=False, range=[0, 1.02], tickformat="~%")
    if logarithmic:
        figure.update_xaxes(type="log", range=[np.log10(edge), 0.08], **_decades(edge))
        starts = [float(one.y[one.x <= edge].max()) for one in curves.values()]
        figure.update_yaxes(range=_from(min([*starts, *_heights(points)], default=0)))
    else:
        figure.add_scatter(
            x=[0, 1],
            y=[0, 1],
            mode="lines",
            line={"color": NEUTRAL, "dash": "dot", "width": 1},
            name="guessing",
            hoverinfo="skip",
        )
    return figure


def precision_recall(
    curves: dict[str, Curve], points: dict[str, Point] | None = None, zoomed: bool = False
) -> go.Figure:
    """Precision-recall curves: the higher and the further to the right, the better.

    Args:
        curves, points: as in `roc`.
        zoomed: whether to show only the corner in which the curves bend; else both axes go from 0 to 1.
    """
    figure = blank(440, "hits (recall)", "right when claimed (precision)")
    for place, (name, one) in enumerate(curves.items()):
        thinned = thin(one, _most(curves))
        _add_line(figure, name, place, thinned, thinned.x, "recall", "precision")
    _add_points(figure, curves, points, 0.0, "recall", "precision")
    # Where precision and recall are equal a curve is in the midst of its bend.
    bend = min((float(np.minimum(one.x, one.y).max()) for one in curves.values()), default=0.0)
    low = max(0.0, 1 - 4 * (1 - bend) - 0.002) if zoomed else 0.0
    low = min([low, *_heights(points), *(point.x for point in (points or {}).values())])
    room = (1 - low) * 0.03
    figure.update_xaxes(zeroline=False, range=[low, 1 + room], tickformat="~%")
    figure.update_yaxes(zeroline=False, range=[low, 1 + room], tickformat="~%")
    return figure


def _heights(points: dict[str, Point] | None) -> list[float]:
    """Where the points stand, so that none lies outside of what is shown."""
    return [point.y for point in (points or {}).values() if point.y is not None]


def _decades(edge: float) -> dict[str, list]:
    """Ticks at 100%, 10%, 1% and so on, in words: powers of ten are not everybody's."""
    steps = range(int(np.ceil(np.log10(edge))), 1)
    return {
        "tickvals": [10.0**step for step in steps],
        "ticktext": [power_of_ten(step) for step in steps],
    }


def power_of_ten(exponent: int) -> str:
    """A share as a tick of a logarithmic axis: "100%" for 0, "0.1%" for -3."""
    return f"{100 * 10.0**exponent:.10f}".rstrip("0").rstrip(".") + "%"


def _most(curves: dict[str, Curve]) -> int:
    return max(20, min(400, _POINTS // max(len(curves), 1)))


def _from(low: float) -> list[float]:
    room = max((1 - low) * 0.1, 0.002)
    return [low - room, 1 + room]


def _look(name: str, place: int) -> tuple[str, str, float]:
    """Colour, dash and width of a curve."""
    if name.isdigit():
        # Three dashes, so that neighbours in colour are not in dash.
        return CLASS_COLOURS[int(name)], DASHES[int(name) % 3], 1.6
    if name in ("micro", "macro"):
        return NEUTRAL, "solid" if name == "micro" else "dash", 3.0
    return MODEL_COLOURS[place % len(MODEL_COLOURS)], DASHES[place % len(DASHES)], 2.2


def _add_line(
    figure: go.Figure, name: str, place: int, one: Curve, shown_x: np.ndarray, x_word: str, y_word: str
) -> None:
    colour, dash, width = _look(name, place)
    figure.add_scatter(
        x=shown_x.astype(np.float32),
        y=one.y.astype(np.float32),
        customdata=one.x.astype(np.float32),
        name=name,
        mode="lines",
        line={"color": colour, "dash": dash, "width": width},
        hovertemplate=f"{name}: %{{y:.2%}} {y_word}, %{{customdata:.3~%}} {x_word}<extra></extra>",
    )
    figure.update_layout(
        showlegend=True, legend={"orientation": "h", "y": -0.2, "yanchor": "top", "itemwidth": 40}
    )


def _add_points(
    figure: go.Figure,
    curves: dict[str, Curve],
    points: dict[str, Point] | None,
    edge: float,
    x_word: str,
    y_word: str,
) -> None:
    for place, name in enumerate(curves):
        point = (points or {}).get(name)
        if point is None or point.y is None:
            continue
        colour, _, _ = _look(name, place)
        figure.add_scatter(
            x=[max(point.x, edge)],
            y=[point.y],
            customdata=[point.x],
            mode="markers",
            marker={"color": colour, "size": 13, "symbol": "circle-open-dot", "line": {"width": 2.5}},
            showlegend=False,
            cliponaxis=False,
            hovertemplate=(
                f"{name}, threshold {point.threshold:.1%}: %{{y:.2%}} {y_word}, %{{customdata:.3~%}} {x_word}<extra></extra>"
            ),
        )
