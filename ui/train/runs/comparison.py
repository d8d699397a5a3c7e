"""Runs side by side: their curves over each other, what differs in their settings, and what each costs and gives."""

import html
from collections.abc import Callable, Sequence
from operator import attrgetter
from pathlib import Path

import pandas as pd
import streamlit as st

from digit_core.figures import history
from digit_core.figures.history import LETTERS, RUN_COLOURS, Curve
from digit_core.recipes import descriptions
from digit_core.recipes.descriptions import Difference
from digit_core.runs import comparison
from digit_core.runs.comparison import Contender
from ui.panels import run_formatting
from ui.panels.html import table_html

_STYLE = Path(__file__).with_name("comparison.css")
_CHART = {"displayModeBar": False}


def show(contenders: Sequence[Contender], names: dict[str, str]) -> None:
    """Compare two to six runs or shipped models.

    Args:
        contenders: the first is "A".
        names: of all runs and models for people, by `Contender.key`.
    """
    style()
    st.html(key_html(contenders))
    curves(contenders)
    for sentence in comparison.cautions(contenders):
        st.caption(f":material/info: {sentence}")
    with st.container(key="run-measures"):
        st.html(measures_html(contenders))
    st.markdown("## What differs in their settings")
    starts = [run_formatting.started_from(contender, names) for contender in contenders]
    found = descriptions.differences([contender.config for contender in contenders], starts)
    st.html(differences_html(found, len(contenders)))
    with st.expander("All figures as a table"):
        st.dataframe(figures_table(contenders), hide_index=True)


def style() -> None:
    """Put the style of what this module makes on the page."""
    st.html(_STYLE)


def curves(contenders: Sequence[Contender]) -> None:
    """Accuracy and loss by epoch, side by side; one above the other on a phone."""
    if not any(contender.epochs for contender in contenders):
        st.info("No epoch is done yet, so there are no curves.", icon=":material/show_chart:")
        return
    drawn = [Curve(contender.name, contender.epochs) for contender in contenders]
    for column, (figure_of, title) in zip(st.columns(2), _CURVES.items()):
        with column:
            st.html(f'<p class="chart-title">{title}</p>')
            figure = history.learning_curves(drawn, figure_of)
            st.plotly_chart(figure, config=_CHART, key=f"curves of {figure_of}")
    lines = "Solid: digits it did not learn from (validation). Dashed: digits it learnt from (training)."
    missing = [contender.name for contender in contenders if not contender.epochs]
    without = f" The epochs of {html.escape(', '.join(missing))} are not known." if missing else ""
    if cut := history.leaving(drawn):
        without += f" The loss of {', '.join(cut)} goes beyond the top of the chart: it would press the other lines flat."
    st.html(f'<p class="chart-note">{lines}{without}</p>')


_CURVES = {
    "accuracy": "Accuracy: digits read correctly",
    "loss": "Loss: how wrong and how sure, lower is better",
}


def key_html(contenders: Sequence[Contender]) -> str:
    """Which letter and colour is which run."""
    entries = []
    for place, contender in enumerate(contenders):
        flattered = '<span class="flag">chosen on the test digits</span>' if contender.chosen_on_test else ""
        entries.append(
            f"<li>{_letter(place)}<span><b>{html.escape(contender.name)}</b> "
            f"{html.escape(run_formatting.network(contender))} {flattered}</span></li>"
        )
    return f'<ul class="run-key" aria-label="What is compared">{"".join(entries)}</ul>'


def _letter(place: int) -> str:
    return f'<span class="letter on-colour" style="--fill:{RUN_COLOURS[place]}">{LETTERS[place]}</span>'


def _share_misread(contender: Contender) -> float | None:
    return None if contender.validation_accuracy is None else 1 - contender.validation_accuracy


# How long the bar is, and what stands beside it.
_MEASURES: dict[str, tuple[Callable[[Contender], float | None], Callable[[Contender], str]]] = {
    "Validation digits misread": (_share_misread, run_formatting.misread),
    "Parameters": (attrgetter("parameters"), lambda one: run_formatting.whole(one.parameters)),
    "Training time": (attrgetter("seconds"), lambda one: run_formatting.duration(one.seconds)),
    "Size of the .tflite file": (attrgetter("size_bytes"), lambda one: run_formatting.size(one.size_bytes)),
}


def measures_html(contenders: Sequence[Contender]) -> str:
    """Accuracy, parameters, seconds and size as bars that start at zero. Shorter is better in each."""
    panels = (_bars(title, contenders, of, told) for title, (of, told) in _MEASURES.items())
    return f'<div class="run-measures">{"".join(panels)}</div>'


def _bars(
    title: str,
    contenders: Sequence[Contender],
    of: Callable[[Contender], float | None],
    told: Callable[[Contender], str],
) -> str:
    values = [of(one) or 0 for one in contenders]
    longest = max(values) or 1
    rows = "".join(
        f'{_letter(place)}<span class="track"><span class="bar" style="width:{value / longest:.1%};'
        f'background:{RUN_COLOURS[place]}"></span></span><span class="value">{told(contenders[place])}</span>'
        for place, value in enumerate(values)
    )
    return f'<section><h2>{title}</h2><div class="rows">{rows}</div></section>'


def differences_html(found: Sequence[Difference], count: int) -> str:
    """A table with a line for each setting that differs, or a sentence that none does."""
    if not found:
        return (
            "<p>Nothing that we know of: they have the same settings. What differs is chance, and how busy the machine "
            "was.</p>"
        )
    rows = (map(html.escape, (entry.setting, *entry.values)) for entry in found)
    return (
        '<div class="run-differences" tabindex="0" role="region" aria-label="What differs in their settings">'
        f"{table_html(['Setting', *map(_letter, range(count))], rows)}</div>"
    )


def figures_table(contenders: Sequence[Contender]) -> pd.DataFrame:
    """Every figure of the comparison, one line a run."""
    return pd.DataFrame(
        [
            {
                "Letter": LETTERS[place],
                "Name": contender.name,
                "State": run_formatting.state(contender),
                "Validation digits read correctly": run_formatting.accuracy_with_range(contender),
                "Epochs": run_formatting.epochs(contender),
                "Kept epoch": run_formatting.whole(contender.kept_epoch or None),
                "Training digits": run_formatting.whole(contender.training_digits),
                "Parameters": run_formatting.whole(contender.parameters),
                "Training time": run_formatting.duration(contender.seconds),
                ".tflite": run_formatting.size(contender.size_bytes),
                "Chosen on the test digits": "yes" if contender.chosen_on_test else "no",
            }
            for place, contender in enumerate(contenders)
        ]
    )
