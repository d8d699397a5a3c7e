"""Tasks that the teacher writes: started by a press, kept as a file, and brought back from one."""

import secrets
from functools import partial

import numpy as np
import streamlit as st

from digit_core import classroom
from digit_core.classroom.records import Picture, SchoolClass
from digit_core.classroom.rules import own_tasks, tasks
from digit_core.classroom.rules.own_tasks import MAX_WORDS, OwnTask
from digit_core.digits import CLASSES
from digit_core.errors import ClassError
from ui.classroom import teacher
from ui.frame import held, resources, state
from ui.panels import charts

_DOUBTFUL = 300  # test digits of which the network is least sure: one of them is voted on
_STATES = {
    tasks.COLLECT: "Draw",
    tasks.CHECK: "Draw, then the class looks at the drawings",
    tasks.VOTE: "Vote on what the network answers",
}


def show(found: SchoolClass, key: str) -> None:
    """The tasks that this teacher has written, a form for another one, and the file."""
    written = _known()
    with st.container(horizontal=True, key="own-tasks"):
        for number, one in enumerate(written):
            st.button(
                one.kind.title,
                key=f"start-own-{number}",
                help=_told(one),
                on_click=teacher.attempt,
                args=(partial(_start, key, found, one),),
            )
    with st.expander("Tasks of your own", icon=":material/edit_note:"):
        _write()
        with st.container(horizontal=True, vertical_alignment="bottom"):
            if written:
                charts.download(
                    "Download these tasks", own_tasks.to_json(written), "tasks.json", key="own-file"
                )
                st.button(
                    "Remove all", key="own-remove", icon=":material/delete:", on_click=_remember, args=((),)
                )
            upload = f"own tasks file {st.session_state.get(state.CLASS_TASKS_FILE, 0)}"
            st.file_uploader(
                "Bring tasks from a file", type=["json"], key=upload, on_change=_take, args=(upload,)
            )


def _take(upload: str) -> None:
    """Bring the tasks of the file that was just uploaded, which then lies nowhere any more."""
    file = held.told(upload)
    if file is not None:
        teacher.attempt(partial(_bring, file.getvalue()))
        st.session_state[state.CLASS_TASKS_FILE] = st.session_state.get(state.CLASS_TASKS_FILE, 0) + 1


def _write() -> None:
    with st.form("own-task", clear_on_submit=True, border=False):
        st.text_input(
            "What the class has to do",
            key="own-words",
            max_chars=MAX_WORDS,
            placeholder="Draw a 4 that looks like a 9.",
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.selectbox("How", list(_STATES), format_func=_STATES.__getitem__, key="own-state")
            st.multiselect("Digits", range(CLASSES), key="own-digits", placeholder="all")
            st.selectbox(
                "Network",
                ["", *resources.cards()],
                format_func=lambda name: resources.model_title(name) if name else "the class's",
                key="own-model",
            )
        st.form_submit_button("Add this task", icon=":material/add:", on_click=teacher.attempt, args=(_add,))


def _add() -> None:
    words = held.told("own-words")
    if words is None:
        return
    made = own_tasks.written(
        words,
        held.told("own-state"),
        held.told("own-digits") or range(CLASSES),
        held.told("own-model"),
        resources.cards(),
    )
    _remember((*_known(), made))


def _bring(content: bytes) -> str:
    found = own_tasks.from_json(content, resources.cards())
    _remember(tuple(dict.fromkeys((*_known(), *found))))
    return f"{len(found)} task{'' if len(found) == 1 else 's'} brought."


def _remember(found: tuple[OwnTask, ...]) -> None:
    if len(found) > own_tasks.MAX_TASKS:
        raise ClassError(f"{own_tasks.MAX_TASKS} tasks are the limit: remove some first.")
    st.session_state[state.CLASS_TASKS] = own_tasks.to_json(found)


def _known() -> tuple[OwnTask, ...]:
    kept = st.session_state.get(state.CLASS_TASKS)
    return own_tasks.from_json(kept, resources.cards()) if kept else ()


def _told(one: OwnTask) -> str:
    digits = "all digits" if len(one.digits) == CLASSES else f"digits {', '.join(map(str, one.digits))}"
    network = resources.model_title(one.model) if one.model else "the class's network"
    return f"{one.words} ({_STATES[one.state]}; {digits}; {network})"


def _start(key: str, found: SchoolClass, one: OwnTask) -> None:
    picture = doubtful(one.model or found.model, one.digits) if one.state == tasks.VOTE else None
    is_live = st.session_state.get("class-live", False)
    classroom.default().press(key, found, tasks.START, tasks.OWN, picture, is_live=is_live, own=one)
    st.session_state.pop(state.CLASS_DRAWING, None)


def doubtful(model: str, digits: tuple[int, ...] = tuple(range(CLASSES))) -> Picture:
    """A test digit of which the network is not sure: some of them it reads right, some not.

    Args:
        model: the network.
        digits: of which it is one.
    """
    shares, test = resources.split_answers("mnist", "test", model), resources.mnist().test
    rows = np.flatnonzero(np.isin(test.labels, digits))
    row = int(secrets.choice(rows[shares[rows].max(axis=1).argsort()[: _DOUBTFUL * len(digits) // CLASSES]]))
    return Picture(test.images[row], int(test.labels[row]), shares[row])
