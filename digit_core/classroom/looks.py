"""What is seen of a class: by its teacher at one moment, and in its report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection

from digit_core.classroom.records import Answer, Check, HandIn, Presence, SchoolClass, Task
from digit_core.classroom.reports import Round
from digit_core.classroom.rules import checks, duels, scores, tasks
from digit_core.classroom.rules.scores import Score
from digit_core.classroom.tables import drawing_table, task_table
from digit_core.digits import brief
from digit_core.recipes.fine_tuning import Effect

WALL = 60  # drawings that are seen at once, the latest


@dataclass(frozen=True, eq=False)
class Look:
    """A class as the teacher sees it at one moment.

    Attributes:
        found: the class.
        presence: who is there.
        task: the one that goes or went last; None before the first.
        drawings: how many there are of this task, or of all of them once the class is closed; held ones left out.
        handed_in: from how many pupils they are.
        wall: the latest of them and of the held ones, in the order in which they came; in a lesson all that belong to it.
        votes: how many chose each digit: int64 array of shape (10,).
        handwriting: how the network reads the class, this task included.
        revealed: the same without this task as long as its answers were not shown.
        checked: what was dealt of this task's drawings.
        fooling: those of this task that people read and the network does not.
        collected: the same of all tasks; empty while something is drawn or looked at.
        scores: whose these are, the best first.
        rival: the name of a second network that reads the same drawings; "" for none.
        answers: what was said of the pictures of a duel.
        now: the moment, seconds since 1970, UTC.
    """

    found: SchoolClass
    presence: Presence
    task: Task | None
    drawings: int
    handed_in: int
    wall: tuple[HandIn, ...]
    votes: np.ndarray
    handwriting: scores.Handwriting
    revealed: scores.Handwriting
    checked: tuple[Check, ...] = ()
    fooling: tuple[HandIn, ...] = ()
    collected: tuple[HandIn, ...] = ()
    scores: tuple[Score, ...] = ()
    rival: str = ""
    answers: tuple[Answer, ...] = ()
    now: float = 0.0

    __repr__ = brief


def of(connection: Connection, found: SchoolClass, presence: Presence, now: float) -> Look:
    """All that is seen of a class; what is written meanwhile may be in it, and then comes with another revision."""
    going = task_table.task(connection, found.id, found.task)
    checked: list[Check] = []
    fooling: list[HandIn] = []
    if going is not None and going.rules.is_checked:
        drawn = drawing_table.hand_ins(connection, found.id, task=found.task)
        checked, fooling = _checked(connection, found.id, drawn)
    is_open = found.state in (tasks.COLLECT, tasks.CHECK)
    fooled = [] if is_open else collected(connection, found.id)
    return Look(
        found,
        presence,
        going,
        *drawing_table.counts(connection, found.id, None if found.state == tasks.CLOSED else found.task),
        tuple(_wall(connection, found, going)),
        scores.shares_of_votes(task_table.votes(connection, found.id, found.task).values()),
        scores.handwriting(drawing_table.confusion(connection, found.id, revealed_alone=False)),
        scores.handwriting(drawing_table.confusion(connection, found.id, revealed_alone=True)),
        tuple(checked),
        tuple(fooling),
        tuple(fooled),
        tuple(scores.ranked(fooled, drawing_table.numbers(connection, found.id))),
        task_table.details(connection, found.id, 0).get("rival", ""),
        tuple(task_table.answers(connection, found.id, found.task)) if going and going.duel else (),
        now,
    )


def collected(connection: Connection, class_id: str) -> list[HandIn]:
    """The drawings of all tasks that people read and the network does not."""
    found = []
    for number in task_table.checked_tasks(connection, class_id):
        found += _checked(connection, class_id, drawing_table.hand_ins(connection, class_id, task=number))[1]
    return found


def _wall(connection: Connection, found: SchoolClass, going: Task | None) -> list[HandIn]:
    if going is None or going.lesson is None:
        return drawing_table.hand_ins(connection, found.id, task=found.task, last=WALL)
    places = {*going.lesson.taught, *going.lesson.held_back}
    return [one for one in drawing_table.hand_ins(connection, found.id) if one.place in places]


def rounds(
    connection: Connection, found: SchoolClass, effect_of: Callable[[str], Effect | None]
) -> list[Round]:
    """All tasks of a class, with what was drawn and voted.

    Args:
        effect_of: says of a lesson's run what it did; None where that is not known.
    """
    return [_round(connection, found.id, number, effect_of) for number in range(1, found.task + 1)]


def _round(
    connection: Connection, class_id: str, number: int, effect_of: Callable[[str], Effect | None]
) -> Round:
    task = task_table.task(connection, class_id, number)
    assert task is not None, "a class has each of its tasks"
    drawn = [one for one in drawing_table.hand_ins(connection, class_id, task=number) if not one.is_held]
    votes = scores.shares_of_votes(task_table.votes(connection, class_id, number).values())
    duel = task.duel
    standing = (
        None
        if duel is None
        else duels.score(duel, task_table.answers(connection, class_id, number), duel.round)
    )
    fooling = _checked(connection, class_id, drawn)[1] if task.rules.is_checked else []
    return Round(task, drawn, votes, fooling, effect_of(task.lesson.run) if task.lesson else None, standing)


def _checked(
    connection: Connection, class_id: str, drawn: Sequence[HandIn]
) -> tuple[list[Check], list[HandIn]]:
    """What was dealt of these drawings, and those of them that people read and the network does not."""
    checked = drawing_table.checks(connection, class_id, [one.place for one in drawn])
    read = checks.legible({one.place: one.meant for one in drawn}, checked)
    return checked, scores.fooling(drawn, read)
