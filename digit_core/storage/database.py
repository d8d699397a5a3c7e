"""A SQLite file or a PostgreSQL server alike: its tables, its transactions, and sentences for its errors."""

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, TimeoutError

from digit_core.errors import StoreError
from digit_core.storage import connections
from digit_core.storage.tables import (
    CLASS_ANSWERS,
    CLASS_CHECKS,
    CLASS_DETAILS,
    CLASS_KEYS,
    CLASS_PUPILS,
    CLASS_TASKS,
    CLASS_VOTES,
    CLASSES,
    DRAWING_SET_MEMBERS,
    DRAWING_SETS,
    DRAWINGS,
    HAND_INS,
    METADATA,
    PROCESSES,
    RUN_FILES,
    RUNS,
    SCHEMA,
    SCHEMA_VERSION,
    VOTES,
)

_ADVISORY_LOCK = 0x6469676974  # any number of our own: whoever holds it makes the tables

_log = logging.getLogger(__name__)

_UNREACHABLE = (
    "The database cannot be reached, so nothing was read or saved. Whoever runs this app can look at "
    "DIGIT_DATABASE_URL and at its log."
)
_BUSY = "The database is busy, so nothing was read or saved: try again in a moment."
_READ_ONLY = (
    "The database can be read but not written, so nothing was saved. Whoever runs this app can change that."
)
_FULL = (
    "The database has no room left, so nothing was saved. Whoever runs this app can make room on its disk."
)
_NEWER = (
    "The database was made by a newer Digit Lab than this one, so nothing was read or saved: update this app, "
    "or name another database in DIGIT_DATABASE_URL."
)
_DAMAGED = (
    "The database's file is damaged, so nothing was read or saved. Whoever runs this app can replace it by a backup: "
    "digit-lab restore FILE."
)
_INCOMPLETE = (
    "The database lacks {lacking}, so nothing was read or saved. Whoever runs this app can restore a backup, or name another "
    "database in DIGIT_DATABASE_URL."
)
_MADE_ANEW = "The database has just been made anew, so nothing was read or saved: try again."
_REPLACED = "The database's file was replaced while this was being saved, so it may be lost: try again."
# SQLite's result codes, and PostgreSQL's of https://www.postgresql.org/docs/current/errcodes-appendix.html
_SENTENCES: dict[int | str | None, str] = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    "57014": _BUSY,  # statement_timeout
    "55P03": _BUSY,  # lock not available
    "40P01": _BUSY,  # deadlock
    "53300": _BUSY,  # too many connections
    "53100": _FULL,
    "25006": _READ_ONLY,  # read-only transaction
    "42501": _READ_ONLY,  # no right to write
    "42P01": _MADE_ANEW,  # no such table
    "42703": _MADE_ANEW,  # no such column
}


# The tables that came with each version. A version that changes a table needs its ALTER TABLE in `_upgrade`.
_STEPS: dict[int, tuple[Table, ...]] = {
    1: (SCHEMA, VOTES),
    2: (PROCESSES, RUNS, RUN_FILES),
    3: (DRAWING_SETS, DRAWING_SET_MEMBERS, DRAWINGS),
    4: (CLASSES, CLASS_KEYS, CLASS_TASKS, CLASS_PUPILS, HAND_INS, CLASS_VOTES, CLASS_CHECKS),
    5: (CLASS_DETAILS, CLASS_ANSWERS),
}


