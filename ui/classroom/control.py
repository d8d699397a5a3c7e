"""The teacher's view of a class: tasks one after the other, the drawings that come in, and what is shown when."""

from functools import partial

import numpy as np
import streamlit as st

from digit_core import classroom, figures
from digit_core.classroom.looks import Look
from digit_core.classroom.records import HandIn, Picture, SchoolClass
from digit_core.classroom.rules import checks, tasks
from ui.classroom import duel, joining, lesson, networks, opening, own_tasks, results, teacher
from ui.components import grid
from ui.digits import chosen_digit
from ui.frame import data_url, layout, resources, state, words
from ui.panels import answers

_SECONDS = 1.0  # between two looks at an open class
_COLUMNS = 10  # of the wall's picture
_HELD = figures.LESS  # the mark of a drawing that waits for the teacher


def show(model: str, who: str | None, key: str | None) -> None:
    """The class that this browser steers, as it goes; or what there is without one."""
    found = classroom.default().of(key)
    if key is None or found is None or found.id == st.session_state.get(state.CLASS_LEFT):
        teacher.say_news()
        opening.show_first(model, who, key)
        return
    resources.classifier(found.model)  # before the first drawing comes, which would wait for it
    is_open = found.state != tasks.CLOSED
    if is_open:
        joining.check()
    st.fragment(_show, run_every=_SECONDS if is_open else None)(model, who, key, found.id, is_open)


def _show(model: str, who: str | None, key: str, class_id: str, was_open: bool) -> None:
    look = classroom.default().look(class_id)
    if was_open and look.found.state == tasks.CLOSED:
        st.rerun()
    results.style()
    teacher.say_news()
    if not was_open:
        opening.show_last(look, model, who, key)
        return
    if look.found.state == tasks.LOBBY:
        joining.show(look.found, key)
        st.html(results.counts(look) + results.names(look))
        _show_tasks(look, key)
    else:
        _show_task(look, key)
    _show_switches(look, model, key)


def _show_tasks(look: Look, key: str) -> None:
    """A button for each task that can start now, and whether the phones read along in it."""
    with st.container(horizontal=True, key="class-tasks"):
        for name, kind in tasks.KINDS.items():
            if not kind.is_offered:
                continue
            st.button(
                kind.title,
                key=f"start-{name}",
                type="primary" if name == tasks.DRAW_SEVEN and not look.found.task else "secondary",
                on_click=teacher.attempt,
                args=(partial(_start, key, look.found, name),),
            )
        lesson.offer(look, key)
        # Not drawn while a task goes on, and so off again at the next one.
        st.toggle(
            "Phones show a live reading",
            key="class-live",
            help="A small network reads along on each phone while its pupil draws. The answers that count come from the class's network.",
        )
    own_tasks.show(look.found, key)


def _show_task(look: Look, key: str) -> None:
    task = look.task
    assert task is not None
    kind, is_over = task.rules, look.found.state == tasks.REVEALED
    st.header(words.plain(kind.instruction if task.own else kind.title), anchor=False)
    st.html(
        f'<div data-class-code="{look.found.code}">{results.counts(look) if task.lesson is None and task.duel is None else ""}</div>'
    )
    if is_over:
        st.markdown("**Next task**")
        _show_tasks(look, key)
    elif task.lesson is None and task.duel is None:
        _show_end(look, key)
    if task.duel is not None:
        if is_over:
            duel.show_score(look, task.duel, task.duel.round)
        else:
            duel.steer(look, task.duel, key)
        return
    if task.lesson is not None:
        if is_over:
            lesson.show_effect(look.found, task.lesson, look.wall)
        else:
            lesson.steer(look.found, task.lesson, key)
        return
    if task.image is not None:
        results.vote(look, is_revealed=is_over)  # a teacher's screen may be on the wall, too
        return
    _show_wall(look, key)
    if kind.is_checked:
        if look.found.state == tasks.CHECK and look.presence.joined < checks.MIN_PUPILS:
            st.info(
                "With so few pupils, you look yourself: tap a drawing and say what it is.",
                icon=":material/visibility:",
            )
        st.markdown(f"{results.checked(look)} **{results.fooled(look)}**")
        results.scores(look, hides_names=False)
    with st.container():  # so that what is below stays as it is, open or folded, when a second network comes
        networks.show(look, revealed_alone=False)


def _show_end(look: Look, key: str) -> None:
    """The presses that end what goes on, and that hold it up."""
    label = {
        tasks.COLLECT: "Show the answers",
        tasks.VOTE: "End the vote and show the answer",
        tasks.CHECK: "Show the answers",
    }
    is_checked = look.task is not None and look.task.rules.is_checked
    press = (
        "Let the class look at them"
        if is_checked and look.found.state == tasks.COLLECT
        else label[look.found.state]
    )
    is_paused = look.found.is_paused
    with st.container(horizontal=True):
        st.button(
            press,
            key="class-end",
            type="primary",
            on_click=teacher.attempt,
            args=(partial(classroom.default().press, key, look.found, tasks.END),),
        )
        st.button(
            "Go on" if is_paused else "Pause",
            key="class-pause",
            icon=":material/play_arrow:" if is_paused else ":material/pause:",
            on_click=teacher.attempt,
            args=(partial(classroom.default().switch, key, look.found.id, is_paused=not is_paused),),
        )


