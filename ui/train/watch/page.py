"""Watching a run: how it stands, its curves, the network's inside, and the buttons that steer it."""

import time
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from digit_core.errors import DigitError
from digit_core.monitoring import diagnostics
from digit_core.monitoring.events import Steering
from digit_core.monitoring.progress import length, measure_pace, until
from digit_core.monitoring.recordings import Progress
from digit_core.recipes.configuration import TrainingConfig
from digit_core.storage import run_records
from digit_core.storage.run_records import Run
from ui.frame import resources, state
from ui.panels import learning_curves
from ui.train.watch import inside, inside_pictures, replay, result, status, steering, waiting

_STYLE = Path(__file__).with_name("watch.css")
_INTERVAL = 1.0  # seconds between two looks at a live run
_REPLAY_INTERVAL = 0.5  # seconds
_UNKNOWN_BATCH = 32  # of a model that was trained elsewhere: it has no steps to tell of


def show(
    run_id: str,
    visitor: str | None,
    *,
    propose: result.Propose,
    use_model: Callable[[str], None],
    download: Callable[[Run], None],
) -> None:
    """Show a run. While it lives this part of the page alone is redrawn once a second, and no more when it has ended.

    Args:
        run_id: of the run.
        visitor: who looks on, from `ui.components.visitor.identity`.
        propose, use_model, download: as in `result.show`.
    """
    st.html(_STYLE)
    try:
        is_live = resources.runs().get(run_id).is_live
        watched = resources.runs().progress(run_id).watched
    except DigitError as error:
        st.error(str(error), icon=":material/error:")
        return
    if watched is not None:
        inside_pictures.style(watched)
    redraw = st.fragment(_redraw, run_every=_INTERVAL if is_live else None)
    redraw(run_id, visitor, propose, use_model, download, was_live=is_live, had_digits=watched is not None)


def _redraw(
    run_id: str,
    visitor: str | None,
    propose: result.Propose,
    use_model: Callable[[str], None],
    download: Callable[[Run], None],
    *,
    was_live: bool,
    had_digits: bool,
) -> None:
    runs = resources.runs()
    try:
        run, progress = runs.get(run_id), runs.progress(run_id)
        told = runs.steering(run_id) if run.is_live else Steering()
    except DigitError as error:
        st.error(str(error), icon=":material/error:")
        return
    if was_live != run.is_live or had_digits != (progress.watched is not None):
        st.rerun()  # the page draws this part once more, without a clock or with the pictures of its digits
    if run.state == run_records.WAITING:
        waiting.show(run, visitor)
        return
    batch_size = run.config.batch_size if run.config else _UNKNOWN_BATCH
    pace = measure_pace(progress, told, batch_size)
    found = diagnostics.find(run.config, progress) if run.config else ()
    status.show(run, progress, pace, _paused_seconds(run), len(found))
    if run.is_live:
        steering.show(run, told, pace, visitor)
    else:
        result.show(run, progress, propose, use_model, download)
    if progress.started is None:
        return
    learning_curves.show(progress, batch_size, run_id)
    # Below the rest while the run goes, so that a suggestion that comes or goes moves nothing that is looked at.
    above, below = st.container(), st.container()
    with above if run.is_live else below:
        inside.show(progress, run_id)
    with below if run.is_live else above:
        result.show_suggestions(found, run_id, propose)


def _paused_seconds(run: Run) -> float | None:
    """How long this session has seen the run paused; None if it is not."""
    if run.state != run_records.PAUSED:
        st.session_state.pop(state.PAUSE_SEEN, None)
        return None
    seen, since = st.session_state.setdefault(state.PAUSE_SEEN, (run.id, time.time()))
    if seen != run.id:
        seen, since = st.session_state[state.PAUSE_SEEN] = (run.id, time.time())
    return time.time() - since


def show_recording(progress: Progress, config: TrainingConfig, title: str) -> None:
    """Show a run that was recorded, with a button that plays it once more and a slider to any moment of it.

    Args:
        progress: all of it.
        config: what was trained.
        title: of the run.
    """
    st.html(_STYLE)
    if progress.watched is not None:
        inside_pictures.style(progress.watched)
    key = f"replay {title}"
    st.fragment(_replay, run_every=_REPLAY_INTERVAL if replay.is_playing(key) else None)(
        progress, config, title, key
    )


def _replay(progress: Progress, config: TrainingConfig, title: str, key: str) -> None:
    was_playing = replay.is_playing(key)
    position = replay.choose_position(length(progress), key)
    if was_playing and not replay.is_playing(key):
        st.rerun()  # it has come to its end, or was halted: the clock stops
    seen = until(progress, position)
    replay.say(title, seen, config, length(progress), position)
    learning_curves.show(seen, config.batch_size, key)
    inside.show(seen, key, looks_back=False)
    if seen.ended is not None:
        result.show_suggestions(diagnostics.find(config, progress), key, None)
