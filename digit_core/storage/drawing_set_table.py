"""Sets of drawings in the database, and who may see and change them: made, joined by their code, left and removed."""

import secrets
import time
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, update

from digit_core.errors import StoreError
from digit_core.storage import drawings, quotas, visitors
from digit_core.storage.database import Database, put
from digit_core.storage.drawings import MAX_SETS, DrawingSet
from digit_core.storage.tables import DRAWING_SET_MEMBERS, DRAWING_SETS, DRAWINGS

_NO_SUCH_CODE = "There is no set of drawings with this code. Check the code."
_NOT_OPEN = "This set of drawings is not open to you. Type its code first."
_NOT_YOURS = "Only the person who made this set of drawings, or a teacher with the code, can do that."


class DrawingSetTable:
    """The sets of drawings of a database. Threads may share it.

    Every method raises StoreError if the database cannot be read or written; then nothing was kept.
    """

    def __init__(self, database: Database) -> None:
        """Look into nothing yet."""
        self._database = database

    def make(self, visitor: str, name: str) -> DrawingSet:
        """Make an empty set.

        Args:
            visitor: whose set it is.
            name: for people, 1 to 60 characters.

        Raises:
            StoreError: no visitor's id, no name, or too many sets.
        """
        visitors.check(visitor)
        name, now = drawings.checked_name(name), time.time()
        made = DrawingSet(secrets.token_hex(6), drawings.new_code(), name, visitor, now, 0, 0)
        with self._database.writing() as connection:
            own = select(func.count()).select_from(DRAWING_SETS).where(DRAWING_SETS.c.owner == visitor)
            if connection.execute(own).scalar_one() >= MAX_SETS:
                raise StoreError(f"You have already made {MAX_SETS} sets: delete one of them first.")
            quotas.check_sets(connection)
            connection.execute(
                DRAWING_SETS.insert().values(
                    id=made.id,
                    code=made.code,
                    name=name,
                    owner=visitor,
                    created=now,
                    revision=0,
                    last_number=0,
                )
            )
            _let_in(connection, made.id, visitor)
        return made

    def join(self, visitor: str, code: str) -> DrawingSet:
        """Open a set to a visitor who knows its code, from now on.

        Args:
            visitor: who asks.
            code: as it was typed: in letters of either size, with or without its hyphen.

        Raises:
            StoreError: there is no set with this code.
        """
        visitors.check(visitor)
        query = _sets().where(DRAWING_SETS.c.code == drawings.typed_code(code))
        with self._database.writing() as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                raise StoreError(_NO_SUCH_CODE)
            _let_in(connection, row.id, visitor)
        return _set(row)

    def leave(self, visitor: str, set_id: str) -> None:
        """Take a set off a visitor's list; the drawings stay, and its code opens it again."""
        with self._database.writing() as connection:
            connection.execute(DRAWING_SET_MEMBERS.delete().where(*_is_member(set_id, visitor)))

    def of(self, visitor: str | None) -> list[DrawingSet]:
        """The sets that are open to a visitor, the one that was made or joined last first.

        Args:
            visitor: who asks; None, before the browser has answered, has none.
        """
        if visitor is None:
            return []
        member = DRAWING_SET_MEMBERS.c
        query = (
            _sets()
            .join(DRAWING_SET_MEMBERS, member.set_id == DRAWING_SETS.c.id)
            .where(member.visitor == visitor)
            .order_by(member.joined.desc(), DRAWING_SETS.c.id)
        )
        with self._database.reading() as connection:
            return [_set(row) for row in connection.execute(query)]

    def get(self, visitor: str | None, set_id: str) -> DrawingSet:
        """A set that is open to a visitor.

        Raises:
            StoreError: it is not, or is gone.
        """
        with self._database.reading() as connection:
            return opened(connection, visitor, set_id)

    def rename(self, visitor: str, set_id: str, name: str, code: str = "") -> None:
        """Give a set another name, for everybody.

        Args:
            name: for people, 1 to 60 characters.

        Raises:
            StoreError: this visitor neither made it nor knows the teacher's code; no name.
        """
        name = drawings.checked_name(name)
        with self._database.writing() as connection:
            lock(connection, visitor, set_id, code)
            connection.execute(update(DRAWING_SETS).where(DRAWING_SETS.c.id == set_id).values(name=name))

    def remove(self, visitor: str, set_id: str, code: str = "") -> None:
        """Remove a set with all of its drawings, for ever.

        Raises:
            StoreError: this visitor neither made it nor knows the teacher's code.
        """
        with self._database.writing() as connection:
            lock(connection, visitor, set_id, code)
            for table in (DRAWINGS, DRAWING_SET_MEMBERS):
                connection.execute(table.delete().where(table.c.set_id == set_id))
            connection.execute(DRAWING_SETS.delete().where(DRAWING_SETS.c.id == set_id))


def _sets() -> Select[Any]:
    count = (
        select(func.count())
        .select_from(DRAWINGS)
        .where(DRAWINGS.c.set_id == DRAWING_SETS.c.id)
        .scalar_subquery()
        .label("count")
    )
    return select(DRAWING_SETS, count)


def _set(row: Row[Any]) -> DrawingSet:
    fields = row._mapping
    return DrawingSet(row.id, row.code, row.name, row.owner, row.created, row.revision, fields["count"])


def _is_member(set_id: str, visitor: str | None) -> tuple[Any, Any]:
    member = DRAWING_SET_MEMBERS.c
    return member.set_id == set_id, member.visitor == visitor


def _is_open(set_id: str, visitor: str | None) -> ColumnElement[bool]:
    return select(DRAWING_SET_MEMBERS.c.set_id).where(*_is_member(set_id, visitor)).exists()


def opened(connection: Connection, visitor: str | None, set_id: str) -> DrawingSet:
    """A set as it stands for a visitor to whom it is open.

    Raises:
        StoreError: it is not open to them, or is gone.
    """
    query = _sets().where(DRAWING_SETS.c.id == set_id, _is_open(set_id, visitor))
    row = connection.execute(query).one_or_none()
    if row is None:
        raise StoreError(_NOT_OPEN)
    return _set(row)


def lock(connection: Connection, visitor: str, set_id: str, code: str | None = None) -> int:
    """Hold up others' writes to a set that is open to this visitor; the number of its last drawing is returned.

    SQLite has one writer at a time anyway.

    Args:
        code: given where only the set's maker, or a teacher by this code, may go on.

    Raises:
        StoreError: it is not open to them, or is gone, or is neither theirs nor the code right.
    """
    query = (
        select(DRAWING_SETS.c.last_number, DRAWING_SETS.c.owner)
        .where(DRAWING_SETS.c.id == set_id, _is_open(set_id, visitor))
        .with_for_update(key_share=True)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise StoreError(_NOT_OPEN)
    if code is not None and not visitors.may_change(row.owner, visitor, code):
        raise StoreError(_NOT_YOURS)
    return row.last_number


def touch(connection: Connection, set_id: str, **values: Any) -> None:
    """Say that the drawings of a set are others now."""
    change = update(DRAWING_SETS).where(DRAWING_SETS.c.id == set_id)
    connection.execute(change.values(revision=DRAWING_SETS.c.revision + 1, **values))


def _let_in(connection: Connection, set_id: str, visitor: str) -> None:
    put(connection, DRAWING_SET_MEMBERS, set_id=set_id, visitor=visitor, joined=time.time())
