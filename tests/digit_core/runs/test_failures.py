"""Whatever is killed, filled or locked: the run says what happened, earlier runs are whole, and no process is left."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine

from digit_core.digits import Digits
from digit_core.runs.queue import Runs
from digit_core.settings import PROJECT_FOLDER
from digit_core.storage.run_records import FAILED, FINISHED, INTERRUPTED, SAVING, Run
from digit_core.storage.store import Store
from tests.training_ground import (
    ANN,
    LONG,
    TINY,
    are_gone,
    descendants,
    engine,
    engine_of,
    wait_for_end,
    wait_for_epoch,
    wait_until,
    workers,
)


@pytest.fixture(scope="module")
def engine_address() -> Iterator[str]:
    """An engine that all tests share which do not kill it."""
    with engine() as (address, process):
        yield address
        process.stdin.close()


@contextmanager
def opened(url: str, scheduler: str = "", patience_seconds: int = 5, **options: float) -> Iterator[Runs]:
    store = Store(url, patience_seconds)
    found = Runs(store, scheduler=scheduler, **options)
    yield found
    found.close()
    store.close()


def start(all_runs: Runs, digits: Digits, pause: float = 0.0, **options: object) -> Run:
    config = LONG if pause else TINY
    (run,) = all_runs.start([config], ANN, digits=digits, **options)
    if pause:
        all_runs.access.steer(run.id, ANN, step_pause_seconds=pause)
        wait_for_epoch(all_runs, run)
    return run


def finished(all_runs: Runs, digits: Digits) -> tuple[Run, Callable[[], None]]:
    """An earlier run, and a check that it is whole."""
    earlier = wait_for_end(all_runs, start(all_runs, digits))
    assert earlier.state == FINISHED
    trained = all_runs.models.get(earlier.id)

    def check() -> None:
        assert all_runs.get(earlier.id) == earlier
        assert all_runs.models.get(earlier.id) == trained

    return earlier, check


@pytest.mark.long
def test_killing_worker_or_engine_ends_the_run_and_nothing_else(tmp_path: Path, made_up: Digits) -> None:
    with opened(f"sqlite:///{tmp_path / 'digitlab.db'}", slots=1) as all_runs:
        _, check = finished(all_runs, made_up)

        saved = _killed_while_it_is_saved(all_runs, made_up)
        assert (saved.state, saved.has_model) == (INTERRUPTED, False)
        assert saved.reason.startswith("The worker was lost")
        check()

        torn = start(all_runs, made_up, pause=0.02)
        wait_until(lambda: all_runs.get(torn.id).has_checkpoint)
        (next_one,) = all_runs.start([TINY], "c" * 32, digits=made_up)
        lost = engine_of(all_runs)
        family = [lost, *descendants(lost.pid)]
        lost.kill()
        torn = wait_for_end(all_runs, torn)
        assert (torn.state, torn.has_checkpoint) == (INTERRUPTED, True)
        assert torn.reason.startswith("The training engine was lost during this run. The weights of epoch ")
        wait_until(lambda: are_gone(family))
        check()
        assert wait_for_end(all_runs, next_one).state == FINISHED  # by another engine
        family = descendants(engine_of(all_runs).pid)
    wait_until(lambda: are_gone(family))


@pytest.mark.long
@pytest.mark.parametrize("seconds", range(0, 12))
def test_a_worker_killed_at_any_moment_leaves_a_run_that_says_so(
    tmp_path: Path, made_up: Digits, seconds: int
) -> None:
    with opened(f"sqlite:///{tmp_path / 'digitlab.db'}", slots=1) as all_runs:
        _, check = finished(all_runs, made_up)
        run = start(all_runs, made_up)
        time.sleep(seconds / 4)  # nothing is judged by it: wherever the run stands then
        for worker in workers(engine_of(all_runs).pid):
            worker.kill()
        run = wait_for_end(all_runs, run)
        assert run.state in (FINISHED, INTERRUPTED), run.reason
        assert run.has_model == (run.state == FINISHED)
        check()
        assert wait_for_end(all_runs, start(all_runs, made_up)).state == FINISHED
        family = descendants(engine_of(all_runs).pid)
    wait_until(lambda: are_gone(family))


@pytest.mark.long
@pytest.mark.timeout(1_800)
def test_many_runs_one_after_the_other_leave_nothing_open(
    tmp_path: Path, engine_address: str, made_up: Digits
) -> None:
    own = psutil.Process()
    with opened(f"sqlite:///{tmp_path / 'digitlab.db'}", engine_address) as all_runs:
        open_files = []
        for _ in range(40):
            assert wait_for_end(all_runs, start(all_runs, made_up)).state == FINISHED
            open_files.append(own.num_fds())
        assert len(all_runs.all()) == 40
    assert max(open_files[20:]) <= max(open_files[:20]) + 2


def _killed_while_it_is_saved(all_runs: Runs, digits: Digits) -> Run:
    """A run whose worker died between the last step and the model; a kill that comes too late is tried again."""
    for _ in range(10):
        run = start(all_runs, digits)
        wait_until(lambda run=run: all_runs.get(run.id).state in (SAVING, FINISHED), rest_seconds=0)
        for worker in workers(engine_of(all_runs).pid):
            worker.kill()
        run = wait_for_end(all_runs, run)
        if run.state != FINISHED:
            return run
    pytest.fail("ten runs were saved before their workers could be killed")


_WEB_PROCESS = """
import sys, time
from dataclasses import replace
from digit_core.runs import Runs
from digit_core.storage.store import Store
from tests.conftest import _bars
from tests.training_ground import ANN, LONG
all_runs = Runs(Store(sys.argv[1]))
run, = all_runs.start([LONG], ANN, "going", digits=_bars(600))
all_runs.access.steer(run.id, ANN, step_pause_seconds=0.02)
all_runs.start([LONG], "b" * 32, "waiting", digits=_bars(600))
while not any(found.has_checkpoint for found in Store(sys.argv[1]).runs.all()):
    time.sleep(0.05)
