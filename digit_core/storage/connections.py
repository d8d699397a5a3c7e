"""The ways into a database: a SQLite file or a PostgreSQL server, each with what makes it wait, but not for ever."""

import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from digit_core.errors import StoreError

IS_WRITING = "is_writing"  # the execution option of a transaction that will write
_MAX_CONNECTIONS = 10  # small databases on the net grant 20 or so, and the app may be running twice

_WRONG_ADDRESS = (
    "DIGIT_DATABASE_URL is not the address of a database: it looks like "
    "postgresql://user:password@host/database or sqlite:////folder/file.db."
)
_NO_DRIVER = 'Digit Lab needs psycopg to reach PostgreSQL. Install it with: pip install "psycopg[binary]"'
_NO_FOLDER = (
    "The database's folder cannot be created, so nothing was read or saved. Whoever runs this app can name another "
    "in DIGIT_DATABASE_URL."
)


def engine(address: str, patience_seconds: int) -> Engine:
    """The way into a database; nothing is opened yet.

    Its transactions say by the execution option IS_WRITING whether they write.

    Args:
        address: sqlite:///FILE, or postgresql:// (or postgres://) USER:PASSWORD@HOST/NAME.
        patience_seconds: how long to wait for a lock, a connection or an answer; for a new connection at least 2.

    Raises:
        StoreError: no such address; the sentence does not repeat it, because it may hold a password.
    """
    url = _parsed(address)
    is_sqlite = url.get_backend_name() == "sqlite"
    options: dict[str, Any] = {"timeout": patience_seconds}
    if not is_sqlite:
        options = {
            "connect_timeout": patience_seconds,
            "tcp_user_timeout": 1000
            * patience_seconds,  # milliseconds until a silent network counts as broken
            "prepare_threshold": None,  # prepared statements fail behind a pooler, and hosted databases have one
        }
    try:
        made = create_engine(
            url,
            connect_args=options,
            pool_size=_MAX_CONNECTIONS,
            max_overflow=0,
            pool_timeout=patience_seconds,
            pool_pre_ping=not is_sqlite,  # servers on the net close connections that rest
        )
    except ImportError as error:
        raise StoreError(_NO_DRIVER) from error
    if is_sqlite:
        _begin_sqlite(made, patience_seconds)
    else:
        _begin_postgresql(made, patience_seconds)
    return made


def file(url: URL) -> Path | None:
    """The SQLite file of an address; None for a server, or a file that is named as an address of its own."""
    path = url.database or ""
    return None if url.get_backend_name() != "sqlite" or path.startswith("file:") else Path(path)


def log_file(path: Path) -> Path:
    """Where SQLite keeps what was written last, until it goes into the file itself."""
    return path.with_name(f"{path.name}-wal")


def identity(path: Path | None) -> tuple[int, int] | None:
    """What tells a file from another one that takes its name; None if there is no file."""
    if path is None:
        return None
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def make_folder(url: URL) -> None:
    """Make the folder that a SQLite file is to be in.

    Raises:
        StoreError: it cannot be made.
    """
    path = file(url)
    if path is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(_NO_FOLDER) from error


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError(_WRONG_ADDRESS) from None  # the cause may repeat the address, and with it a password
    kind = parsed.get_backend_name()
    if kind in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    # Without a file, every connection would have a SQLite database of its own, lost when it closes.
    if kind != "sqlite" or parsed.database in (None, "", ":memory:"):
        raise StoreError(_WRONG_ADDRESS)
    return parsed.set(drivername="sqlite")


def _begin_sqlite(engine: Engine, patience_seconds: int) -> None:
    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None  # Python would begin transactions late, after a read; we begin them
        connection.execute("PRAGMA foreign_keys = ON")
        _into_wal_mode(connection, patience_seconds)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that turns from reading to writing cannot wait for its lock: it fails at once. So it says first.
        is_writing = connection.get_execution_options().get(IS_WRITING)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


def _into_wal_mode(connection: sqlite3.Connection, patience_seconds: int) -> None:
    """Let readers and a writer work at once. SQLite waits for other locks itself, but not for this one."""
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _begin_postgresql(engine: Engine, patience_seconds: int) -> None:
    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # For each transaction: behind a pooler, a setting of the connection would be another client's next.
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {1000 * patience_seconds}")
