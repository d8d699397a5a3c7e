"""The class teaches the network: one press, the curve while it learns, and the same drawings read again."""

import html
from collections.abc import Sequence
from functools import partial

import streamlit as st

from digit_core import classroom
from digit_core.classroom import lessons
from digit_core.classroom.looks import WALL, Look
from digit_core.classroom.records import HandIn, Lesson, SchoolClass
from digit_core.classroom.rules import tasks
from digit_core.errors import DigitError
from digit_core.evaluation import comparison
from digit_core.monitoring.progress import length
from digit_core.recipes import fine_tuning
from digit_core.recipes.fine_tuning import Effect
from digit_core.storage import run_records
from digit_core.storage.run_records import Run
from ui.classroom import networks, results, teacher
from ui.frame import resources, words
from ui.panels import fine_tuning_effect, learning_curves

_STATES = {
    run_records.WAITING: "It waits for its turn.",
    run_records.STARTING: "TensorFlow is starting.",
    run_records.SAVING: "It reads all test digits again.",
}


def offer(look: Look, key: str) -> None:
    """The press with which the class teaches the network, once it has drawings that fooled it."""
    if not look.collected:
        return
    st.button(
        f"Learn from us: {words.counted(len(look.collected), 'drawing')}",
        key="start-lesson",
        icon=":material/school:",
        help="The network learns the drawings that people read and it didn't. Every third drawing of the class is held back: "
        "it judges what the network has learnt.",
        on_click=teacher.attempt,
        args=(partial(_begin, key, look.found),),
    )


def _begin(key: str, found: SchoolClass) -> None:
    lessons.begin(classroom.default(), resources.runs(), key, found, resources.card(found.model))


def steer(found: SchoolClass, lesson: Lesson, key: str) -> None:
    """The curve while the network learns, and the presses that stop it and that show what it did."""
    run = _run(lesson)
    with st.container(horizontal=True):
        if run is not None and run.is_live:
            st.button(
                "Stop learning",
                key="lesson-stop",
                icon=":material/stop:",
                disabled=run.state == run_records.SAVING,
                help="What the network has learnt by then is kept.",
                on_click=teacher.attempt,
                args=(partial(lessons.stop, classroom.default(), resources.runs(), key, found, lesson),),
            )
        else:
            st.button(
                "Show before and after" if effect_of(lesson.run) else "Go on",
                key="class-end",
                type="primary",
                on_click=teacher.attempt,
                args=(partial(_end, key, found, lesson),),
            )
    watch(lesson)


def _end(key: str, found: SchoolClass, lesson: Lesson) -> None:
    """Show what was learnt; from then on both networks, before and after, read what the class draws."""
    classroom.default().press(key, found, tasks.END)
    if effect_of(lesson.run):
        classroom.default().compare_with(key, found.id, resources.runs().get(lesson.run).model)


def watch(lesson: Lesson) -> None:
    """How the learning goes: in words, and as curves."""
    run = _run(lesson)
    if run is None:
        st.info("The training is gone.", icon=":material/error:")
        return
    progress = resources.runs().progress(run.id)
    epochs = run.config.epochs if run.config else 1
    done = length(progress)
    st.html(
        f'<p class="counts" data-lesson="{run.state}">{html.escape(_told(run, done, epochs, lesson))}</p>'
    )
    st.progress(1.0 if not run.is_live else min(1.0, done / epochs))
    if progress.started is not None and run.config is not None:
        learning_curves.show(progress, run.config.batch_size, f"lesson {run.id}", has_switches=False)


def _told(run: Run, done: float, epochs: int, lesson: Lesson) -> str:
    """How a run goes, in a sentence or two."""
    if not run.is_live:
        return run.reason
    taught = words.counted(len(lesson.taught), "drawing")
    return _STATES.get(
        run.state,
        f"It learns from {taught} of yours and from digits of MNIST: {done:.1f} of {epochs} epochs.",
    )


def show_effect(found: SchoolClass, lesson: Lesson, drawn: Sequence[HandIn]) -> None:
    """What the network reads now: MNIST and the class's drawings before and after, with what luck explains.

    Args:
        found: the class.
        lesson: what was learnt.
        drawn: the drawings that were taught or held back.
    """
    run, effect = _run(lesson), effect_of(lesson.run)
    if run is None or effect is None:
        st.warning(
            f"The network has not learnt from this class. {run.reason if run else ''}",
            icon=":material/error:",
        )
        return
    st.html(fine_tuning_effect.table(effect))
    st.html(f'<p class="counts">{_cost(effect)}</p>')
    answers = networks.read(run.model, found.id, drawn)
    held_back = set(lesson.held_back)
    judged = [(one, answer) for one, answer in zip(drawn, answers, strict=True) if one.place in held_back]
    st.markdown(f"**{_verdict(judged)}**")
    st.caption(
        "Held back: every third drawing of the class, whatever the network made of it. It learnt from none of them, and nothing was "
        "chosen with them. Many were drawn to fool the network as it was before, which is easier to beat than one that nobody has seen yet."
    )
    after = {one.place: int(answer) for one, answer in zip(drawn, answers, strict=True)}
    for title, places in (("Taught", set(lesson.taught)), ("Held back", held_back)):
        shown = [one for one in drawn if one.place in places][-WALL:]
        if shown:
            st.markdown(f"**{title}**: what was meant, what it read before → what it reads now")
            st.html(results.wall(shown, lambda one: f"{one.meant}: {one.answer} → {after[one.place]}"))


def _cost(effect: Effect) -> str:
    """What learning cost on MNIST, in a sentence."""
    before, after = effect.before["mnist"], effect.after["mnist"]
    lost = before.count - after.count
    told = "as many as" if lost == 0 else f"{abs(lost):,} {'fewer' if lost > 0 else 'more'} than"
    return f"On MNIST it reads {after.count:,} of {after.n:,} test digits correctly, {told} before."


def _verdict(judged: Sequence[tuple[HandIn, int]]) -> str:
    """Whether it reads the drawings that were held back better than before, by McNemar's test."""
    before = sum(one.answer == one.meant != answer for one, answer in judged)
    after = sum(answer == one.meant != one.answer for one, answer in judged)
    return comparison.mcnemar(before, after).sentence("the network before", "the network after")


def _run(lesson: Lesson) -> Run | None:
    try:
        return resources.runs().get(lesson.run)
    except DigitError:
        return None


def effect_of(run_id: str) -> Effect | None:
    """What a lesson did, once its run has ended and left a network."""
    try:
        run = resources.runs().get(run_id)
    except DigitError:
        return None
    return None if run.is_live else fine_tuning.effect_of(run.card)
