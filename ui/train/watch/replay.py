"""Playing a recorded run once more: a button, a slider, and how fast."""

import time
from functools import partial

import streamlit as st

from digit_core.monitoring.events import Steering
from digit_core.monitoring.progress import measure_pace
from digit_core.monitoring.recordings import Progress
from digit_core.recipes.configuration import TrainingConfig
from ui.frame import held
from ui.train.watch import status

_SPEEDS = {10: "in 10 s", 30: "in 30 s", 90: "in 90 s"}
_FIRST_SPEED = 30
_SLIDER_STEPS = 200


def is_playing(key: str) -> bool:
    """Whether the recording under this key plays now."""
    return st.session_state.get(f"{key} since") is not None


def choose_position(length: float, key: str) -> float:
    """Show the button and the slider.

    Args:
        length: of the recording, in epochs; above 0.0.
        key: of the widgets, one a recording.

    Returns:
        Where it is, 0.0 to `length`.
    """
    place, since = f"{key} place", f"{key} since"
    seconds = st.session_state.get(f"{key} speed", _FIRST_SPEED)
    st.session_state.setdefault(place, length)
    if is_playing(key):
        moment, start = st.session_state[since]
        now = start + (time.time() - moment) * length / seconds
        st.session_state[place] = min(now, length)
        if now >= length:
            st.session_state[since] = None
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _play_button(length, key)
        st.segmented_control(
            "How fast",
            list(_SPEEDS),
            default=seconds,
            format_func=_SPEEDS.__getitem__,
            required=True,
            wrap=True,
            **held.in_session(f"{key} speed", seconds, then=partial(_go_on_from_here, key)),
            label_visibility="collapsed",
        )
        with st.container(width="stretch"):
            _slider(length, key)
    return st.session_state[place]


def _play_button(length: float, key: str) -> None:
    def play() -> None:
        start = st.session_state[f"{key} place"]
        st.session_state[f"{key} since"] = (time.time(), 0.0 if start >= length else start)

    def halt() -> None:
        st.session_state[f"{key} since"] = None

    label, icon, press = ("Halt", "pause", halt) if is_playing(key) else ("Play", "play_arrow", play)
    if st.button(label, icon=f":material/{icon}:", type="primary", key=f"{key} {label}", on_click=press):
        st.rerun()  # the whole page, so that the clock of this part starts or stops


def _slider(length: float, key: str) -> None:
    """Two sliders in one place: while it plays nobody drags, or the browser would send back where it was a moment ago."""
    name, place = f"{key} slider, {'playing' if is_playing(key) else 'halted'}", f"{key} place"
    now = st.session_state[place]
    st.slider(
        "Epochs done",
        0.0,
        length,
        now,
        step=length / _SLIDER_STEPS,
        format="%.1f",
        **held.by(name, now, partial(st.session_state.__setitem__, place)),
        disabled=is_playing(key),
    )


def _go_on_from_here(key: str) -> None:
    """The speed was changed: what was played until now stays played."""
    if is_playing(key):
        st.session_state[f"{key} since"] = (time.time(), st.session_state[f"{key} place"])


def say(title: str, seen: Progress, config: TrainingConfig, length: float, position: float) -> None:
    """Say where the recording is.

    Args:
        title: of the run.
        seen: as it stood then.
        config: what was trained.
        length: of the recording, in epochs.
        position: where it is.
    """
    pace = measure_pace(seen, Steering(), config.batch_size)
    words = f"Recorded: {title}"
    facts = ["before the first step"]
    if pace is not None:
        facts = [f"epoch {pace.epoch} of {pace.epochs}", f"step {pace.step:,} of {pace.steps:,}"]
        if pace.images_per_second is not None:
            facts.append(f"it went at {status.speed(pace.images_per_second)} images a second")
        facts.append(f"learning rate {pace.learning_rate:.2g}")
    if seen.ended is not None:
        facts.append(seen.ended.reason)
    status.bar(words, position / length, facts)
