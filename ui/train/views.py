"""The views of the page Train: which one is shown, which run is watched, and the ways between them."""

import streamlit as st

from digit_core.recipes.configuration import TrainingConfig
from digit_core.storage.run_records import Run
from ui.frame import address, layout, resources, state, words
from ui.panels import drawing_sets
from ui.train.runs.one_run import Actions
from ui.train.setup import page

SET_UP, WATCH, RUNS, IMPORT = "Set up", "Watch", "Runs", "Import a model"
DRAWINGS = drawing_sets.TEACHING
_RECORDED = "recorded-"  # before the name of a shipped model: its recorded run
_MAX_OFFERED = 20  # ended runs in the list of those to watch


def pick() -> str:
    """Ask which view is to be seen; a button pressed before may have answered already."""
    if (wanted := st.session_state.pop(state.NEXT_VIEW, None)) is not None:
        st.session_state[state.TRAIN_VIEW] = wanted
    return layout.pick_view((SET_UP, DRAWINGS, WATCH, RUNS, IMPORT), state.TRAIN_VIEW)


def pick_run(visitor: str | None) -> str | None:
    """Ask which run is to be watched.

    Returns:
        The id of a run; or `recorded` makes of it the name of a shipped model; None if there is nothing to watch.

    Raises:
        StoreError: the runs cannot be read.
    """
    offered = _offered(visitor)
    # A link names the run; the sidebar's links drop the address's words, so the session knows it, too.
    asked = address.chosen(address.RUN) or st.session_state.get(state.RUN)
    if asked not in offered:
        if asked is not None:
            st.info(
                "The run that was asked for is not there any more, or was not recorded.",
                icon=":material/info:",
            )
        asked = next(iter(offered), None)
    st.session_state[state.RUN] = asked
    chosen = st.selectbox(
        "Run",
        list(offered),
        format_func=offered.get,
        key=state.RUN,
        persist_state="session",
        on_change=_name_run_in_address,
        width=460,
        label_visibility="collapsed",
    )
    if chosen is not None:
        address.choose(address.RUN, chosen)
    return chosen


def recorded(run: str) -> str | None:
    """The name of the shipped model whose recorded run this is; None for a run of somebody's."""
    return run.removeprefix(_RECORDED) if run.startswith(_RECORDED) else None


def open_run(run_id: str) -> None:
    """Watch a run."""
    st.session_state[state.NEXT_VIEW] = WATCH
    st.session_state[state.RUN] = run_id
    address.choose(address.RUN, run_id)


def open_recording(model: str) -> None:
    """Watch the recorded run of a shipped model."""
    open_run(_RECORDED + model)


def propose(config: TrainingConfig, parent: str | None = None) -> None:
    """Fill the form with a configuration, and the run to go on from, and show it."""
    page.propose(config, parent)
    st.session_state[state.NEXT_VIEW] = SET_UP


def evaluate(model: str) -> None:
    """Open the page Evaluate, in the run of a page."""
    layout.open_page("3_Evaluate", **{address.MODEL: model})


ACTIONS = Actions(open_run, open_recording, layout.use_model, propose, evaluate)


def _offered(visitor: str | None) -> dict[str, str]:
    """What can be watched, best first: what goes, then one's own, then others' runs, then recordings."""
    runs = resources.runs().all()
    live = [run for run in runs if run.is_live]
    ended = [run for run in runs if not run.is_live and run.config is not None]
    ordered = sorted(live, key=lambda run: (run.owner != visitor, run.place or 0))
    ordered += sorted(ended, key=lambda run: run.owner != visitor)[:_MAX_OFFERED]
    asked = address.chosen(address.RUN) or st.session_state.get(state.RUN)
    ordered += [run for run in runs if run.id == asked and run not in ordered]
    offered = {run.id: _words(run, visitor) for run in ordered}
    cards = resources.cards()
    return words.distinct(offered) | {
        _RECORDED + model: f"Recorded: {cards[model]['architecture']['title']}"
        for model in resources.recorded_models()
    }


def _words(run: Run, visitor: str | None) -> str:
    # Of a live run the state changes while this list stands there: the bar below tells it.
    standing = "going on" if run.is_live else run.state
    return f"{run.name} · {standing}{' · yours' if run.owner == visitor else ''}"


def _name_run_in_address() -> None:
    address.choose(address.RUN, st.session_state[state.RUN])
