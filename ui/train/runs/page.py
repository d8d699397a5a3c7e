"""Past runs: a table of them and of the shipped models, one looked at closely, several compared."""

import html
from dataclasses import replace

import streamlit as st

from digit_core.errors import DigitError, RunError
from digit_core.monitoring.recordings import Progress
from digit_core.runs import comparison as run_comparison
from digit_core.runs.comparison import MAX_COMPARED, MIN_COMPARED, Contender
from digit_core.storage.run_records import Run
from ui.frame import layout, resources, state
from ui.train.runs import comparison, one_run, run_table
from ui.train.runs.one_run import Actions

_ALL, _MINE = "All", "Mine"
_REFRESH_SECONDS = 3  # while a run waits or goes


def show(visitor: str | None, actions: Actions) -> None:
    """The view "Runs" of the page Train.

    Args:
        visitor: who looks, from `ui.components.visitor.identity`.
        actions: what the page does when a button is pressed.
    """
    _say_what_happened(visitor)
    try:
        known = contenders()
    except DigitError as error:
        st.error(str(error), icon=":material/error:")
        known = _shipped()
    listed = _toolbar(known, visitor)
    is_live = any(contender.run and contender.run.is_live for contender in listed)
    keys = _chosen(listed)
    st.fragment(_table, run_every=_REFRESH_SECONDS if is_live else None)(visitor, is_live, keys)
    by_key = {contender.key: contender for contender in known}
    names = {contender.key: contender.name for contender in known}
    st.caption(
        "Digits: how many it learnt from. Right: share of the validation digits, which it did not learn from. Size: of the .tflite "
        "file that answers."
    )
    if not keys:
        st.info(
            f"Tick a run to see its details and download it; tick {MIN_COMPARED} to {MAX_COMPARED} to compare them. "
            "ANN against CNN compares the latest of each kind.",
            icon=":material/check_box:",
        )
    elif len(keys) < MIN_COMPARED:
        one_run.show(by_key[keys[0]], names, visitor, actions)
    else:
        if len(keys) == MAX_COMPARED:
            st.caption(f"You can compare at most {MAX_COMPARED} runs: untick one to add another.")
        comparison.show([by_key[key] for key in keys], names)


def contenders() -> list[Contender]:
    """All runs, newest first, then the shipped models.

    Raises:
        StoreError: the runs could not be read.
    """
    return [*(of_run(run) for run in resources.runs().all()), *_shipped()]


def _shipped() -> list[Contender]:
    return [
        run_comparison.of_shipped(name, card, resources.answer_size(name))
        for name, card in resources.cards().items()
    ]


def of_run(run: Run) -> Contender:
    """A run with all that is told of it.

    Raises:
        StoreError: it could not be read.
    """
    try:
        size = resources.answer_size(run.model) if run.has_model else None
        progress = None if run.card else _progress(run)
    except RunError:  # deleted by its owner in this moment
        size, progress = None, None
    found = run_comparison.of_run(run, progress, size)
    if run.card or not run.parent:
        return found
    return replace(found, chosen_on_test=resources.runs().was_chosen_on_test(run))


def _progress(run: Run) -> Progress:
    return resources.runs().progress(run.id) if run.is_live else resources.ended_epochs(run.id)


def _say_what_happened(visitor: str | None) -> None:
    if failure := st.session_state.pop(state.RUN_FAILURE, ""):
        st.error(failure, icon=":material/error:")
    if deleted := st.session_state.get(state.RUN_DELETED):
        run_id, name = deleted
        with st.container(horizontal=True, vertical_alignment="center", border=True, key="run-deleted"):
            st.html(f'<p style="margin:0;overflow-wrap:anywhere">Deleted: <b>{html.escape(name)}</b></p>')
            st.button("Undo", icon=":material/undo:", on_click=one_run.restore, args=(run_id, visitor))
            st.button("Close", on_click=_forget_deleted, type="tertiary")


def _forget_deleted() -> None:
    st.session_state.pop(state.RUN_DELETED, None)


def _toolbar(known: list[Contender], visitor: str | None) -> list[Contender]:
    """Whose runs are shown, and the comparison that is one press away; the runs that are shown."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        whose = layout.pick_way("Whose runs", [_ALL, _MINE], state.RUNS_LISTED)
        st.button(
            "ANN against CNN",
            icon=":material/compare_arrows:",
            on_click=_choose_ann_and_cnn,
            args=(list(run_comparison.ann_against_cnn(known)),),
        )
        if _chosen(known):
            st.button("Clear", icon=":material/close:", on_click=_choose, args=([],), type="tertiary")
    return _listed(known, whose, visitor)


def _listed(known: list[Contender], whose: str | None, visitor: str | None) -> list[Contender]:
    if whose != _MINE:
        return known
    return [one for one in known if one.run is not None and visitor is not None and one.run.owner == visitor]


def _choose(keys: list[str]) -> None:
    st.session_state[state.RUNS_CHOSEN] = keys


def _choose_ann_and_cnn(keys: list[str]) -> None:
    st.session_state[state.RUNS_LISTED] = _ALL
    _choose(keys)


def _chosen(listed: list[Contender]) -> list[str]:
    """The keys of those that are chosen and shown, in the order of their choice."""
    shown = {contender.key for contender in listed}
    return [key for key in st.session_state.get(state.RUNS_CHOSEN, []) if key in shown]


def _table(visitor: str | None, was_live: bool, drawn: list[str]) -> None:
    """The table; while runs go it comes again by itself, and settles once when the last one has ended.

    Args:
        visitor: who looks.
        was_live: whether a run was waiting or going when the page ran.
        drawn: the keys of those that were chosen then; another choice runs the page again.
    """
    try:
        known = contenders()
    except DigitError:
        known = _shipped()  # the sentence stands above
    listed = _listed(known, st.session_state.get(state.RUNS_LISTED), visitor)
    is_live = any(contender.run and contender.run.is_live for contender in listed)
    if _chosen(listed) != drawn or is_live != was_live:
        st.rerun()
    run_table.choose(listed, drawn, visitor, _choose, "runs table")
