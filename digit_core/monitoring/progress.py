"""How far a run is: its learning curve, its pace, and how it stood at an earlier moment."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from digit_core.monitoring.events import BatchEnded, Snapshot, Steering
from digit_core.monitoring.recordings import Progress

METRICS = ("loss", "accuracy")
Point = tuple[float, float]
_MAX_POINTS = 200
# The speed is that of the latest steps, so that it follows what is steered.
_RECENT_SECONDS, _RECENT_EPOCHS, _RECENT_BATCHES = 10, 2, 50


@dataclass(frozen=True)
class LearningCurve:
    """One metric of one run. Points are (epochs done, value), in order; what is no number has no point.

    Attributes:
        steps: on the training digits, each point the mean over all steps since the point before it: none is left out. 200
            points at most, the first step always among them; points stay where they are while the run goes on, until
            there are too many: then every second one goes into the one after it.
        training: on the training digits, over each whole epoch, as it went.
        validation: on the validation digits, after each epoch.
        steps_per_point: how many steps a point of `steps` stands for, on average; 1.0 with no points.
    """

    steps: tuple[Point, ...]
    training: tuple[Point, ...]
    validation: tuple[Point, ...]
    steps_per_point: float = 1.0


def learning_curve(progress: Progress, metric: str, batch_size: int) -> LearningCurve:
    """The curve of a run.

    A step reports its mean over the epoch so far, which would draw a saw. What all steps between two points did is
    computed from these means and those of whole epochs, weighted by the digits behind them; the last batch of an epoch may
    be a smaller one.

    Args:
        progress: of the run.
        metric: one of METRICS; the accuracy is 0.0 to 1.0.
        batch_size: digits a step, as configured.
    """
    epochs = [(epoch.epoch, getattr(epoch, metric)) for epoch in progress.epochs]
    validation = [(epoch.epoch, getattr(epoch, f"validation_{metric}")) for epoch in progress.epochs]
    shown = _shown(progress)
    steps = _done(shown[-1], progress) / len(shown) if shown else 1.0
    return LearningCurve(
        _steps(progress, shown, metric, batch_size), _real(epochs), _real(validation), max(1.0, steps)
    )


def thinned(batches: tuple[BatchEnded, ...], max_points: int) -> list[BatchEnded]:
    """At most `max_points` of the steps, 2 or more, evenly spaced; the first and the last stay."""
    if len(batches) <= max_points:
        return list(batches)
    return [batches[round(index * (len(batches) - 1) / (max_points - 1))] for index in range(max_points)]


def epochs_done(moment: BatchEnded | Snapshot, steps_per_epoch: int) -> float:
    """How far a run is at this step, in epochs: 1.5 in the middle of the second, 0.0 before the first step."""
    return max(0.0, moment.epoch - 1 + moment.step / steps_per_epoch)


def _done(batch: BatchEnded, progress: Progress) -> int:
    """How many steps were done in all epochs."""
    return (batch.epoch - 1) * progress.started.steps_per_epoch + batch.step if progress.started else 0


def _shown(progress: Progress) -> list[BatchEnded]:
    """The steps that get a point: the first, the first after each so many, and the last once the run has ended."""
    if progress.started is None or not progress.batches:
        return []
    last = progress.batches[-1]
    every = 1  # a power of two: what had a point keeps its place, or goes
    while _done(last, progress) / every > _MAX_POINTS - 2:
        every *= 2
    shown: list[BatchEnded] = []
    for batch in progress.batches:
        if not shown or _done(batch, progress) // every > _done(shown[-1], progress) // every:
            shown.append(batch)
    if progress.ended and shown[-1] is not last:
        shown.append(last)
    return shown


def _steps(
    progress: Progress, shown: Sequence[BatchEnded], metric: str, batch_size: int
) -> tuple[Point, ...]:
    started = progress.started
    if started is None:
        return ()
    whole = {epoch.epoch: getattr(epoch, metric) for epoch in progress.epochs}
    points: list[Point] = []
    epoch, begun, before_digits, before_total = 1, 0.0, 0, 0.0  # `begun`: the total when the epoch began
    for batch in shown:
        for done in range(epoch, batch.epoch):
            begun += whole.get(done, math.nan) * started.training_size
        epoch = batch.epoch
        in_epoch = min(batch.step * batch_size, started.training_size)
        digits = (epoch - 1) * started.training_size + in_epoch
        total = begun + getattr(batch, metric) * in_epoch
        if digits > before_digits:
            value = (total - before_total) / (digits - before_digits)
            # Taking one mean from another leaves a rounding error below zero where both are next to nothing.
            value = 0.0 if value < 0 else value
            points.append((epochs_done(batch, started.steps_per_epoch), value))
        before_digits, before_total = digits, total
    return _real(points)


def _real(points: Iterable[Point]) -> tuple[Point, ...]:
    return tuple(point for point in points if math.isfinite(point[1]))


@dataclass(frozen=True)
class Pace:
    """Where a run is that has taken its first step, and how fast it goes.

    Attributes:
        epoch: the present one, from 1.
        epochs: how many there will be in all.
        step, steps: done in this epoch, and in a whole one.
        share_done: of the whole run, 0.0 to 1.0.
        images_per_second: of training, over the latest seconds; None after a single step.
        seconds_left: None before that can be told. It may end earlier, by early stopping or by hand.
        learning_rate: of the latest step.
    """

    epoch: int
    epochs: int
    step: int
    steps: int
    share_done: float
    images_per_second: float | None
    seconds_left: float | None
    learning_rate: float


def measure_pace(progress: Progress, steering: Steering, batch_size: int) -> Pace | None:
    """Where a run is and how fast it goes; None before its first step.

    Args:
        progress: of the run. Its clock stands still while it is paused or waits in slow motion.
        steering: what the run was last told.
        batch_size: digits a step.
    """
    started = progress.started
    if started is None or not progress.batches:
        return None
    latest = progress.batches[-1]
    epochs = max(steering.epochs or started.epochs, latest.epoch)
    steps_done = (latest.epoch - 1) * started.steps_per_epoch + latest.step
    steps_left = epochs * started.steps_per_epoch - steps_done
    return Pace(
        epoch=latest.epoch,
        epochs=epochs,
        step=latest.step,
        steps=started.steps_per_epoch,
        share_done=steps_done / (epochs * started.steps_per_epoch),
        images_per_second=_images_per_second(progress.batches, batch_size),
        seconds_left=_seconds_left(progress, steps_left, steering.step_pause_seconds),
        learning_rate=latest.learning_rate,
    )


def _images_per_second(batches: tuple[BatchEnded, ...], batch_size: int) -> float | None:
    """Over the latest steps of one epoch: between two epochs the validation digits are read, which is no training."""
    newest_first = sorted({batch.epoch for batch in batches[-_RECENT_BATCHES:]}, reverse=True)
    by_epoch = ([batch for batch in batches if batch.epoch == epoch] for epoch in newest_first)
    ours = next((found for found in by_epoch if len(found) > 1), None)
    if ours is None:
        return None
    last = ours[-1]
    first = next(
        (batch for batch in ours[:-1] if last.elapsed_seconds - batch.elapsed_seconds <= _RECENT_SECONDS),
        ours[-2],
    )
    seconds = last.elapsed_seconds - first.elapsed_seconds
    return (last.step - first.step) * batch_size / seconds if seconds > 0 else None


def _seconds_left(progress: Progress, steps_left: int, step_pause_seconds: float) -> float | None:
    assert progress.started is not None
    if progress.epochs:  # the whole of an epoch, reading the validation digits included
        recent = progress.epochs[-_RECENT_EPOCHS:]
        epoch_seconds = sum(epoch.duration_seconds for epoch in recent) / len(recent)
        step_seconds = epoch_seconds / progress.started.steps_per_epoch
    elif len(progress.batches) > 1:
        # From the first step on, which builds the network's program and takes longer than a hundred others.
        first, last = progress.batches[0], progress.batches[-1]
        steps = (last.epoch - first.epoch) * progress.started.steps_per_epoch + last.step - first.step
        if steps <= 0:
            return None
        step_seconds = (last.elapsed_seconds - first.elapsed_seconds) / steps
    else:
        return None
    return steps_left * (step_seconds + step_pause_seconds)


def length(progress: Progress) -> float:
    """How many epochs a run came to; 0.0 before its first step."""
    if progress.started is None or not progress.batches:
        return 0.0
    return epochs_done(progress.batches[-1], progress.started.steps_per_epoch)


def until(progress: Progress, position: float) -> Progress:
    """A run as it stood after `position` epochs: 0.0 is before the first step, `length(progress)` is all of it.

    Of an epoch that was going on there is no snapshot any more, so the network is the one at the end of the epoch before.
    """
    started = progress.started
    if started is None or position >= length(progress):
        return progress
    return Progress(
        started,
        progress.watched,
        tuple(batch for batch in progress.batches if epochs_done(batch, started.steps_per_epoch) <= position),
        tuple(epoch for epoch in progress.epochs if epoch.epoch <= position),
        tuple(shot for shot in progress.snapshots if epochs_done(shot, started.steps_per_epoch) <= position),
    )
