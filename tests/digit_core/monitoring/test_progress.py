"""How far a run is: its curves, its pace, and an earlier moment of it, all known by hand."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from digit_core.monitoring import progress, recordings
from digit_core.monitoring.events import (
    BatchEnded,
    EpochEnded,
    Event,
    RunEnded,
    RunStarted,
    Snapshot,
    Steering,
)
from digit_core.monitoring.recordings import Progress, Recording

STARTED = RunStarted(10, 1_000, 50, 100, 4)


def _step(epoch: int, step: int, seconds: float) -> BatchEnded:
    return BatchEnded(epoch, step, 0.5, 0.5, 0.003, seconds)


def _epoch(number: int, seconds: float) -> EpochEnded:
    return EpochEnded(number, 0.5, 0.5, 0.5, 0.5, 0.001, seconds)


def _batch(epoch: int, step: int, loss: float = 0.5, accuracy: float = 0.5) -> BatchEnded:
    return BatchEnded(epoch, step, loss, accuracy, 0.001, float(step))


def _progress(batches: list[BatchEnded], training_size: int = 400, steps: int = 4) -> Progress:
    epochs = (
        EpochEnded(1, 0.5, 0.75, 0.25, 0.875, 0.001, 2.0),
        EpochEnded(2, 0.4, 0.8, 0.3, 0.9, 0.001, 2.0),
    )
    return Progress(RunStarted(10, training_size, 50, steps, 2), None, tuple(batches), epochs)


def test_the_epochs_points_are_the_epochs_figures() -> None:
    curve = progress.learning_curve(_progress([]), "loss", 100)
    assert curve.training == ((1, 0.5), (2, 0.4)) and curve.validation == ((1, 0.25), (2, 0.3))
    curve = progress.learning_curve(_progress([]), "accuracy", 100)
    assert curve.training == ((1, 0.75), (2, 0.8)) and curve.validation == ((1, 0.875), (2, 0.9))


def test_a_step_is_had_back_from_the_means_over_the_epoch() -> None:
    """Steps of loss 4, 2, 0 have the means 4, 3, 2; a fourth of 2 leaves 2; then come 1 and 2."""
    batches = [_batch(1, 1, 4.0), _batch(1, 2, 3.0), _batch(1, 3, 2.0), _batch(1, 4, 2.0)]
    batches += [_batch(2, 1, 1.0), _batch(2, 2, 1.5)]
    run = replace(_progress(batches), epochs=(EpochEnded(1, 2.0, 0.5, 0.5, 0.5, 0.001, 2.0),))
    curve = progress.learning_curve(run, "loss", 100)
    assert curve.steps == ((0.25, 4.0), (0.5, 2.0), (0.75, 0.0), (1.0, 2.0), (1.25, 1.0), (1.5, 2.0))
    assert curve.steps_per_point == 1


def test_the_last_batch_of_an_epoch_may_be_a_smaller_one() -> None:
    """100 digits of loss 1, then 20 of loss 4: the mean is 1.5."""
    curve = progress.learning_curve(_progress([_batch(1, 1, 1.0), _batch(1, 2, 1.5)], 120, 2), "loss", 100)
    assert curve.steps == ((0.5, 1.0), (1.0, pytest.approx(4.0)))


def _measured(epochs: int, steps: int, last: int) -> tuple[np.ndarray, list[Event]]:
    """Losses of so many steps of ten digits each, and what the run said of them; the last batch of an epoch has four."""
    losses = np.random.default_rng(0).uniform(0.1, 3, (epochs, steps))
    sizes = np.array([10] * (steps - 1) + [4])
    said: list[Event] = [RunStarted(10, int(sizes.sum()), 50, steps, epochs)]
    for epoch, row in enumerate(losses, 1):
        means = np.cumsum(row * sizes) / np.cumsum(sizes)
        done = steps if epoch < epochs else last
        said += [_batch(epoch, step, means[step - 1]) for step in range(1, done + 1)]
        if done == steps:
            said.append(EpochEnded(epoch, means[-1], 0.5, 0.5, 0.5, 0.001, 1.0))
    return losses, said


@pytest.mark.parametrize(
    ("epochs", "steps", "last"),
    [(1, 2, 1), (1, 198, 198), (1, 201, 201), (2, 150, 77), (3, 1_719, 1_719), (70, 215, 3)],
)
@pytest.mark.parametrize("max_batches", [None, 400])
def test_every_step_that_was_measured_counts_in_one_point(
    epochs: int, steps: int, last: int, max_batches: int | None
) -> None:
    """Whatever a recording thinned out: each point is the mean of all steps since the one before, as they were measured."""
    losses, said = _measured(epochs, steps, last)
    run = Recording([*said, RunEnded("Enough.")]).progress()
    if max_batches:
        run = recordings.condensed(run, max_batches)
    curve = progress.learning_curve(run, "loss", 10)
    sizes = np.tile([10] * (steps - 1) + [4], epochs)
    before = 0
    for place, value in curve.steps:
        done = round(place * steps)
        expected = np.average(losses.ravel()[before:done], weights=sizes[before:done])
        assert value == pytest.approx(expected, abs=1e-6)
        before = done
    assert before == (epochs - 1) * steps + last  # none is left out at the end either
    assert len(curve.steps) <= 200
    assert curve.steps_per_point == pytest.approx(before / len(curve.steps))


def test_points_keep_their_places_while_a_run_goes_on() -> None:
    """So that most of a second's chart is what the browser has."""
    _, said = _measured(4, 300, 300)
    known = Recording(said[:700])
    curves = []
    for event in said[700:760]:
        known.add(event)
        curves.append(progress.learning_curve(known.progress(), "loss", 10).steps)
    for one, after in pairwise(curves):
        assert after[: len(one)] == one
    assert len(set(curves)) < 20


