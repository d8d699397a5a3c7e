"""What is seen of a class: by its teacher at one moment, and in its report."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection

from digit_core.classroom import checks, scores, table, tasks
from digit_core.classroom.records import Check, HandIn, Presence, SchoolClass, Task
from digit_core.classroom.reports import Round
from digit_core.digits import brief

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
        wall: the latest of them and of the held ones, in the order in which they came.
        votes: how many chose each digit: int64 array of shape (10,).
        handwriting: how the network reads the class, this task included.
        revealed: the same without this task as long as its answers were not shown.
        checked: what was dealt of this task's drawings.
        fooling: those of this task that people read and the network does not.
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

    __repr__ = brief


def of(connection: Connection, found: SchoolClass, presence: Presence) -> Look:
    """All that is seen of a class; what is written meanwhile may be in it, and then comes with another revision."""
    going = table.task(connection, found.id, found.task)
    checked: list[Check] = []
    fooling: list[HandIn] = []
    if going is not None and tasks.KINDS[going.kind].is_checked:
        drawn = table.hand_ins(connection, found.id, task=found.task)
        checked, fooling = _checked(connection, found.id, drawn)
    return Look(
        found,
        presence,
        going,
        *table.counts(connection, found.id, None if found.state == tasks.CLOSED else found.task),
        tuple(table.hand_ins(connection, found.id, task=found.task, last=WALL)),
        scores.shares_of_votes(table.votes(connection, found.id, found.task).values()),
        scores.handwriting(table.confusion(connection, found.id, revealed_alone=False)),
        scores.handwriting(table.confusion(connection, found.id, revealed_alone=True)),
        tuple(checked),
        tuple(fooling),
    )


def rounds(connection: Connection, found: SchoolClass) -> list[Round]:
    """All tasks of a class, with what was drawn and voted."""
    return [_round(connection, found.id, number) for number in range(1, found.task + 1)]


def _round(connection: Connection, class_id: str, number: int) -> Round:
    task = table.task(connection, class_id, number)
    assert task is not None, "a class has each of its tasks"
    drawn = [one for one in table.hand_ins(connection, class_id, task=number) if not one.is_held]
    votes = scores.shares_of_votes(table.votes(connection, class_id, number).values())
    return Round(task, drawn, votes, _checked(connection, class_id, drawn)[1])


def _checked(
    connection: Connection, class_id: str, drawn: Sequence[HandIn]
) -> tuple[list[Check], list[HandIn]]:
    """What was dealt of these drawings, and those of them that people read and the network does not."""
    checked = table.checks(connection, class_id, [one.place for one in drawn])
    read = checks.legible({one.place: one.meant for one in drawn}, checked)
    return checked, scores.fooling(drawn, read)
