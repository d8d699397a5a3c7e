"""How a run went, as the points of two lines: what it read right and wrong while it learnt, and afterwards."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from digit_core.events import BatchEnded
from digit_core.recordings import Progress

METRICS = ("loss", "accuracy")
Point = tuple[float, float]


@dataclass(frozen=True)
class LearningCurve:
    """One metric of one run. Points are (epochs done, value), in order; what is no number has no point.

    Attributes:
        steps: on the training digits, each point over the steps since the point before it.
        training: on the training digits, over each whole epoch, as it went.
        validation: on the validation digits, after each epoch.
    """

    steps: tuple[Point, ...]
    training: tuple[Point, ...]
    validation: tuple[Point, ...]


def of(progress: Progress, metric: str, batch_size: int, most_points: int = 300) -> LearningCurve:
    """The curve of a run.

    A step reports its mean over the epoch so far, which would draw a saw. What the steps between two points did is
    had back from the two means, weighted by the digits behind them; the last batch of an epoch may be a smaller one.

    Args:
        progress: of the run.
        metric: one of METRICS; the accuracy is 0.0 to 1.0.
        batch_size: digits a step, as configured.
        most_points: of `steps`; the first and the last step done always have one.
    """
    epochs = [(epoch.epoch, getattr(epoch, metric)) for epoch in progress.epochs]
    validation = [(epoch.epoch, getattr(epoch, f"validation_{metric}")) for epoch in progress.epochs]
    return LearningCurve(_steps(progress, metric, batch_size, most_points), _real(epochs), _real(validation))


def thinned(batches: tuple[BatchEnded, ...], most: int) -> list[BatchEnded]:
    """At most `most` of the steps, 2 or more, evenly spaced; the first and the last stay."""
    if len(batches) <= most:
        return list(batches)
    return [batches[round(index * (len(batches) - 1) / (most - 1))] for index in range(most)]


def epochs_done(batch: BatchEnded, steps_per_epoch: int) -> float:
    """How far a run is after this step, in epochs: 1.5 in the middle of the second."""
    return batch.epoch - 1 + batch.step / steps_per_epoch


def _steps(progress: Progress, metric: str, batch_size: int, most_points: int) -> tuple[Point, ...]:
    if progress.started is None:
        return ()
    points = []
    before_epoch, before_digits, before_total = 0, 0, 0.0
    for batch in thinned(progress.batches, most_points):
        digits = min(batch.step * batch_size, progress.started.training_size)
        total = getattr(batch, metric) * digits
        if batch.epoch != before_epoch:
            before_epoch, before_digits, before_total = batch.epoch, 0, 0.0
        if digits > before_digits:
            value = (total - before_total) / (digits - before_digits)
            # Taking one mean from another leaves a rounding error below zero where both are next to nothing.
            value = 0.0 if value < 0 else value
            points.append((epochs_done(batch, progress.started.steps_per_epoch), value))
        before_digits, before_total = digits, total
    return _real(points)


def _real(points: Iterable[Point]) -> tuple[Point, ...]:
    return tuple(point for point in points if math.isfinite(point[1]))
