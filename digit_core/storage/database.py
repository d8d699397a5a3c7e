"""A SQLite file or a PostgreSQL server alike: its tables, its transactions, and sentences for its errors."""

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table, inspect, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, TimeoutError

from digit_core.errors import StoreError
from digit_core.storage import connections
from digit_core.storage.tables import METADATA, SCHEMA, SCHEMA_VERSION

_ADVISORY_LOCK = 0x6469676974  # any number of our own: whoever holds it makes the tables

_log = logging.getLogger(__name__)

_UNREACHABLE = (
    "The store cannot be reached, so nothing was read or kept. Whoever runs this app can look at "
    "DIGIT_DATABASE_URL and at its log."
)
_BUSY = "The store is busy, so nothing was read or kept: try again in a moment."
_READ_ONLY = (
    "The store can be read but not written, so nothing was kept. Whoever runs this app can change that."
)
_FULL = "The store has no room left, so nothing was kept. Whoever runs this app can make room on its disk."
_NEWER = (
    "The store was made by a newer Digit Lab than this one, so nothing was read or kept: update this app, "
    "or name another database in DIGIT_DATABASE_URL."
)
# SQLite's result codes, and PostgreSQL's of https://www.postgresql.org/docs/current/errcodes-appendix.html
_SENTENCES: dict[int | str | None, str] = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_FULL: _FULL,
    "57014": _BUSY,  # statement_timeout
    "55P03": _BUSY,  # lock not available
    "40P01": _BUSY,  # deadlock
    "53300": _BUSY,  # too many connections
    "53100": _FULL,
    "25006": _READ_ONLY,  # read-only transaction
    "42501": _READ_ONLY,  # no right to write
}


class Database:
    """Connections to one database, opened when first needed and shared by all threads.

    Nothing happens before the first transaction; it makes the tables that are missing. Every transaction ends
    within a bounded time: after some `patience_seconds` of waiting for the server or for a lock it gives up.
    """

    def __init__(self, url: str, patience_seconds: int) -> None:
        """Look at the address.

        Args:
            url: sqlite:///FILE, or postgresql:// (or postgres://) USER:PASSWORD@HOST/NAME.
            patience_seconds: how long to wait for a lock; for a connection at least 2.

        Raises:
            StoreError: no such address; the sentence does not repeat it, because it may hold a password.
        """
        self._patience_seconds = patience_seconds
        self._engine = connections.engine(url, patience_seconds)
        self._writer = self._engine.execution_options(**{connections.IS_WRITING: True})
        self._preparing = threading.Lock()
        self._is_prepared = False

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads.

        Raises:
            StoreError: the database is out of reach, or busy for too long.
        """
        with _in_sentences():
            self._prepare()
            with self._engine.begin() as connection:
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that may write: kept whole when its block ends, or not at all when that raises.

        Raises:
            StoreError: the database is out of reach, cannot be written, or is busy for too long.
        """
        with _in_sentences():
            self._prepare()
            with self._writer.begin() as connection:
                yield connection

    def close(self) -> None:
        """Close the connections that no transaction holds; the next transaction opens new ones."""
        self._engine.dispose()

    def _prepare(self) -> None:
        """Make the tables, once: the other threads wait, but no longer than for any other lock."""
        if self._is_prepared:
            return
        if not self._preparing.acquire(timeout=self._patience_seconds):
            raise StoreError(_BUSY)
        try:
            connections.make_folder(self._engine.url)
            if not self._is_prepared:
                with self._engine.begin() as connection:  # it only reads: a database may be read-only
                    version = _version(connection)
                if version != SCHEMA_VERSION:
                    self._upgrade()
            self._is_prepared = True
        finally:
            self._preparing.release()

    def _upgrade(self) -> None:
        with self._writer.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
            version = _version(connection)  # again: another process may have been faster
            if version > SCHEMA_VERSION:
                raise StoreError(_NEWER)
            METADATA.create_all(connection)
            connection.execute(SCHEMA.delete())
            connection.execute(SCHEMA.insert().values(version=SCHEMA_VERSION))


def put(connection: Connection, table: Table, **values: Any) -> None:
    """Write one row; if its primary key is there already, the other columns take the new values.

    One statement (INSERT ... ON CONFLICT DO UPDATE), so that nothing is lost or doubled between a look and a write.
    """
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    key = [column.name for column in table.primary_key]
    others = {name: value for name, value in values.items() if name not in key}
    connection.execute(insert(table).values(**values).on_conflict_do_update(index_elements=key, set_=others))


def _version(connection: Connection) -> int:
    """The version of the tables that are there, 0 for none."""
    if not inspect(connection).has_table(SCHEMA.name):
        return 0
    return connection.execute(select(SCHEMA.c.version)).scalar() or 0


@contextmanager
def _in_sentences() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:  # no connection of the pool came free
        raise StoreError(_BUSY) from error
    except DBAPIError as error:
        _log.warning("The store failed: %s", error.orig)
        raise StoreError(_SENTENCES.get(_code(error.orig), _UNREACHABLE)) from error


def _code(error: BaseException | None) -> int | str | None:
    """SQLite's primary result code, or PostgreSQL's SQLSTATE."""
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & 0xFF
    return getattr(error, "sqlstate", None)
