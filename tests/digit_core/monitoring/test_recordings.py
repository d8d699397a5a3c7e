"""What a run said, kept whole and in order."""

import base64
import json
import zlib
from dataclasses import replace

import numpy as np
import pytest

from digit_core.errors import DatasetError
from digit_core.monitoring import recordings
from digit_core.monitoring.events import (
    BatchEnded,
    Checkpoint,
    DigitsWatched,
    EpochEnded,
    Event,
    LayerState,
    RunEnded,
    RunStarted,
    Snapshot,
)
from digit_core.monitoring.recordings import Recording


def _step(step: int) -> BatchEnded:
    return BatchEnded(1, step, 0.5, 0.75, 0.001, step / 10)


def _snapshot(epoch: int, step: int, *, at_the_end: bool = False) -> Snapshot:
    random = np.random.default_rng(step)
    return Snapshot(
        epoch,
        step,
        (LayerState("dense_1", 0.5, 0.25, 0.125), LayerState("answer", 0.5, None, 0.25)),
        random.random((20, 10), np.float32),
        random.random((3, 5, 5), np.float32),
        random.integers(0, 9, (10, 10)) if at_the_end else None,
    )


def _run() -> list[Event]:
    return [
        RunStarted(10, 600, 50, 3, 1),
        DigitsWatched(
            np.arange(20 * 784).reshape(20, 28, 28).astype(np.uint8), np.arange(20, dtype=np.uint8) % 10
        ),
        _snapshot(0, 0),
        *map(_step, (1, 2, 3)),
        _snapshot(1, 3, at_the_end=True),
        EpochEnded(1, 0.5, 0.75, 0.25, 0.875, 0.001, 2.0),
        RunEnded("All epochs are done."),
    ]


@pytest.mark.parametrize(
    "event", [*_run(), Checkpoint(2, b"\x00\xff")], ids=lambda event: type(event).__name__
)
def test_an_event_comes_back_from_its_message_as_it_was(event: Event) -> None:
    found = recordings.from_message(recordings.to_message(event))
    assert type(found) is type(event)
    for name, value in vars(event).items():
        np.testing.assert_array_equal(getattr(found, name), value)
        assert getattr(getattr(found, name), "dtype", None) == getattr(value, "dtype", None)


def test_a_recording_comes_back_from_its_bytes_as_it_was() -> None:
    progress = Recording(_run()).progress()
    found = recordings.from_bytes(recordings.to_bytes(progress))
    assert (found.started, found.batches, found.epochs, found.ended) == (
        progress.started,
        progress.batches,
        progress.epochs,
        progress.ended,
    )
    assert found.watched is not None and progress.watched is not None
    np.testing.assert_array_equal(found.watched.images, progress.watched.images)
    assert [(shot.epoch, shot.step, shot.layers) for shot in found.snapshots] == [
        (shot.epoch, shot.step, shot.layers) for shot in progress.snapshots
    ]
    np.testing.assert_array_equal(found.snapshots[-1].confusion, progress.snapshots[-1].confusion)


@pytest.mark.parametrize("steps", [1, 1_999, 2_000, 2_001, 2_002, 9_999])
def test_very_many_steps_are_thinned_evenly_and_the_last_one_stays(steps: int) -> None:
    batches = Recording(map(_step, range(1, steps + 1))).progress().batches
    numbers = [batch.step for batch in batches]
    assert numbers[0] == 1 and numbers[-1] == steps and len(numbers) <= 2_001
    assert len(set(np.diff(numbers[:-1]))) <= 1 and numbers == sorted(set(numbers))


def test_of_an_epoch_that_goes_on_only_the_latest_snapshot_stays() -> None:
    shots = [
        _snapshot(0, 0),
        _snapshot(1, 10),
        _snapshot(1, 20),
        _snapshot(1, 30, at_the_end=True),
        _snapshot(2, 10),
    ]
    kept = Recording(shots).progress().snapshots
    assert [(shot.epoch, shot.step) for shot in kept] == [(0, 0), (1, 30), (2, 10)]


