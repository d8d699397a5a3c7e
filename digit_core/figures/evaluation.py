"""Figures of what Evaluate counts: the confusion matrix, the classes, robustness. They draw and compute nothing."""

import textwrap
from typing import Any

import numpy as np
import plotly.graph_objects as go

from digit_core.digits import CLASSES
from digit_core.figures.base import CLASS_COLOURS, NEUTRAL, blank
from digit_core.metrics.classification import Share

# Colours, dashes and markers of models side by side, which the colour-blind can tell apart.
MODEL_COLOURS = ("#3d7fc4", "#d0662f", "#5f9a4a", "#9b5bb0")
DASHES = ("solid", "dash", "dot", "dashdot")
SYMBOLS = ("circle", "diamond", "square", "x")
_TICK = 9  # letters in a line below an axis: six such stand side by side on a phone
_MORE = "rgba(61,127,196,0.8)"
_LESS = "rgba(208,102,47,0.8)"


def faded(colour: str, opacity: float) -> str:
    """A colour such as "#3d7fc4" as Plotly's rgba with an opacity of 0.0 to 1.0."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return f"rgba({red},{green},{blue},{opacity:g})"


def confusion_matrix(values: np.ndarray, texts: np.ndarray, words: np.ndarray, unit: str) -> go.Figure:
    """A confusion matrix as a heat map; true digits are rows.

    Args:
        values: float array of shape (10, 10), what colours the cells; NaN leaves a cell clear.
        texts: string array of shape (10, 10), what stands in the cells.
        words: string array of shape (10, 10), what hovering says.
        unit: what the colours mean, such as "share of the true digits".
    """
    scale = [[0, faded(NEUTRAL, 0)], [1, faded(NEUTRAL, 0.8)]]
    figure = _cells(values, texts, words, scale)
    # The cells say their numbers: a bar that explains the colours would take a phone's room.
    figure.update_traces(zmin=0, showscale=False, selector={"type": "heatmap"})
    figure.update_xaxes(title=f"read as (colour: {unit})")
    return figure


def confusion_difference(difference: np.ndarray, first: str, second: str) -> go.Figure:
    """By how many digits two models' confusion matrices differ: blue where the second has more, orange the first.

    Args:
        difference: int64 array of shape (10, 10), of `comparison.confusion_difference`.
        first, second: what the models are called.
    """
    texts = np.array([[f"{count:+d}" if count else "" for count in row] for row in difference])
    words = np.array(
        [
            [
                f"{second} reads {abs(count)} {'more' if count > 0 else 'fewer'} {true} as {answer} than {first}"
                if count
                else f"both read as many {true} as {answer}"
                for answer, count in enumerate(row)
            ]
            for true, row in enumerate(difference)
        ]
    )
    scale = [[0, _LESS], [0.5, "rgba(128,128,128,0)"], [1, _MORE]]
    figure = _cells(difference.astype(float), texts, words, scale)
    # Errors are few, right answers many: the colours go by the errors, or they would all be pale.
    errors = np.abs(difference[~np.eye(CLASSES, dtype=bool)])
    most = int(errors.max(initial=1))
    figure.update_traces(zmin=-most, zmax=most, showscale=False, selector={"type": "heatmap"})
    return figure


def _cells(values: np.ndarray, texts: np.ndarray, words: np.ndarray, scale: list[list[Any]]) -> go.Figure:
    figure = blank(460, "read as", "true digit")
    digits = list(range(CLASSES))
    figure.add_heatmap(
        x=digits,
        y=digits,
        z=np.asarray(values, np.float32),
        customdata=words.tolist(),
        hovertemplate="%{customdata}<extra></extra>",
        colorscale=scale,
        xgap=1,
        ygap=1,
    )
    # Not the heat map's own text: Plotly would choose its ink for a light page, and it would vanish on a dark one.
    figure.add_scatter(
        x=digits * CLASSES,
        y=np.repeat(digits, CLASSES),
        text=texts.ravel().tolist(),
        mode="text",
        hoverinfo="skip",
        showlegend=False,
    )
    figure.update_xaxes(
        dtick=1, range=[-0.5, 9.5], side="top", showgrid=False, zeroline=False, constrain="domain"
    )
    figure.update_yaxes(
        dtick=1, range=[9.5, -0.5], showgrid=False, zeroline=False, scaleanchor="x", constrain="domain"
    )
    return figure


def class_bars(report: dict[str, Any], figure: str) -> go.Figure:
    """One figure of the report for each digit, on an axis that starts where differences can be seen.

    The bars are thin and pale with a dot and the number at the end: lengths from an axis that does not start at 0 must
    not be compared.

    Args:
        report: as in `evaluation.Evaluation`. A digit that does not occur has no bar.
        figure: "precision", "recall" or "f1-score".
    """
    digits = [digit for digit in range(CLASSES) if report[str(digit)]["support"]]
    values = [100 * report[str(digit)][figure] for digit in digits]
    colours = [CLASS_COLOURS[digit] for digit in digits]
    average = 100 * report["weighted avg"][figure]
    low = min([*values, average])
    room = max((100 - low) * 0.15, 0.2)
    floor = max(low - room, 0)
    drawn = blank(300, "digit", f"{figure.replace('f1-score', 'F1 score')}, %")
    drawn.add_hline(average, line={"color": NEUTRAL, "dash": "dash", "width": 1.5})
    drawn.add_bar(
        x=digits,
        y=[value - floor for value in values],
        base=floor,
        width=0.08,
        marker={"color": colours, "opacity": 0.5, "line": {"width": 0}},
        hoverinfo="skip",
    )
    drawn.add_scatter(
        x=digits,
        y=values,
        mode="markers+text",
        marker={"color": colours, "size": 13},
        text=[f"{value:.1f}" for value in values],
        textposition="top center",
        cliponaxis=False,
        hovertemplate="%{x}: %{y:.2f}%<extra></extra>",
    )
    drawn.update_xaxes(dtick=1, range=[-0.5, 9.5], zeroline=False)
    drawn.update_yaxes(range=[floor, 100 + 1.5 * room], zeroline=False)
    return drawn


def robustness(curves: dict[str, tuple[Share, ...]], words: tuple[str, ...], title: str) -> go.Figure:
    """Accuracy under one corruption, a curve for each model, with its 95% interval as a band.

    Args:
        curves: model to its accuracy at strengths 0 to 5.
        words: the strengths in words, such as `Corruption.words` gives them.
        title: of the corruption.
    """
    figure = blank(380, title, "read rightly, %")
    strengths = list(range(len(words)))
    for place, (model, shares) in enumerate(curves.items()):
        look = place % len(MODEL_COLOURS)
        high, low = ([100 * getattr(share, end) for share in shares] for end in ("high", "low"))
        figure.add_scatter(
            x=strengths + strengths[::-1],
            y=high + low[::-1],
            fill="toself",
            fillcolor=faded(MODEL_COLOURS[look], 0.18),
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
            showlegend=False,
        )
        figure.add_scatter(
            x=strengths,
            y=[100 * share.value for share in shares],
            name=model,
            mode="lines+markers",
            line={"color": MODEL_COLOURS[look], "dash": DASHES[look], "width": 2},
            marker={"symbol": SYMBOLS[look], "size": 8},
            customdata=[[word, share.count, share.n] for word, share in zip(words, shares)],
            hovertemplate=f"{model}, %{{customdata[0]}}: %{{y:.1f}}%, "
            "%{customdata[1]:,} of %{customdata[2]:,}<extra></extra>",
        )
    figure.update_xaxes(
        tickvals=strengths,
        ticktext=["<br>".join(textwrap.wrap(word, _TICK)) for word in words],
        tickangle=0,
        range=[-0.4, len(words) - 0.6],
        zeroline=False,
    )
    figure.update_yaxes(range=[0, 102], zeroline=False)
    figure.update_layout(showlegend=True, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"})
    return figure
