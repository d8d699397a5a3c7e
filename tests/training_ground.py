"""What tests of runs share: a training of some seconds, engines, and waiting for what is to come."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import psutil

from digit_core.recipes.architectures import Architecture, Flatten
from digit_core.recipes.configuration import TrainingConfig
from digit_core.runs.queue import Runs
from digit_core.settings import PROJECT_FOLDER
from digit_core.storage.run_records import Run
from digit_core.workers.engine import MAX_WORKER_MEGABYTES

ANN, BEN = "a" * 32, "b" * 32
TINY = TrainingConfig(Architecture("Tiny", "Only the answers.", (Flatten(),)), batch_size=50, epochs=2)
LONG = replace(TINY, epochs=200)  # to be stopped
PATIENCE_SECONDS = 120.0  # what has not come by then never will, however busy the machine is


def wait_until(what: Callable[[], object], rest_seconds: float = 0.05) -> object:
    """What `what` answers as soon as that is not false or nothing; it is asked again after such a rest."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (answer := what()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(rest_seconds)
    return answer


def wait_for_end(runs: Runs, run: Run) -> Run:
    """The run when it has ended."""
    wait_until(lambda: not runs.get(run.id).is_live)
    return runs.get(run.id)


def wait_for_epoch(runs: Runs, run: Run, epoch: int = 1) -> None:
    """Until so many epochs are done."""
    wait_until(lambda: len(runs.progress(run.id).epochs) >= epoch or not runs.get(run.id).is_live)
    assert runs.get(run.id).is_live, runs.get(run.id).reason


@contextmanager
def engine(
    workers: int = 2, idle_seconds: int = 60, max_worker_megabytes: int = MAX_WORKER_MEGABYTES
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """An engine's address and process; it ends with the block."""
    options = ["--workers", str(workers), "--idle-seconds", str(idle_seconds)]
    options += ["--max-worker-megabytes", str(max_worker_megabytes)]
    process = subprocess.Popen(
        [sys.executable, "-m", "digit_core.workers.engine", *options],
        cwd=PROJECT_FOLDER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin and process.stdout
    with process, process.stdin, process.stdout:
        yield process.stdout.readline().strip(), process


def descendants(process: int) -> list[psutil.Process]:
    """The processes that a process started, and those that they started."""
    try:
        return psutil.Process(process).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def engine_of(runs: Runs) -> psutil.Process:
    """The engine that these runs have started: other tests of this process may have one of their own, or a browser."""
    engine = runs._lives.cluster._engine
    assert engine is not None
    return psutil.Process(engine.pid)


def workers(process: int) -> list[psutil.Process]:
    """The workers among a process's descendants."""
    return [child for child in descendants(process) if "--multiprocessing-fork" in command(child)]


def command(process: psutil.Process) -> list[str]:
    """What a process was started with; nothing of one that is gone."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def are_gone(processes: list[psutil.Process]) -> bool:
    """Whether none of them lives; one that is only not yet reaped does not."""
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes)
