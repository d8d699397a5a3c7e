"""The way to Dask's workers: an engine of one's own, started when first needed, or an outside scheduler."""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psutil

from digit_core import errors, settings
from digit_core.digits import Digits, Handwriting
from digit_core.errors import RunError
from digit_core.monitoring.events import Steering
from digit_core.recipes.configuration import TrainingConfig
from digit_core.recipes.warm_start import Parent
from digit_core.workers import engine, jobs
from digit_core.workers.task import LOST, Task, is_killed

if TYPE_CHECKING:
    from distributed import Client

PATIENCE_SECONDS = 60.0  # a run that hears nothing of this process for so long ends itself
_OWN_SECONDS = 30  # for the engine that was just started, on a computer that may be busy
_OUTSIDE_SECONDS = 8  # for a scheduler that is there or is not: somebody waits for the answer
_KEY = "digit-lab-"  # of a run's task, before its id

_log = logging.getLogger(__name__)

_NO_ENGINE = "The training engine did not start. Whoever runs this app can find the cause in its log."
_NO_ADDRESS = (
    "DIGIT_SCHEDULER is not an address that Dask can use. It should be tcp://HOST:PORT, or tls://HOST:PORT together with the "
    "certificates named in Dask's settings. Whoever runs this app can change it."
)
_NO_SCHEDULER = (
    "The Dask scheduler of DIGIT_SCHEDULER cannot be reached. Whoever runs this app can check whether it is running, "
    "and its certificates."
)


