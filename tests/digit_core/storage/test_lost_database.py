"""A database that is removed, replaced, damaged or made anew while the app runs: said, never called saved, gone on with."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url

from digit_core.errors import StoreError
from digit_core.runs.live_run import LiveRun
from digit_core.storage import processes
from digit_core.storage.run_records import RUNNING, WAITING, Run
from digit_core.storage.run_table import CHECKPOINT_FILE
from digit_core.storage.store import DigitKey, Store, Votes
from digit_core.storage.tables import SCHEMA_VERSION
from tests.training_ground import ANN, BEN, TINY

DIGIT = DigitKey("mnist", "test", 947)


@pytest.fixture
def file(sqlite_url: str) -> Path:
    return Path(make_url(sqlite_url).database or "")


def votes_of(url: str) -> Votes:
    """The votes on DIGIT as another process reads them."""
    fresh = Store(url)
    try:
        return fresh.votes([DIGIT])[DIGIT]
    finally:
        fresh.close()


@pytest.fixture
def voted(store: Store) -> Iterator[Store]:
    """A store that is open, with a vote."""
    store.cast_vote(ANN, DIGIT, "given")
    yield store
    store.close()


@pytest.mark.parametrize("ending", ["", "*"])
def test_what_is_saved_after_the_file_was_removed_is_in_the_file_that_others_open(
    voted: Store, file: Path, sqlite_url: str, ending: str
) -> None:
    for path in file.parent.glob(file.name + ending):
        path.unlink()
    voted.cast_vote(BEN, DIGIT, "unclear")
    assert votes_of(sqlite_url) == Votes(unclear=1)


def test_a_file_put_in_its_place_is_read_and_written_and_gets_nothing_of_the_earlier_ones_log(
    voted: Store, file: Path, sqlite_url: str
) -> None:
    """The earlier file's log lies beside it under the name that SQLite would take for the new file's."""
    other = Store(f"sqlite:///{file.with_name('other.db')}")
    other.cast_vote(ANN, DIGIT, "suggested")
    other.close()
    file.with_name("other.db").replace(file)
    voted.cast_vote(BEN, DIGIT, "unclear")
    assert voted.votes([DIGIT])[DIGIT] == votes_of(sqlite_url) == Votes(suggested=1, unclear=1)


def test_a_file_removed_in_the_middle_of_a_write_is_not_called_saved(voted: Store, file: Path) -> None:
    with (
        pytest.raises(StoreError, match="replaced while this was being saved"),
        voted.database.writing() as connection,
    ):
        connection.exec_driver_sql("DELETE FROM digitlab_votes")
        file.unlink()
    assert voted.votes([DIGIT])[DIGIT] == Votes()


def test_a_database_made_anew_is_said_once_and_gone_on_with(database_url: str) -> None:
    store = Store(database_url)
    store.cast_vote(ANN, DIGIT, "given")
    engine = create_engine(database_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        for table in ("digitlab_votes", "digitlab_schema"):
            connection.exec_driver_sql(f"DROP TABLE {table}")
    engine.dispose()
    with pytest.raises(StoreError, match=r"made anew.*try again"):
        store.cast_vote(BEN, DIGIT, "unclear")
    store.cast_vote(BEN, DIGIT, "unclear")
    assert votes_of(database_url) == Votes(unclear=1)
    store.close()


def test_a_table_without_a_column_is_not_taken_for_whole(voted: Store, file: Path, sqlite_url: str) -> None:
    voted.close()
    with sqlite3.connect(file) as connection:
        connection.execute("ALTER TABLE digitlab_runs DROP COLUMN parent")
        connection.execute("UPDATE digitlab_schema SET version = 2")
    connection.close()
    with pytest.raises(StoreError, match="lacks the column parent of digitlab_runs"):
        votes_of(sqlite_url)
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT version FROM digitlab_schema").fetchall() == [(2,)]
    connection.close()


def test_a_table_that_the_newest_version_lacks_is_made(voted: Store, file: Path, sqlite_url: str) -> None:
    """Earlier versions stamped whatever was there as the newest."""
    voted.close()
    with sqlite3.connect(file) as connection:
        connection.execute("DROP TABLE digitlab_drawings")
    connection.close()
    fresh = Store(sqlite_url)
    assert fresh.votes([DIGIT])[DIGIT] == Votes(given=1)
    assert fresh.drawing_sets.make(ANN, "Class 7b").count == 0
    fresh.close()


@pytest.mark.parametrize(("is_torn", "told"), [(True, "is damaged"), (False, "newer Digit Lab")])
def test_a_half_overwritten_file_is_called_damaged_and_not_newer(
    voted: Store, file: Path, sqlite_url: str, is_torn: bool, told: str
) -> None:
    voted.close()
    with sqlite3.connect(file) as connection:
        connection.execute(f"UPDATE digitlab_schema SET version = {SCHEMA_VERSION + 71}")
    connection.close()
    if is_torn:
        content = file.read_bytes()
        half = len(content) // 2
        file.write_bytes(content[:half] + bytes([71]) * (len(content) - half))
    with pytest.raises(StoreError, match=told):
        votes_of(sqlite_url)


def test_a_run_that_goes_is_written_down_whole_in_a_database_made_anew(store: Store, file: Path) -> None:
    process = processes.this_process()
    run = Run("1" * 12, ANN, "mine", WAITING, "", TINY, 1000.0, series="5" * 12)
    store.runs.add(process, [run])
    live = LiveRun(run)
    live.become(RUNNING, started=1001.0)
    live.take_checkpoint(1, b"weights")
    for path in file.parent.glob(f"{file.name}*"):
        path.unlink()
    assert live.save(store.runs, process, 60.0)
    assert store.runs.all() == [replace(run, state=RUNNING, started=1001.0, has_checkpoint=True)]
    assert store.runs.file(run.id, CHECKPOINT_FILE) == b"weights"


def test_renaming_a_run_that_is_not_there_any_more_is_not_called_saved(store: Store) -> None:
    with pytest.raises(StoreError, match="not in the database any more"):
        store.runs.rename("1" * 12, "mine")
