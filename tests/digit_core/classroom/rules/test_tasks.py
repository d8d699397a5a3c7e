"""Presses lead a class from state to state, and nowhere else."""

import pytest

from digit_core.classroom.rules import tasks
from digit_core.classroom.rules.tasks import (
    CHECK,
    CLOSE,
    CLOSED,
    COLLECT,
    DRAW_ANY,
    DRAW_SEVEN,
    END,
    GUESS,
    LEARN,
    LESSON,
    LOBBY,
    MISREAD,
    REVEALED,
    START,
    VOTE,
)
from digit_core.errors import ClassError


@pytest.mark.parametrize(
    ("state", "press", "kind", "then"),
    [
        (LOBBY, START, DRAW_SEVEN, COLLECT),
        (LOBBY, START, GUESS, VOTE),
        (REVEALED, START, DRAW_ANY, COLLECT),
        (COLLECT, END, DRAW_SEVEN, REVEALED),
        (COLLECT, END, MISREAD, CHECK),
        (CHECK, END, MISREAD, REVEALED),
        (VOTE, END, GUESS, REVEALED),
        (REVEALED, START, LEARN, LESSON),
        (LESSON, END, LEARN, REVEALED),
        (COLLECT, CLOSE, "", CLOSED),
        (LOBBY, CLOSE, "", CLOSED),
    ],
)
def test_a_press_leads_on(state: str, press: str, kind: str, then: str) -> None:
    assert tasks.after(state, press, tasks.KINDS.get(kind)) == then


@pytest.mark.parametrize(
    ("state", "press", "kind"),
    [
        (LOBBY, END, ""),
        (COLLECT, START, DRAW_ANY),
        (REVEALED, END, GUESS),
        (CLOSED, START, DRAW_ANY),
        (CLOSED, CLOSE, ""),
        (LOBBY, START, "no such task"),
        (LOBBY, "no such press", DRAW_ANY),
    ],
)
def test_a_press_that_leads_nowhere_is_refused(state: str, press: str, kind: str) -> None:
    with pytest.raises(ClassError, match="moved on"):
        tasks.after(state, press, tasks.KINDS.get(kind))
