"""Sets of drawings in the database: made, joined by their code, filled by many at once, and emptied by who may."""

import secrets
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, update

from digit_core import drawings, visitors
from digit_core.database import Database, put
from digit_core.datasets import SIDE
from digit_core.drawings import HELD_BACK_EACH, MOST_DRAWINGS, MOST_SETS, Drawing, DrawingSet
from digit_core.errors import StoreError
from digit_core.tables import DRAWING_SET_MEMBERS, DRAWING_SETS, DRAWINGS

_NO_SUCH_CODE = "There is no set of drawings with this code: look at it once more."
_NOT_OPEN = "This set of drawings is not open to you: type its code."
_NOT_YOURS = "Only who made this set of drawings can do that, or a teacher with the code."


class DrawingTable:
    """The sets of drawings of a database. Threads may share it."""

    def __init__(self, database: Database) -> None:
        """Look into nothing yet."""
        self._database = database

    def make_set(self, visitor: str, name: str) -> DrawingSet:
        """Make an empty set.

        Args:
            visitor: whose set it is.
            name: for people, 1 to 60 characters.

        Raises:
            StoreError: no visitor's id, no name, too many sets, or it could not be kept.
        """
        visitors.check(visitor)
        name, now = drawings.checked_name(name), time.time()
        made = DrawingSet(secrets.token_hex(6), drawings.new_code(), name, visitor, now, 0, 0)
        with self._database.writing() as connection:
            own = select(func.count()).select_from(DRAWING_SETS).where(DRAWING_SETS.c.owner == visitor)
            if connection.execute(own).scalar_one() >= MOST_SETS:
                raise StoreError(f"You have made {MOST_SETS} sets already: remove one of them first.")
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
            StoreError: there is no set with this code, or it could not be looked up.
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
        """Take a set off a visitor's list; the drawings stay, and its code opens it again.

        Raises:
            StoreError: it could not be kept.
        """
        with self._database.writing() as connection:
            connection.execute(DRAWING_SET_MEMBERS.delete().where(*_is_member(set_id, visitor)))

    def sets_of(self, visitor: str | None) -> list[DrawingSet]:
        """The sets that are open to a visitor, the one that was made or joined last first.

        Args:
            visitor: who asks; None, before the browser has answered, has none.

        Raises:
            StoreError: they could not be read.
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
            StoreError: it is not, or is gone, or could not be read.
        """
        with self._database.reading() as connection:
            return _open_set(connection, visitor, set_id)

    def keep(self, visitor: str, set_id: str, found: Sequence[Drawing]) -> int:
        """Put drawings into a set. One that this visitor has put there already is not put there twice: it takes the label.

        Each third drawing of a set is held back from learning, unless the drawing itself says otherwise; it stays so.

        Args:
            visitor: who keeps them; the set is open to them.
            set_id: of the set.
            found: the drawings; who, when and number are written here.

        Returns:
            How many of them are new.

        Raises:
            StoreError: the set is not open to this visitor, would have too many drawings, or could not be written. Then
                none is kept.
        """
        visitors.check(visitor)
        with self._database.writing() as connection:
            last = _lock(connection, visitor, set_id)
            known = _labels_of(connection, set_id, [drawing.digest for drawing in found], visitor)
            fresh = {drawing.digest: drawing for drawing in found if drawing.digest not in known}
            _insert(connection, set_id, visitor, list(fresh.values()), last)
            for drawing in found:
                if known.get(drawing.digest, drawing.label) != drawing.label:
                    _relabel(connection, set_id, visitor, drawing)
        return len(fresh)

    def bring_in(self, visitor: str, set_id: str, found: Sequence[Drawing], code: str = "") -> int:
        """Put drawings from an archive into a set, as `keep` does, but without those that anybody has put there already.

        Args:
            visitor: who brings them: the set's maker, or a teacher.
            set_id: of the set.
            found: the drawings.
            code: the teacher's, where it is not the maker who asks.

        Returns:
            How many of them are new.

        Raises:
            StoreError: this visitor may not, the set would have too many drawings, or it could not be written. Then none
                is kept.
        """
        visitors.check(visitor)
        with self._database.writing() as connection:
            last = _lock(connection, visitor, set_id)
            _check_may_change(_open_set(connection, visitor, set_id), visitor, code)
            known = _labels_of(connection, set_id, [drawing.digest for drawing in found])
            fresh = {drawing.digest: drawing for drawing in found if drawing.digest not in known}
            _insert(connection, set_id, visitor, list(fresh.values()), last)
        return len(fresh)

    def read(
        self, visitor: str | None, set_id: str, *, with_pictures: bool = True
    ) -> tuple[DrawingSet, tuple[Drawing, ...]]:
        """A set and its drawings, in the order in which they were kept, as they stand at one moment.

        Args:
            visitor: who asks; the set is open to them.
            set_id: of the set.
            with_pictures: without them, `Drawing.picture` is empty: they are most of the bytes.

        Raises:
            StoreError: it is not open to this visitor, or could not be read.
        """
        columns = [column for column in DRAWINGS.c if with_pictures or column is not DRAWINGS.c.picture]
        query = select(*columns).where(DRAWINGS.c.set_id == set_id).order_by(DRAWINGS.c.number)
        with self._database.reading() as connection:
            before = _open_set(connection, visitor, set_id)
            rows = connection.execute(query).all()
            found = _open_set(connection, visitor, set_id)
        if found.revision != before.revision:  # PostgreSQL lets in what was written in between
            return self.read(visitor, set_id, with_pictures=with_pictures)
        return found, tuple(_drawing(row._asdict()) for row in rows)

    def picture(self, visitor: str | None, set_id: str, number: int) -> bytes:
        """What was drawn, as a small PNG; empty if it is gone or nobody knows.

        Raises:
            StoreError: the set is not open to this visitor, or it could not be read.
        """
        query = select(DRAWINGS.c.picture).where(
            DRAWINGS.c.set_id == set_id, DRAWINGS.c.number == int(number)
        )
        with self._database.reading() as connection:
            _open_set(connection, visitor, set_id)
            return bytes(connection.execute(query).scalar() or b"")

    def remove(self, visitor: str, set_id: str, numbers: Collection[int], code: str = "") -> int:
        """Take drawings out of a set, for ever: by who made the set, or a teacher.

        Args:
            visitor: who asks.
            set_id: of the set.
            numbers: of the drawings.
            code: the teacher's, where it is not the maker who asks.

        Returns:
            How many were there and are gone.

        Raises:
            StoreError: this visitor may not, or it could not be written.
        """
        with self._database.writing() as connection:
            _lock(connection, visitor, set_id)
            _check_may_change(_open_set(connection, visitor, set_id), visitor, code)
            asked = (DRAWINGS.c.set_id == set_id) & DRAWINGS.c.number.in_(list(numbers))
            return _delete(connection, set_id, asked)

    def take_back(self, visitor: str, set_id: str, digest: str) -> int:
        """Take a drawing of one's own out of a set, for ever.

        Args:
            visitor: who kept it.
            set_id: of the set.
            digest: of the drawing.

        Returns:
            1, or 0 if it was not there.

        Raises:
            StoreError: the set is not open to this visitor, or it could not be written.
        """
        with self._database.writing() as connection:
            _lock(connection, visitor, set_id)
            own = (DRAWINGS.c.visitor == visitor) & (DRAWINGS.c.digest == digest)
            return _delete(connection, set_id, (DRAWINGS.c.set_id == set_id) & own)

    def remove_set(self, visitor: str, set_id: str, code: str = "") -> None:
        """Remove a set with all of its drawings, for ever.

        Raises:
            StoreError: this visitor neither made it nor knows the teacher's code, or it could not be written.
        """
        with self._database.writing() as connection:
            _lock(connection, visitor, set_id)
            _check_may_change(_open_set(connection, visitor, set_id), visitor, code)
            for table in (DRAWINGS, DRAWING_SET_MEMBERS):
                connection.execute(table.delete().where(table.c.set_id == set_id))
            connection.execute(DRAWING_SETS.delete().where(DRAWING_SETS.c.id == set_id))


