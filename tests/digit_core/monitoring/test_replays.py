"""A recorded run at any moment of it."""

import numpy as np
import pytest

from digit_core.monitoring import progress
from digit_core.monitoring.events import BatchEnded, EpochEnded, RunEnded, RunStarted, Snapshot
from digit_core.monitoring.recordings import Progress


def _snapshot(epoch: int, step: int) -> Snapshot:
    return Snapshot(epoch, step, (), np.zeros((20, 10), np.float32), np.zeros((1, 3, 3), np.float32))


PROGRESS = Progress(
    RunStarted(10, 400, 50, 4, 3),
    None,
    tuple(BatchEnded(epoch, step, 0.5, 0.5, 0.001, 1.0) for epoch in (1, 2, 3) for step in (1, 2, 3, 4)),
    tuple(EpochEnded(epoch, 0.5, 0.5, 0.5, 0.5, 0.001, 1.0) for epoch in (1, 2, 3)),
    (_snapshot(0, 0), *(_snapshot(epoch, 4) for epoch in (1, 2, 3))),
    RunEnded("All 3 epochs are done."),
)


def test_a_replay_is_as_long_as_the_epochs_that_were_done() -> None:
    assert progress.length(PROGRESS) == 3.0
    assert progress.length(Progress()) == 0.0


@pytest.mark.parametrize(
    ("position", "batches", "epochs", "snapshots"),
    [(0.0, 0, 0, 1), (0.2, 0, 0, 1), (0.25, 1, 0, 1), (0.99, 3, 0, 1), (1.0, 4, 1, 2), (2.5, 10, 2, 3)],
)
def test_it_stands_as_it_stood_then(position: float, batches: int, epochs: int, snapshots: int) -> None:
    seen = progress.until(PROGRESS, position)
    assert (len(seen.batches), len(seen.epochs), len(seen.snapshots)) == (batches, epochs, snapshots)
    assert seen.started == PROGRESS.started and seen.ended is None


def test_at_its_end_it_is_the_whole_run() -> None:
    assert progress.until(PROGRESS, 3.0) is PROGRESS
