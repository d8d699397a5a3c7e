"""The tasks of classes, and what was said of their pictures."""

import base64
import json
from typing import Any

import numpy as np
from sqlalchemy import Connection, select, update

from digit_core.classroom.records import Answer, Duel, Lesson, Picture, SchoolClass, Task
from digit_core.classroom.rules import tasks
from digit_core.classroom.rules.own_tasks import OwnTask
from digit_core.classroom.tables import class_table
from digit_core.digits import SIDE
from digit_core.storage.database import put
from digit_core.storage.tables import CLASS_ANSWERS, CLASS_DETAILS, CLASS_TASKS, CLASS_VOTES


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
        image(row.pixels) if row.pixels else None,
        row.meant,
        shares(row.shares) if row.shares else None,
        row.is_live,
        Lesson(more["run"], tuple(more["taught"]), tuple(more["held_back"]))
        if row.kind == tasks.LEARN
        else None,
        _duel(more) if row.kind == tasks.DUEL else None,
        OwnTask(more["words"], more["state"], tuple(more["digits"]), more["model"])
        if row.kind == tasks.OWN
        else None,
    )


def add(
    connection: Connection, class_id: str, number: int, kind: str, picture: Picture | None, *, is_live: bool
) -> None:
    """Write down a task that starts, with the picture that is voted on."""
    connection.execute(
        CLASS_TASKS.insert().values(
            class_id=class_id,
            number=number,
            kind=kind,
            is_revealed=False,
            is_live=is_live,
            pixels=picture.image.tobytes() if picture else b"",
            meant=picture.meant if picture else None,
            shares=picture.shares.astype(np.float32).tobytes() if picture else b"",
        )
    )


def reveal(connection: Connection, found: SchoolClass) -> None:
    """Write down that the answers of a class's task were shown."""
    which = (CLASS_TASKS.c.class_id == found.id) & (CLASS_TASKS.c.number == found.task)
    connection.execute(update(CLASS_TASKS).where(which).values(is_revealed=True))


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


def duels(connection: Connection, class_id: str, before: int) -> list[int]:
    """The numbers of the duels before a task."""
    query = select(CLASS_TASKS.c.number).where(
        CLASS_TASKS.c.class_id == class_id,
        CLASS_TASKS.c.kind == tasks.DUEL,
        CLASS_TASKS.c.number < before,
    )
    return sorted(connection.execute(query).scalars())


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


def put_answer(
    connection: Connection, class_id: str, task: int, number: int, pupil: str, choice: int
) -> None:
    """Write down what a pupil says of one picture of a duel, in place of what they said before."""
    row = {"class_id": class_id, "task": task, "round": number, "pupil": pupil}
    put(connection, CLASS_ANSWERS, **row, choice=choice)


def put_vote(connection: Connection, class_id: str, task: int, pupil: str, choice: int) -> None:
    """Write down a pupil's vote, in place of the one before."""
    put(connection, CLASS_VOTES, class_id=class_id, task=task, pupil=pupil, choice=choice)


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
    return [(row.choice, int(shares(row.shares).argmax())) for row in connection.execute(query)]


def checked_tasks(connection: Connection, class_id: str) -> list[int]:
    """The numbers of the tasks in which the class looked at its drawings, in order."""
    return [one.number for one in _drawing_tasks(connection, class_id) if one.rules.is_checked]


def uncounted(connection: Connection, class_id: str) -> list[int]:
    """The numbers of the tasks whose drawings say nothing of how well the class's network reads a hand."""
    found = class_table.by_id(connection, class_id)
    return [
        one.number
        for one in _drawing_tasks(connection, class_id)
        if one.rules.is_checked or (one.own and found and one.own.model not in ("", found.model))
    ]


def _drawing_tasks(connection: Connection, class_id: str) -> list[Task]:
    """The tasks in which something is drawn, in order, but for those whose drawings always count."""
    query = select(CLASS_TASKS.c.number).where(
        CLASS_TASKS.c.class_id == class_id, CLASS_TASKS.c.kind.in_([tasks.MISREAD, tasks.OWN])
    )
    found = (task(connection, class_id, number) for number in sorted(connection.execute(query).scalars()))
    return [one for one in found if one is not None]


def _duel(more: dict[str, Any]) -> Duel:
    pictures = (
        Picture(image(base64.b64decode(one["pixels"])), one["meant"], np.array(one["shares"], np.float32))
        for one in more["pictures"]
    )
    return Duel(tuple(pictures), more["round"], more["begins"], more["until"])


def image(pixels: bytes) -> np.ndarray:
    """A digit: uint8 array of shape (28, 28), 255 is ink."""
    return np.frombuffer(pixels, np.uint8).reshape(SIDE, SIDE)


def shares(packed: bytes) -> np.ndarray:
    """Ten probabilities: float32 array of shape (10,)."""
    return np.frombuffer(packed, np.float32)
