"""A network's inside as tables and pictures. They are plain HTML, so that a new state takes the old one's place at once."""

import html
import math

import numpy as np
import pandas as pd
import streamlit as st

from digit_core import figures
from digit_core.monitoring.events import DigitsWatched, LayerState
from digit_core.monitoring.recordings import Progress
from ui.frame import data_url, layout
from ui.panels.html import table_html

_SPRITE_COLUMNS = 10
_GRADIENT_DECADES = (-6, 2)  # what the gradient's bar reaches from and to, as powers of ten
_DEAD_IN_DOUBT = 0.4


def watched(digits: DigitsWatched, probabilities: np.ndarray) -> None:
    """The watched digits, each with what the network reads now, how sure it is, and whether that is right.

    Args:
        digits: what they are; their pictures are those of `style`.
        probabilities: float32 array of shape (n, 10).
    """
    readings = probabilities.argmax(axis=1)
    right = int((readings == digits.labels).sum())
    tiles = [
        _watched_tile(int(label), int(reading), float(row[reading]))
        for label, reading, row in zip(digits.labels, readings, probabilities, strict=True)
    ]
    st.html(
        f'<p class="told"><b>{right} of {len(tiles)} read correctly.</b> The same {len(tiles)} validation digits all the '
        f'time: the network never learns from them.</p><div class="watched">{"".join(tiles)}</div>'
    )


def style(digits: DigitsWatched) -> None:
    """The pictures of the watched digits, for `watched`: to be sent once, not with each of their answers."""
    sprite = data_url.of(figures.sprite_png(digits.images, _SPRITE_COLUMNS, layout.ink()))
    st.html(f'<style>.watched i {{ background-image: url("{sprite}"); }}</style>')


def _watched_tile(label: int, reading: int, confidence: float) -> str:
    """A figure; the style sheet finds its picture by its place."""
    kind, mark, word = ("", "✓", "right") if reading == label else (' class="wrong"', "✗", "wrong")
    said = f"A {label}, read as {reading}, {word}, {figures.percent(confidence)} sure"
    return (
        f'<figure{kind}><i role="img" aria-label="{said}"></i>'
        f'<figcaption><b class="in-colour">{mark} {reading}</b> {round(confidence * 100)}%</figcaption></figure>'
    )


def layers(states: tuple[LayerState, ...]) -> None:
    """How each layer that learns fares, with what is healthy."""
    rows = (
        (
            html.escape(state.name),
            _bar(gradient_share(state.gradient_norm), f"{state.gradient_norm:.1g}"),
            _dead(state.dead_share),
            _bar(min(1.0, state.weight_change), f"{state.weight_change:.0%}"),
        )
        for state in states
    )
    st.html(table_html(("layer", "gradient", "dead units", "weights changed"), rows, "layer-states"))
    st.caption(layers_in_words(states))
    st.caption(
        "The **gradient** says how strongly a layer is told to change; its bar grows by the same length each time the "
        "gradient gets ten times larger. Healthy: similar from layer to layer, and falling while the network gets better. "
        "**Dead units** answer 0 to every digit and no longer learn: a few are harmless. **Weights changed** says "
        "how far a layer has moved from its random start; 100% means as far as the length of the start itself."
    )


def gradient_share(norm: float) -> float:
    """How long a gradient's bar is, 0.0 to 1.0: the same for each tenfold."""
    if not norm > 0:
        return 0.0
    low, high = _GRADIENT_DECADES
    return min(1.0, max(0.0, (math.log10(norm) - low) / (high - low))) if math.isfinite(norm) else 1.0


def layers_in_words(states: tuple[LayerState, ...]) -> str:
    """What stands out in the layers, in a sentence."""
    dead = [state for state in states if (state.dead_share or 0) > _DEAD_IN_DOUBT]
    if any(not math.isfinite(state.gradient_norm) for state in states):
        return "A gradient is no longer a number: the run has blown up."
    if dead:
        worst = max(dead, key=lambda state: state.dead_share or 0)
        return (
            f"In {worst.name}, {worst.dead_share:.0%} of the units are dead: more than a few. "
            "A lower learning rate kills fewer."
        )
    silent = [state.name for state in states if state.gradient_norm < 10.0 ** _GRADIENT_DECADES[0]]
    if silent:
        return f"Hardly any gradient reaches {', '.join(silent)}: either everything is learnt, or nothing can be learnt any more."
    return f"Nothing stands out: gradients reach every layer, and no layer has more than {_DEAD_IN_DOUBT:.0%} dead units."


