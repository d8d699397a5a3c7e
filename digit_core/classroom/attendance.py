"""Who is there: kept in memory as pupils ask how their class stands, and written down for all of them in one transaction."""

import threading
from collections.abc import Callable

from cachetools import TTLCache
from sqlalchemy import bindparam, select, update

from digit_core.classroom.table import PRESENT_SECONDS
from digit_core.errors import NoClassError
from digit_core.storage.store import Store
from digit_core.storage.tables import CLASS_PUPILS

NOT_IN = "You are not in this class yet: join it with its code."
_WRITTEN_SECONDS = 5.0  # presence is written down so often at most
_KEPT = 20_000  # pupils who are remembered

Key = tuple[str, str]  # the ids of a class and a pupil


class Attendance:
    """Who was heard in a store's classes. Threads may share it."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        """Know nobody yet.

        Args:
            store: where classes are.
            clock: says seconds since 1970, UTC.
        """
        self._store, self._clock = store, clock
        self._lock = threading.Lock()
        self._present: TTLCache[Key, bool] = TTLCache(_KEPT, PRESENT_SECONDS, clock)
        self._unwritten: dict[Key, float] = {}
        self._written = 0.0

    def count(self) -> int:
        """How many pupils are present in all classes, as far as this process has heard them."""
        with self._lock:
            self._present.expire()
            return len(self._present)

    def hear(self, class_id: str, pupil: str) -> None:
        """A pupil is there.

        Raises:
            NoClassError: not in this class.
            StoreError: the store does not answer.
        """
        key, now = (class_id, pupil), self._clock()
        with self._lock:
            is_known = key in self._present
        if not is_known and not self._is_in(key):
            raise NoClassError(NOT_IN)
        with self._lock:
            self._present[key] = True
            self._unwritten[key] = now
            if now - self._written < _WRITTEN_SECONDS:
                return
            self._written, heard, self._unwritten = now, self._unwritten, {}
        self._write(heard)

    def _is_in(self, key: Key) -> bool:
        query = select(CLASS_PUPILS.c.pupil).where(
            CLASS_PUPILS.c.class_id == key[0], CLASS_PUPILS.c.pupil == key[1]
        )
        with self._store.database.reading() as connection:
            return connection.execute(query).one_or_none() is not None

    def _write(self, heard: dict[Key, float]) -> None:
        change = (
            update(CLASS_PUPILS)
            .where(CLASS_PUPILS.c.class_id == bindparam("of"), CLASS_PUPILS.c.pupil == bindparam("who"))
            .values(heard=bindparam("at"))
        )
        # In one order for all processes: two that lock the same rows the other way round would wait for each other.
        rows = [{"of": class_id, "who": pupil, "at": at} for (class_id, pupil), at in sorted(heard.items())]
        with self._store.database.writing() as connection:
            connection.execute(change, rows)
