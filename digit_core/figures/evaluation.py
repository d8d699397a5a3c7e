"""Charts of what Evaluate counts: the classes, and robustness. They draw and compute nothing."""

import textwrap
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from digit_core.digits import CLASSES
from digit_core.figures.base import (
    CLASS_COLOURS,
    DASHES,
    LEGEND_ABOVE,
    MODEL_COLOURS,
    NEUTRAL,
    SYMBOLS,
    blank,
    faded,
)
from digit_core.metrics.classification import Share

# Letters in a line below an axis: "as it is" beside five numbers.
_TICK = 5


def class_bars(report: dict[str, Any], figure: str) -> go.Figure:
    """One figure of the report for each digit, on an axis that starts where differences can be seen.

    The bars are thin and pale with a dot and the number at the end: lengths from an axis that does not start at 0 must
    not be compared.

    Args:
        report: as in `classification.Evaluation`. A digit that does not occur has no bar.
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


def _amounts(words: Sequence[str]) -> tuple[list[str], str]:
    """What differs between texts, and what they share: "turned by 15 degrees" is "15" of "turned by … degrees"."""
    texts = [word.split() for word in words]
    shared = [len(set(column)) == 1 for column in zip(*texts)]
    first, last = shared.index(False), len(shared) - shared[::-1].index(False)
    wording = " ".join((*texts[0][:first], "…", *texts[0][last:]))
    return [" ".join(text[first:last]) for text in texts], wording


def robustness(curves: dict[str, tuple[Share, ...]], words: tuple[str, ...], title: str) -> go.Figure:
    """Accuracy under one corruption, a curve for each model, with its 95% interval as a band.

    Args:
        curves: model to its accuracy at strengths 0 to 5.
        words: the strengths in words, such as `Corruption.words` gives them; the first one is of none.
        title: of the corruption.
    """
    amounts, wording = _amounts(words[1:])
    figure = blank(380, f"{title}: {wording}", "read correctly, %")
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
        ticktext=["<br>".join(textwrap.wrap(word, _TICK)) for word in (words[0], *amounts)],
        tickangle=0,
        range=[-0.4, len(words) - 0.6],
        zeroline=False,
    )
    figure.update_yaxes(range=[0, 102], zeroline=False)
    figure.update_layout(**LEGEND_ABOVE)
    return figure
