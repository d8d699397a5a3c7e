"""Runs are written down whole, found again, and taken from processes that are gone, on SQLite and PostgreSQL alike."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import psutil
import pytest
from sqlalchemy import create_engine, inspect

from digit_core.augmentation.policies import Distortion
from digit_core.errors import StoreError
from digit_core.recipes.configuration import TrainingConfig
from digit_core.storage import processes
from digit_core.storage.processes import Process
from digit_core.storage.run_records import FINISHED, INTERRUPTED, RUNNING, WAITING, Run
from digit_core.storage.run_table import CHECKPOINT_FILE, RECORDING_FILE
from digit_core.storage.store import DigitKey, Store, Votes
from digit_core.storage.tables import RUNS, SCHEMA, SCHEMA_VERSION, VOTES
from tests.training_ground import ANN, TINY

CARD = {"architecture": TINY.network.as_dict(), "ended": "All 2 epochs are done.", "history": []}
FILES = {"model.keras": b"keras", "model.tflite": b"\0litert\xff", "layers.tflite": b""}


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    yield store
    store.close()


@pytest.fixture
def other(store: Store, database_url: str) -> Iterator[Store]:
    """Another process's way into the same database."""
    other = Store(database_url)
    yield other
    other.close()


def run(number: int = 1, **values: object) -> Run:
    return replace(
        Run(f"{number:012x}", ANN, f"run {number}", WAITING, "", TINY, 1000.0 + number, series="5" * 12),
        **values,
    )


