"""What a run's numbers say about its settings, and what to try next.

Each rule stands on a threshold that is named and explained here. A trend is judged over three epochs, because the first
steps of a healthy run look bad, too; a loss that is no number is said at once.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from digit_core.monitoring import suggestions
from digit_core.monitoring.events import EpochEnded, LayerState
from digit_core.monitoring.progress import learning_curve
from digit_core.monitoring.recordings import Progress
from digit_core.monitoring.suggestions import Suggestion
from digit_core.recipes.configuration import TrainingConfig

CHANCE_LOSS = math.log(10)  # 2.303: the loss where each of ten digits gets the same probability
MIN_STEPS = 100  # before them even a good run may stand where it began
WORSE_THAN_GUESSING = 1.1  # times CHANCE_LOSS: the weights do harm, they are not merely untrained
STUCK = 0.02  # share of CHANCE_LOSS by which the loss must be lower before a network does more than guess
JUMP = 0.05  # a rise of the training loss from one epoch to the next that chance does not make
MOVED_FAR = 0.5  # share of the weights' length above which they are not those drawn at random any more
UNMOVED = 0.02  # share of the weights' length below which they are as good as those drawn at random
SLOW_FALL = 0.2  # share of the loss; a healthy run far from its goal loses more in an epoch
POOR_START = 0.9  # accuracy that every healthy run on MNIST passes in its first epochs
POOR = 0.95  # accuracy between a network without a hidden layer (about 92%) and the smallest with one (97%)
FLAT = 0.02  # share of the loss by which an epoch must lower it to count as progress
OVERFITTED_LOSS = 1.25  # times the best validation loss, both in the last and the last but one epoch
OVERFITTED_GAP = 0.05  # of accuracy, between the digits learnt from and the others
DEAD = 0.4  # of a layer: "as much as 40% of your network can be dead" at too high a rate (Stanford CS231n, Neural Networks 1)
STILL_IMPROVING = 0.05  # share by which the last epoch lowered the best validation loss
MIN_GAIN = 0.003  # of the validation loss, below which no further epoch is worth its time

TITLES = {
    "rate-too-high": "The learning rate is too high",
    "dead-units": "Many units are dead",
    "rate-too-low": "The learning rate is too low",
    "overfitting": "The network is learning by heart (overfitting)",
    "underfitting": "The network can't learn it well enough (underfitting)",
    "more-epochs": "It was still improving",
}


@dataclass(frozen=True)
class Diagnosis:
    """One problem that the numbers show, and one change that may solve it.

    Attributes:
        kind: one of "rate-too-high", "dead-units", "rate-too-low", "overfitting", "underfitting", "more-epochs".
        title: for people, a few words: "The learning rate is too high".
        why: one or two sentences with the numbers that it rests on.
        action: the label of a button, such as "Try a third of the learning rate: 0.0003".
        config: what the button starts as the next run; a valid configuration that differs from the run's own.
    """

    kind: str
    title: str
    why: str
    action: str
    config: TrainingConfig


def find(config: TrainingConfig, progress: Progress) -> tuple[Diagnosis, ...]:
    """What a run's numbers say about it so far, the gravest first; while it goes and when it has ended.

    Args:
        config: what the run was started with.
        progress: what it has said until now; with nothing said yet there is no diagnosis.

    Returns:
        At most one of a kind; none for a healthy run.
    """
    return tuple(
        Diagnosis(kind, TITLES[kind], why, suggestion.action, suggestion.config)
        for kind, why, suggestion in _findings(config, progress)
        if suggestion is not None and suggestion.config != config
    )


def _findings(config: TrainingConfig, progress: Progress) -> Iterator[tuple[str, str, Suggestion | None]]:
    """Kinds, reasons, and what can be done about each."""
    rate = _rate(config, progress)
    if why := _rate_too_high(config, progress):
        yield "rate-too-high", why, suggestions.lower_rate(config, rate)
        return  # where the steps are too large the other curves mean nothing
    if why := _dead_units(progress):
        yield "dead-units", why, suggestions.for_dead_units(config, rate)
    if why := _rate_too_low(config, progress):
        yield "rate-too-low", why, suggestions.higher_rate(config, rate)
        return  # what learns too slowly looks like underfitting, and like a run that was too short
    if why := _overfitting(progress):
        yield "overfitting", why, suggestions.against_overfitting(config)
    elif why := _underfitting(progress):
        yield "underfitting", why, suggestions.against_underfitting(config)
    elif why := _still_improving(config, progress):
        yield "more-epochs", why, suggestions.more_epochs(config, len(progress.epochs))


def _rate(config: TrainingConfig, progress: Progress) -> float:
    """The highest learning rate that the run had: a hand may have raised it."""
    return max([config.learning_rate, *(epoch.learning_rate for epoch in progress.epochs)])


def _steps(progress: Progress) -> int:
    """How many steps were done in the epochs that are complete."""
    return len(progress.epochs) * (progress.started.steps_per_epoch if progress.started else 0)


def _layers(progress: Progress) -> tuple[LayerState, ...]:
    """How the layers stand, after one epoch at least."""
    seen = [
        snapshot for snapshot in progress.snapshots if snapshot.epoch > 0 and snapshot.confusion is not None
    ]
    return seen[-1].layers if seen else ()


def _change(before: EpochEnded, after: EpochEnded) -> float:
    """By what share of itself the training loss fell; below zero where it rose."""
    return (before.loss - after.loss) / max(before.loss, 1e-9)


def _rate_too_high(config: TrainingConfig, progress: Progress) -> str:
    losses = [epoch.loss for epoch in progress.epochs]
    is_lost = any(not math.isfinite(batch.loss) for batch in progress.batches)
    if is_lost or (progress.ended and "no longer a number" in progress.ended.reason):
        return (
            "The loss grew until it was no longer a number: each step overshot by more than the one before."
        )
    if not losses or _steps(progress) < MIN_STEPS:
        return ""
    if max(losses) > WORSE_THAN_GUESSING * CHANCE_LOSS and losses[-1] > (1 - STUCK) * CHANCE_LOSS:
        steps = learning_curve(progress, "loss", config.batch_size).steps
        highest = max([*losses, *(loss for _, loss in steps)])
        return (
            f"The loss has been as high as {highest:.3g} and is {losses[-1]:.3g} after {_epochs(len(losses))}. Guessing "
            f"gives {CHANCE_LOSS:.2f}: the steps are so large that they do harm."
        )
    tail = losses[-5:]
    rises = [after - before for before, after in pairwise(tail) if after - before > max(JUMP, 0.1 * before)]
    if len(rises) >= 2:
        return (
            f"In the last {len(tail)} epochs the training loss jumped up {len(rises)} times, by up to {max(rises):.2f}: "
            "the steps are so large that they jump over the best weights."
        )
    return _wrecked(config, progress)


def _wrecked(config: TrainingConfig, progress: Progress) -> str:
    """Guessing although the weights have moved far or units have died: large steps have wrecked the network."""
    if not _is_stuck(progress):
        return ""
    rate, usual = _rate(config, progress), suggestions.USUAL_RATES[config.optimizer]
    layers = _layers(progress)
    dead = max((layer.dead_share or 0.0 for layer in layers), default=0.0)
    if dead > DEAD:
        seen = f"{dead:.0%} of a layer's units are dead"
    elif any(layer.weight_change > MOVED_FAR for layer in layers):
        seen = "though the weights have moved far"
    elif not layers and rate > 3 * usual:
        seen = f"a learning rate of {rate:.2g} is {rate / usual:.0f} times the usual one"
    else:
        return ""
    return (
        f"The loss stands at {progress.epochs[-1].loss:.2f}, which is what guessing gives, and {seen}: large steps at the start "
        "have wrecked the network."
    )


def _is_stuck(progress: Progress) -> bool:
    """Whether the network has only guessed for two epochs and MIN_STEPS steps."""
    last = progress.epochs[-2:]
    return (
        len(last) == 2
        and _steps(progress) >= MIN_STEPS
        and all(epoch.loss > (1 - STUCK) * CHANCE_LOSS and epoch.accuracy < 0.2 for epoch in last)
    )


def _dead_units(progress: Progress) -> str:
    if len(progress.epochs) < 2:
        return ""
    dead = [layer for layer in _layers(progress) if (layer.dead_share or 0.0) > DEAD]
    if not dead:
        return ""
    worst = max(dead, key=lambda layer: layer.dead_share or 0.0)
    return (
        f"{worst.dead_share:.0%} of the units of {worst.name} answer 0 to every digit, so they can no longer learn: ReLU "
        "gives them no slope to climb back."
    )


def _rate_too_low(config: TrainingConfig, progress: Progress) -> str:
    epochs = progress.epochs
    if len(epochs) < 3 or _steps(progress) < MIN_STEPS:
        return ""
    if max(epochs[-1].accuracy, epochs[-1].validation_accuracy) >= POOR_START:
        return ""
    if epochs[-1].learning_rate < 0.5 * config.learning_rate:
        return ""  # a schedule, or a rule, has it low on purpose now
    rate = _rate(config, progress)
    falls = [_change(before, after) for before, after in zip(epochs[-3:], epochs[-2:])]
    usual = suggestions.USUAL_RATES[config.optimizer]
    moved = max((layer.weight_change for layer in _layers(progress)), default=None)
    if max(falls) < FLAT and (moved < UNMOVED if moved is not None else rate < usual / 10):
        seen = "" if moved is None else f", and the weights have moved by only {moved:.2%}"
        return (
            f"The loss has hardly changed: {epochs[0].loss:.2f} in the first epoch, {epochs[-1].loss:.2f} in the last{seen}. "
            f"The learning rate is {rate:.2g}; {usual:g} is usual."
        )
    is_steady = falls[1] > 0.5 * falls[0]  # what is at its limit falls less each time
    if is_steady and all(FLAT <= fall < SLOW_FALL for fall in falls):
        return (
            f"The training loss falls steadily, but by only {falls[-1]:.0%} in the last epoch, and is still "
            f"{epochs[-1].loss:.2f}: larger steps would get there sooner."
        )
    return ""


def _overfitting(progress: Progress) -> str:
    epochs = progress.epochs
    if len(epochs) < 3:
        return ""
    best = min(epochs, key=lambda epoch: epoch.validation_loss)
    last = epochs[-1]
    is_rising = all(epoch.validation_loss > OVERFITTED_LOSS * best.validation_loss for epoch in epochs[-2:])
    if is_rising and last.loss < 0.9 * best.loss and last.loss < last.validation_loss:
        return (
            f"Since epoch {best.epoch} the validation loss has risen from {best.validation_loss:.3g} to "
            f"{last.validation_loss:.3g}, while the training loss fell from {best.loss:.3g} to {last.loss:.3g}."
        )
    gaps = [epoch.accuracy - epoch.validation_accuracy for epoch in epochs[-2:]]
    if min(gaps) > OVERFITTED_GAP and last.accuracy > POOR_START:
        return (
            f"It reads {last.accuracy:.1%} of the digits it learns from, but only {last.validation_accuracy:.1%} of those it "
            "has never seen."
        )
    return ""


def _underfitting(progress: Progress) -> str:
    epochs = progress.epochs
    if len(epochs) < 4 or _steps(progress) < MIN_STEPS or _is_stuck(progress):
        return ""
    last = epochs[-1]
    falls = [_change(before, after) for before, after in zip(epochs[-3:], epochs[-2:])]
    is_free = last.learning_rate >= 0.1 * max(epoch.learning_rate for epoch in epochs)
    if is_free and max(falls) < FLAT and max(last.accuracy, last.validation_accuracy) < POOR:
        return (
            f"After {_epochs(len(epochs))} it reads {last.accuracy:.1%} of the digits it learns from, and the loss no longer "
            f"falls: {epochs[-3].loss:.3g}, {epochs[-2].loss:.3g}, {last.loss:.3g}."
        )
    return ""


def _still_improving(config: TrainingConfig, progress: Progress) -> str:
    epochs = progress.epochs
    if progress.ended is None or len(epochs) < 2 or "epochs are done" not in progress.ended.reason:
        return ""
    if config.schedule != "constant":
        return ""  # its last epochs are always the best: the falling rate makes them so
    before = min(epoch.validation_loss for epoch in epochs[:-1])
    last = epochs[-1]
    gain = before - last.validation_loss
    if gain < max(MIN_GAIN, STILL_IMPROVING * before) or last.loss >= epochs[-2].loss:
        return ""
    return (
        f"The last epoch lowered the validation loss from {before:.3g} to {last.validation_loss:.3g}, by {gain / before:.0%}: it "
        "could have gone on."
    )


def _epochs(number: int) -> str:
    return "1 epoch" if number == 1 else f"{number} epochs"
