"""Learning curves of several runs over one another, as Plotly figures. Nothing is computed here but places."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from digit_core.figures.base import blank
from digit_core.monitoring.events import EpochEnded

# One colour and one mark a run, in order; all stand out from light paper and from dark. They are other colours than
# those of the digits.
RUN_COLOURS = ("#3a7fc4", "#d9662b", "#2a9d78", "#b0559f", "#a8872a", "#7b858c")
_MARKS = ("circle", "square", "diamond", "triangle-up", "x", "star")
LETTERS = "ABCDEF"
# Of the chart's height: nearer, the letters at the lines' ends would lie on one another.
_CLOSEST = 0.06
# A network that guesses has a loss of ln 10 = 2.3. One that lies far above has diverged, and would press the others' lines flat.
_LARGEST_LOSS = 3.0


@dataclass(frozen=True)
class Curve:
    """The epochs of one run.

    Attributes:
        name: of the run.
        epochs: those that are done; a run without any has no lines, and keeps its letter.
    """

    name: str
    epochs: tuple[EpochEnded, ...]


def learning_curves(curves: Sequence[Curve], figure_of: str) -> go.Figure:
    """Loss or accuracy by epoch: for each run training as a dashed line, validation as a solid one with its letter.

    Args:
        curves: `len(RUN_COLOURS)` at the most; the first is "A".
        figure_of: "loss" or "accuracy".
    """
    figure = blank(300, "epoch")
    is_share = figure_of == "accuracy"
    for place, curve in enumerate(curves):
        for is_validation in (False, True) if curve.epochs else ():
            _add_line(figure, place, curve, figure_of, is_validation)
    _name_lines(figure, curves, figure_of)
    # Room to the right for the letters at the lines' ends.
    figure.update_layout(margin={"r": 26}, hovermode="closest")
    longest = max((epoch.epoch for curve in curves for epoch in curve.epochs), default=1)
    steps = {"dtick": 1} if longest <= 12 else {}
    figure.update_xaxes(zeroline=False, **steps)
    if not is_share and leaving(curves):
        figure.update_yaxes(range=[0, _LARGEST_LOSS])
    figure.update_yaxes(
        zeroline=False,
        tickformat=".2~%" if is_share else None,
        rangemode="normal" if is_share else "tozero",
    )
    return figure


def leaving(curves: Sequence[Curve]) -> list[str]:
    """The letters of the runs whose loss leaves the chart at its top, as no run is to flatten the others."""
    largest = [
        max(
            _finite(
                value for is_validation in (False, True) for value in _values(curve, "loss", is_validation)
            ),
            default=0.0,
        )
        for curve in curves
    ]
    if all(value > _LARGEST_LOSS for value in largest):
        return []
    return [LETTERS[place] for place, value in enumerate(largest) if value > _LARGEST_LOSS]


def _values(curve: Curve, figure_of: str, is_validation: bool) -> list[float]:
    field = f"validation_{figure_of}" if is_validation else figure_of
    return [getattr(epoch, field) for epoch in curve.epochs]


def _add_line(figure: go.Figure, place: int, curve: Curve, figure_of: str, is_validation: bool) -> None:
    digits = "validation" if is_validation else "training"
    value = "%{y:.1%} right" if figure_of == "accuracy" else "loss %{y:.3~g}"
    figure.add_scatter(
        x=[epoch.epoch for epoch in curve.epochs],
        y=_values(curve, figure_of, is_validation),
        name=f"{LETTERS[place]} {digits}",
        mode="lines+markers",
        line={
            "color": RUN_COLOURS[place],
            "width": 2.5 if is_validation else 1.5,
            "dash": "solid" if is_validation else "dash",
        },
        marker={"symbol": _MARKS[place], "size": 7 if is_validation else 4},
        hovertemplate=f"{LETTERS[place]}, epoch %{{x}}, {digits} digits: {value}<extra></extra>",
    )


def _finite(values: Iterable[float]) -> list[float]:
    return [value for value in values if math.isfinite(value)]


def _name_lines(figure: go.Figure, curves: Sequence[Curve], figure_of: str) -> None:
    """Write each run's letter beside the end of its solid line, moved up where two would lie on one another."""
    lines = [_values(curve, figure_of, validation) for curve in curves for validation in (False, True)]
    values = _finite(value for line in lines for value in line)
    highest = _LARGEST_LOSS if figure_of == "loss" and leaving(curves) else math.inf
    values = [min(value, highest) for value in values]
    room = ((max(values) - min(values)) or 1.0) * _CLOSEST if values else 0.0
    solid = [_finite(line) for line in lines[1::2]]  # a run that diverged ends in NaN
    ends = sorted((min(line[-1], highest), place) for place, line in enumerate(solid) if line)
    lowest = -float("inf")
    for value, place in ends:
        height = max(value, lowest + room)
        lowest = height
        figure.add_annotation(
            x=curves[place].epochs[-1].epoch,
            y=height,
            text=f"<b>{LETTERS[place]}</b>",
            font={"color": RUN_COLOURS[place], "size": 15},
            showarrow=False,
            xanchor="left",
            xshift=8,
        )
