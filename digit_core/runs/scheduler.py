"""The runs of this process that wait or go: a queue, and the one thread that starts them and writes them down."""

import json
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from digit_core.errors import DigitError, RunError, StoreError
from digit_core.runs import estimates, memory
from digit_core.runs.launched import LaunchedRuns
from digit_core.runs.live_run import LiveRun
from digit_core.runs.memory import Room
from digit_core.storage.processes import BEAT_SECONDS, Process
from digit_core.storage.run_records import FAILED, SAVING, WAITING, Run
from digit_core.storage.run_table import RunTable
from digit_core.workers.cluster import Cluster

_TICK_SECONDS = 0.25

_log = logging.getLogger(__name__)


class LiveRuns:
    """The live runs of this process. Pages' threads add, look and steer; the listener alone talks to Dask."""

    def __init__(
        self,
        table: RunTable,
        process: Process,
        cluster: Callable[[Callable[[str], object]], Cluster],
        slots: int,
        on_written: Callable[[], object],
        save_seconds: float,
    ) -> None:
        """Start nothing yet.

        Args:
            table: where runs are written down.
            process: whose runs these are.
            cluster: makes the way to the workers, given what is to be called with messages.
            slots: how many runs go at once.
            on_written: called when the store knows something new.
            save_seconds: how long a model that the store does not take is kept.
        """
        self._table, self._process, self._slots = table, process, slots
        self._on_written, self._save_seconds = on_written, save_seconds
        self._messages: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.cluster = cluster(self._messages.put)
        self.room = Room(self.cluster.taken_bytes, *([] if self.cluster.is_own else [lambda: None]))
        self._lock = threading.Lock()
        self._lives: dict[str, LiveRun] = {}
        self._launched = LaunchedRuns(self.cluster, self.room, self._take_messages)
        self._thread: threading.Thread | None = None
        self._beat_at = 0.0

    def add(self, lives: Iterable[LiveRun]) -> None:
        """Put runs at the end of the queue; they are written down already."""
        with self._lock:
            self._lives |= {live.run.id: live for live in lives}
            if self._thread is None:
                self._beat_at = time.monotonic()
                self._thread = threading.Thread(target=self._listen, daemon=True, name="runs")
                self._thread.start()

    def find(self, run_id: str) -> LiveRun | None:
        """A run of this process that is live, or that the store does not hold completely yet."""
        return self._lives.get(run_id)

    def all(self) -> dict[str, Run]:
        """How the runs of this process stand, by id, in the order of the queue."""
        with self._lock:
            runs = [live.run for live in self._lives.values()]
        waiting = [run.id for run in runs if run.state == WAITING]
        places = {run_id: place for place, run_id in enumerate(waiting, start=1)}
        return {run.id: replace(run, place=places.get(run.id)) for run in runs}

    def steer(self, run_id: str, changes: dict[str, Any]) -> None:
        """Change what is wanted of a live run.

        Raises:
            RunError: it is over, or waits and is told something that only a run that goes can do.
            ConfigurationError: a value cannot be.
        """
        live = self._lives.get(run_id)
        if live is None:
            raise RunError("This run is over: it cannot be steered any more.")
        live.steer(changes)
        self._messages.put("")  # wakes the listener

    def export(self, content: bytes, export_format: str, patience_seconds: float) -> bytes:
        """Have a .keras file turned into another by a worker.

        Raises:
            RunError: it cannot be, there is no memory for it, or no worker came to do it in time.
        """
        task = object()
        if lack := self.room.take(task, memory.WORKER_BYTES):
            raise RunError(lack)
        try:
            return self.cluster.export(content, export_format, patience_seconds)
        finally:
            self.room.give_back(task)
            with self._lock:
                if self._thread is None:  # else it does it when its runs are over
                    self.cluster.rest()

    def close(self, patience_seconds: float) -> None:
        """Stop what goes, wait for its model, and let go of the workers."""
        for run in self.all().values():
            if run.is_live and run.state != SAVING:
                try:
                    self.steer(run.id, {"is_stopped": True})
                except RunError as error:  # it has just ended by itself
                    _log.info("%s", error)
        thread = self._thread
        if thread is not None:
            thread.join(patience_seconds)
        self.cluster.close()

    # From here on, all is done in the listener's thread.

    def _listen(self) -> None:
        while True:
            try:
                self._tick()
            except Exception:  # noqa: BLE001 - a listener that is gone would leave all runs alone
                _log.exception("The thread that looks after the runs met an error and goes on")
                time.sleep(_TICK_SECONDS)
            if not self._lives:
                self.cluster.rest()  # here, where runs are begun: none can be, meanwhile
            with self._lock:
                if not self._lives:
                    self._thread = None
                    return

    def _tick(self) -> None:
        self._take_messages()
        self._launched.attend()
        self._launch_next()
        for live in list(self._lives.values()):
            self._save(live)
        self._say_alive()

    def _take_messages(self) -> None:
        try:
            message = self._messages.get(timeout=_TICK_SECONDS)
            while True:
                if message:
                    self._launched.hear(json.loads(message))
                message = self._messages.get_nowait()
        except queue.Empty:
            pass

    def _launch_next(self) -> None:
        waiting = [live for live in list(self._lives.values()) if live.is_waiting]
        if not waiting or len(self._launched) >= self._slots:
            return
        live = waiting[0]
        assert live.run.config is not None
        lack = self.room.take(live.run.id, estimates.needed_bytes(live.run.config))
        if lack and self.room.is_promised:  # what goes now gives its memory back
            return
        if not live.leave_queue():
            self.room.give_back(live.run.id)
            return
        self._save(live)
        try:
            if lack:
                raise RunError(lack)
            self._launched.launch(live)
            return
        except DigitError as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - a run that cannot be begun must not stand for one that begins
            _log.exception("Run %s could not be begun", live.run.id)
            reason = f"The training could not be begun: {type(error).__name__}: {error}"[:500]
        live.end(FAILED, reason)
        self.room.give_back(live.run.id)

    def _save(self, live: LiveRun) -> None:
        if live.save(self._table, self._save_seconds):
            self._on_written()
        if live.is_over:
            with self._lock:
                del self._lives[live.run.id]

    def _say_alive(self) -> None:
        if time.monotonic() - self._beat_at < BEAT_SECONDS:
            return
        self._beat_at = time.monotonic()
        try:
            self._table.beat(self._process)
        except StoreError as error:
            _log.warning("The store does not learn that this process lives: %s", error)
