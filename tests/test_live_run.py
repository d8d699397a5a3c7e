"""One run: what the store does not take is tried again, and its states are what happened."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import create_engine

from digit_core import recordings, run_table
from digit_core.events import BatchEnded, EpochEnded, RunStarted, Snapshot
from digit_core.live_run import LiveRun
from digit_core.model_files import TrainedModel
from digit_core.run_records import FINISHED, RUNNING, SAVING, STARTING, STOPPED, Run
from digit_core.run_table import RECORDING_FILE
from digit_core.store import Store
from tests.training_ground import ANN, TINY

CARD = {"architecture": TINY.network.as_dict(), "ended": "All 2 epochs are done.", "history": []}
TRAINED = TrainedModel({"model.keras": b"keras", "model.tflite": b"litert", "layers.tflite": b""}, CARD)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(f"sqlite:///{tmp_path / 'digitlab.db'}", patience_seconds=0.1)
    yield store
    store.close()


@pytest.fixture
def live(store: Store) -> LiveRun:
    run = Run("0" * 12, ANN, "run", STARTING, "", TINY, 1000.0, series="5" * 12)
    store.runs.add(run_table.this_process(), [run])
    return LiveRun(run)


def test_a_model_does_not_inherit_the_stores_failures(store: Store, live: LiveRun, tmp_path: Path) -> None:
    locker = create_engine(f"sqlite:///{tmp_path / 'digitlab.db'}")
    live.hear(RunStarted(10, 550, 50, 11, 2))
    with locker.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        assert not live.save(store.runs, 1.0)
        live._failing_since -= 60
        live.take_model(TRAINED)
        assert not live.save(store.runs, 1.0)  # at once, and not the last time
        assert live.run.state == SAVING
        assert "tried again" in live.run.reason
        connection.rollback()
    locker.dispose()


@pytest.mark.parametrize(("cut_short", "state"), [(True, STOPPED), (False, FINISHED)])
def test_a_run_that_was_cut_short_is_not_finished(
    store: Store, live: LiveRun, cut_short: bool, state: str
) -> None:
    live.hear(RunStarted(10, 550, 50, 11, 2))
    for epoch in (1, 2):  # stopped in the last one, or its last step was the one too large
        live.hear(EpochEnded(epoch, 0.5, 0.8, 0.5, 0.8, 0.001, 1.0))
    live.take_model(TrainedModel(TRAINED.files, {**CARD, "cut_short": cut_short}))
    assert live.save(store.runs, 1.0)
    assert store.runs.all()[0].state == live.run.state == state