def _check_may_change(found: DrawingSet, visitor: str | None, code: str) -> None:
    if not visitors.may_change(found.owner, visitor, code):
        raise StoreError(_NOT_YOURS)


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


def _open_set(connection: Connection, visitor: str | None, set_id: str) -> DrawingSet:
    query = _sets().where(DRAWING_SETS.c.id == set_id, _is_open(set_id, visitor))
    row = connection.execute(query).one_or_none()
    if row is None:
        raise StoreError(_NOT_OPEN)
    return _set(row)


def _lock(connection: Connection, visitor: str, set_id: str) -> int:
    """Hold up others' writes to a set that is open to this visitor; the number of its last drawing is returned.

    SQLite has one writer at a time anyway.
    """
    row = DRAWING_SETS.c.id == set_id
    query = (
        select(DRAWING_SETS.c.last_number)
        .where(row, _is_open(set_id, visitor))
        .with_for_update(key_share=True)
    )
    last = connection.execute(query).scalar_one_or_none()
    if last is None:
        raise StoreError(_NOT_OPEN)
    return last


def _let_in(connection: Connection, set_id: str, visitor: str) -> None:
    put(connection, DRAWING_SET_MEMBERS, set_id=set_id, visitor=visitor, joined=time.time())


def _labels_of(
    connection: Connection, set_id: str, digests: Sequence[str], visitor: str | None = None
) -> dict[str, int]:
    """Which of these drawings a visitor, or anybody, has in a set already: digest to label."""
    query = select(DRAWINGS.c.digest, DRAWINGS.c.label).where(
        DRAWINGS.c.set_id == set_id, DRAWINGS.c.digest.in_(digests)
    )
    if visitor is not None:
        query = query.where(DRAWINGS.c.visitor == visitor)
    return {row.digest: row.label for row in connection.execute(query)}


