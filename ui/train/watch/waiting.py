"""What a visitor sees whose run waits: its place, for how long, whose run goes now, and how that one learns."""

import html
from collections.abc import Sequence

import streamlit as st

from digit_core.monitoring.events import Steering
from digit_core.monitoring.progress import measure_pace
from digit_core.runs import estimates
from digit_core.storage import run_records
from digit_core.storage.run_records import Run
from ui.frame import resources
from ui.panels import learning_curves, run_formatting
from ui.train.watch import status, steering


def show(run: Run, visitor: str | None) -> None:
    """Show a run that waits.

    Args:
        run: which one.
        visitor: who looks on.

    Raises:
        DigitError: the runs could not be read.
    """
    known = resources.runs().all()
    going = [other for other in known if other.is_live and other.state != run_records.WAITING]
    words = in_words(run, visitor, _seconds(run, known, going))
    st.html(
        f'<div class="standing" role="status"><p class="state">{words}</p><p>{html.escape(names(going, visitor))}</p></div>'
    )
    steering.show(run, Steering(), None, visitor)
    if going:
        _look_on(going[-1])


def in_words(run: Run, visitor: str | None, seconds: float | None) -> str:
    """A place in the queue as people say it: "You are next: about 20 s".

    Args:
        run: that waits.
        visitor: who looks on.
        seconds: until it starts; None where nobody knows.
    """
    place = run.place or 1
    who = "You are" if run.owner == visitor else "This run is"
    told = f"{who} {'next' if place == 1 else f'at place {place} in the queue'}"
    if seconds is None:
        return told
    return f"{told}: " + (
        f"about {run_formatting.rough_duration(seconds)}" if seconds else "it starts in a moment"
    )


def names(going: Sequence[Run], visitor: str | None) -> str:
    """Which runs go now, by the names that their owners gave them."""
    if not going:
        return ""
    told = [f"{'your run ' if run.owner == visitor else ''}“{run.name}”" for run in going]
    return f"Now training: {' and '.join(told)}. You can watch it below until it is your turn."


def _seconds(run: Run, known: Sequence[Run], going: Sequence[Run]) -> float | None:
    """How long it will wait, by what runs before it; None while one of them is paused."""
    if any(other.state == run_records.PAUSED for other in going):
        return None
    runs, rate = resources.runs(), resources.training_rate(known)
    left = [
        estimates.left(other.config, runs.progress(other.id), runs.steering(other.id), rate)
        for other in going
        if other.config is not None
    ]
    before = [
        estimates.of(other.config, rate).seconds
        for other in sorted(known, key=lambda other: other.place or 0)
        if other.config is not None and other.place is not None and other.place < (run.place or 1)
    ]
    return estimates.until_start(left, before, runs.slots)


def _look_on(run: Run) -> None:
    """The curves of a run that goes."""
    if run.config is None:
        return
    runs = resources.runs()
    progress, told = runs.progress(run.id), runs.steering(run.id)
    status.show(run, progress, measure_pace(progress, told, run.config.batch_size))
    if progress.started is not None:
        learning_curves.show(progress, run.config.batch_size, run.id)
