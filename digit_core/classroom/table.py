"""The rows of classes in the database: read and written in a transaction that the caller holds."""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, Select, func, select, update

from digit_core.classroom import tasks
from digit_core.classroom.own_tasks import OwnTask
from digit_core.classroom.records import (
    Answer,
    Check,
    Duel,
    HandIn,
    Lesson,
    Picture,
    Presence,
    SchoolClass,
    Task,
)
from digit_core.digits import SIDE, brief
from digit_core.storage.database import put
from digit_core.storage.tables import (
    CLASS_ANSWERS,
    CLASS_CHECKS,
    CLASS_DETAILS,
    CLASS_KEYS,
    CLASS_PUPILS,
    CLASS_TASKS,
    CLASS_VOTES,
    CLASSES,
    HAND_INS,
)

PRESENT_SECONDS = 30.0  # a pupil who was heard within so long is present
NOT_IN = "You are not in this class yet: join it with its code."
_FIELDS = [CLASSES.c[name] for name in SchoolClass.__dataclass_fields__]


def digest(key: str) -> str:
    """What is kept of a key, from which nobody finds the key."""
    return hashlib.sha256(key.encode()).hexdigest()


def by_code(connection: Connection, code: str) -> SchoolClass | None:
    """The class of a code, open or not."""
    return _one(connection, select(*_FIELDS).where(CLASSES.c.code == code))


def by_id(connection: Connection, class_id: str) -> SchoolClass | None:
    """The class of an id."""
    return _one(connection, select(*_FIELDS).where(CLASSES.c.id == class_id))


def by_key(connection: Connection, key: str) -> SchoolClass | None:
    """The class that a key steers: of several the one that was opened last."""
    query = select(*_FIELDS).join(CLASS_KEYS, CLASS_KEYS.c.class_id == CLASSES.c.id)
    query = query.where(CLASS_KEYS.c.digest == digest(key)).order_by(CLASSES.c.created.desc()).limit(1)
    return _one(connection, query)


def locked(connection: Connection, class_id: str) -> SchoolClass | None:
    """The class, with others' writes to it held up until this transaction ends. SQLite has one writer at a time anyway."""
    query = select(*_FIELDS).where(CLASSES.c.id == class_id).with_for_update(key_share=True)
    return _one(connection, query)


def steers(connection: Connection, class_id: str, key: str) -> bool:
    """Whether a key steers a class."""
    query = select(CLASS_KEYS.c.class_id).where(
        CLASS_KEYS.c.class_id == class_id, CLASS_KEYS.c.digest == digest(key)
    )
    return connection.execute(query).one_or_none() is not None


def touch(
    connection: Connection, class_id: str, *, is_steering: bool = False, changes: int = 1, **values: Any
) -> None:
    """Say that a class is another now.

    Args:
        is_steering: whether pupils are told of it.
        changes: how many there were.
        values: of its columns.
    """
    change: dict[str, Any] = values | {"revision": CLASSES.c.revision + changes}
    if is_steering:
        change["steering"] = CLASSES.c.steering + 1
    connection.execute(update(CLASSES).where(CLASSES.c.id == class_id).values(**change))


def task(connection: Connection, class_id: str, number: int) -> Task | None:
    """A task of a class."""
    query = select(CLASS_TASKS).where(CLASS_TASKS.c.class_id == class_id, CLASS_TASKS.c.number == number)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    more = details(connection, class_id, number)
    return Task(
        row.number,
        row.kind,
        row.is_revealed,
        _image(row.pixels) if row.pixels else None,
        row.meant,
        _shares(row.shares) if row.shares else None,
        row.is_live,
        Lesson(more["run"], tuple(more["taught"]), tuple(more["held_back"]))
        if row.kind == tasks.LEARN
        else None,
        _duel(more) if row.kind == tasks.DUEL else None,
        OwnTask(more["words"], more["state"], tuple(more["digits"]), more["model"])
        if row.kind == tasks.OWN
        else None,
    )