class Cluster:
    """Dask's workers. Nothing is started or imported before the first task. Any thread may call."""

    def __init__(
        self,
        on_message: Callable[[str], object],
        scheduler: str = settings.SCHEDULER,
        workers: int = settings.RUN_SLOTS + 1,
        idle_seconds: int = engine.IDLE_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """Start nothing yet.

        Args:
            on_message: called with every message of `jobs`, in a thread that must not wait.
            scheduler: address of an outside scheduler; "" for an engine of one's own.
            workers: how many the engine may have: one more than trainings, because files are made as well.
            idle_seconds: how long an idle worker of the engine stays.
            patience_seconds: how long a run goes on without hearing of this process.
        """
        self._on_message, self._scheduler = on_message, scheduler
        self._workers, self._idle_seconds, self._patience_seconds = workers, idle_seconds, patience_seconds
        self._opening = threading.Lock()
        self._engine: subprocess.Popen[str] | None = None
        self._client: Client | None = None
        self._exports = 0

    def open(self) -> "Client":
        """The client of a scheduler that lives; starts the engine if it must.

        Raises:
            RunError: there is none.
            MissingExtraError: what trains is not installed here.
        """
        with self._opening:
            return self._opened()

    def _opened(self) -> "Client":
        if self._client is not None and self.is_open:
            return self._client
        self._drop()
        address = self._scheduler or self._start_engine()
        self._client = self._connect(address)
        return self._client

    @contextmanager
    def _exporting(self) -> "Iterator[Client]":
        """A client that `rest` leaves alone."""
        with self._opening:
            client = self._opened()
            self._exports += 1
        try:
            yield client
        finally:
            with self._opening:
                self._exports -= 1

    def rest(self) -> None:
        """Let go of an outside scheduler, which keeps what was said under a client's topic until that client goes.

        To be called when no run goes; does nothing while a file is made. The next task opens it again.
        """
        with self._opening:
            if self._scheduler and not self._exports:
                self._drop()

    def _start_engine(self) -> str:
        errors.require("train")
        command = [sys.executable, "-P", "-m", "digit_core.workers.engine"]
        options = ["--workers", str(self._workers), "--idle-seconds", str(self._idle_seconds)]
        try:
            self._engine = subprocess.Popen(
                command + options,
                env=os.environ | {"PYTHONPATH": settings.search_path()},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,  # Ctrl-C is for the web process, which then lets go of the engine
            )
        except OSError as error:
            raise RunError(_NO_ENGINE) from error
        assert self._engine.stdout is not None
        with self._engine.stdout as stdout:
            if address := stdout.readline().strip():
                return address
        self._drop()
        raise RunError(_NO_ENGINE)

    def _connect(self, address: str) -> "Client":
        import dask
        from distributed import Client

        dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"})  # digits of one's own
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what fails is said in the run's state
        try:
            timeout = _OWN_SECONDS if self.is_own else _OUTSIDE_SECONDS
            client = Client(address, set_as_default=False, timeout=timeout, name="digit-lab")
        except LOST as error:
            _log.warning("No way to the scheduler %s: %s", address, error)
            self._drop()
            raise RunError(_NO_SCHEDULER if self._scheduler else _NO_ENGINE) from error
        except (TypeError, ValueError) as error:  # TLS without certificates, another scheme
            _log.warning("No way to the scheduler %s: %s", address, error)
            self._drop()
            raise RunError(_NO_ADDRESS if self._scheduler else _NO_ENGINE) from error
        # The scheduler forgets a topic with a client's name when that client goes.
        client.subscribe_topic(client.id, lambda event: self._pass_on(event[1]))
        return client

    def _pass_on(self, message: object) -> None:
        if isinstance(message, str):  # the scheduler has things to say under this topic, too
            self._on_message(message)

    @property
    def is_lost(self) -> bool:
        """Whether the engine or the connection is gone."""
        if self._engine is not None and self._engine.poll() is not None:
            return True
        return self._client is not None and self._client.status in ("closing", "closed")

    @property
    def is_open(self) -> bool:
        """Whether the way to the workers is there, as far as anybody has heard."""
        return self._client is not None and not self.is_lost

    @property
    def is_own(self) -> bool:
        """Whether the workers are on this machine."""
        return not self._scheduler

    def submit(
        self,
        run_id: str,
        config: TrainingConfig,
        digits: Digits | Handwriting | None,
        start: bytes | None,
        wanted: Steering,
        parent: Parent | None = None,
    ) -> "Task":
        """Let a worker train.

        Raises:
            RunError: there is no way to one.
        """
        client = self.open()
        task = Task(client, run_id)
        try:
            task.steer(wanted)
            task.variable("attempts").set(0)
            task.future = client.submit(
                jobs.train,
                run_id,
                client.id,
                config.as_dict(),
                digits,
                start,
                self._patience_seconds,
                parent,
                jobs.versions(),
                key=f"{_KEY}{run_id}",
                pure=False,
                retries=0,
                resources=self._resources(),
            )
        except LOST as error:
            raise RunError(_NO_SCHEDULER if self._scheduler else _NO_ENGINE) from error
        return task

    def export(
        self, content: bytes, export_format: str, config: dict[str, Any] | None, patience_seconds: float
    ) -> bytes:
        """Have a .keras file turned into another: `jobs.export`.

        Raises:
            RunError: it cannot be, or no worker came to do it in time.
        """
        try:
            with self._exporting() as client:
                future = client.submit(
                    jobs.export,
                    content,
                    export_format,
                    config,
                    pure=False,
                    retries=0,
                    resources=self._resources(),
                )
                outcome = future.result(timeout=patience_seconds)
        except Exception as error:
            if isinstance(error, RunError) or not (isinstance(error, LOST) or is_killed(error)):
                raise
            _log.warning("An export failed: %r", error)
            raise RunError(
                "No worker was free to make this file in time: try again when no training runs."
            ) from error
        if "failure" in outcome:
            raise RunError(outcome["failure"])
        return outcome["content"]

    def _resources(self) -> dict[str, int] | None:
        return {engine.TASK: 1} if self.is_own else None

    def workers(self) -> set[str]:
        """The addresses of the workers that are there.

        Raises:
            OSError, TimeoutError, RuntimeError: the scheduler does not answer.
        """
        assert self._client is not None
        return set(self._client.scheduler_info()["workers"])

    def assigned(self) -> dict[str, str]:
        """Which worker has which run, begun or not: the run's id to the worker's address.

        Raises:
            OSError, TimeoutError, RuntimeError: the scheduler does not answer.
        """
        assert self._client is not None
        found = self._client.processing()
        return {
            str(key).removeprefix(_KEY): worker
            for worker, keys in found.items()
            for key in keys
            if str(key).startswith(_KEY)
        }

    def taken_bytes(self) -> list[int]:
        """The memory that each of the engine's workers has taken already, and would use again: without files, which count as left."""
        engine_process = self._engine
        if engine_process is None:
            return []
        try:
            children = psutil.Process(engine_process.pid).children(recursive=True)
            found = [child.memory_info() for child in children]
            return [memory.rss - getattr(memory, "shared", 0) for memory in found]
        except psutil.Error:
            return []

    def close(self) -> None:
        """Let go of the scheduler; the engine ends with all its workers."""
        with self._opening:
            self._drop()

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            try:
                if client.status == "running":  # else it could not say goodbye, and raises what is in no list
                    client.unsubscribe_topic(client.id)
                client.close(timeout=2)
            except Exception as error:  # noqa: BLE001 - whatever it raises: the engine must be let go of, too
                _log.info("The client did not close: %r", error)
        process, self._engine = self._engine, None
        if process is not None:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            engine.sweep()
