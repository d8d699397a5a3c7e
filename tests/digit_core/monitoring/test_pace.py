"""Speed and time left, known by hand."""

from dataclasses import replace

import pytest

from digit_core.monitoring import progress as progress_module
from digit_core.monitoring.events import BatchEnded, EpochEnded, RunStarted, Steering
from digit_core.monitoring.recordings import Progress

STARTED = RunStarted(10, 1_000, 50, 100, 4)


def _batch(epoch: int, step: int, seconds: float) -> BatchEnded:
    return BatchEnded(epoch, step, 0.5, 0.5, 0.003, seconds)


def _epoch(number: int, seconds: float) -> EpochEnded:
    return EpochEnded(number, 0.5, 0.5, 0.5, 0.5, 0.001, seconds)


def test_before_the_first_step_there_is_no_pace() -> None:
    assert progress_module.measure_pace(Progress(), Steering(), 10) is None
    assert progress_module.measure_pace(Progress(STARTED), Steering(), 10) is None


def test_in_the_first_epoch_the_time_is_that_of_its_steps() -> None:
    """50 steps in 5 s; the first, which takes 3 s to begin, does not count. 350 of 400 are left."""
    progress = Progress(STARTED, batches=(_batch(1, 1, 3.0), _batch(1, 51, 8.0)))
    found = progress_module.measure_pace(progress, Steering(), 10)
    assert found is not None and found.seconds_left == pytest.approx(34.9)
    assert (found.epoch, found.epochs, found.step, found.steps) == (1, 4, 51, 100)
    assert found.share_done == pytest.approx(51 / 400) and found.learning_rate == 0.003
    assert found.images_per_second == pytest.approx(100)


def test_later_it_is_that_of_whole_epochs() -> None:
    """The last two epochs took 10 and 30 s: 20 for each of the one and a half that are left."""
    progress = Progress(
        STARTED, batches=(_batch(3, 1, 60.0), _batch(3, 50, 70.0)), epochs=(_epoch(1, 10.0), _epoch(2, 30.0))
    )
    found = progress_module.measure_pace(progress, Steering(), 10)
    assert found is not None and found.seconds_left == pytest.approx(30.0)


def test_more_epochs_and_slow_motion_take_longer() -> None:
    progress = Progress(STARTED, batches=(_batch(2, 1, 11), _batch(2, 100, 20)), epochs=(_epoch(1, 10.0),))
    found = progress_module.measure_pace(progress, Steering(epochs=6, step_pause_seconds=0.5), 10)
    assert found is not None and found.epochs == 6
    assert found.seconds_left == pytest.approx(4 * (10 + 50))


def test_the_speed_is_that_of_the_latest_ten_seconds() -> None:
    """100 steps in 2 s, then 10 in 10 s: somebody slowed it down."""
    progress = Progress(STARTED, batches=(_batch(1, 1, 0.0), _batch(1, 51, 2.0), _batch(1, 61, 12.0)))
    found = progress_module.measure_pace(progress, Steering(), 64)
    assert found is not None and found.images_per_second == pytest.approx(64)


def test_a_new_epoch_has_the_speed_of_the_one_before_until_its_second_step() -> None:
    batches = (_batch(1, 50, 5.0), _batch(1, 100, 10.0), _batch(2, 1, 30.0))
    found = progress_module.measure_pace(Progress(STARTED, batches=batches), Steering(), 10)
    assert found is not None and found.images_per_second == pytest.approx(100)
    batches = (*batches, _batch(3, 1, 40.0))
    found = progress_module.measure_pace(Progress(STARTED, batches=batches), Steering(), 10)
    assert found is not None and found.images_per_second == pytest.approx(100)
    alone = progress_module.measure_pace(replace(Progress(STARTED), batches=batches[:1]), Steering(), 10)
    assert alone is not None and alone.images_per_second is None and alone.seconds_left is None