def reveal(connection: Connection, found: SchoolClass) -> None:
    """Write down that the answers of a class's task were shown."""
    which = (CLASS_TASKS.c.class_id == found.id) & (CLASS_TASKS.c.number == found.task)
    connection.execute(update(CLASS_TASKS).where(which).values(is_revealed=True))


def put_duel(connection: Connection, class_id: str, number: int, found: Duel) -> None:
    """Write down the duel of a task."""
    pictures = [
        {
            "pixels": base64.b64encode(one.image.tobytes()).decode(),
            "meant": one.meant,
            "shares": one.shares.tolist(),
        }
        for one in found.pictures
    ]
    values = {"pictures": pictures, "round": found.round, "begins": found.begins, "until": found.until}
    put_details(connection, class_id, number, values)


def answers(connection: Connection, class_id: str, task: int) -> list[Answer]:
    """What was said of the pictures of a duel."""
    query = select(CLASS_ANSWERS.c.round, CLASS_ANSWERS.c.pupil, CLASS_ANSWERS.c.choice).where(
        CLASS_ANSWERS.c.class_id == class_id, CLASS_ANSWERS.c.task == task
    )
    return [Answer(*row) for row in connection.execute(query)]


def answer(connection: Connection, class_id: str, task: int, number: int, pupil: str) -> int | None:
    """What a pupil said of one picture of a duel; None for nothing."""
    query = select(CLASS_ANSWERS.c.choice).where(
        CLASS_ANSWERS.c.class_id == class_id,
        CLASS_ANSWERS.c.task == task,
        CLASS_ANSWERS.c.round == number,
        CLASS_ANSWERS.c.pupil == pupil,
    )
    return connection.execute(query).scalar()


def duels(connection: Connection, class_id: str, before: int) -> list[int]:
    """The numbers of the duels before a task."""
    query = select(CLASS_TASKS.c.number).where(
        CLASS_TASKS.c.class_id == class_id,
        CLASS_TASKS.c.kind == tasks.DUEL,
        CLASS_TASKS.c.number < before,
    )
    return sorted(connection.execute(query).scalars())


def details(connection: Connection, class_id: str, number: int) -> dict[str, Any]:
    """What a task has beside what all have, or with number 0 the class itself; {} for nothing."""
    query = select(CLASS_DETAILS.c.content).where(
        CLASS_DETAILS.c.class_id == class_id, CLASS_DETAILS.c.number == number
    )
    content = connection.execute(query).scalar()
    return {} if content is None else json.loads(content)


def put_details(connection: Connection, class_id: str, number: int, found: dict[str, Any]) -> None:
    """Write down what `details` gives back."""
    put(connection, CLASS_DETAILS, class_id=class_id, number=number, content=json.dumps(found))


def checked_tasks(connection: Connection, class_id: str) -> list[int]:
    """The numbers of the tasks in which the class looked at its drawings, in order."""
    return [one.number for one in _drawing_tasks(connection, class_id) if one.rules.is_checked]


def _drawing_tasks(connection: Connection, class_id: str) -> list[Task]:
    """The tasks in which something is drawn, in order, but for those whose drawings always count."""
    query = select(CLASS_TASKS.c.number).where(
        CLASS_TASKS.c.class_id == class_id, CLASS_TASKS.c.kind.in_([tasks.MISREAD, tasks.OWN])
    )
    found = (task(connection, class_id, number) for number in sorted(connection.execute(query).scalars()))
    return [one for one in found if one is not None]


def _uncounted(connection: Connection, class_id: str) -> list[int]:
    """The numbers of the tasks whose drawings say nothing of how well the class's network reads a hand."""
    found = by_id(connection, class_id)
    return [
        one.number
        for one in _drawing_tasks(connection, class_id)
        if one.rules.is_checked or (one.own and found and one.own.model not in ("", found.model))
    ]


def numbers(connection: Connection, class_id: str) -> dict[str, int]:
    """Of each pupil's id who drew something a number from 1, in the order of their first drawings."""
    query = select(HAND_INS.c.pupil).where(HAND_INS.c.class_id == class_id)
    query = query.group_by(HAND_INS.c.pupil).order_by(func.min(HAND_INS.c.place))
    return {pupil: number for number, pupil in enumerate(connection.execute(query).scalars(), 1)}


