"""Before a class is open, and after it has ended: opened in one press, kept as a set of drawings, or deleted."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from digit_core import classroom, settings
from digit_core.classroom.looks import Look
from digit_core.classroom.records import SchoolClass
from digit_core.storage import drawings, visitors
from ui.classroom import lesson, networks, results, teacher
from ui.frame import held, state, words
from ui.panels import charts, teacher_code

_PROMISE = (
    "Pupils join with a code, without an account. A class ends by itself after a day; its drawings are deleted 30 days later "
    "unless you keep them as a set."
)


def show_first(model: str, who: str | None, key: str | None) -> None:
    """What there is before a class is open."""
    st.markdown(
        "1. Open a class and show its code.\n"
        "2. Everybody draws on a phone, a tablet or a computer, and hands in.\n"
        "3. Show what the network answers, and how well it reads the hands of this room."
    )
    _show_open(model, who, key)
    st.caption(_PROMISE)


def _show_open(model: str, who: str | None, key: str | None) -> None:
    st.text_input(
        "Name of the class (optional)",
        key="class name",
        max_chars=drawings.MAX_NAME_LENGTH,
        placeholder="Class 7b",
    )
    may_open = not settings.TEACHER_CODE or visitors.is_teacher(who, teacher_code.typed())
    if not may_open:
        teacher_code.explain("On this server, opening a class needs the teacher's code.")
    st.button(
        "Open a class",
        type="primary",
        icon=":material/groups:",
        disabled=not (who and key and may_open),
        on_click=_open,
        args=(model, who, key),
    )


def show_last(look: Look, model: str, who: str | None, key: str) -> None:
    """What is left of a class that has ended."""
    found = look.found
    st.header(f"{words.plain(found.name)} is over", anchor=False)
    st.html(results.counts(look))
    networks.show(look, revealed_alone=False)
    results.scores(look, hides_names=False)
    with st.container(horizontal=True):
        is_kept = st.session_state.get(state.CLASS_KEPT) == found.id
        st.button(
            "Kept as a set" if is_kept else "Keep the drawings as a set",
            type="primary",
            icon=":material/check:" if is_kept else ":material/save:",
            disabled=is_kept,
            on_click=teacher.attempt,
            args=(partial(_keep, key, found),),
        )
        has_names = st.session_state.get("class-report-names", False)
        label = "Report with names" if has_names else "Report to print"
        charts.download(label, _report(key, found, has_names=has_names), "class.html", key="class-report")
        with st.popover("Delete this class", icon=":material/delete:"):
            st.markdown("All of its drawings and votes are deleted for ever. A set that you kept stays.")
            st.button("Delete it", on_click=teacher.attempt, args=(partial(_delete, key, found),))
        st.button("Open another class", icon=":material/add:", on_click=_put_away, args=(found,))
    st.toggle(
        "Pupils' names in the report",
        key="class-report-names",
        help="Each drawing then has its pupil's nickname below it.",
    )
    st.caption(_PROMISE)


def _open(model: str, who: str, key: str) -> None:
    name = held.told("class name")
    if name is None:
        return

    def make() -> None:
        classroom.default().open(who, key, model, name.strip(), teacher_code.typed())

    teacher.attempt(make)


def _keep(key: str, found: SchoolClass) -> str:
    made = classroom.default().drawings.keep(key, found.id)
    st.session_state[state.DRAWING_SET], st.session_state[state.CLASS_KEPT] = made.id, found.id
    return f"{made.count} drawings are kept as the set “{words.plain(made.name)}”: see Explore, Evaluate and Train."


def _delete(key: str, found: SchoolClass) -> str:
    classroom.default().delete(key, found.id)
    return "The class is deleted."


def _report(key: str, found: SchoolClass, *, has_names: bool) -> Callable[[], str]:
    """What makes the report when it is asked for."""
    mnist = results.mnist(found.model)
    return lambda: classroom.default().report(key, found.id, mnist, lesson.effect_of, has_names=has_names)


def _put_away(found: SchoolClass) -> None:
    st.session_state[state.CLASS_LEFT] = found.id
