"""How fast a run goes, and how long it still takes."""

from dataclasses import dataclass

from digit_core.events import BatchEnded, Steering
from digit_core.recordings import Progress

_LOOK_BACK_SECONDS = 10  # the speed is that of the latest steps, so that it follows what is steered
_LOOK_BACK_EPOCHS, _LOOK_BACK_BATCHES = 2, 50


@dataclass(frozen=True)
class Pace:
    """Where a run that took its first step is.

    Attributes:
        epoch: the one that goes on, from 1.
        epochs: how many there are to be in all.
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


def of(progress: Progress, steering: Steering, batch_size: int) -> Pace | None:
    """The pace of a run; None before its first step.

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
    newest_first = sorted({batch.epoch for batch in batches[-_LOOK_BACK_BATCHES:]}, reverse=True)
    by_epoch = ([batch for batch in batches if batch.epoch == epoch] for epoch in newest_first)
    ours = next((found for found in by_epoch if len(found) > 1), None)
    if ours is None:
        return None
    last = ours[-1]
    first = next(
        (batch for batch in ours[:-1] if last.elapsed_seconds - batch.elapsed_seconds <= _LOOK_BACK_SECONDS),
        ours[-2],
    )
    seconds = last.elapsed_seconds - first.elapsed_seconds
    return (last.step - first.step) * batch_size / seconds if seconds > 0 else None


def _seconds_left(progress: Progress, steps_left: int, step_pause_seconds: float) -> float | None:
    assert progress.started is not None
    if progress.epochs:  # the whole of an epoch, reading the validation digits included
        recent = progress.epochs[-_LOOK_BACK_EPOCHS:]
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
