"""The store and the trainings, and what is worked out from runs."""

from collections.abc import Sequence

import streamlit as st

from digit_core import runs as all_runs
from digit_core.monitoring.recordings import Progress
from digit_core.runs import estimates
from digit_core.storage import store as stores
from digit_core.storage.run_records import FINISHED, Run

_RUNS_IN_A_RATE = 6


def store() -> stores.Store:
    """What outlasts a restart. It is no cache: `digit_core` holds it, so that no visitor can clear it.

    Raises:
        StoreError: DIGIT_DATABASE_URL is no address of a database.
    """
    return stores.default()


def runs() -> all_runs.Runs:
    """The trainings, live and past. It is no cache either: a visitor who clears one must not end a run.

    Raises:
        StoreError: DIGIT_DATABASE_URL is no address of a database.
    """
    return all_runs.default()


@st.cache_resource(max_entries=100, show_spinner=False)
def ended_epochs(run_id: str) -> Progress:
    """How an ended run went that left no card: its epochs and its last step alone, which is little to keep.

    Raises:
        RunError: the run is gone.
        StoreError: it could not be read.
    """
    progress = runs().progress(run_id)
    return Progress(progress.started, None, progress.batches[-1:], progress.epochs, (), progress.ended)


def training_rate(known: Sequence[Run]) -> estimates.Rate | None:
    """How fast this machine trains, from the latest of these runs that finished; None before the first."""
    finished = [run.id for run in known if run.state == FINISHED and run.config is not None]
    return _rate_of(tuple(finished[:_RUNS_IN_A_RATE]))


@st.cache_resource(max_entries=16, show_spinner=False)
def _rate_of(run_ids: tuple[str, ...]) -> estimates.Rate | None:
    records = ((runs().get(run_id).config, runs().progress(run_id)) for run_id in run_ids)
    return estimates.rate_from((config, progress) for config, progress in records if config is not None)
