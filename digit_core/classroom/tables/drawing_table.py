"""The drawings of classes, and what others saw in them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, update

from digit_core.classroom.records import Check, HandIn
from digit_core.classroom.tables import task_table
from digit_core.digits import SIDE, brief
from digit_core.storage.database import put
from digit_core.storage.tables import CLASS_CHECKS, CLASS_PUPILS, CLASS_TASKS, HAND_INS


def add(connection: Connection, class_id: str, drawn: Sequence[HandIn], now: float) -> None:
    """Write down drawings that came in."""
    rows = [
        {
            "class_id": class_id,
            "task": one.task,
            "pupil": one.pupil,
            "number": one.number,
            "place": one.place,
            "meant": one.meant,
            "pixels": one.image.tobytes(),
            "picture": one.picture,
            "shares": one.shares.tobytes(),
            "answer": one.answer,
            "verdict": one.verdict,
            "is_late": one.is_late,
            "is_held": one.is_held,
            "created": now,
        }
        for one in drawn
    ]
    connection.execute(HAND_INS.insert(), rows)


def let_in(connection: Connection, class_id: str, place: int) -> None:
    """Hold a drawing no longer."""
    connection.execute(update(HAND_INS).where(_at(class_id, place)).values(is_held=False))


def remove(connection: Connection, class_id: str, place: int) -> None:
    """Remove a drawing."""
    connection.execute(HAND_INS.delete().where(_at(class_id, place)))


@dataclass(frozen=True)
class Key:
    """Whose drawing it is: which one of a pupil's for a task; and when it came, seconds since 1970, UTC."""

    task: int
    pupil: str
    number: int
    created: float


def keys(connection: Connection, class_id: str, pupils: Collection[str]) -> list[Key]:
    """Of all drawings of some pupils whose they are."""
    query = select(HAND_INS.c.task, HAND_INS.c.pupil, HAND_INS.c.number, HAND_INS.c.created).where(
        HAND_INS.c.class_id == class_id, HAND_INS.c.pupil.in_(pupils)
    )
    return [Key(*row) for row in connection.execute(query)]


def count(connection: Connection, class_id: str) -> int:
    """How many drawings a class has, held ones among them."""
    query = select(func.count()).where(HAND_INS.c.class_id == class_id)
    return connection.execute(query).scalar_one()


def numbers(connection: Connection, class_id: str) -> dict[str, int]:
    """Of each pupil's id who drew something a number from 1, in the order of their first drawings."""
    query = select(HAND_INS.c.pupil).where(HAND_INS.c.class_id == class_id)
    query = query.group_by(HAND_INS.c.pupil).order_by(func.min(HAND_INS.c.place))
    return {pupil: number for number, pupil in enumerate(connection.execute(query).scalars(), 1)}


def hand_ins(
    connection: Connection,
    class_id: str,
    *,
    task: int | None = None,
    pupil: str | None = None,
    place: int | None = None,
    last: int | None = None,
) -> list[HandIn]:
    """Drawings of a class in the order in which they came.

    Args:
        task, pupil, place: only those of this task, pupil or place.
        last: only so many of the latest.
    """
    query: Select[Any] = select(HAND_INS, CLASS_PUPILS.c.name).join(
        CLASS_PUPILS,
        (CLASS_PUPILS.c.class_id == HAND_INS.c.class_id) & (CLASS_PUPILS.c.pupil == HAND_INS.c.pupil),
    )
    query = query.where(HAND_INS.c.class_id == class_id)
    for column, value in ((HAND_INS.c.task, task), (HAND_INS.c.pupil, pupil), (HAND_INS.c.place, place)):
        if value is not None:
            query = query.where(column == value)
    query = query.order_by(HAND_INS.c.place.desc()).limit(last)
    return [_hand_in(row) for row in reversed(connection.execute(query).all())]


def counts(connection: Connection, class_id: str, task: int | None = None) -> tuple[int, int]:
    """How many drawings of a task, or of all tasks, there are, held ones left out, and from how many pupils."""
    query = select(func.count(), func.count(func.distinct(HAND_INS.c.pupil))).where(
        HAND_INS.c.class_id == class_id, HAND_INS.c.is_held.is_(False)
    )
    if task is not None:
        query = query.where(HAND_INS.c.task == task)
    drawings, pupils = connection.execute(query).one()
    return drawings, pupils


