"""What the class sees on the wall: no controls, and nothing that was not revealed."""

import streamlit as st

from digit_core import classroom
from digit_core.classroom.looks import Look
from digit_core.classroom.records import HandIn
from digit_core.classroom.rules import tasks
from ui.classroom import duel, joining, lesson, networks, results
from ui.frame import layout, words

_SECONDS = 1.0
# Out of sight is all of the page that is no part of the class; the way back to the other view comes to who points at it,
# and stands there, faint, where nothing points: on a board that is touched.
_STYLE = """<style>
[data-testid="stMain"] h1, [data-testid="stMain"] [data-testid="stMarkdown"]:has(.reader) { display: none !important; }
.st-key-class-view { position: fixed; z-index: 9; right: 1rem; bottom: 1rem; width: auto !important; opacity: 0; }
.st-key-class-view:is(:hover, :focus-within) { opacity: 1; }
@media (hover: none) { .st-key-class-view { opacity: .4; } }
.stMainBlockContainer { max-width: none !important; padding-top: 1rem !important; }
.st-key-projected h2 { font-size: 2.2rem !important; }
.st-key-projected .counts { font-size: 1.7rem; }
.st-key-projected .joining p { font-size: 1.4rem; }
.st-key-projected .joining .code { font-size: clamp(3rem, 9vw, 8rem); }
.st-key-projected .shares > div { max-width: 32rem; }
.st-key-projected .shares b { font-size: 3rem; }
.st-key-projected .shares :is(span, dt) { font-size: 1.15rem; }
.st-key-projected .wall { grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); }
.st-key-projected .vote > img { width: min(24rem, 50vh); height: auto; }
</style>"""


def show(key: str | None) -> None:
    """The class that this browser steers, as it goes."""
    found = classroom.default().of(key)
    if key is None or found is None:
        st.info("No class is open in this browser. Open one in the control view.", icon=":material/groups:")
        return
    layout.show_alone()
    st.html(_STYLE)
    is_open = found.state != tasks.CLOSED
    if is_open:
        joining.check()
    st.fragment(_show, run_every=_SECONDS if is_open else None)(found.id, is_open)


def _show(class_id: str, was_open: bool) -> None:
    look = classroom.default().look(class_id)
    if was_open and look.found.state == tasks.CLOSED:
        st.rerun()
    results.style()
    with st.container(key="projected"):
        st.html(f'<div data-class-code="{look.found.code}" hidden></div>')
        _SHOWN[look.found.state](look)


def _lobby(look: Look) -> None:
    st.header(words.plain(look.found.name), anchor=False)
    joining.project(look.found)
    st.html(results.counts(look) + results.names(look))


def _collecting(look: Look) -> None:
    _heading(look)
    if look.found.is_paused:
        st.info("Paused", icon=":material/pause:")
    if look.found.state == tasks.CHECK:
        st.html(f'<p class="counts">What is it? {results.checked(look)}</p>')
    st.html(results.wall(_seen(look), lambda one: _name(look, one)))


def _voting(look: Look) -> None:
    _heading(look)
    results.vote(look, is_revealed=False)


def _revealed(look: Look) -> None:
    assert look.task is not None
    if look.task.lesson is not None:
        st.header("What the network has learnt from you", anchor=False)
        lesson.show_effect(look.found, look.task.lesson, look.wall)
        return
    if look.task.duel is not None:
        st.header(look.task.rules.title, anchor=False)
        duel.show_score(look, look.task.duel, look.task.duel.round)
        return
    _heading(look)
    if look.task.image is not None:
        results.vote(look, is_revealed=True)
        return
    if look.task.rules.is_checked:
        st.html(f'<p class="counts">{results.fooled(look)}</p>')
        results.scores(look, hides_names=look.found.hides_names)
        st.html(results.wall(look.fooling, lambda one: f"{one.meant} → {one.answer}"))
        return
    if look.rival:
        networks.show(look, revealed_alone=True)
        st.html(networks.wall(look, _seen(look)))
        return
    results.accuracies(look.found.model, look.revealed)
    left, right = st.columns([3, 2])
    with left:
        st.html(results.wall(_seen(look), lambda one: f"{one.meant} → {one.answer}"))
    with right:
        results.matrix(look.revealed)


def _closed(look: Look) -> None:
    st.header(f"{words.plain(look.found.name)} is over", anchor=False)
    networks.show(look, revealed_alone=True)
    results.scores(look, hides_names=look.found.hides_names)


def _duelling(look: Look) -> None:
    assert look.task is not None and look.task.duel is not None
    st.header(words.plain(look.task.rules.instruction), anchor=False)
    duel.show(look, look.task.duel)


def _learning(look: Look) -> None:
    assert look.task is not None and look.task.lesson is not None
    st.header(words.plain(look.task.rules.instruction), anchor=False)
    lesson.watch(look.task.lesson)


def _heading(look: Look) -> None:
    assert look.task is not None
    st.header(words.plain(look.task.rules.instruction), anchor=False)
    st.html(results.counts(look))


def _seen(look: Look) -> list[HandIn]:
    """The drawings that the class may see: none that the teacher has not let in."""
    return [one for one in look.wall if not one.is_held]


def _name(look: Look, one: HandIn) -> str:
    return "" if look.found.hides_names else one.name


_SHOWN = {
    tasks.LOBBY: _lobby,
    tasks.COLLECT: _collecting,
    tasks.CHECK: _collecting,
    tasks.VOTE: _voting,
    tasks.DUELLING: _duelling,
    tasks.LESSON: _learning,
    tasks.REVEALED: _revealed,
    tasks.CLOSED: _closed,
}
