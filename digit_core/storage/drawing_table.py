"""The drawings of sets in the database: kept by many at once, read, and taken out by who may."""

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, func, select, update

from digit_core.digits import SIDE
from digit_core.errors import StoreError
from digit_core.storage import drawing_set_table, quotas, visitors
from digit_core.storage.database import Database
from digit_core.storage.drawings import HELD_BACK_EACH, MAX_DRAWINGS, Drawing, DrawingSet
from digit_core.storage.tables import DRAWINGS


class DrawingTable:
    """The drawings in the sets of a database. Threads may share it.

    `set_id` is the set, `visitor` who asks, and `code` the teacher's, where it is not the set's maker who asks. Every method
    raises StoreError if the set is not open to this visitor, or the database cannot be read or written; then nothing was
    kept.
    """

    def __init__(self, database: Database) -> None:
        """Look into nothing yet."""
        self._database = database

    def keep(self, visitor: str, set_id: str, found: Sequence[Drawing]) -> int:
        """Put drawings into a set. One that this visitor has put there already is not put there twice: it takes the label.

        Each third drawing of a set is held back from learning, unless the drawing itself says otherwise; it stays so.

        Args:
            found: the drawings; who, when and number are written here.

        Returns:
            How many of them are new.

        Raises:
            StoreError: the set would have too many drawings.
        """
        visitors.check(visitor)
        with self._database.writing() as connection:
            last = drawing_set_table.lock(connection, visitor, set_id)
            known = _labels_of(connection, set_id, [drawing.digest for drawing in found], visitor)
            fresh = {drawing.digest: drawing for drawing in found if drawing.digest not in known}
            _insert(connection, set_id, visitor, list(fresh.values()), last)
            for drawing in found:
                if known.get(drawing.digest, drawing.label) != drawing.label:
                    _relabel(connection, set_id, visitor, drawing)
        return len(fresh)

    def bring_in(self, visitor: str, set_id: str, found: Sequence[Drawing], code: str = "") -> int:
        """Put drawings from an archive into a set, as `keep` does, but without those that anybody has put there already.

        Only the set's maker and teachers may.

        Returns:
            How many of them are new.

        Raises:
            StoreError: this visitor may not, or the set would have too many drawings.
        """
        visitors.check(visitor)
        with self._database.writing() as connection:
            last = drawing_set_table.lock(connection, visitor, set_id, code)
            known = _labels_of(connection, set_id, [drawing.digest for drawing in found])
            fresh = {drawing.digest: drawing for drawing in found if drawing.digest not in known}
            _insert(connection, set_id, visitor, list(fresh.values()), last)
        return len(fresh)

    def read(
        self, visitor: str | None, set_id: str, *, with_pictures: bool = True
    ) -> tuple[DrawingSet, tuple[Drawing, ...]]:
        """A set and its drawings, in the order in which they were kept, as they stand at one moment.

        Args:
            with_pictures: without them, `Drawing.picture` is empty: they are most of the bytes.
        """
        columns = [column for column in DRAWINGS.c if with_pictures or column is not DRAWINGS.c.picture]
        query = select(*columns).where(DRAWINGS.c.set_id == set_id).order_by(DRAWINGS.c.number)
        with self._database.reading() as connection:
            before = drawing_set_table.opened(connection, visitor, set_id)
            rows = connection.execute(query).all()
            found = drawing_set_table.opened(connection, visitor, set_id)
        if found.revision != before.revision:  # PostgreSQL lets in what was written in between
            return self.read(visitor, set_id, with_pictures=with_pictures)
        return found, tuple(_drawing(row._asdict()) for row in rows)

    def picture(self, visitor: str | None, set_id: str, number: int) -> bytes:
        """What was drawn, as a small PNG; empty if it is gone or nobody knows."""
        query = select(DRAWINGS.c.picture).where(
            DRAWINGS.c.set_id == set_id, DRAWINGS.c.number == int(number)
        )
        with self._database.reading() as connection:
            drawing_set_table.opened(connection, visitor, set_id)
            return bytes(connection.execute(query).scalar() or b"")

    def remove(self, visitor: str, set_id: str, numbers: Collection[int], code: str = "") -> int:
        """Take drawings out of a set, for ever: by who made the set, or a teacher.

        Args:
            numbers: of the drawings.

        Returns:
            How many were there and are gone.

        Raises:
            StoreError: this visitor may not.
        """
        with self._database.writing() as connection:
            drawing_set_table.lock(connection, visitor, set_id, code)
            asked = (DRAWINGS.c.set_id == set_id) & DRAWINGS.c.number.in_(list(numbers))
            return _delete(connection, set_id, asked)

    def take_back(self, visitor: str, set_id: str, digest: str) -> int:
        """Take a drawing of one's own out of a set by its digest, for ever. Returns 1, or 0 if it was not there."""
        with self._database.writing() as connection:
            drawing_set_table.lock(connection, visitor, set_id)
            own = (DRAWINGS.c.visitor == visitor) & (DRAWINGS.c.digest == digest)
            return _delete(connection, set_id, (DRAWINGS.c.set_id == set_id) & own)


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
    quotas.check_bytes(connection)
    connection.execute(DRAWINGS.insert(), rows)
    last_number += len(rows)
    if last_number > MAX_DRAWINGS:  # else there cannot be more
        count = select(func.count()).select_from(DRAWINGS).where(DRAWINGS.c.set_id == set_id)
        if connection.execute(count).scalar_one() > MAX_DRAWINGS:
            raise StoreError(f"A set holds at most {MAX_DRAWINGS:,} drawings: make another one.")
    drawing_set_table.touch(connection, set_id, last_number=last_number)


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
    drawing_set_table.touch(connection, set_id)


def _delete(connection: Connection, set_id: str, which: ColumnElement[bool]) -> int:
    removed = connection.execute(DRAWINGS.delete().where(which)).rowcount
    if removed:
        drawing_set_table.touch(connection, set_id)
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
