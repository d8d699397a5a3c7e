"""A run as points: what each stretch of steps did, what each epoch came to."""

import math

import pytest

from digit_core.monitoring import progress
from digit_core.monitoring.events import BatchEnded, EpochEnded, RunStarted
from digit_core.monitoring.recordings import Progress


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
    """Steps of loss 4, 2, 0 have the means 4, 3, 2; the next epoch begins afresh."""
    batches = [_batch(1, 1, 4.0), _batch(1, 2, 3.0), _batch(1, 3, 2.0), _batch(2, 1, 1.0), _batch(2, 2, 1.5)]
    curve = progress.learning_curve(_progress(batches), "loss", 100)
    assert curve.steps == ((0.25, 4.0), (0.5, 2.0), (0.75, 0.0), (1.25, 1.0), (1.5, 2.0))


def test_the_last_batch_of_an_epoch_may_be_a_smaller_one() -> None:
    """100 digits of loss 1, then 20 of loss 4: the mean is 1.5."""
    curve = progress.learning_curve(_progress([_batch(1, 1, 1.0), _batch(1, 2, 1.5)], 120, 2), "loss", 100)
    assert curve.steps == ((0.5, 1.0), (1.0, pytest.approx(4.0)))


@pytest.mark.parametrize("count", [2, 299, 300, 301, 2_001])
def test_thinning_keeps_first_and_last_and_sends_no_more_than_asked(count: int) -> None:
    batches = [_batch(1, step) for step in range(1, count + 1)]
    curve = progress.learning_curve(_progress(batches, 10 * count, count), "loss", 10)
    assert len(curve.steps) == min(count, 300)
    assert curve.steps[0][0] == pytest.approx(1 / count) and curve.steps[-1][0] == 1.0
    places = [place for place, _ in curve.steps]
    assert places == sorted(set(places))


def test_what_is_no_number_has_no_point() -> None:
    curve = progress.learning_curve(_progress([_batch(1, 1, 1.0), _batch(1, 2, math.nan)]), "loss", 100)
    assert curve.steps == ((0.25, 1.0),)


def test_before_its_first_word_a_run_has_no_points() -> None:
    assert progress.learning_curve(Progress(), "loss", 100) == progress.LearningCurve((), (), ())
