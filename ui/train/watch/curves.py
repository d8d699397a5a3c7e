"""The learning curves: two charts that take new points without being drawn anew."""

import math
from typing import Any

import pandas as pd
import streamlit as st

from digit_core.monitoring.progress import METRICS, Point, epochs_done, learning_curve, thinned
from digit_core.monitoring.recordings import Progress

TRAINING, VALIDATION = "#3b8ed0", "#d0662f"  # blue and orange: the colour-blind can tell them apart
_HEIGHT = 250  # pixels
_RATE_POINTS = 200
_X_AXIS = {
    "field": "epoch",
    "type": "quantitative",
    "axis": {"title": "epochs", "tickMinStep": 1, "format": "d", "grid": False},
    "scale": {"nice": False, "zero": True},
}
_FRAME = "frame"  # rows that draw nothing and keep the axis as long as the epochs that have begun
_STEPS, _TRAINING, _VALIDATION = "training, as it goes", "training, whole epoch", "validation"
_TITLES = {"loss": "Loss: how wrong (lower is better)", "accuracy": "Accuracy: how often correct"}
_LEGEND = f"""<div class="curve-legend">
<span><i style="border-top: 1.5px solid {TRAINING}"></i>training, as it goes</span>
<span><i style="border-top: 3px dashed {TRAINING}"></i>training, whole epoch</span>
<span><i style="border-top: 3px solid {VALIDATION}"></i>validation: digits it does not learn from</span></div>"""


def show(progress: Progress, batch_size: int, key: str) -> None:
    """Show loss and accuracy side by side, or one above the other on a phone.

    Args:
        progress: of the run.
        batch_size: digits a step.
        key: of the widgets, one a run.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        words = ". ".join(described(progress, metric) for metric in METRICS)
        st.html(f'{_LEGEND}<p class="unseen">{words}.</p>')
        is_close = st.toggle(
            "Close up",
            key=f"close-up {key}",
            help="Looks closely at the good end. Loss: a tenth of it has as much room as the whole before. Accuracy: "
            "the axis begins where twice as many digits are read wrong as now.",
        )
    columns = st.columns(2, gap="small")
    for column, metric in zip(columns, METRICS, strict=True):
        with column:
            st.vega_lite_chart(
                table(progress, metric, batch_size, is_close=is_close),
                _spec(metric, is_close),
                key=f"curve {metric} {key}",
                # Another text would have the whole chart drawn anew, so the figures are told in words below the legend.
                alt=f"The curves of the {metric}, in training and in validation",
            )


def learning_rate(progress: Progress, key: str) -> None:
    """Show the learning rate as it went, step by step."""
    started = progress.started
    if started is None:
        return
    rates = [
        (epochs_done(batch, started.steps_per_epoch), batch.learning_rate)
        for batch in thinned(progress.batches, _RATE_POINTS)
    ]
    y_axis = {"title": None, "format": ".2~g", "tickCount": 4}
    spec = {
        "height": 200,
        "title": {"text": "Learning rate: the length of the steps", "anchor": "start", "fontSize": 14},
        "mark": {"type": "line", "interpolate": "step-after", "color": TRAINING},
        "encoding": {
            "x": _X_AXIS,
            "y": {"field": "rate", "type": "quantitative", "axis": y_axis, "scale": {"zero": True}},
        },
    }
    rows = pd.DataFrame(rates, columns=["epoch", "rate"]).astype("float64")
    st.vega_lite_chart(rows, spec, key=f"learning rate {key}", alt="The learning rate, step by step")


def table(progress: Progress, metric: str, batch_size: int, *, is_close: bool = False) -> pd.DataFrame:
    """The points of a chart: columns epoch (epochs done), value and series.

    Args:
        progress: of the run.
        metric: "loss" or "accuracy".
        batch_size: digits a step.
        is_close: leave out what has no place on the axis of the close-up.
    """
    curve = learning_curve(progress, metric, batch_size)
    lines = (curve.steps, curve.training, curve.validation)
    least = _floor(metric, lines) if is_close else -math.inf
    rows = [
        (epoch, value, series)
        for series, points in zip((_STEPS, _TRAINING, _VALIDATION), lines, strict=True)
        for epoch, value in points
        if value > least
    ]
    end = max((epoch for epoch, _ in curve.steps), default=0.0)
    rows.append((float(max(1, math.ceil(end - 1e-9))), None, _FRAME))
    frame = pd.DataFrame(rows, columns=["epoch", "value", "series"])
    return frame.astype({"epoch": "float64", "value": "float64"})


def _floor(metric: str, lines: tuple[tuple[Point, ...], ...]) -> float:
    """What a value in the close-up is above: a logarithm has no zero; of the accuracy, see the toggle's help."""
    if metric == "loss":
        return 0.0
    steps, *whole_epochs = lines  # a single step would have the axis jump about
    settled = whole_epochs if any(whole_epochs) else [steps]
    lowest = min((points[-1][1] for points in settled if points), default=0.0)
    return 1 - 2 * (1 - lowest) - 1e-9