def _dead(share: float | None) -> str:
    if share is None:
        return '<span class="none">cannot die</span>'
    return _bar(share, f"{share:.0%}", "in-doubt" if share > _DEAD_IN_DOUBT else "")


def _bar(share: float, words: str, kind: str = "") -> str:
    return (
        f'<span class="cell {kind}"><span class="track"><span class="bar" style="width:{share:.1%}"></span></span>'
        f"<span>{words}{' !' if kind else ''}</span></span>"
    )


def confusion(counts: np.ndarray, epoch: int) -> None:
    """What is taken for what: a table of coloured cells.

    Args:
        counts: integer array of shape (10, 10): true digit, answer.
        epoch: after which it was counted.
    """
    total, right = int(counts.sum()), int(counts.trace())
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    heads = "".join(f'<th scope="col">{digit}</th>' for digit in range(10))
    rows = "".join(
        f'<tr><th scope="row">{label}</th>{"".join(_cell(counts, shares, label, answer) for answer in range(10))}</tr>'
        for label in range(10)
    )
    st.html(
        f'<p class="told"><b>After epoch {epoch}: {total - right:,} of {total:,} validation digits are misread.</b> '
        f'{html.escape(worst_in_words(counts))}</p><table class="mix-ups"><thead><tr><td>is ↓ read as →</td>{heads}</tr>'
        f"</thead><tbody>{rows}</tbody></table>"
    )


def _cell(counts: np.ndarray, shares: np.ndarray, label: int, answer: int) -> str:
    count = int(counts[label, answer])
    if count == 0:
        return '<td class="none">·</td>'
    if label == answer:
        return f'<td class="right on-colour" style="--share:{shares[label, answer] * 55:.0f}%">{count}</td>'
    # The square root lets a single misread digit be seen beside a hundred.
    depth = min(85.0, 15 + 250 * math.sqrt(shares[label, answer]))
    return f'<td class="wrong on-colour" style="--share:{depth:.0f}%">{count}</td>'


def worst_in_words(counts: np.ndarray) -> str:
    """The most frequent mix-up as a sentence; "" where there is none."""
    wrong = counts * (1 - np.eye(10, dtype=counts.dtype))
    label, answer = np.unravel_index(int(wrong.argmax()), wrong.shape)
    if wrong[label, answer] == 0:
        return ""
    times = int(wrong[label, answer])
    return f"Most often: a {label} read as {answer}, {'once' if times == 1 else f'{times:,} times'}."


def epochs(progress: Progress) -> None:
    """Every epoch's figures, and the learning rate as it went."""
    if not progress.epochs:
        st.info("The first epoch is not over yet.", icon=":material/hourglass:")
        return
    st.dataframe(
        pd.DataFrame(
            {
                "epoch": [epoch.epoch for epoch in progress.epochs],
                "loss": [epoch.loss for epoch in progress.epochs],
                "validation loss": [epoch.validation_loss for epoch in progress.epochs],
                "accuracy": [epoch.accuracy * 100 for epoch in progress.epochs],
                "validation accuracy": [epoch.validation_accuracy * 100 for epoch in progress.epochs],
                "learning rate": [f"{epoch.learning_rate:.2g}" for epoch in progress.epochs],
                "seconds": [epoch.duration_seconds for epoch in progress.epochs],
            }
        ),
        hide_index=True,
        column_config={
            "loss": st.column_config.NumberColumn(format="%.3f"),
            "validation loss": st.column_config.NumberColumn(format="%.3f"),
            "accuracy": st.column_config.NumberColumn(format="%.1f%%"),
            "validation accuracy": st.column_config.NumberColumn(format="%.1f%%"),
            "seconds": st.column_config.NumberColumn(format="%.1f"),
        },
    )
