"""A recorded run as it stood at some moment, so that it can be watched once more."""

from digit_core.events import Snapshot
from digit_core.learning_curves import epochs_done
from digit_core.recordings import Progress


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
        tuple(shot for shot in progress.snapshots if _moment(shot, started.steps_per_epoch) <= position),
        None,
    )


def _moment(snapshot: Snapshot, steps_per_epoch: int) -> float:
    """When a snapshot was taken, in epochs."""
    return snapshot.epoch - 1 + snapshot.step / steps_per_epoch if snapshot.epoch else 0.0