def described(progress: Progress, metric: str) -> str:
    """A curve in a sentence, for those who do not see it."""
    if not progress.epochs:
        return f"The {metric} of the training digits while the first epoch goes on"
    last = progress.epochs[-1]
    told = "{:.1%}" if metric == "accuracy" else "{:.3g}"
    values = told.format(getattr(last, metric)), told.format(getattr(last, f"validation_{metric}"))
    after = "1 epoch" if last.epoch == 1 else f"{last.epoch} epochs"
    return f"The {metric} after {after}: {values[0]} in training, {values[1]} in validation"


def _spec(metric: str, is_close: bool) -> dict[str, Any]:
    """The chart as Vega-Lite takes it. It does not depend on the data, so that only the data are sent anew."""
    scale: dict[str, Any] = {"zero": False, "nice": True}
    if is_close and metric == "loss":
        scale = {"type": "log", "nice": False}
    axis = {"title": None, "tickCount": 5, "grid": True} | ({"format": ".0%"} if metric == "accuracy" else {})
    if is_close:
        axis["format"] = ".2~g" if metric == "loss" else ".1~%"
    told = ".2%" if metric == "accuracy" else ".3~g"
    y = {"field": "value", "type": "quantitative", "axis": axis, "scale": scale}
    tooltip = [
        {"field": "series", "title": "what"},
        {"field": "epoch", "type": "quantitative", "title": "epochs", "format": ".3~g"},
        {"field": "value", "type": "quantitative", "title": metric, "format": told},
    ]
    return {
        "height": _HEIGHT,
        "title": {"text": _TITLES[metric], "anchor": "start", "fontSize": 14},
        "encoding": {"x": _X_AXIS},
        "layer": [
            _layer(_FRAME, {"type": "rule", "opacity": 0}, {}),
            _layer(
                _STEPS,
                {"type": "line", "color": TRAINING, "strokeWidth": 1.2, "opacity": 0.9},
                {"y": y},
            ),
            _layer(
                _TRAINING,
                {
                    "type": "line",
                    "color": TRAINING,
                    "strokeWidth": 2.4,
                    "strokeDash": [5, 3],
                    "point": {"filled": True, "color": TRAINING, "size": 45},
                },
                {"y": y, "tooltip": tooltip},
            ),
            _layer(
                _VALIDATION,
                {
                    "type": "line",
                    "color": VALIDATION,
                    "strokeWidth": 2.4,
                    "point": {"filled": True, "color": VALIDATION, "shape": "diamond", "size": 65},
                },
                {"y": y, "tooltip": tooltip},
            ),
        ],
    }


def _layer(series: str, mark: dict[str, Any], encoding: dict[str, Any]) -> dict[str, Any]:
    return {
        "transform": [{"filter": {"field": "series", "equal": series}}],
        "mark": mark,
        "encoding": encoding,
    }
