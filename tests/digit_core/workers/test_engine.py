"""The engine listens to this machine only, has workers only while there is work, and leaves no process behind."""

import os
import signal
import tempfile
import time
from pathlib import Path

import psutil
import pytest
from distributed import Client

from digit_core.workers.engine import TASK, sweep
from tests.training_ground import PATIENCE_SECONDS, are_gone, descendants, engine, wait_until, workers


def sleepy(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def meeting(folder: str) -> int:
    """Not over before two processes are at it."""
    Path(folder, str(os.getpid())).touch()
    while len(list(Path(folder).iterdir())) < 2:
        time.sleep(0.05)
    return os.getpid()


def test_it_listens_to_this_machine_only_and_has_no_idle_worker(tmp_path: Path) -> None:
    with engine(workers=2, idle_seconds=1) as (address, process):
        assert address.startswith("tcp://127.0.0.1:")
        assert workers(process.pid) == []
        with Client(address, set_as_default=False) as client:
            futures = [
                client.submit(meeting, str(tmp_path), key=f"meeting {i}", resources={TASK: 1})
                for i in range(3)
            ]
            wait_until(lambda: len(workers(process.pid)) == 2)  # two at once, never three
            family = [psutil.Process(process.pid), *descendants(process.pid)]
            hosts = {c.laddr.ip for p in family for c in p.net_connections() if c.status == "LISTEN"}
            assert hosts == {"127.0.0.1"}
            assert len({future.result(timeout=PATIENCE_SECONDS) for future in futures}) == 2
            wait_until(lambda: workers(process.pid) == [])


@pytest.mark.parametrize(("most", "is_same"), [(10_000, True), (1, False)])
def test_a_worker_that_has_grown_makes_room_for_a_fresh_one(most: int, is_same: bool) -> None:
    with engine(workers=1, max_worker_megabytes=most) as (address, process):
        with Client(address, set_as_default=False) as client:
            pids = []
            for number in range(2):
                future = client.submit(sleepy, 0, key=f"sleep {number}", resources={TASK: 1})
                pids.append(future.result(timeout=PATIENCE_SECONDS))
                del future
                wait_until(lambda: is_same or workers(process.pid) == [])
        assert (pids[0] == pids[1]) == is_same
        process.stdin.close()


def test_when_its_standard_input_closes_it_goes_with_all_its_workers_in_mid_work() -> None:
    with engine() as (address, process), Client(address, set_as_default=False) as client:
        future = client.submit(sleepy, 60)
        wait_until(lambda: future.status == "pending" and client.processing() and workers(process.pid))
        family = descendants(process.pid)
        process.stdin.close()
        wait_until(lambda: are_gone(family))
        assert process.wait(PATIENCE_SECONDS) == 0


def test_killed_it_leaves_no_worker_and_its_folder_is_swept_up() -> None:
    with engine() as (address, process), Client(address, set_as_default=False) as client:
        future = client.submit(sleepy, 60)
        wait_until(lambda: future.status == "pending" and client.processing() and workers(process.pid))
        family = descendants(process.pid)
        assert len(family) >= 1
        (folder,) = Path(tempfile.gettempdir()).glob(f"digit-lab-engine-{process.pid}-*")
        os.kill(process.pid, signal.SIGKILL)
        wait_until(lambda: are_gone(family))
        process.wait()
    sweep()
    assert not folder.exists()