def presence(connection: Connection, class_id: str, now: float) -> Presence:
    """Who is there."""
    query = select(CLASS_PUPILS.c.name, CLASS_PUPILS.c.heard).where(CLASS_PUPILS.c.class_id == class_id)
    rows = connection.execute(query).all()
    names = tuple(row.name for row in rows if now - row.heard <= PRESENT_SECONDS)
    return Presence(len(rows), len(names), names)


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
    images = np.array([_image(row.pixels) for row in rows], np.uint8).reshape(-1, SIDE, SIDE)
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
        CLASS_TASKS.c.number.not_in(_uncounted(connection, class_id)),
        *([CLASS_TASKS.c.is_revealed.is_(True)] if revealed_alone else []),
    )


def votes(connection: Connection, class_id: str, task: int) -> dict[str, int]:
    """The votes on a task: of each pupil the digit."""
    query = select(CLASS_VOTES.c.pupil, CLASS_VOTES.c.choice).where(
        CLASS_VOTES.c.class_id == class_id, CLASS_VOTES.c.task == task
    )
    return {row.pupil: row.choice for row in connection.execute(query)}


def votes_of(connection: Connection, class_id: str, pupil: str) -> list[tuple[int, int]]:
    """The votes of a pupil whose answers were shown: what they chose, and what the network answered."""
    query = (
        select(CLASS_VOTES.c.choice, CLASS_TASKS.c.shares)
        .join(
            CLASS_TASKS,
            (CLASS_TASKS.c.class_id == CLASS_VOTES.c.class_id) & (CLASS_TASKS.c.number == CLASS_VOTES.c.task),
        )
        .where(
            CLASS_VOTES.c.class_id == class_id,
            CLASS_VOTES.c.pupil == pupil,
            CLASS_TASKS.c.is_revealed.is_(True),
        )
    )
    return [(row.choice, int(_shares(row.shares).argmax())) for row in connection.execute(query)]


def checks(connection: Connection, class_id: str, places: Sequence[int]) -> list[Check]:
    """What was dealt of these drawings."""
    query = select(CLASS_CHECKS).where(
        CLASS_CHECKS.c.class_id == class_id, CLASS_CHECKS.c.place.in_(list(places))
    )
    return [Check(row.place, row.checker, row.dealt, row.choice) for row in connection.execute(query)]


def remove(connection: Connection, class_id: str) -> None:
    """Remove a class with all that it has."""
    for table in (
        CLASS_ANSWERS,
        CLASS_DETAILS,
        CLASS_CHECKS,
        CLASS_VOTES,
        HAND_INS,
        CLASS_PUPILS,
        CLASS_TASKS,
        CLASS_KEYS,
    ):
        connection.execute(table.delete().where(table.c.class_id == class_id))
    connection.execute(CLASSES.delete().where(CLASSES.c.id == class_id))


def _one(connection: Connection, query: Select[Any]) -> SchoolClass | None:
    row = connection.execute(query).one_or_none()
    return None if row is None else SchoolClass(**row._mapping)


def _hand_in(row: Row[Any]) -> HandIn:
    fields = row._mapping
    return HandIn(
        fields["task"],
        fields["pupil"],
        fields["number"],
        fields["place"],
        fields["meant"],
        _image(fields["pixels"]),
        bytes(fields["picture"]),
        _shares(fields["shares"]),
        fields["answer"],
        fields["verdict"],
        fields["is_late"],
        fields["is_held"],
        fields["name"],
    )


def _duel(more: dict[str, Any]) -> Duel:
    pictures = (
        Picture(_image(base64.b64decode(one["pixels"])), one["meant"], np.array(one["shares"], np.float32))
        for one in more["pictures"]
    )
    return Duel(tuple(pictures), more["round"], more["begins"], more["until"])


def _image(pixels: bytes) -> np.ndarray:
    return np.frombuffer(pixels, np.uint8).reshape(SIDE, SIDE)


def _shares(packed: bytes) -> np.ndarray:
    return np.frombuffer(packed, np.float32)
