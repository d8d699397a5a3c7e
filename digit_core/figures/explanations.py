"""What explains an answer: charts of Plotly, and the filters of a layer as a PNG. Nothing is computed here but places."""

import numpy as np
import plotly.graph_objects as go

from digit_core.figures.base import CLASS_COLOURS, NEUTRAL, blank, palette_png, rgb

# The colour-blind can tell them apart, and both from light paper and dark.
ADDS, TAKES = "#3b8ed0", "#d0662f"
# A digit that was never so likely has a thin line and no name.
_WORTH_A_NAME = 0.2
# Pixels of the PNG between two filters.
_GAP = 6
# Steps of either colour.
_HALF = 120
# Of 255: a hint of grey, so that a filter of zeros has a shape, too.
_GROUND = 26


def answers_over_points(
    points: np.ndarray, probabilities: np.ndarray, stroke_ends: tuple[int, ...]
) -> go.Figure:
    """What a model answered after each point of the pen: a line for each digit.

    Args:
        points: integer array of shape (n,), ascending: how many points were drawn.
        probabilities: float32 array of shape (n, 10); NaN where nothing was to be seen yet.
        stroke_ends: after how many points each stroke was done.
    """
    figure = blank(300, "points drawn by the pen", "how sure")
    peaks = np.nan_to_num(probabilities, nan=0.0).max(axis=0)
    for digit in np.argsort(peaks, kind="stable"):
        stands_out = peaks[digit] >= _WORTH_A_NAME
        figure.add_scatter(
            x=points,
            y=probabilities[:, digit].astype(np.float64).round(4),
            mode="lines",
            name=str(digit),
            line={"color": CLASS_COLOURS[digit], "width": 3 if stands_out else 1},
            opacity=1.0 if stands_out else 0.5,
            hovertemplate=f"after %{{x}} points: {digit}, %{{y:.1%}}<extra></extra>",
        )
        if stands_out:
            best = int(np.nan_to_num(probabilities[:, digit], nan=-1.0).argmax())
            figure.add_annotation(
                x=float(points[best]),
                y=float(probabilities[best, digit]),
                text=f"<b>{digit}</b>",
                showarrow=False,
                yshift=12,
                font={"size": 16, "color": CLASS_COLOURS[digit]},
            )
    for number, end in enumerate(stroke_ends[:-1], 1):
        figure.add_vline(x=end + 0.5, line={"color": NEUTRAL, "dash": "dot", "width": 1})
        figure.add_annotation(
            x=end + 0.5,
            y=1.16,
            text=f"stroke {number + 1} →",
            showarrow=False,
            xanchor="left",
            font={"size": 12},
        )
    figure.update_yaxes(
        range=[-0.02, 1.22], tickvals=[0, 0.25, 0.5, 0.75, 1], tickformat=".0%", zeroline=False
    )
    figure.update_xaxes(zeroline=False)
    return figure


def units(answers: np.ndarray, name: str) -> go.Figure:
    """What each unit of a layer answers, as bars.

    Args:
        answers: float array of shape (n,).
        name: what one of them is called, such as "unit".
    """
    figure = blank(240, f"{name} (counted from 0)", "its answer")
    is_answer = len(answers) == len(CLASS_COLOURS) and name == "digit"
    figure.add_bar(
        x=list(range(len(answers))),
        y=answers.astype(np.float64).round(4),
        marker={"color": CLASS_COLOURS if is_answer else NEUTRAL, "line": {"width": 0}},
        hovertemplate=f"{name} %{{x}}: %{{y:.3~g}}<extra></extra>",
    )
    if is_answer:
        figure.update_xaxes(dtick=1)
    return figure


def filters_png(filters: np.ndarray, columns: int, scale: int) -> bytes:
    """Filters as one PNG on a clear ground, row by row; a weight of zero is clear, the largest of all is full colour.

    Args:
        filters: float array of shape (n, side, side), at least one.
        columns: filters in a row, at least 1.
        scale: pixels of the PNG for a weight, at least 1.
    """
    largest = float(np.abs(filters).max()) or 1.0
    # Colour 0 is the gap.
    steps = np.round(filters / largest * _HALF).astype(np.int16) + _HALF + 1
    grey = bytes([128, 128, 128])
    palette = grey + rgb(TAKES) * _HALF + grey + rgb(ADDS) * _HALF
    # From full colour at the one end to the ground's hint in the middle and back to full.
    rising = [round(_GROUND + (255 - _GROUND) * step / _HALF) for step in range(_HALF + 1)]
    opacities = bytes([0, *rising[:0:-1], *rising])
    return palette_png(steps.astype(np.uint8), columns, scale, _GAP, palette, opacities)
