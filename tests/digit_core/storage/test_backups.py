"""A backup of a database in use has all that was saved; it is put back whole, or not at all."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from digit_core.errors import StoreError
from digit_core.settings import PROJECT_FOLDER
from digit_core.storage import backups, processes
from digit_core.storage.run_records import FINISHED, INTERRUPTED, RUNNING, Run
from digit_core.storage.run_table import CHECKPOINT_FILE
from digit_core.storage.store import DigitKey, Store, Votes
from tests.training_ground import ANN, TINY

DIGIT = DigitKey("mnist", "test", 947)
FILES = {"model.keras": b"keras", "model.tflite": b"litert", "layers.tflite": b""}


@pytest.fixture
def used(store: Store) -> Store:
    """A store that is open, in the middle of a run."""
    for number in range(300):
        store.cast_vote(f"{number:032x}", DIGIT, "given")
    store.drawing_sets.make(ANN, "Class 7b")
    going, done = (
        Run(f"{n:012x}", ANN, f"run {n}", RUNNING, "", TINY, 1000.0 + n, series="5" * 12) for n in (1, 2)
    )
    store.runs.add(processes.this_process(), [going, done])
    store.runs.keep(going, {CHECKPOINT_FILE: b"weights"}, 3)
    store.runs.keep(Run(**{**vars(done), "state": FINISHED, "has_model": True, "card": {"ended": ""}}), FILES)
    return store


def command(url: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "digit_core", *words],
        cwd=PROJECT_FOLDER,
        env=os.environ | {"DIGIT_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_backup_taken_in_the_middle_of_a_run_is_restored_elsewhere(
    used: Store, sqlite_url: str, tmp_path: Path
) -> None:
    """The process of the run lives; in the copy, the run is nobody's any more."""
    file, elsewhere = tmp_path / "monday.db", f"sqlite:///{tmp_path / 'elsewhere' / 'lab.db'}"
    said = command(sqlite_url, "backup", str(file))
    assert said.stdout == f"Saved in {file}. runs: 2, drawing sets: 1, drawings: 0, votes: 300.\n", (
        said.stderr
    )
    assert [path.name for path in tmp_path.glob("monday*")] == ["monday.db"]
    assert command(elsewhere, "restore", str(file)).returncode == 0

    store = Store(elsewhere)
    assert store.votes([DIGIT])[DIGIT] == Votes(given=300)
    assert store.drawing_sets.of(ANN) == used.drawing_sets.of(ANN)
    done, going = store.runs.all()
    assert (done.state, done.has_model) == (FINISHED, True)
    assert {name: store.runs.file(done.id, name) for name in FILES} == FILES
    assert (going.state, going.has_checkpoint) == (INTERRUPTED, True)
    assert going.reason.startswith("The backup was made during this run. The weights of epoch 3 are saved")
    store.close()
    assert used.runs.all()[1].state == RUNNING  # where it goes on


def test_an_app_that_runs_goes_on_with_what_was_restored(
    used: Store, sqlite_url: str, tmp_path: Path
) -> None:
    backups.backup(sqlite_url, tmp_path / "monday.db")
    used.cast_vote("f" * 32, DIGIT, "unclear")
    with pytest.raises(StoreError, match="holds runs, drawings or votes already"):
        backups.restore(tmp_path / "monday.db", sqlite_url)
    backups.restore(tmp_path / "monday.db", sqlite_url, replaces=True)
    assert used.votes([DIGIT])[DIGIT] == Votes(given=300)
    used.cast_vote("f" * 32, DIGIT, "unclear")
    assert used.votes([DIGIT])[DIGIT] == Votes(given=300, unclear=1)


def test_a_copy_of_the_file_alone_would_hold_nothing(used: Store, tmp_path: Path) -> None:
    """Why there is a command."""
    shutil.copy(tmp_path / "var" / "digitlab.db", tmp_path / "copy.db")
    copied = Store(f"sqlite:///{tmp_path / 'copy.db'}")
    assert copied.votes([DIGIT])[DIGIT].total < 300
    copied.close()


def test_a_damaged_backup_changes_nothing(used: Store, sqlite_url: str, tmp_path: Path) -> None:
    backups.backup(sqlite_url, tmp_path / "monday.db")
    content = (tmp_path / "monday.db").read_bytes()
    half = len(content) // 2
    (tmp_path / "monday.db").write_bytes(content[:half] + bytes([7]) * (len(content) - half))
    said = command(sqlite_url, "restore", "--replace", str(tmp_path / "monday.db"))
    assert (said.returncode, said.stdout) == (2, "")
    assert "damaged" in said.stderr or "malformed" in said.stderr
    assert used.votes([DIGIT])[DIGIT] == Votes(given=300)
    assert not list((tmp_path / "var").glob("*.part*"))


def test_a_server_is_left_to_its_own_programs(tmp_path: Path) -> None:
    for act in (backups.backup, lambda url, path: backups.restore(path, url)):
        with pytest.raises(StoreError, match="pg_dump") as caught:
            act("postgresql://ann:secret@host/digits", tmp_path / "monday.db")
        assert "secret" not in str(caught.value)