def test_what_is_no_number_has_no_point() -> None:
    curve = progress.learning_curve(_progress([_batch(1, 1, 1.0), _batch(1, 2, math.nan)]), "loss", 100)
    assert curve.steps == ((0.25, 1.0),)


def test_before_its_first_word_a_run_has_no_points() -> None:
    assert progress.learning_curve(Progress(), "loss", 100) == progress.LearningCurve((), (), ())


def test_before_the_first_step_there_is_no_pace() -> None:
    assert progress.measure_pace(Progress(), Steering(), 10) is None
    assert progress.measure_pace(Progress(STARTED), Steering(), 10) is None


def test_in_the_first_epoch_the_time_is_that_of_its_steps() -> None:
    """50 steps in 5 s; the first, which takes 3 s to begin, does not count. 350 of 400 are left."""
    run = Progress(STARTED, batches=(_step(1, 1, 3.0), _step(1, 51, 8.0)))
    found = progress.measure_pace(run, Steering(), 10)
    assert found is not None and found.seconds_left == pytest.approx(34.9)
    assert (found.epoch, found.epochs, found.step, found.steps) == (1, 4, 51, 100)
    assert found.share_done == pytest.approx(51 / 400) and found.learning_rate == 0.003
    assert found.images_per_second == pytest.approx(100)


def test_later_it_is_that_of_whole_epochs() -> None:
    """The last two epochs took 10 and 30 s: 20 for each of the one and a half that are left."""
    run = Progress(
        STARTED, batches=(_step(3, 1, 60.0), _step(3, 50, 70.0)), epochs=(_epoch(1, 10.0), _epoch(2, 30.0))
    )
    found = progress.measure_pace(run, Steering(), 10)
    assert found is not None and found.seconds_left == pytest.approx(30.0)


def test_more_epochs_and_slow_motion_take_longer() -> None:
    run = Progress(STARTED, batches=(_step(2, 1, 11), _step(2, 100, 20)), epochs=(_epoch(1, 10.0),))
    found = progress.measure_pace(run, Steering(epochs=6, step_pause_seconds=0.5), 10)
    assert found is not None and found.epochs == 6
    assert found.seconds_left == pytest.approx(4 * (10 + 50))


def test_the_speed_is_that_of_the_latest_ten_seconds() -> None:
    """100 steps in 2 s, then 10 in 10 s: somebody slowed it down."""
    run = Progress(STARTED, batches=(_step(1, 1, 0.0), _step(1, 51, 2.0), _step(1, 61, 12.0)))
    found = progress.measure_pace(run, Steering(), 64)
    assert found is not None and found.images_per_second == pytest.approx(64)


def test_a_new_epoch_has_the_speed_of_the_one_before_until_its_second_step() -> None:
    batches = (_step(1, 50, 5.0), _step(1, 100, 10.0), _step(2, 1, 30.0))
    found = progress.measure_pace(Progress(STARTED, batches=batches), Steering(), 10)
    assert found is not None and found.images_per_second == pytest.approx(100)
    batches = (*batches, _step(3, 1, 40.0))
    found = progress.measure_pace(Progress(STARTED, batches=batches), Steering(), 10)
    assert found is not None and found.images_per_second == pytest.approx(100)
    alone = progress.measure_pace(replace(Progress(STARTED), batches=batches[:1]), Steering(), 10)
    assert alone is not None and alone.images_per_second is None and alone.seconds_left is None


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