class Database:
    """Connections to one database, opened when first needed and shared by all threads.

    Nothing happens before the first transaction; it makes the tables that are missing, and so does the next one after
    somebody has taken the database away or put another in its place. Every transaction ends within a bounded time: after
    some `patience_seconds` of waiting for the server or for a lock it gives up.
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
        self._file = connections.file(self._engine.url)
        self._preparing, self._writing = threading.Lock(), threading.Lock()
        self._is_prepared = False
        # Of the SQLite file that was prepared, and of its log: the name alone does not say that they are still the same.
        self._known: tuple[int, int] | None = None
        self._known_log: tuple[int, int] | None = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads.

        Raises:
            StoreError: the database is out of reach, or busy for too long.
        """
        with self._in_sentences():
            self._prepare()
            with self._engine.begin() as connection:
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that may write: kept whole when its block ends, or not at all when that raises.

        Raises:
            StoreError: the database is out of reach, cannot be written, or is busy for too long.
        """
        with self._in_sentences():
            self._prepare()
            known = self._known
            with self._turn(), self._writer.begin() as connection:
                yield connection
            if connections.identity(self._file) != known:
                raise StoreError(_REPLACED)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait until no other thread writes. SQLite would ask again and again for its lock, and some would never get it."""
        if self._file is None:
            yield
            return
        if not self._writing.acquire(timeout=self._patience_seconds):
            raise StoreError(_BUSY)
        try:
            yield
        finally:
            self._writing.release()

    def close(self) -> None:
        """Close the connections that no transaction holds; the next transaction opens new ones."""
        self._is_prepared = False
        self._engine.dispose()

    def _prepare(self) -> None:
        """Make the tables, once for each file: the other threads wait, but no longer than for any other lock."""
        if self._is_prepared and not self._is_moved():
            return
        if not self._preparing.acquire(timeout=self._patience_seconds):
            raise StoreError(_BUSY)
        try:
            if self._is_prepared and self._is_moved():
                self._let_go()
            connections.make_folder(self._engine.url)
            if not self._is_prepared:
                with self._engine.begin() as connection:  # it only reads: a database may be read-only
                    is_current = _version(connection) == SCHEMA_VERSION and not _lacking(connection)
                if not is_current:
                    self._upgrade()
            self._known = connections.identity(self._file)
            self._is_prepared = True
            self._is_moved()
        finally:
            self._preparing.release()

    def _is_moved(self) -> bool:
        """Whether the SQLite file was removed or replaced since it was prepared. Its log is known anew if not."""
        if self._file is None:
            return False
        if connections.identity(self._file) != self._known:
            return True
        self._known_log = connections.identity(connections.log_file(self._file))
        return False

    def _let_go(self) -> None:
        """Close what was opened in a SQLite file that lost its name; what its log still holds must not get into the next."""
        assert self._file is not None
        _log.warning("The database's file was removed or replaced while the app runs")
        self._is_prepared = False
        self._engine.dispose()
        log = connections.log_file(self._file)
        if self._known_log and connections.identity(log) == self._known_log:
            for path in (log, self._file.with_name(f"{self._file.name}-shm")):
                path.unlink(missing_ok=True)

    def _upgrade(self) -> None:
        with self._writer.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
            version = _version(connection)  # again: another process may have been faster
            if version > SCHEMA_VERSION:
                raise StoreError(_DAMAGED if _is_damaged(connection) else _NEWER)
            _upgrade(connection, version)
            if lacking := _lacking(connection):
                raise StoreError(_INCOMPLETE.format(lacking=" and ".join(lacking)))
            connection.execute(SCHEMA.delete())
            connection.execute(SCHEMA.insert().values(version=SCHEMA_VERSION))

    @contextmanager
    def _in_sentences(self) -> Iterator[None]:
        try:
            yield
        except TimeoutError as error:  # no connection of the pool came free
            raise StoreError(_BUSY) from error
        except DBAPIError as error:
            _log.warning("The database failed: %s", error.orig)
            sentence = _SENTENCES.get(_code(error.orig), _UNREACHABLE)
            if sentence == _MADE_ANEW:
                self._is_prepared = False
            raise StoreError(sentence) from error


def put(connection: Connection, table: Table, **values: Any) -> None:
    """Write one row; if its primary key is there already, the other columns take the new values.

    One statement (INSERT ... ON CONFLICT DO UPDATE), so that nothing is lost or doubled between a look and a write.
    """
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    key = [column.name for column in table.primary_key]
    others = {name: value for name, value in values.items() if name not in key}
    connection.execute(insert(table).values(**values).on_conflict_do_update(index_elements=key, set_=others))


def _upgrade(connection: Connection, version: int) -> None:
    """Take the steps that a database lacks.

    Args:
        connection: in a transaction that writes.
        version: that the database says it has, 0 for none. Where it lacks what that version has, all steps are taken.
    """
    start = 0 if _lacking(connection, up_to=version) else version
    for step, tables in _STEPS.items():
        if step > start:
            METADATA.create_all(connection, tables=list(tables))


def _lacking(connection: Connection, up_to: int = max(_STEPS)) -> list[str]:
    """The tables and columns that a database should have and has not, in words; empty if it is whole.

    Args:
        connection: to it.
        up_to: the version whose tables are looked for.
    """
    wanted = [table for step, tables in _STEPS.items() if step <= up_to for table in tables]
    found = inspect(connection).get_multi_columns(filter_names=[table.name for table in wanted])
    known = {name: {column["name"] for column in columns} for (_, name), columns in found.items()}
    told = [f"the table {table.name}" for table in wanted if table.name not in known]
    for table in wanted:
        missing = [
            column.name for column in table.columns if column.name not in known.get(table.name, table.c)
        ]
        told += [f"the column {name} of {table.name}" for name in missing]
    return told


def _version(connection: Connection) -> int:
    """The version of the tables that are there, 0 for none.

    Raises:
        StoreError: what stands there is no version.
    """
    if not inspect(connection).has_table(SCHEMA.name):
        return 0
    found = connection.exec_driver_sql(f"SELECT version FROM {SCHEMA.name}").scalar() or 0
    if not isinstance(found, int):
        raise StoreError(_DAMAGED)
    return found


def _is_damaged(connection: Connection) -> bool:
    """Whether a SQLite file is not whole, which may take seconds to find out."""
    if connection.dialect.name != "sqlite":
        return False
    return connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok"


def _code(error: BaseException | None) -> int | str | None:
    """SQLite's primary result code, or PostgreSQL's SQLSTATE; what SQLite has no code for is said by PostgreSQL's."""
    if isinstance(error, sqlite3.Error):
        if any(told in str(error) for told in ("no such table", "no such column", "has no column named")):
            return "42P01"
        return getattr(error, "sqlite_errorcode", 0) & 0xFF
    return getattr(error, "sqlstate", None)
