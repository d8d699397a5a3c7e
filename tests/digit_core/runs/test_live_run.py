"""One run: what the store does not take is tried again, and its states are what happened."""

from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import create_engine

from digit_core.inference.model_files import TrainedModel
from digit_core.monitoring import recordings
from digit_core.monitoring.events import EpochEnded, RunStarted, Snapshot
from digit_core.runs.live_run import LiveRun
from digit_core.storage import processes
from digit_core.storage.run_records import FINISHED, SAVING, STARTING, STOPPED, Run
from digit_core.storage.run_table import RECORDING_FILE
from digit_core.storage.store import Store
from tests.training_ground import ANN, TINY

CARD = {"architecture": TINY.network.as_dict(), "ended": "All 2 epochs are done.", "history": []}
TRAINED = TrainedModel({"model.keras": b"keras", "model.tflite": b"litert", "layers.tflite": b""}, CARD)

PROCESS = processes.this_process()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(f"sqlite:///{tmp_path / 'digitlab.db'}", patience_seconds=0.1)
    yield store
    store.close()


@pytest.fixture
def live(store: Store) -> LiveRun:
    run = Run("0" * 12, ANN, "run", STARTING, "", TINY, 1000.0, series="5" * 12)
    store.runs.add(processes.this_process(), [run])
    return LiveRun(run)


def test_a_model_does_not_inherit_the_stores_failures(store: Store, live: LiveRun, tmp_path: Path) -> None:
    locker = create_engine(f"sqlite:///{tmp_path / 'digitlab.db'}")
    live.hear(RunStarted(10, 550, 50, 11, 2))
    with locker.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        assert not live.save(store.runs, PROCESS, 1.0)
        live._failing_since -= 60
        live.take_model(TRAINED)
        assert not live.save(store.runs, PROCESS, 1.0)  # at once, and not the last time
        assert live.run.state == SAVING
        assert "is trying again" in live.run.reason
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
    assert live.save(store.runs, PROCESS, 1.0)
    assert store.runs.all()[0].state == live.run.state == state


def test_what_a_run_says_is_written_now_and_then_and_whole_at_the_end(store: Store, live: LiveRun) -> None:
    def told() -> recordings.Progress:
        live.save(store.runs, PROCESS, 1.0)
        return recordings.from_bytes(store.runs.file(live.run.id, RECORDING_FILE))

    def epoch(number: int) -> None:
        filters = random.normal(0, 0.05, (32, 28, 28)).astype(np.float32)
        live.hear(Snapshot(number, 11, (), np.full((20, 10), 0.1, np.float32), filters, confusion))
        live.hear(EpochEnded(number, 0.5, 0.8, 0.5, 0.8, 0.001, 1.0))

    random, confusion = np.random.default_rng(0), np.eye(10, dtype=np.int64)
    live.hear(RunStarted(10, 550, 50, 11, 30))
    assert told().started
    epoch(1)
    assert len(told().epochs) == 1
    for number in range(2, 31):
        epoch(number)
        assert len(told().epochs) == 1  # for ten seconds
    live._packed_at -= 11
    assert len(told().epochs) == 30
    live.take_model(TRAINED)
    whole = told()
    assert (len(whole.epochs), len(whole.snapshots)) == (30, 30)
    assert store.runs.file_size(live.run.id, RECORDING_FILE) < 30 * 40_000  # of 100,352 bytes of filters each
    assert recordings.size(whole) > 30 * 100_352