print("kept", "tensorflow" in sys.modules, flush=True)
time.sleep(600)
"""


def test_killing_the_web_process_leaves_no_process_and_runs_that_say_so(
    tmp_path: Path, engine_address: str, made_up: Digits
) -> None:
    url = f"sqlite:///{tmp_path / 'digitlab.db'}"
    with opened(url, engine_address) as all_runs:
        _, check = finished(all_runs, made_up)
        web = subprocess.Popen(
            [sys.executable, "-c", _WEB_PROCESS, url], cwd=PROJECT_FOLDER, stdout=subprocess.PIPE, text=True
        )
        with web, web.stdout:
            assert web.stdout.readline() == "kept False\n"
            waiting, going, _ = all_runs.all()  # of a process that lives: left alone
            assert (going.is_live, waiting.is_live, waiting.place) == (True, True, 1)
            family = descendants(web.pid)
            assert len(family) >= 2
            os.kill(web.pid, signal.SIGKILL)
        wait_until(lambda: are_gone(family))
        going, waiting = wait_for_end(all_runs, going), all_runs.get(waiting.id)
        assert going.state == waiting.state == INTERRUPTED
        assert going.reason.startswith("The app was stopped during this run. The weights of epoch ")
        assert waiting.reason == "The app was stopped while this run was waiting. Start it again."
        assert all_runs.progress(going.id).epochs
        check()
        child = wait_for_end(all_runs, start(all_runs, made_up, parent=going.id))
        assert child.state == FINISHED


def test_a_run_whose_web_process_is_gone_ends_itself_on_a_scheduler_elsewhere(
    tmp_path: Path, made_up: Digits
) -> None:
    with engine(idle_seconds=1) as (address, process):
        store = Store(f"sqlite:///{tmp_path / 'digitlab.db'}")
        all_runs = Runs(store, scheduler=address, patience_seconds=2)
        start(all_runs, made_up, pause=0.02)
        assert len(workers(process.pid)) == 1
        all_runs._lives.cluster.close()  # as a broken line does, without a word
        wait_until(lambda: workers(process.pid) == [])
        all_runs.close()
        store.close()
        process.stdin.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"A small disk cannot be mounted here: {error}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Take all the room there is on a disk; removing the file gives it back."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return path


def test_a_full_disk_loses_nothing_when_there_is_room_again(
    small_disk: Path, engine_address: str, made_up: Digits
) -> None:
    with opened(f"sqlite:///{small_disk / 'digitlab.db'}", engine_address) as all_runs:
        _, check = finished(all_runs, made_up)
        run = start(all_runs, made_up, pause=0.02)
        filler = fill(small_disk)
        all_runs.access.steer(run.id, ANN, is_stopped=True)
        wait_until(lambda: "no room left" in all_runs.get(run.id).reason)
        assert all_runs.get(run.id).state == SAVING
        check()
        filler.unlink()
        run = wait_for_end(all_runs, run)
        assert run.has_model
        assert all_runs.models.get(run.id).card == run.card
        check()


def test_a_disk_that_stays_full_is_said_and_earlier_runs_are_whole(
    small_disk: Path, engine_address: str, made_up: Digits
) -> None:
    url = f"sqlite:///{small_disk / 'digitlab.db'}"
    with opened(url, engine_address, save_seconds=3) as all_runs:
        _, check = finished(all_runs, made_up)
        run = start(all_runs, made_up, pause=0.02)
        filler = fill(small_disk)
        all_runs.access.steer(run.id, ANN, is_stopped=True)
        run = wait_for_end(all_runs, run)
        assert (run.state, run.has_model) == (FAILED, False)
        assert run.reason == (
            "The training finished, but its model could not be saved. The database has no room left, so nothing "
            "was saved. Whoever runs this app can make room on its disk."
        )
        check()
        filler.unlink()
        other = Store(url)
        wait_until(lambda: other.runs.all()[0].state == FAILED)  # written down as soon as that can be
        other.close()


def test_a_locked_database_is_waited_for(tmp_path: Path, engine_address: str, made_up: Digits) -> None:
    url = f"sqlite:///{tmp_path / 'digitlab.db'}"
    with opened(url, engine_address, patience_seconds=1) as all_runs:
        _, check = finished(all_runs, made_up)
        run = start(all_runs, made_up, pause=0.02)
        locker = create_engine(url)
        with locker.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            all_runs.access.steer(run.id, ANN, is_stopped=True)
            wait_until(lambda: "busy" in all_runs.get(run.id).reason)
            assert all_runs.get(run.id).state == SAVING
            check()
            connection.rollback()
        locker.dispose()
        assert wait_for_end(all_runs, run).has_model
        check()
