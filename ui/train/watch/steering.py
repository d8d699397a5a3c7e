"""The buttons that steer a run while it goes."""

import time

import streamlit as st

from digit_core.errors import DigitError
from digit_core.monitoring.events import Steering
from digit_core.monitoring.progress import Pace
from digit_core.recipes.configuration import MAX_EPOCHS
from digit_core.storage import run_records, visitors
from digit_core.storage.run_records import Run
from ui.frame import held, resources, state
from ui.panels import teacher_code

_MORE_EPOCHS = 5
_SLOW_MOTION = {0.0: "off", 0.1: "0.1 s", 0.5: "0.5 s", 1.0: "1 s"}
_FAILURE_SECONDS = 10  # how long a refusal stands


def show(run: Run, steering: Steering, pace: Pace | None, visitor: str | None) -> None:
    """Show the buttons to those who may steer this run, and to the others why they may not.

    Args:
        run: a live one.
        steering: what it was last told.
        pace: None before the first step.
        visitor: who looks on.
    """
    if not visitors.may_change(run.owner, visitor, teacher_code.typed()):
        teacher_code.explain("Only the person who started this run, or a teacher, can steer it.")
        return
    if resources.runs().is_elsewhere(run):
        st.caption("This run belongs to another copy of this app: only that one can steer it.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _go_and_stop(run, steering, visitor)
        if run.state != run_records.WAITING and run.config is not None:
            _more(run, steering, pace, visitor)
    _say_failure(run)


def _go_and_stop(run: Run, steering: Steering, visitor: str | None) -> None:
    if run.state == run_records.WAITING:
        _button(run, visitor, "Leave the queue", "logout", is_stopped=True)
        return
    if run.state == run_records.PAUSED:
        _button(run, visitor, "Go on", "play_arrow", is_paused=False)
        _button(
            run,
            visitor,
            "One step",
            "skip_next",
            "Learns from one more batch of digits, and waits again.",
            single_steps=steering.single_steps + 1,
        )
    else:
        _button(run, visitor, "Pause", "pause", is_idle=run.state != run_records.RUNNING, is_paused=True)
    _button(
        run,
        visitor,
        "Stop",
        "stop",
        "Ends the run now. The weights that did best on the validation digits are kept.",
        is_idle=run.state == run_records.SAVING,
        is_stopped=True,
    )


def _more(run: Run, steering: Steering, pace: Pace | None, visitor: str | None) -> None:
    is_idle = run.state not in (run_records.RUNNING, run_records.PAUSED)
    epochs = steering.epochs or (pace.epochs if pace else run.config.epochs)
    _button(
        run,
        visitor,
        f"+{_MORE_EPOCHS} epochs",
        "add",
        f"Goes through the digits {_MORE_EPOCHS} more times: {epochs + _MORE_EPOCHS} in all.",
        is_idle=is_idle or epochs + _MORE_EPOCHS > MAX_EPOCHS,
        epochs=min(epochs + _MORE_EPOCHS, MAX_EPOCHS),
    )
    with st.popover("Learning rate", icon=":material/speed:", disabled=is_idle):
        _learning_rate(run, base_rate(run, steering, pace), visitor)
    pause = _nearest(steering.step_pause_seconds)
    st.segmented_control(
        "Slow motion",
        list(_SLOW_MOTION),
        default=pause,
        format_func=_SLOW_MOTION.__getitem__,
        required=True,
        wrap=True,
        **held.by(
            f"slow motion {run.id}",
            pause,
            lambda seconds: _steer(run, visitor, step_pause_seconds=seconds),
        ),
        disabled=is_idle,
        help="A pause after every batch, so that you can watch step by step.",
    )


def base_rate(run: Run, steering: Steering, pace: Pace | None) -> float:
    """The learning rate that a change starts from: under a schedule the highest one, else the present one."""
    assert run.config is not None
    asked = steering.learning_rate
    if run.config.schedule != "constant":
        return asked or run.config.learning_rate
    # Only a plateau lowers it on its own; what was asked for a moment ago may not have reached the run yet.
    if asked is not None and run.config.reduce_lr_on_plateau is None:
        return asked
    return pace.learning_rate if pace else asked or run.config.learning_rate


def _learning_rate(run: Run, rate: float, visitor: str | None) -> None:
    what = "the highest of its schedule" if run.config.schedule != "constant" else "the length of each step"
    st.markdown(f"**{rate:.3g}**, {what}")
    with st.container(horizontal=True, gap="small"):
        _button(run, visitor, "÷ 3", "remove", key="rate down", learning_rate=rate / 3)
        _button(run, visitor, "× 3", "add", key="rate up", learning_rate=rate * 3)

    def set_rate(typed: str) -> None:
        text = typed.strip()
        try:
            asked = float(text.replace(",", "."))
        except ValueError:
            if text:
                _refuse(run, f"A learning rate is a number such as 0.001, not “{text}”.")
            return
        _steer(run, visitor, learning_rate=asked)

    st.text_input(
        "Or exactly",
        placeholder=f"{rate:.3g}",
        **held.by(f"rate {run.id}", "", set_rate),  # what was typed is taken out again
        max_chars=12,
        help="Enter sets it. Usual values lie between 0.0001 and 0.1.",
    )


def _nearest(seconds: float) -> float:
    return min(_SLOW_MOTION, key=lambda offered: abs(offered - seconds))


def _button(
    run: Run,
    visitor: str | None,
    label: str,
    icon: str,
    told: str | None = None,
    *,
    key: str = "",
    is_idle: bool = False,
    **changes: bool | float | int,
) -> None:
    st.button(
        label,
        key=f"steer {key or label} {run.id}",
        icon=f":material/{icon}:",
        help=told,
        on_click=_steer,
        args=(run, visitor),
        kwargs=changes,
        disabled=is_idle,
    )


def _steer(run: Run, visitor: str | None, **changes: bool | float | int) -> None:
    try:
        resources.runs().access.steer(run.id, visitor, teacher_code.typed(), **changes)
        st.session_state.pop(state.STEERING_FAILURE, None)
    except DigitError as error:
        _refuse(run, str(error))


def _refuse(run: Run, sentence: str) -> None:
    st.session_state[state.STEERING_FAILURE] = (run.id, sentence, time.time())


def _say_failure(run: Run) -> None:
    """A refusal stands for some seconds: with a redraw each second it would else be gone before it is read."""
    failed, sentence, when = st.session_state.get(state.STEERING_FAILURE, ("", "", 0.0))
    if failed == run.id and time.time() - when < _FAILURE_SECONDS:
        st.warning(sentence, icon=":material/error:")
