"""The learning curves: two charts that take new points without being drawn anew."""

import math
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from digit_core.monitoring.progress import METRICS, Point, epochs_done, learning_curve, length, thinned
from digit_core.monitoring.recordings import Progress

TRAINING, VALIDATION = "#3b8ed0", "#d0662f"  # blue and orange: the colour-blind can tell them apart
_HEIGHT = 300  # pixels
_LEAST = 1e-4  # what a logarithmic axis shows of a loss or a share misread that is less: it has no zero
_SMOOTHING = 0.9  # how much of the mean so far stays with each point
_RATE_POINTS = 200
_X_AXIS = {
    "field": "epoch",
    "type": "quantitative",
    "axis": {"title": "epochs", "tickMinStep": 1, "format": "d", "grid": False},
    "scale": {"nice": False, "zero": True},
}
_CHANGE = "change of the learning rate"
_FRAME = "frame"  # rows that draw nothing and keep the axis as long as the epochs that have begun
_STEPS, _TRAINING, _VALIDATION = "training, as it goes", "training, whole epoch", "validation"
_SERIES = (_FRAME, _CHANGE, _STEPS, _TRAINING, _VALIDATION)
_TITLES = {"loss": "Loss: how wrong (lower is better)", "accuracy": "Accuracy: how often correct"}
_LEGEND = f"""<div class="curve-legend">
<span><i style="border-top: 1.5px solid {TRAINING}"></i>training, as it goes{{}}</span>
<span><i style="border-top: 3px dashed {TRAINING}"></i>training, whole epoch</span>
<span><i style="border-top: 3px solid {VALIDATION}"></i>validation: digits it does not learn from</span>{{}}</div>"""
_CHANGE_LEGEND = (
    '<span><i style="border-left: 2px dotted gray; height: 1em; width: 2px"></i>new learning rate</span>'
)