def _insert(
    connection: Connection, set_id: str, visitor: str, fresh: Sequence[Drawing], last_number: int
) -> None:
    """Write new drawings, if there is room for them."""
    rows = [
        _row(drawing, set_id, visitor, number) for number, drawing in enumerate(fresh, start=last_number + 1)
    ]
    if not rows:
        return
    connection.execute(DRAWINGS.insert(), rows)
    last_number += len(rows)
    if last_number > MOST_DRAWINGS:  # else there cannot be more
        count = select(func.count()).select_from(DRAWINGS).where(DRAWINGS.c.set_id == set_id)
        if connection.execute(count).scalar_one() > MOST_DRAWINGS:
            raise StoreError(f"A set holds {MOST_DRAWINGS:,} drawings at most: make another one.")
    _touch(connection, set_id, last_number=last_number)


def _row(drawing: Drawing, set_id: str, visitor: str, number: int) -> dict[str, Any]:
    is_held_back = number % HELD_BACK_EACH == 0 if drawing.held_back is None else drawing.held_back
    return {
        "set_id": set_id,
        "visitor": visitor,
        "digest": drawing.digest,
        "number": number,
        "label": drawing.label,
        "held_back": is_held_back,
        "pixels": drawing.image.tobytes(),
        "picture": drawing.picture,
        "answer": drawing.answer,
        "confidence": drawing.confidence,
        "model": drawing.model,
        "created": time.time(),
    }


def _relabel(connection: Connection, set_id: str, visitor: str, drawing: Drawing) -> None:
    connection.execute(
        update(DRAWINGS)
        .where(
            DRAWINGS.c.set_id == set_id,
            DRAWINGS.c.visitor == visitor,
            DRAWINGS.c.digest == drawing.digest,
        )
        .values(label=drawing.label)
    )
    _touch(connection, set_id)


def _touch(connection: Connection, set_id: str, **values: Any) -> None:
    """Say that the drawings of a set are others now."""
    change = update(DRAWING_SETS).where(DRAWING_SETS.c.id == set_id)
    connection.execute(change.values(revision=DRAWING_SETS.c.revision + 1, **values))


def _delete(connection: Connection, set_id: str, which: ColumnElement[bool]) -> int:
    removed = connection.execute(DRAWINGS.delete().where(which)).rowcount
    if removed:
        _touch(connection, set_id)
    return removed


def _drawing(row: Mapping[str, Any]) -> Drawing:
    return Drawing(
        np.frombuffer(row["pixels"], np.uint8).reshape(SIDE, SIDE),
        row["label"],
        bytes(row.get("picture") or b""),
        row["answer"],
        row["confidence"],
        row["model"],
        row["visitor"],
        row["created"],
        row["number"],
        row["held_back"],
    )