def gone() -> Process:
    """A process of this machine that has ended."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    started = psutil.Process(child.pid).create_time()
    child.wait()
    return replace(processes.this_process(), id="9" * 32, number=child.pid, started=started)


def test_a_run_comes_back_as_it_was_written(store: Store, other: Store) -> None:
    store.runs.add(processes.this_process(), [run(parent="000000000009")])
    assert other.runs.all() == [run(parent="000000000009", place=1)]


def test_runs_come_newest_first_and_those_that_wait_know_their_place(store: Store) -> None:
    process = processes.this_process()
    store.runs.add(process, [run(1, state=RUNNING), run(2), run(3)])
    store.runs.add(process, [run(4)])
    assert [(found.name, found.place) for found in store.runs.all()] == [
        ("run 4", 3),
        ("run 3", 2),
        ("run 2", 1),
        ("run 1", None),
    ]


def test_changes_of_another_process_are_seen(store: Store, other: Store) -> None:
    store.runs.add(processes.this_process(), [run(1), run(2)])
    assert len(other.runs.all()) == 2
    store.runs.keep(run(1, state=RUNNING, started=7.0), {})
    assert other.runs.all() == [run(2, place=1), run(1, state=RUNNING, started=7.0)]


def test_a_model_comes_with_the_last_state_and_takes_the_checkpoint_away(store: Store) -> None:
    store.runs.add(processes.this_process(), [run()])
    store.runs.keep(run(state=RUNNING), {CHECKPOINT_FILE: b"weights"}, 3)
    assert store.runs.all()[0].has_checkpoint
    assert not store.runs.all()[0].has_model
    assert store.runs.file(run().id, CHECKPOINT_FILE) == b"weights"
    done = run(state=FINISHED, has_model=True, card=CARD, ended=9.0, reason="Done.")
    store.runs.keep(done, FILES)
    assert store.runs.all() == [done]
    assert {name: store.runs.file(run().id, name) for name in FILES} == FILES
    assert store.runs.file(run().id, CHECKPOINT_FILE) is None


def test_a_file_is_replaced(store: Store) -> None:
    store.runs.add(processes.this_process(), [run()])
    store.runs.keep(run(), {RECORDING_FILE: b"one"})
    store.runs.keep(run(), {RECORDING_FILE: b"two"})
    assert store.runs.file(run().id, RECORDING_FILE) == b"two"


def test_what_cannot_be_written_whole_is_not_written_at_all(store: Store) -> None:
    store.runs.add(processes.this_process(), [run()])
    with pytest.raises(StoreError):
        store.runs.keep(run(state=FINISHED, has_model=True, card=CARD), FILES | {"x": None})  # type: ignore[dict-item]
    assert store.runs.all() == [run(place=1)]
    assert store.runs.file(run().id, "model.keras") is None


def test_a_name_given_by_people_is_not_written_over(store: Store) -> None:
    store.runs.add(processes.this_process(), [run()])
    store.runs.rename(run().id, "mine")
    store.runs.keep(run(state=RUNNING), {})
    assert store.runs.all()[0].name == "mine"


def test_live_runs_of_a_dead_process_are_interrupted_and_say_what_is_left(store: Store) -> None:
    store.runs.add(gone(), [run(1, state=RUNNING), run(2, state=RUNNING), run(3), run(4, state=FINISHED)])
    store.runs.keep(run(2, state=RUNNING), {CHECKPOINT_FILE: b"weights"}, 3)
    store.runs.interrupt_orphans()
    fourth, third, second, first = store.runs.all()
    assert [found.state for found in (first, second, third, fourth)] == [INTERRUPTED] * 3 + [FINISHED]
    assert first.reason == ("The app was stopped during this run. No weights had been saved yet.")
    assert second.reason == (
        "The app was stopped during this run. The weights of epoch 3 are saved: you can continue from them."
    )
    assert second.has_checkpoint
    assert "waiting" in third.reason
    assert second.ended == pytest.approx(time.time(), abs=60)


def test_a_run_that_ends_while_its_process_is_looked_for_keeps_its_end(
    store: Store, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.runs.add(gone(), [run(state=RUNNING)])

    def ends_meanwhile(process: Process, beat: float) -> bool:
        other.runs.keep(
            run(state=FINISHED, reason="All 2 epochs are done.", has_model=True, card=CARD), FILES
        )
        return True

    monkeypatch.setattr(Process, "is_gone", ends_meanwhile)
    store.runs.interrupt_orphans()
    (found,) = store.runs.all()
    assert (found.state, found.reason, found.has_model) == (FINISHED, "All 2 epochs are done.", True)


def test_live_runs_of_a_process_that_lives_are_left_alone(store: Store, other: Store) -> None:
    store.runs.add(processes.this_process(), [run(state=RUNNING)])
    other.runs.interrupt_orphans()
    assert other.runs.all()[0].state == RUNNING


def test_a_process_of_another_machine_is_gone_when_it_is_silent_for_long() -> None:
    elsewhere = replace(processes.this_process(), place="another machine", number=1)
    assert not elsewhere.is_gone(time.time() - 30)
    assert elsewhere.is_gone(time.time() - 300)


def test_a_process_number_that_was_given_again_is_not_the_process() -> None:
    assert replace(processes.this_process(), started=1.0).is_gone(time.time())
    assert not processes.this_process().is_gone(time.time())
    assert processes.this_process().number == os.getpid()


def test_a_deleted_run_is_out_of_sight_comes_back_and_is_gone_after_an_hour(store: Store) -> None:
    store.runs.add(processes.this_process(), [run(state=FINISHED)], FILES)
    store.runs.delete(run().id, time.time())
    assert store.runs.all() == []
    assert store.runs.deleted(run().id) == run(state=FINISHED)
    store.runs.purge()
    store.runs.delete(run().id, None)
    assert store.runs.all() == [run(state=FINISHED)]
    store.runs.delete(run().id, time.time() - 3601)
    assert store.runs.deleted(run().id) is None
    store.runs.purge()
    store.runs.delete(run().id, None)
    assert store.runs.all() == []
    assert store.runs.file(run().id, "model.keras") is None


@pytest.mark.parametrize(
    ("written", "config"),
    [
        ('{"magic": 1}', None),  # of a version that knew other settings: it hides no run
        (
            '{"augmentation": {"calm": 0.5}}',
            TrainingConfig(augmentation=Distortion(clean_share=0.5)),
        ),
    ],
)
def test_a_configuration_of_another_version_is_read_as_far_as_it_is_understood(
    store: Store, database_url: str, written: str, config: TrainingConfig | None
) -> None:
    store.runs.add(processes.this_process(), [run(1, state=FINISHED), run(2, state=FINISHED)])
    engine = create_engine(database_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(RUNS.update().where(RUNS.c.id == run(1).id).values(config=written))
    engine.dispose()
    assert store.runs.all() == [run(2, state=FINISHED), run(1, state=FINISHED, config=config)]


def test_a_database_of_version_1_gets_the_new_tables_and_keeps_its_votes(
    store: Store, database_url: str
) -> None:
    engine = create_engine(database_url.replace("postgresql:", "postgresql+psycopg:"))
    if database_url.startswith("sqlite"):
        store.runs.all()  # makes the folder
        store.close()
        with engine.begin() as connection:
            for table in ("digitlab_run_files", "digitlab_runs", "digitlab_processes"):
                connection.exec_driver_sql(f"DROP TABLE {table}")
            connection.execute(SCHEMA.update().values(version=1))
    else:
        with engine.begin() as connection:
            SCHEMA.create(connection)
            VOTES.create(connection)
            connection.execute(SCHEMA.insert().values(version=1))
    with engine.begin() as connection:
        connection.execute(
            VOTES.insert().values(set_name="mnist", split="test", number=7, visitor=ANN, choice="given")
        )
    upgraded = Store(database_url)
    assert upgraded.runs.all() == []
    assert upgraded.votes([DigitKey("mnist", "test", 7)]) == {DigitKey("mnist", "test", 7): Votes(given=1)}
    assert inspect(engine).has_table(RUNS.name)
    with engine.begin() as connection:
        assert connection.execute(SCHEMA.select()).scalar() == SCHEMA_VERSION
    upgraded.close()
    engine.dispose()