def _show_wall(look: Look, key: str) -> None:
    """The drawings of a task; a tap shows what the network makes of one, and what can be done about it."""
    if not look.wall:
        st.info("No drawing yet: they appear here as they are handed in.", icon=":material/draw:")
        return
    chosen = next(
        (at for at, one in enumerate(look.wall) if one.place == st.session_state.get(state.CLASS_DRAWING)),
        None,
    )
    picked = grid.choose(
        figures.sprite_png(np.stack([one.image for one in look.wall]), _COLUMNS, layout.ink()),
        _COLUMNS,
        [_told(one, number) for number, one in enumerate(look.wall, 1)],
        chosen,
        key=f"class wall {look.found.task}",
        marks=[
            _HELD if one.is_held else figures.MORE if one.answer != one.meant else None for one in look.wall
        ],
        captions=["held" if one.is_held else f"{one.meant}→{one.answer}" for one in look.wall],
        description="Drawings of the class: the arrow keys move, Enter chooses",
    )
    if picked is not None:
        chosen = picked
        st.session_state[state.CLASS_DRAWING] = look.wall[picked].place
    if chosen is not None:
        _show_drawing(look, look.wall[chosen], key)


def _told(one: HandIn, number: int) -> str:
    """A drawing in words; no two of a wall are alike."""
    by = f" by {one.name}" if one.name else ""
    if one.is_held:
        return f"drawing {number}{by}: held, meant as {one.meant}, the network sees no digit"
    return (
        f"drawing {number}{by}: meant as {one.meant}, read as {one.answer}{', late' if one.is_late else ''}"
    )


def _show_drawing(look: Look, one: HandIn, key: str) -> None:
    """One drawing large, with its ten bars."""
    classes = classroom.default()
    with st.container(border=True):
        drawn, read = st.columns([1, 4])
        drawn.html(
            f'<img alt="As it was drawn" width="140" src="{data_url.of(one.picture)}"><br>as it was drawn'
        )
        with read:
            answers.answer(one.image / np.float32(255), one.shares)
        with st.container(horizontal=True):
            if one.is_held:
                st.button(
                    "Let it in",
                    key="let-in",
                    on_click=teacher.attempt,
                    args=(partial(classes.drawings.let_in, key, look.found.id, one.place),),
                )
            if look.found.state == tasks.REVEALED:
                picture = Picture(one.image, one.meant, one.shares)
                st.button(
                    "Vote on this drawing",
                    key="vote-on",
                    on_click=teacher.attempt,
                    args=(partial(classes.press, key, look.found, tasks.START, tasks.GUESS, picture),),
                )
            told = f"A drawing of {words.plain(look.found.name)}, meant as {words.a(one.meant)}."
            chosen_digit.offer(one.image, told, "look inside", model=look.found.model)
            st.button(
                "Remove it",
                key="remove-drawing",
                icon=":material/delete:",
                on_click=teacher.attempt,
                args=(partial(classes.drawings.remove, key, look.found.id, one.place),),
            )
        if look.found.state == tasks.CHECK and look.presence.joined < checks.MIN_PUPILS:
            _show_check(look, one, key)


def _show_check(look: Look, one: HandIn, key: str) -> None:
    """With fewer than three pupils the teacher says what a drawing is."""
    st.markdown("**What is it?**")
    with st.container(horizontal=True, key="class-check"):
        for choice in (*range(10), checks.CANNOT_TELL):
            st.button(
                "I can't tell" if choice == checks.CANNOT_TELL else str(choice),
                key=f"say-{choice}",
                on_click=teacher.attempt,
                args=(partial(classroom.default().drawings.say, key, look.found.id, one.place, choice),),
            )


def _show_switches(look: Look, model: str, key: str) -> None:
    """What is seldom needed: the code again, who may join, names, a second network, the remote, and the end."""
    found, classes = look.found, classroom.default()
    with st.expander("Code, names, remote and the end of the class", icon=":material/tune:"):
        if found.state != tasks.LOBBY:
            joining.show(found, key)
        with st.container(horizontal=True):
            for name, off, on in (
                ("is_locked", "Lock: nobody else can join", "Let others join again"),
                ("hides_names", "Hide names", "Show names"),
            ):
                value = getattr(found, name)
                st.button(
                    on if value else off,
                    key=f"switch-{name}",
                    on_click=teacher.attempt,
                    args=(partial(classes.switch, key, found.id, **{name: not value}),),
                )
            st.button(
                "End the class",
                key="class-close",
                on_click=teacher.attempt,
                args=(partial(classes.press, key, found, tasks.CLOSE),),
            )
        networks.choose(look, model, key)
        _show_remote(found, key)


def _show_remote(found: SchoolClass, key: str) -> None:
    """The one-time QR picture by which a phone becomes the remote: made when it is asked for, and gone at the next press."""
    offered = st.session_state.get(state.CLASS_REMOTE)
    if offered is None:
        st.button(
            "Use a phone as remote control",
            key="remote",
            icon=":material/settings_remote:",
            on_click=_offer,
            args=(found, key),
        )
        return
    link = f"{joining.base(found)}/Class?{teacher.REMOTE}={offered}"
    st.html(
        f'<img class="pixels" width="220" alt="QR picture of the link for the remote" src="{joining.qr(link)}">'
    )
    st.caption(
        "Scan it with the phone within five minutes. It works once; whoever scans it steers this class."
    )
    st.button("Hide it", key="hide-remote", on_click=st.session_state.pop, args=(state.CLASS_REMOTE, None))


def _offer(found: SchoolClass, key: str) -> None:
    def offer() -> None:
        st.session_state[state.CLASS_REMOTE] = classroom.default().offer_remote(key, found.id)

    teacher.attempt(offer)


def _start(key: str, found: SchoolClass, kind: str) -> None:
    picture = own_tasks.doubtful(found.model) if tasks.KINDS[kind].state == tasks.VOTE else None
    is_live = st.session_state.get("class-live", False)
    duelled = duel.pictures(found.model) if kind == tasks.DUEL else ()
    classroom.default().press(key, found, tasks.START, kind, picture, is_live=is_live, duel=duelled)
    st.session_state.pop(state.CLASS_DRAWING, None)
