"""The engine: a Dask cluster on this machine, for the work that needs TensorFlow. `python -m digit_core.workers.engine`

It prints its scheduler's address and lives until its standard input is closed, so that it goes with whoever started
it, however that one ends. It has as many workers as there are tasks to do, and none when there is nothing to do.
"""

import argparse
import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from distributed import LocalCluster

HOST = "127.0.0.1"  # nobody else on the net is to reach it
TASK = "digit-lab-task"  # what each of the engine's workers has one of: two tasks never share a worker
IDLE_SECONDS = 20  # how long a worker waits for more work: TensorFlow takes some seconds to load
# TensorFlow keeps 4 MB of a small run and more of a large one, whatever is let go of: a worker that has so much, with its
# libraries' files, makes room for a fresh one.
MAX_WORKER_MEGABYTES = 1_000
_FOLDER = "digit-lab-engine-"  # before its process number
_UNFINISHED = ("waiting", "no-worker", "queued", "processing")

# A worker that died took the run with it: Dask would begin it again from the start. What runs say is heard at once, so
# the scheduler need not remember much of it. The profiler looks at every thread each 10 ms.
_SETTINGS: dict[str, Any] = {
    "distributed.scheduler.allowed-failures": 0,
    "distributed.admin.low-level-log-length": 100,
    "distributed.worker.profile.enabled": False,
    "distributed.nanny.pre-spawn-environ": {
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "MALLOC_TRIM_THRESHOLD_": "65536",
        "MALLOC_ARENA_MAX": "2",  # else each of TensorFlow's threads keeps memory of its own
    },
}


def start(workers: int, idle_seconds: int, folder: str, max_worker_megabytes: int) -> "LocalCluster":
    """Open the cluster.

    Args:
        workers: how many there may be at once, at most.
        idle_seconds: how long one without work is kept.
        folder: for the workers' own files.
        max_worker_megabytes: a worker that has more, and nothing to do, goes at once.
    """
    import dask
    from distributed import Adaptive, LocalCluster

    class OneWorkerATask(Adaptive):
        """As many workers as there are tasks; Dask's own rule guesses from how long tasks take."""

        async def target(self) -> int:
            return sum(task.state in _UNFINISHED for task in self.cluster.scheduler.tasks.values())  # type: ignore[attr-defined]

        async def adapt(self) -> None:
            grown = [
                worker.name
                for worker in self.cluster.scheduler.workers.values()  # type: ignore[attr-defined]
                if not worker.processing
                and not worker.has_what  # else somebody is still to fetch what it did
                and worker.metrics.get("memory", 0) > max_worker_megabytes * 1e6
            ]
            if grown:
                await self.scale_down(grown)
            await super().adapt()

    dask.config.set(_SETTINGS)
    cluster = LocalCluster(
        n_workers=0,
        threads_per_worker=1,
        host=HOST,
        dashboard_address=f"{HOST}:0",
        scheduler_kwargs={"dashboard": False},
        worker_dashboard_address=f"{HOST}:0",
        memory_limit=0,
        resources={TASK: 1},
        silence_logs=logging.CRITICAL,
        local_directory=folder,
    )
    cluster.adapt(
        Adaptive=OneWorkerATask, minimum=0, maximum=workers, interval="500ms", wait_count=2 * idle_seconds
    )
    return cluster


def sweep() -> None:
    """Remove the folders of this machine's engines that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*-*"):
        number = folder.name.removeprefix(_FOLDER).partition("-")[0]
        if number.isdigit() and not psutil.pid_exists(int(number)):
            shutil.rmtree(folder, ignore_errors=True)


def _silence_workers() -> None:
    """Workers that start from now on print nowhere; this process still says on standard error what breaks."""
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)
    for stream in (1, 2):  # nobody reads the pipe any more, and TensorFlow says much that means nothing
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)


def main(arguments: list[str]) -> None:
    """Serve until standard input is closed."""
    parser = argparse.ArgumentParser(prog="python -m digit_core.workers.engine", description=__doc__)
    parser.add_argument("--workers", type=int, default=1, help="how many there may be at once")
    parser.add_argument(
        "--idle-seconds", type=int, default=IDLE_SECONDS, help="how long an idle worker stays"
    )
    parser.add_argument(
        "--max-worker-megabytes",
        type=int,
        default=MAX_WORKER_MEGABYTES,
        help="with more, an idle worker does not stay",
    )
    options = parser.parse_args(arguments)
    sweep()
    folder = tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-")
    cluster = start(options.workers, options.idle_seconds, folder, options.max_worker_megabytes)
    print(cluster.scheduler_address, flush=True)
    _silence_workers()
    sys.stdin.buffer.read()
    # The workers see that this process is gone, and go. A polite end would wait for a step of training.
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
