"""A SQLite database copied while the app runs, and put back: the file alone lacks what still stands in its log."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from digit_core.errors import StoreError
from digit_core.storage import connections
from digit_core.storage.store import Store

_WAIT_SECONDS = 30  # for a lock
_SERVER = (
    "This database is PostgreSQL's, which has its own programs for this. To save it: "
    "pg_dump --format=custom --table='digitlab_*' --file=FILE ADDRESS, to restore it: "
    "pg_restore --clean --if-exists --dbname=ADDRESS FILE. ADDRESS is that of DIGIT_DATABASE_URL."
)


def backup(url: str, path: Path) -> dict[str, int]:
    """Copy a database to a file, as it stands at one moment, by SQLite's online backup.

    Runs that wait or go are marked as interrupted in the copy: nothing goes on in it.

    Args:
        url: of the database, see `store.Store`.
        path: of the file; one that is there already is replaced, once the copy is whole.

    Returns:
        How many "runs", "drawing sets", "drawings" and "votes" the copy holds.

    Raises:
        StoreError: it is a server's or not there, or cannot be read or copied.

    Source:
        https://www.sqlite.org/backup.html
    """
    database = _file(url)
    if not database.exists():
        raise StoreError(f"There is no database yet: {database} does not exist.")
    if path.exists() and path.samefile(database):
        raise StoreError("This is the database itself: choose another file for the backup.")
    part = path.with_name(f"{path.name}.part")
    try:
        _copy(database, part)
        counts = _settle(part, "The backup was made")
        part.replace(path)
    except OSError as error:
        raise StoreError(f"The backup could not be written: {error.strerror}.") from error
    finally:
        _remove(part)
    return counts


def restore(path: Path, url: str, *, replaces: bool = False) -> dict[str, int]:
    """Put a backup in the place of a database. An app that runs meanwhile goes on with it.

    Args:
        path: of the backup.
        url: of the database.
        replaces: whether the database may hold something already, which is lost then.

    Returns:
        As `backup`.

    Raises:
        StoreError: the backup is damaged or of a newer version, or the database holds something and is not to be replaced;
            then nothing has changed.
    """
    database = _file(url)
    if not path.is_file():
        raise StoreError(f"There is no backup {path}.")
    connections.make_folder(make_url(url))
    if not replaces and database.exists() and any(_settled_counts(database).values()):
        raise StoreError(
            f"{database} holds runs, drawings or votes already. To replace them all, add --replace."
        )
    part = database.with_name(f"{database.name}.part")
    try:
        _copy(path, part)
        counts = _settle(part, "The backup was made")
        _copy(part, database)
    finally:
        _remove(part)
    return counts


def _file(url: str) -> Path:
    found = connections.file(make_url(url))
    if found is None:
        raise StoreError(_SERVER)
    return found


def _copy(source: Path, target: Path) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS

    def look_at_the_clock(status: int, remaining: int, total: int) -> None:
        if remaining and time.monotonic() > deadline:  # a lock: without one it is all done at once
            raise StoreError("The database is busy, so nothing was copied: try again in a moment.")

    try:
        with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
            here.backup(there, progress=look_at_the_clock)
    except sqlite3.Error as error:
        raise StoreError(f"{source} could not be copied to {target}: {error}.") from error


def _settle(path: Path, what: str) -> dict[str, int]:
    """Look whether a copy is whole, end its live runs, and bring it into a single file."""
    store = Store(f"sqlite:///{path}")
    try:
        counts = store.counts()
        store.runs.interrupt_all(what)
    finally:
        store.close()
    try:
        with closing(sqlite3.connect(path)) as connection:
            if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise StoreError("The file is damaged, so it was not used.")
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise StoreError(f"The file is damaged, so it was not used: {error}.") from error
    return counts


def _settled_counts(path: Path) -> dict[str, int]:
    store = Store(f"sqlite:///{path}")
    try:
        return store.counts()
    finally:
        store.close()


def _remove(part: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        part.with_name(f"{part.name}{ending}").unlink(missing_ok=True)
