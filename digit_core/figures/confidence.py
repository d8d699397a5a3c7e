"""Figures of confidence: reliability, histogram, and what is gained by refusing. They draw and compute nothing."""

import numpy as np
import plotly.graph_objects as go

from digit_core.figures.base import DASHES, LEGEND_ABOVE, MODEL_COLOURS, NEUTRAL, blank, faded
from digit_core.metrics import curves
from digit_core.metrics.calibration import ConfidenceHistogram, RejectionCurve, RejectionPoint, Reliability

# Digits in a bin: their share is no more than a hint, and is drawn pale.
_FEW = 30
_RIGHT, _WRONG = "#3d7fc4", "#d0662f"
# Of a curve.
_POINTS = 400


def reliability(found: Reliability) -> go.Figure:
    """Bars as high as the share right in each bin, with the line on which confidence and share are equal.

    A bin with fewer than 30 digits is pale: its share is a hint only.
    """
    figure = blank(380, "how sure the model says it is, %", "how often it is right, %")
    some = found.counts > 0
    widths = np.diff(found.edges)[some] * 100
    figure.add_scatter(
        x=[0, 100],
        y=[0, 100],
        mode="lines",
        name="perfect: as sure as right",
        line={"color": NEUTRAL, "dash": "dash", "width": 1.5},
        hoverinfo="skip",
    )
    few = found.counts[some] < _FEW
    figure.add_bar(
        x=found.edges[:-1][some] * 100 + widths / 2,
        y=found.accuracy[some] * 100,
        width=widths,
        name="share right in a bin",
        marker={
            "color": [faded(_RIGHT, 0.25 if is_few else 0.75) for is_few in few],
            "line": {"color": _RIGHT, "width": 1},
        },
        customdata=np.stack([found.counts[some], found.confidence[some] * 100], axis=1),
        hovertemplate="%{customdata[0]:,} digits, %{customdata[1]:.1f}% sure on average: "
        "%{y:.1f}% right<extra></extra>",
    )
    figure.add_scatter(
        x=found.confidence[some] * 100,
        y=found.accuracy[some] * 100,
        mode="markers",
        name="mean confidence in a bin",
        marker={"color": _WRONG, "size": 8, "symbol": "diamond"},
        hoverinfo="skip",
    )
    figure.update_xaxes(range=[0, 101], zeroline=False)
    figure.update_yaxes(range=[0, 102], zeroline=False)
    figure.update_layout(**LEGEND_ABOVE)
    return figure


def confidence_histogram(found: ConfidenceHistogram, logarithmic: bool = True) -> go.Figure:
    """How many right and wrong answers were given with what confidence; wrong ones are hatched, too.

    They stand side by side, not stacked: on a logarithmic axis a stack has no meaning.
    """
    figure = blank(320, "how sure the model says it is, %", "how many digits")
    middles = (found.edges[:-1] + found.edges[1:]) * 50
    for name, numbers, colour, pattern in (
        ("right", found.right, _RIGHT, ""),
        ("wrong", found.wrong, _WRONG, "/"),
    ):
        figure.add_bar(
            x=middles,
            y=numbers,
            name=name,
            marker={"color": colour, "pattern": {"shape": pattern}, "line": {"width": 0}},
            hovertemplate=f"%{{y:,}} {name} answers, about %{{x:.0f}}% sure<extra></extra>",
        )
    figure.update_layout(barmode="group", bargap=0.1, **LEGEND_ABOVE)
    figure.update_xaxes(range=[0, 101], zeroline=False)
    if logarithmic:
        # Half a digit below 1, so that a single one is a bar that can be seen.
        most = max(int(found.right.max(initial=1)), int(found.wrong.max(initial=1)))
        figure.update_yaxes(type="log", range=[np.log10(0.5), np.log10(most) + 0.15], dtick=1)
    return figure


def rejection_curves(
    found: dict[str, RejectionCurve], points: dict[str, RejectionPoint] | None = None
) -> go.Figure:
    """Share right against share answered, a curve for each model.

    Args:
        found: model to its curve.
        points: model to where the threshold stands.
    """
    figure = blank(380, "answered, %", "of those right, %")
    for place, (model, one) in enumerate(found.items()):
        answered, right = 100 * one.answered / one.n, 100 * one.right / one.answered
        kept = curves.thin_rows(answered, right, _POINTS)
        look = place % len(MODEL_COLOURS)
        figure.add_scatter(
            x=answered[kept].astype(np.float32),
            y=right[kept].astype(np.float32),
            customdata=100 * one.thresholds[kept].astype(np.float32),
            name=model,
            mode="lines",
            line={"color": MODEL_COLOURS[look], "dash": DASHES[look], "width": 2},
            hovertemplate=f"{model}, at least %{{customdata:.1f}}% sure: answers %{{x:.1f}}%, "
            "%{y:.2f}% of those right<extra></extra>",
        )
        point = (points or {}).get(model)
        if point is not None and point.accuracy is not None:
            figure.add_scatter(
                x=[100 * point.coverage],
                y=[100 * point.accuracy],
                mode="markers",
                marker={
                    "color": MODEL_COLOURS[look],
                    "size": 13,
                    "symbol": "circle-open-dot",
                    "line": {"width": 2.5},
                },
                showlegend=False,
                cliponaxis=False,
                hovertemplate=f"{model}, at least {point.threshold:.1%} sure: answers %{{x:.1f}}%, "
                "%{y:.2f}% of those right<extra></extra>",
            )
    lowest = min((float(np.min(100 * one.right / one.answered)) for one in found.values()), default=0.0)
    figure.update_yaxes(
        range=[lowest - (100 - lowest) * 0.1 - 0.02, 100 + (100 - lowest) * 0.1 + 0.02], zeroline=False
    )
    figure.update_xaxes(zeroline=False)
    figure.update_layout(LEGEND_ABOVE | {"showlegend": len(found) > 1})
    return figure
