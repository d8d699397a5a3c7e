"""Classes, who steers them and who is in them."""

import hashlib
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, select, update

from digit_core.classroom.records import Presence, SchoolClass
from digit_core.errors import NoClassError
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
GONE = "This class is gone: it was deleted, or it ended long ago."
_NOT_YOURS = "Only the teacher who opened this class can do that."
NOT_IN = "You are not in this class yet: join it with its code."
_FIELDS = [CLASSES.c[name] for name in SchoolClass.__dataclass_fields__]


def digest(key: str) -> str:
    """What is kept of a key, from which nobody finds the key."""
    return hashlib.sha256(key.encode()).hexdigest()


def add(connection: Connection, made: SchoolClass, key: str) -> None:
    """Write down a class that was opened, and the key that steers it."""
    connection.execute(CLASSES.insert().values(**vars(made), remote="", remote_until=0.0))
    grant(connection, made.id, key, made.created)


def steered(connection: Connection, key: str, class_id: str, *, locks: bool = True) -> SchoolClass:
    """A class that this key steers, locked against others' writes unless it is only read.

    Raises:
        NoClassError: it is gone, or another key steers it.
    """
    found = (locked if locks else by_id)(connection, class_id)
    if found is None:
        raise NoClassError(GONE)
    if not steers(connection, class_id, key):
        raise NoClassError(_NOT_YOURS)
    return found


def grant(connection: Connection, class_id: str, key: str, now: float) -> None:
    """Let a key steer a class."""
    put(connection, CLASS_KEYS, class_id=class_id, digest=digest(key), granted=now)


def count_open(connection: Connection, since: float) -> int:
    """How many classes that were opened after a moment have not ended."""
    is_open = CLASSES.c.ended.is_(None) & (CLASSES.c.created > since)
    return connection.execute(select(func.count()).where(is_open)).scalar_one()


def opened_before(connection: Connection, moment: float) -> list[str]:
    """The ids of the classes that were opened then or earlier and have not ended."""
    return _ids(connection, CLASSES.c.ended.is_(None) & (CLASSES.c.created <= moment))


def ended_before(connection: Connection, moment: float) -> list[str]:
    """The ids of the classes that ended then or earlier."""
    return _ids(connection, CLASSES.c.ended <= moment)


def offer_remote(connection: Connection, class_id: str, offered: str, until: float) -> None:
    """Write down a one-time key to a class, in place of the last one."""
    values = {"remote": digest(offered), "remote_until": until}
    connection.execute(update(CLASSES).where(CLASSES.c.id == class_id).values(**values))


def take_remote(connection: Connection, offered: str, now: float) -> SchoolClass | None:
    """The class that a one-time key is for, locked; the key is used up. None where it is used up or too old."""
    found = _ids(connection, (CLASSES.c.remote == digest(offered)) & (CLASSES.c.remote_until > now))
    for class_id in found:
        connection.execute(update(CLASSES).where(CLASSES.c.id == class_id).values(remote=""))
        return locked(connection, class_id)
    return None


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


def is_in(connection: Connection, class_id: str, pupil: str) -> bool:
    """Whether a pupil is in a class."""
    return bool(among(connection, class_id, [pupil]))


def among(connection: Connection, class_id: str, pupils: Collection[str]) -> set[str]:
    """Those of some pupils who are in a class."""
    query = select(CLASS_PUPILS.c.pupil).where(
        CLASS_PUPILS.c.class_id == class_id, CLASS_PUPILS.c.pupil.in_(pupils)
    )
    return set(connection.execute(query).scalars())


def count_pupils(connection: Connection, class_id: str) -> int:
    """How many pupils are in a class, present or not."""
    count = select(func.count()).where(CLASS_PUPILS.c.class_id == class_id)
    return connection.execute(count).scalar_one()


def put_pupil(connection: Connection, class_id: str, pupil: str, name: str, now: float) -> None:
    """Write down that a pupil is in a class, there now, and called so."""
    put(connection, CLASS_PUPILS, class_id=class_id, pupil=pupil, name=name, heard=now)


def hear(connection: Connection, heard: Mapping[tuple[str, str], float]) -> None:
    """Write down when pupils were heard last.

    Args:
        heard: of the ids of a class and a pupil the moment.
    """
    change = (
        update(CLASS_PUPILS)
        .where(CLASS_PUPILS.c.class_id == bindparam("of"), CLASS_PUPILS.c.pupil == bindparam("who"))
        .values(heard=bindparam("at"))
    )
    # In one order for all processes: two that lock the same rows the other way round would wait for each other.
    rows = [{"of": class_id, "who": pupil, "at": at} for (class_id, pupil), at in sorted(heard.items())]
    connection.execute(change, rows)


def presence(connection: Connection, class_id: str, now: float) -> Presence:
    """Who is there."""
    query = select(CLASS_PUPILS.c.name, CLASS_PUPILS.c.heard).where(CLASS_PUPILS.c.class_id == class_id)
    rows = connection.execute(query).all()
    names = tuple(row.name for row in rows if now - row.heard <= PRESENT_SECONDS)
    return Presence(len(rows), len(names), names)


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


def _ids(connection: Connection, which: ColumnElement[bool]) -> list[str]:
    return list(connection.execute(select(CLASSES.c.id).where(which)).scalars())


def _one(connection: Connection, query: Select[Any]) -> SchoolClass | None:
    row = connection.execute(query).one_or_none()
    return None if row is None else SchoolClass(**row._mapping)