def confusion(connection: Connection, class_id: str, *, revealed_alone: bool) -> dict[tuple[int, int], int]:
    """How many drawings there are of each digit that was meant and each answer; which count is as for `counted`."""
    query = _counting(
        connection, select(HAND_INS.c.meant, HAND_INS.c.answer, func.count()), class_id, revealed_alone
    )
    query = query.group_by(HAND_INS.c.meant, HAND_INS.c.answer)
    return {(meant, answer): count for meant, answer, count in connection.execute(query)}


@dataclass(frozen=True, eq=False)
class Counted:
    """Drawings of a class in the order in which they came.

    Attributes:
        places: int64 array of shape (n,).
        images: uint8 array of shape (n, 28, 28), 255 is ink.
        meant, answers: what each is meant to be and what the class's network reads: int64 arrays of shape (n,).
    """

    places: np.ndarray
    images: np.ndarray
    meant: np.ndarray
    answers: np.ndarray

    __repr__ = brief


def counted(connection: Connection, class_id: str, *, revealed_alone: bool) -> Counted:
    """The drawings that say how well a hand is read: no held and no late ones, none that was drawn to be misread, and
    none that another network read.

    Args:
        revealed_alone: whether those of a task whose answers were not shown yet are left out, too.
    """
    columns = HAND_INS.c.place, HAND_INS.c.pixels, HAND_INS.c.meant, HAND_INS.c.answer
    rows = connection.execute(
        _counting(connection, select(*columns), class_id, revealed_alone).order_by(HAND_INS.c.place)
    ).all()
    images = np.array([task_table.image(row.pixels) for row in rows], np.uint8).reshape(-1, SIDE, SIDE)
    numbers = np.array([(row.place, row.meant, row.answer) for row in rows], np.int64).reshape(-1, 3)
    return Counted(numbers[:, 0], images, numbers[:, 1], numbers[:, 2])


def _counting(connection: Connection, query: Select[Any], class_id: str, revealed_alone: bool) -> Select[Any]:
    """The query, of those drawings alone."""
    return query.join(
        CLASS_TASKS,
        (CLASS_TASKS.c.class_id == HAND_INS.c.class_id) & (CLASS_TASKS.c.number == HAND_INS.c.task),
    ).where(
        HAND_INS.c.class_id == class_id,
        HAND_INS.c.is_held.is_(False),
        HAND_INS.c.is_late.is_(False),
        CLASS_TASKS.c.number.not_in(task_table.uncounted(connection, class_id)),
        *([CLASS_TASKS.c.is_revealed.is_(True)] if revealed_alone else []),
    )


def checks(connection: Connection, class_id: str, places: Sequence[int]) -> list[Check]:
    """What was dealt of these drawings."""
    query = select(CLASS_CHECKS).where(
        CLASS_CHECKS.c.class_id == class_id, CLASS_CHECKS.c.place.in_(list(places))
    )
    return [Check(row.place, row.checker, row.dealt, row.choice) for row in connection.execute(query)]


def put_check(connection: Connection, class_id: str, check: Check) -> None:
    """Write down that a drawing was dealt to somebody, and what they see if they have said so."""
    put(connection, CLASS_CHECKS, class_id=class_id, **vars(check))


def choose(connection: Connection, class_id: str, place: int, checker: str, choice: int) -> bool:
    """Write down what somebody sees in a drawing that was dealt to them; False if it was not."""
    which = (CLASS_CHECKS.c.class_id == class_id) & (CLASS_CHECKS.c.place == place)
    change = update(CLASS_CHECKS).where(which & (CLASS_CHECKS.c.checker == checker)).values(choice=choice)
    return connection.execute(change).rowcount > 0


def _at(class_id: str, place: int) -> ColumnElement[bool]:
    return (HAND_INS.c.class_id == class_id) & (HAND_INS.c.place == place)


def _hand_in(row: Row[Any]) -> HandIn:
    fields = row._mapping
    return HandIn(
        fields["task"],
        fields["pupil"],
        fields["number"],
        fields["place"],
        fields["meant"],
        task_table.image(fields["pixels"]),
        bytes(fields["picture"]),
        task_table.shares(fields["shares"]),
        fields["answer"],
        fields["verdict"],
        fields["is_late"],
        fields["is_held"],
        fields["name"],
    )