def test_a_condensed_run_keeps_its_ends_and_takes_less_room() -> None:
    random = np.random.default_rng(0)
    shots = [
        replace(_snapshot(epoch, 1_000, at_the_end=True), filters=random.normal(0, 0.05, (32, 28, 28)))
        for epoch in (1, 2)
    ]
    shots = [replace(shot, filters=shot.filters.astype(np.float32)) for shot in shots]
    events = [*map(_step, range(1, 1_001)), *shots, RunEnded("All 2 epochs are done.")]
    whole = Recording(events).progress()
    small = recordings.condensed(whole, 100)
    steps = [batch.step for batch in small.batches]
    assert (steps[0], steps[-1], len(steps)) == (1, 1_000, 100)
    assert set(np.diff(steps)) == {10, 11}
    assert (small.epochs, small.ended) == (whole.epochs, whole.ended)
    for shot, before in zip(small.snapshots, whole.snapshots, strict=True):
        assert shot.filters.dtype == shot.probabilities.dtype == np.float32
        np.testing.assert_allclose(shot.filters, before.filters, atol=np.abs(before.filters).max() / 64)
        np.testing.assert_allclose(shot.probabilities, before.probabilities, atol=1e-4)
    assert len(recordings.to_bytes(small)) < len(recordings.to_bytes(whole)) / 2


def test_a_short_run_is_condensed_to_itself() -> None:
    whole = Recording(_run()).progress()
    assert recordings.condensed(whole, 100).batches == whole.batches
    assert recordings.condensed(Recording().progress(), 100) == Recording().progress()


def test_what_was_given_out_does_not_change_any_more() -> None:
    recording = Recording([_step(1)])
    before = recording.progress()
    recording.add(_step(2))
    assert [batch.step for batch in before.batches] == [1]
    assert [batch.step for batch in recording.progress().batches] == [1, 2]


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"kind": "Steering"},
        {"kind": "RunEnded"},
        {"kind": "RunEnded", "reason": "x", "more": 1},
        {"kind": "Checkpoint", "epoch": 1, "content": {"data": 3}},
    ],
)
def test_what_is_no_event_is_refused(message: dict) -> None:
    with pytest.raises(DatasetError):
        recordings.from_message(message)


@pytest.mark.parametrize(
    "content", [b"", b"PK", recordings.zlib.compress(b"[]"), recordings.zlib.compress(b"{}")]
)
def test_what_is_no_recording_is_refused(content: bytes) -> None:
    with pytest.raises(DatasetError):
        recordings.from_bytes(content)


def _array(values: np.ndarray) -> dict[str, object]:
    data = base64.b64encode(values.tobytes()).decode()
    return {"dtype": str(values.dtype), "shape": list(values.shape), "data": data}


def test_a_recording_of_an_earlier_version_is_read() -> None:
    """Names of events and of their fields as commit ff17794 wrote them: they are stored, and stay."""
    start = {"parameters": 10, "training_size": 600, "validation_size": 50, "steps_per_epoch": 3, "epochs": 1}
    loss = {"epoch": 1, "loss": 0.5, "accuracy": 0.75, "learning_rate": 0.001}
    layer = {"name": "answer", "gradient_norm": 0.5, "dead_share": None, "weight_change": 0.25}
    look = {"epoch": 1, "step": 3, "layers": [layer], "confusion": _array(np.eye(10, dtype=np.int64))}
    look |= {
        "probabilities": _array(np.zeros((1, 10), np.float32)),
        "filters": _array(np.zeros((1, 3, 3), np.float32)),
    }
    events = [
        {"kind": "RunStarted", **start},
        {
            "kind": "DigitsWatched",
            "images": _array(np.zeros((1, 28, 28), np.uint8)),
            "labels": _array(np.array([7], np.uint8)),
        },
        {"kind": "BatchEnded", **loss, "step": 3, "elapsed_seconds": 0.25},
        {
            "kind": "EpochEnded",
            **loss,
            "validation_loss": 0.25,
            "validation_accuracy": 0.875,
            "duration_seconds": 2.0,
        },
        {"kind": "Snapshot", **look},
        {"kind": "RunEnded", "reason": "All epochs are done."},
    ]
    content = zlib.compress(json.dumps({"schema_version": 1, "events": events}).encode())
    found = recordings.from_bytes(content)
    assert found.started == RunStarted(10, 600, 50, 3, 1)
    assert found.watched is not None and found.watched.labels.tolist() == [7]
    assert found.batches == (BatchEnded(1, 3, 0.5, 0.75, 0.001, 0.25),)
    assert found.epochs == (EpochEnded(1, 0.5, 0.75, 0.25, 0.875, 0.001, 2.0),)
    assert found.snapshots[0].layers == (LayerState("answer", 0.5, None, 0.25),)
    assert found.snapshots[0].confusion is not None and found.snapshots[0].confusion.trace() == 10
    assert found.ended == RunEnded("All epochs are done.")
