"""Who is there: kept in memory as pupils ask how their class stands, and written down for all of them in one transaction."""

import threading
from collections.abc import Callable

from cachetools import TTLCache

from digit_core.classroom.tables import class_table
from digit_core.errors import NoClassError
from digit_core.storage.store import Store

_WRITTEN_SECONDS = 5.0  # presence is written down so often at most
_KEPT = 20_000  # pupils who are remembered

_Key = tuple[str, str]  # the ids of a class and a pupil


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
        self._present: TTLCache[_Key, bool] = TTLCache(_KEPT, class_table.PRESENT_SECONDS, clock)
        self._unwritten: dict[_Key, float] = {}
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
        if not is_known:
            with self._store.database.reading() as connection:
                if not class_table.is_in(connection, class_id, pupil):
                    raise NoClassError(class_table.NOT_IN)
        with self._lock:
            self._present[key] = True
            self._unwritten[key] = now
            if now - self._written < _WRITTEN_SECONDS:
                return
            self._written, heard, self._unwritten = now, self._unwritten, {}
        with self._store.database.writing() as connection:
            class_table.hear(connection, heard)
