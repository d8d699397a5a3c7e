"""A run's facts as people say them: its state, how long, how large, how well."""

import math

from digit_core import figures
from digit_core.runs.comparison import SHIPPED, Contender
from digit_core.storage import run_records
from digit_core.storage.run_records import Run

NOT_KNOWN = "–"

STATES = {
    run_records.WAITING: "… waiting",
    run_records.STARTING: "… starting",
    run_records.RUNNING: "▸ training",
    run_records.PAUSED: "‖ paused",
    run_records.SAVING: "… keeping the model",
    run_records.FINISHED: "✓ finished",
    run_records.STOPPED: "■ stopped",
    run_records.FAILED: "✗ failed",
    run_records.INTERRUPTED: "⚡ interrupted",
    SHIPPED: "★ comes with the app",
}


def state(contender: Contender) -> str:
    """A mark and a word or two: "✓ finished", "… waiting, place 2"."""
    words = STATES[contender.state]
    place = contender.run.place if contender.run else None
    return f"{words}, place {place}" if contender.state == run_records.WAITING and place else words


def duration(seconds: float | None) -> str:
    """A time as people say it: 8.1 s, 40 s, 3 min, 2 h 10 min."""
    if seconds is None:
        return NOT_KNOWN
    if seconds < 9.95:
        return f"{round(seconds, 1):g} s"
    if seconds <= 90:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return " ".join(f"{count} {unit}" for count, unit in ((hours, "h"), (minutes, "min")) if count)


def rough_duration(seconds: float) -> str:
    """An estimated time in words, with no more figures than it deserves: "40 s", "3 min", "1 h 20 min"."""
    step = next(step for most, step in ((20, 1), (90, 10), (3_570, 60), (math.inf, 600)) if seconds <= most)
    return duration(max(1, step * round(seconds / step)))


def size(count: int | None) -> str:
    """Bytes as files are told of: 410 kB, 1.2 MB."""
    if count is None:
        return NOT_KNOWN
    return f"{max(1, round(count / 1_000))} kB" if count < 999_500 else f"{count / 1_000_000:.1f} MB"


def whole(count: int | None) -> str:
    """A whole number with commas."""
    return NOT_KNOWN if count is None else f"{count:,}"


def accuracy(share: float | None) -> str:
    """A share of digits read right: 97.4%."""
    return NOT_KNOWN if share is None else figures.percent(share)


def epochs(contender: Contender) -> str:
    """Epochs done, and of how many where it is not all of them: "5", "3 of 10"."""
    done, planned = len(contender.epochs), contender.config.epochs if contender.config else None
    if contender.config is None and not done:
        return NOT_KNOWN
    return f"{done}" if planned is None or done >= planned else f"{done} of {planned}"


def network(contender: Contender) -> str:
    """The network's title; of one that was trained elsewhere, what its card calls it."""
    if contender.network is None:
        return ((contender.card or {}).get("architecture") or {}).get("title") or NOT_KNOWN
    return contender.network.title or "Own network"


def started_from(contender: Contender, names: dict[str, str]) -> str:
    """What a training started from: random weights, or another run's.

    Args:
        contender: the run.
        names: of runs and models for people, by `Contender.key`.
    """
    if contender.run and contender.config is None:
        return NOT_KNOWN
    parent = contender.started_from
    if parent is None:
        return "random weights"
    return f"the weights of {names.get(parent) or names.get(model_of(parent)) or 'a run that is gone'}"


def model_of(run_id: str) -> str:
    """The name under which a run's model is used, from the run's id."""
    return Run(run_id, "", "", "", "", None, 0.0).model


def misread(contender: Contender) -> str:
    """How many of the validation digits were misread: "24 of 5,000", or "0.5%" where they were not counted."""
    if (right := contender.read_right) is not None:
        return f"{right.n - right.count:,} of {right.n:,}"
    return NOT_KNOWN if contender.validation_accuracy is None else f"{1 - contender.validation_accuracy:.1%}"


def accuracy_with_range(contender: Contender) -> str:
    """The accuracy on the validation digits with its 95% interval: "97.7% (97.2% to 98.1%)"."""
    right = contender.read_right
    if right is None:
        return accuracy(contender.validation_accuracy)
    return f"{right.value:.1%} ({right.low:.1%} to {right.high:.1%})"