def show(progress: Progress, batch_size: int, key: str, *, has_switches: bool = True) -> None:
    """Show loss and accuracy side by side, or one above the other on a phone.

    Args:
        progress: of the run.
        batch_size: digits a step.
        key: of the widgets, one a run.
        has_switches: whether who looks on can choose how the curves are drawn.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        words = ". ".join(described(progress, metric) for metric in METRICS)
        legend = _LEGEND.format(
            steps_in_words(progress, batch_size), _CHANGE_LEGEND if rate_changes(progress) else ""
        )
        st.html(f'{legend}<p class="unseen">{words}.</p>')
        is_logarithmic, is_smooth = _switches(key) if has_switches else (False, False)
    columns = st.columns(2, gap="small")
    for column, metric in zip(columns, METRICS, strict=True):
        with column:
            rows = table(progress, metric, batch_size, is_logarithmic=is_logarithmic, is_smooth=is_smooth)
            st.vega_lite_chart(
                _sent(rows, is_logarithmic),
                _spec(metric, is_logarithmic),
                key=f"curve {metric} {key}",
                # Another text would have the whole chart drawn anew, so the figures are told in words below the legend.
                alt=f"The curves of the {metric}, in training and in validation",
            )


def _switches(key: str) -> tuple[bool, bool]:
    """Whether the curves are drawn logarithmically, and whether smoothly."""
    with st.container(horizontal=True, gap="small", width="content"):
        is_logarithmic = st.toggle(
            "Logarithmic",
            key=f"logarithmic {key}",
            help="Shows the good end in detail: going from 0.1 to 0.01 takes as much room as going from 1 to 0.1, for the loss "
            "and for the share of misread digits.",
        )
        is_smooth = st.toggle(
            "Smooth",
            key=f"smooth {key}",
            help="Draws the thin line as a running mean, so that you see where it goes.",
        )
    return is_logarithmic, is_smooth


def learning_rate(progress: Progress, key: str) -> None:
    """Show the learning rate as it went: at 200 of the steps where there were more."""
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
        "mark": {"type": "line", "interpolate": "step-after", "color": TRAINING, "aria": False},
        "encoding": {
            "x": _X_AXIS,
            "y": {"field": "rate", "type": "quantitative", "axis": y_axis, "scale": {"zero": True}},
        },
    }
    rows = pd.DataFrame(rates, columns=["epoch", "rate"]).astype("float64")
    st.vega_lite_chart(rows, spec, key=f"learning rate {key}", alt="The learning rate over the epochs")


def table(
    progress: Progress,
    metric: str,
    batch_size: int,
    *,
    is_logarithmic: bool = False,
    is_smooth: bool = False,
) -> pd.DataFrame:
    """The points of a chart: columns epoch (epochs done), value, height (where on its axis it is drawn) and series.

    Args:
        progress: of the run.
        metric: "loss" or "accuracy".
        batch_size: digits a step.
        is_logarithmic: the axis is; an accuracy is then drawn as the share that is misread.
        is_smooth: the line that goes along with the steps is a running mean.
    """
    curve = learning_curve(progress, metric, batch_size)
    steps = _smoothed(curve.steps) if is_smooth else curve.steps
    rows = [
        (epoch, value, _height(metric, value) if is_logarithmic else value, series)
        for series, points in zip(
            (_STEPS, _TRAINING, _VALIDATION), (steps, curve.training, curve.validation), strict=True
        )
        for epoch, value in points
    ]
    rows.append((float(max(1, math.ceil(length(progress) - 1e-9))), None, None, _FRAME))
    rows += [(epoch, rate, None, _CHANGE) for epoch, rate in rate_changes(progress)]
    frame = pd.DataFrame(rows, columns=["epoch", "value", "height", "series"])
    return frame.astype({"epoch": "float64", "value": "float64", "height": "float64"})


def _sent(rows: pd.DataFrame, is_logarithmic: bool) -> pa.Table:
    """The table as the browser is sent it, each second: a seventh of its bytes, for a series is its place in _SERIES then."""
    columns = rows[["epoch", "value", *(["height"] if is_logarithmic else [])]].astype("float32")
    columns["series"] = pd.Categorical(rows["series"], _SERIES).codes
    return pa.Table.from_pandas(columns, preserve_index=False).replace_schema_metadata()


def steps_in_words(progress: Progress, batch_size: int) -> str:
    """What a point of the line that goes along with the steps stands for, where it is more than one."""
    steps = round(learning_curve(progress, "loss", batch_size).steps_per_point)
    return f" (means of about {steps} steps)" if steps > 1 else ""


def _height(metric: str, value: float) -> float:
    return max(_LEAST, value if metric == "loss" else 1 - value)


def _smoothed(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """A running mean with weights that fall off, which sum to 1 from the first point on (as Adam's: Kingma and Ba, 2015)."""
    total = weight = 0.0
    found = []
    for epoch, value in points:
        total = _SMOOTHING * total + (1 - _SMOOTHING) * value
        weight = _SMOOTHING * weight + (1 - _SMOOTHING)
        found.append((epoch, total / weight))
    return tuple(found)


def rate_changes(progress: Progress) -> list[Point]:
    """Where the learning rate became another and stayed so: epochs done and the new rate.

    By hand or because nothing improved; none of a schedule, under which it is another at every step.
    """
    started, batches = progress.started, progress.batches
    if started is None:
        return []
    rates = [batch.learning_rate for batch in batches]
    return [
        (epochs_done(batches[place], started.steps_per_epoch), rates[place])
        for place in range(1, len(rates) - 1)
        if rates[place - 1] != rates[place] == rates[place + 1]
    ]


def described(progress: Progress, metric: str) -> str:
    """A curve in a sentence, for those who do not see it."""
    if not progress.epochs:
        return f"The {metric} of the training digits while the first epoch goes on"
    last = progress.epochs[-1]
    told = "{:.1%}" if metric == "accuracy" else "{:.3g}"
    values = told.format(getattr(last, metric)), told.format(getattr(last, f"validation_{metric}"))
    after = "1 epoch" if last.epoch == 1 else f"{last.epoch} epochs"
    return f"The {metric} after {after}: {values[0]} in training, {values[1]} in validation"


def _spec(metric: str, is_logarithmic: bool) -> dict[str, Any]:
    """The chart as Vega-Lite takes it. It does not depend on the data, so that only the data are sent anew."""
    scale: dict[str, Any] = {"zero": False, "nice": True}
    if is_logarithmic:
        scale = {"type": "log", "nice": False, "reverse": metric == "accuracy"}
    # As many digits as tell any two ticks apart: rounded to whole percent, 98.5 and 99 would both be 99%.
    axis = {"title": None, "tickCount": 5, "grid": True, "format": ".2~%" if metric == "accuracy" else ".2~g"}
    if is_logarithmic and metric == "accuracy":
        axis["labelExpr"] = "format(1 - datum.value, '.4~%')"
    told = ".2%" if metric == "accuracy" else ".3~g"
    y = {
        "field": "height" if is_logarithmic else "value",
        "type": "quantitative",
        "axis": axis,
        "scale": scale,
    }
    rate = {"type": "rule", "strokeDash": [2, 4], "strokeWidth": 2, "opacity": 0.6, "color": "gray"}
    steps = {"type": "line", "color": TRAINING, "strokeWidth": 1.2, "opacity": 0.9}
    return {
        "height": _HEIGHT,
        "title": {"text": _TITLES[metric], "anchor": "start", "fontSize": 14},
        "encoding": {"x": _X_AXIS},
        "layer": [
            _layer(_FRAME, {"type": "rule", "opacity": 0}),
            _layer(_CHANGE, rate, _told("new learning rate", ".3~g")),
            {
                "encoding": {"y": y},
                "layer": [
                    _layer(_STEPS, steps),
                    _layer(
                        _TRAINING,
                        _whole_epochs(TRAINING, strokeDash=[5, 3]),
                        _told(f"{metric}, {_TRAINING}", told),
                    ),
                    _layer(
                        _VALIDATION,
                        _whole_epochs(VALIDATION, shape="diamond"),
                        _told(f"{metric}, {_VALIDATION}", told),
                    ),
                ],
            },
        ],
    }


def _whole_epochs(colour: str, **marks: Any) -> dict[str, Any]:
    """A thick line with a point after each epoch."""
    point = {"filled": True, "color": colour, "size": 55} | (
        {"shape": marks.pop("shape")} if "shape" in marks else {}
    )
    return {"type": "line", "color": colour, "strokeWidth": 2.4, "point": point} | marks


def _told(title: str, number: str) -> dict[str, Any]:
    """What a point says of itself when it is pointed at."""
    epoch = {"field": "epoch", "type": "quantitative", "title": "epochs", "format": ".3~g"}
    return {"tooltip": [epoch, {"field": "value", "type": "quantitative", "title": title, "format": number}]}


def _layer(series: str, mark: dict[str, Any], encoding: dict[str, Any] | None = None) -> dict[str, Any]:
    # The chart has its words; a line without points would have none.
    place = {"filter": {"field": "series", "equal": _SERIES.index(series)}}
    return {"transform": [place], "mark": mark | {"aria": False}} | (
        {"encoding": encoding} if encoding else {}
    )
