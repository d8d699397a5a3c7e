"""An outside cluster that cannot train: the run says whether the project, the worker or the scheduler is missing there."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from digit_core.digits import Digits
from digit_core.runs.queue import Runs
from digit_core.settings import PROJECT_FOLDER
from digit_core.storage.run_records import FAILED, INTERRUPTED
from digit_core.storage.store import Store
from tests.training_ground import ANN, TINY, wait_for_end, wait_until


@contextmanager
def process(folder: Path, path: str, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """One of Dask's, which finds modules in `path`."""
    command = [sys.executable, "-W", "ignore", "-m", *words]
    environment = {**os.environ, "PYTHONPATH": path}
    with subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.DEVNULL) as started:
        yield started
        started.kill()


@contextmanager
def scheduler(folder: Path, path: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
    words = ("distributed.cli.dask_scheduler", "--no-dashboard", "--host", address)
    with process(folder, path, *words, "--dashboard-address", "127.0.0.1:0"):
        yield address


@pytest.fixture
def opened(store: Store) -> Iterator[list[Runs]]:
    found: list[Runs] = []
    yield found
    for one in found:
        one.close()


def test_a_scheduler_without_the_project_is_said(
    tmp_path: Path, store: Store, opened: list[Runs], made_up: Digits
) -> None:
    with scheduler(tmp_path, "") as address:
        opened.append(Runs(store, scheduler=address))
        (run,) = opened[0].start([TINY], ANN, digits=made_up)
        run = wait_for_end(opened[0], run)
        assert (run.state, "is not installed on the Dask cluster" in run.reason) == (FAILED, True), run.reason


def test_a_worker_that_dies_before_it_begins_is_noticed_soon(
    tmp_path: Path, store: Store, opened: list[Runs], made_up: Digits
) -> None:
    """It used to be missed after five minutes, longer than this test waits."""
    with ExitStack() as stack:
        address = stack.enter_context(scheduler(tmp_path, str(PROJECT_FOLDER)))
        words = ("distributed.cli.dask_worker", address, "--no-nanny", "--no-dashboard", "--nthreads", "1")
        worker = stack.enter_context(process(tmp_path, str(PROJECT_FOLDER), *words))
        opened.append(Runs(store, scheduler=address))
        cluster = opened[0]._lives.cluster
        cluster.open()
        wait_until(cluster.workers)
        worker.send_signal(signal.SIGSTOP)
        (run,) = opened[0].start([TINY], ANN, digits=made_up)
        wait_until(lambda: any(launched.given_to for launched in opened[0]._lives._launched._runs.values()))
        worker.kill()
        run = wait_for_end(opened[0], run)
        assert (run.state, run.reason.startswith("The worker was lost")) == (INTERRUPTED, True), run.reason
