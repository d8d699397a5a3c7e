"""How a run stands: its state in words, a bar, and the figures of the moment."""

import html

import streamlit as st

from digit_core.monitoring.events import MAX_PAUSE_SECONDS
from digit_core.monitoring.progress import Pace
from digit_core.monitoring.recordings import Progress
from digit_core.storage import run_records
from digit_core.storage.run_records import Run
from ui.panels import run_formatting


def show(
    run: Run, progress: Progress, pace: Pace | None, paused_seconds: float | None = None, suggestions: int = 0
) -> None:
    """Show how a run stands. What changes is written into the place of what was there; nothing else moves.

    Args:
        run: which one.
        progress: how it went until now.
        pace: None before the first step.
        paused_seconds: how long it has been paused at least; None if it is not.
        suggestions: how many there are further down.
    """
    words = in_words(run, progress, pace, paused_seconds)
    if not run.is_live:
        st.html(f'<div class="standing"><p class="state">{words}</p><p>{html.escape(run.reason)}</p></div>')
        return
    facts = figures(run, pace)
    if suggestions:
        facts.append(f"{suggestions} suggestion{'' if suggestions == 1 else 's'} at the bottom of the page")
    bar(words, pace.share_done if pace else 0.0, facts)


def bar(words: str, share: float, facts: list[str]) -> None:
    """A line of words, a bar that is filled to `share` (0.0 to 1.0), and a line of figures."""
    told = "".join(f"<span>{html.escape(fact)}</span>" for fact in facts) or "&nbsp;"
    st.html(
        f'<div class="standing"><p class="state">{html.escape(words)}</p>'
        f'<div class="track" role="progressbar" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{share * 100:.0f}" aria-label="How much of the run is done">'
        f'<div class="bar" style="width:{share:.2%}"></div></div>'
        f'<p class="facts">{told}</p></div>'
    )


def in_words(run: Run, progress: Progress, pace: Pace | None, paused_seconds: float | None = None) -> str:
    """The state of a run that does not wait, as people say it."""
    match run.state:
        case run_records.STARTING:
            return run.reason or "TensorFlow is starting: about 10 s"
        case run_records.RUNNING:
            return _going_on(progress, pace)
        case run_records.PAUSED:
            left = max(0.0, MAX_PAUSE_SECONDS - (paused_seconds or 0.0))
            return f"Paused: ends by itself in at most {run_formatting.duration(max(1, round(left)))}, keeping its weights"
        case run_records.SAVING:
            return "Keeping the model: about 5 s"
    return run_formatting.STATES[run.state].title()


def _going_on(progress: Progress, pace: Pace | None) -> str:
    if pace is None:
        return "The first step comes in a moment"
    if pace.step < pace.steps:
        return f"Epoch {pace.epoch} of {pace.epochs}"
    if len(progress.epochs) < pace.epoch:
        return f"Epoch {pace.epoch} of {pace.epochs}: it reads the validation digits"
    return f"Epoch {pace.epoch} of {pace.epochs} is done"


def figures(run: Run, pace: Pace | None) -> list[str]:
    """What is told below the bar: the step, the speed, the time left and the learning rate."""
    if pace is None:
        return []
    told = [f"step {pace.step:,} of {pace.steps:,}"]
    if pace.images_per_second is not None:
        told.append(f"{speed(pace.images_per_second)} images a second")
    if pace.seconds_left and run.state == run_records.RUNNING:
        stops_early = run.config is not None and run.config.early_stopping is not None
        told.append(
            f"{run_formatting.duration(max(1, round(pace.seconds_left)))} left{', or less' if stops_early else ''}"
        )
    told.append(f"learning rate {pace.learning_rate:.2g}")
    return told


def speed(images_per_second: float) -> str:
    """Two digits deserve to be told: 5,300 and not 5,287."""
    if images_per_second >= 1_000:
        return f"{round(images_per_second, -2):,.0f}"
    return f"{images_per_second:.2g}" if images_per_second < 100 else f"{round(images_per_second, -1):.0f}"
