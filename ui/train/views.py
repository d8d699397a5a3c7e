"""The views of the page Train: which one is shown, which run is watched, and the ways between them."""

from functools import partial

import streamlit as st

from digit_core.recipes.configuration import TrainingConfig
from digit_core.storage.run_records import Run
from ui.frame import address, held, layout, resources, state, words
from ui.panels import drawing_sets
from ui.train.runs import downloads
from ui.train.runs import page as past_runs
from ui.train.runs.one_run import Actions
from ui.train.setup import page

SET_UP, WATCH, RUNS, IMPORT = "Set up", "Watch", "Runs", "Import a model"
DRAWINGS = drawing_sets.TEACHING
_RECORDED = "recorded-"  # before the name of a shipped model: its recorded run
_MAX_OFFERED = 20  # ended runs in the list of those to watch


def pick() -> str:
    """Ask which view is to be seen; a button pressed before may have answered already."""
    return layout.pick_view((SET_UP, DRAWINGS, WATCH, RUNS, IMPORT), state.TRAIN_VIEW)


def pick_run(visitor: str | None) -> str | None:
    """Ask which run is to be watched.

    Returns:
        The id of a run; or `recorded` makes of it the name of a shipped model; None if there is nothing to watch.

    Raises:
        StoreError: the runs cannot be read.
    """
    offered = _offered(visitor)
    asked = address.chosen(address.RUN)
    if asked not in offered:
        if asked is not None:
            st.info(
                "This run no longer exists, or was not recorded.",
                icon=":material/info:",
            )
        asked = next(iter(offered), None)
    address.choose(address.RUN, asked)
    if asked is None:
        return None
    return st.selectbox(
        "Run",
        list(offered),
        index=list(offered).index(asked),
        format_func=offered.get,
        # A browser that keeps the select box keeps the words of what is chosen, "going on", too.
        **held.by(address.RUN, asked, partial(address.choose, address.RUN), list(offered.values())),
        width=460,
        label_visibility="collapsed",
    )


def recorded(run: str) -> str | None:
    """The name of the shipped model whose recorded run this is; None for a run of somebody's."""
    return run.removeprefix(_RECORDED) if run.startswith(_RECORDED) else None


def open_run(run_id: str) -> None:
    """Watch a run."""
    address.choose(state.TRAIN_VIEW, WATCH)
    address.choose(address.RUN, run_id)


def open_recording(model: str) -> None:
    """Watch the recorded run of a shipped model."""
    open_run(_RECORDED + model)


def propose(config: TrainingConfig, parent: str | None = None) -> None:
    """Fill the form with a configuration, and the run to go on from, and show it."""
    page.propose(config, parent)
    address.choose(state.TRAIN_VIEW, None)


def evaluate(model: str) -> None:
    """Open the page Evaluate, in the run of a page."""
    layout.open_page("3_Evaluate", **{address.MODEL: model})


def download(run: Run) -> None:
    """Offer all that is left of a run, as the view Runs does."""
    downloads.show(past_runs.of_run(run))


ACTIONS = Actions(open_run, open_recording, layout.use_model, propose, evaluate)


def _offered(visitor: str | None) -> dict[str, str]:
    """What can be watched, best first: what goes, then one's own, then others' runs, then recordings."""
    runs = resources.runs().all()
    live = [run for run in runs if run.is_live]
    ended = [run for run in runs if not run.is_live and run.config is not None]
    ordered = sorted(live, key=lambda run: (run.owner != visitor, run.place or 0))
    ordered += sorted(ended, key=lambda run: run.owner != visitor)[:_MAX_OFFERED]
    asked = address.chosen(address.RUN)
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
