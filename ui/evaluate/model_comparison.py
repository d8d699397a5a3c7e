"""Two models on the same digits: which is better, is that luck, and where do they differ."""

import html
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from digit_core.evaluation import comparison
from digit_core.metrics import classification, misclassified
from digit_core.metrics.classification import Share
from ui.components import confusion_matrix
from ui.components.confusion_matrix import Cell
from ui.digits import close_up, digit_grid
from ui.evaluate import subject as subjects
from ui.evaluate.subject import Subject
from ui.frame import address, resources, state, words
from ui.panels.html import table_html

_PAGE_SIZE = 18
_GALLERY = "gallery"


def show(first: Subject) -> None:
    """The table, McNemar's test, the matrix of differences, and the digits on which they disagree."""
    titles = subjects.models()
    others = [name for name in titles if name != first.model]
    usual = "ann" if "ann" in others else others[0]
    name = st.selectbox(
        "Compare with",
        **address.listed("against", others, usual, named=titles.__getitem__),
        width=320,
    )
    first = replace(first, title=titles[first.model])
    second = replace(subjects.of(name, first.digits), title=titles[name])
    if sentence := subjects.warning(second):
        st.warning(sentence, icon=":material/balance:")
    _table(first, second)
    found = comparison.disagreements(first.labels, first.probabilities, second.probabilities)
    st.markdown(
        f"**Is that luck?** {found.test().sentence(words.plain(first.title), words.plain(second.title))}"
    )
    st.caption("McNemar's exact test looks only at the digits that just one of the two reads correctly.")
    left, right = st.columns(2, gap="medium")
    with left:
        cell = _difference(first, second)
    with right, st.container(key=_GALLERY):
        _disagreements(first, second, found, cell)


def _table(first: Subject, second: Subject) -> None:
    """The tutorial's table: accuracy, parameters, size, time for one digit, time to train."""
    columns = []
    for each in (first, second):
        accuracy = classification.evaluate(each.labels, each.probabilities).accuracy
        milliseconds = resources.milliseconds_an_image(each.model)
        facts = table_column(
            resources.card(each.model), accuracy, resources.answer_size(each.model), milliseconds
        )
        columns.append((each.title, facts))
    st.html(_html_table(columns))


def table_column(
    card: dict[str, Any], accuracy: Share, size_bytes: int, milliseconds: float
) -> dict[str, str]:
    """What the table says of one model, in words by row; a card may leave out its parameters and its time.

    Args:
        card: the model's.
        accuracy: on the digits that are looked at.
        size_bytes: of its model.tflite.
        milliseconds: for one digit, measured here.
    """
    parameters, seconds = card.get("parameters"), card.get("training_seconds")
    minutes = (
        "unknown" if seconds is None else f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
    )
    return {
        "read correctly": f"{accuracy.value:.2%}",
        "95% interval": f"{accuracy.low:.2%} to {accuracy.high:.2%}",
        "errors": f"{accuracy.n - accuracy.count:,} of {accuracy.n:,}",
        "parameters": "unknown" if parameters is None else f"{parameters:,}",
        "size of the file": f"{size_bytes / 1000:,.0f} KB",
        "one digit, measured here": f"{milliseconds:.2f} ms",
        "training": minutes,
    }


def _html_table(columns: list[tuple[str, dict[str, str]]]) -> str:
    headings = ["", *(html.escape(name) for name, _ in columns)]
    rows = ((figure, *(html.escape(row[figure]) for _, row in columns)) for figure in columns[0][1])
    return table_html(headings, rows, "versus")


def _difference(first: Subject, second: Subject) -> Cell | None:
    """By how much their matrices differ; returns the cell that is chosen."""
    matrices = [
        classification.confusion_matrix(each.labels, each.predictions.answers) for each in (first, second)
    ]
    difference = comparison.confusion_difference(*matrices)
    off_diagonal = difference * ~np.eye(10, dtype=bool)
    st.markdown("## Where their errors differ")
    chosen = st.session_state.get(state.DIFFERENCE)
    picked = confusion_matrix.choose(
        off_diagonal,
        [f"{value:+d}" if value else "" for value in difference.ravel()],
        [
            f"{misclassified.cell_sentence(true, answer, int(matrices[0][true, answer]))} by {first.title}, "
            f"{int(matrices[1][true, answer])} by {second.title}"
            for true in range(10)
            for answer in range(10)
        ],
        chosen,
        key="difference",
        caption=f"Orange: {second.title} gives this answer more often. Blue: {first.title} does. Rows: the true digit. Choose a "
        "cell to see its digits. Choose it again to see all.",
        leads_to=_GALLERY,
    )
    if picked is not None:
        st.session_state[state.DIFFERENCE] = None if picked == chosen else picked
        digit_grid.restart()
        st.rerun()
    return chosen


def _disagreements(
    first: Subject, second: Subject, found: comparison.Disagreements, cell: Cell | None
) -> None:
    kinds = found.kinds(first.title, second.title)
    if cell is not None:
        true, answer = cell
        is_there = (first.labels == true) & (
            (first.predictions.answers == answer) | (second.predictions.answers == answer)
        )
        kinds = {kind: places[is_there[places]] for kind, places in kinds.items()}
        st.caption(f"Only true {true}s that one of the two reads as {answer}.")
    st.markdown("## Digits on which they disagree")
    kind = st.segmented_control(
        "Who is right",
        list(kinds),
        default=next(iter(kinds)),
        required=True,
        wrap=True,
        format_func=lambda name: f"{words.plain(name)}: {len(kinds[name]):,}",
        label_visibility="collapsed",
        key="kind",
        on_change=digit_grid.restart,
    )
    places = kinds[kind]
    if not len(places):
        st.info("There are no digits of this kind.", icon=":material/info:")
        return
    spread = first.in_catalogue()
    row = digit_grid.tiles_of(
        first.catalogue, first.rows[places], spread, key="differ", page_size=_PAGE_SIZE, is_one_of_them=True
    )
    place = int(np.searchsorted(first.rows, row))
    st.dataframe(
        pd.DataFrame(
            {
                "model": each.title,
                "reads": int(each.predictions.answers[place]),
                "sure": float(each.predictions.confidence[place]),
            }
            for each in (first, second)
        ),
        hide_index=True,
        column_config={"sure": st.column_config.NumberColumn(format="percent")},
    )
    close_up.show(first.catalogue, row, spread[row], first.model)
