"""The runs that wait or go: a queue, and the one thread that starts them, listens to them and writes them down."""

import json
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from digit_core.errors import DigitError, RunError, StoreError
from digit_core.monitoring import recordings
from digit_core.monitoring.events import Steering
from digit_core.runs import estimates, memory
from digit_core.runs.live_run import LiveRun
from digit_core.runs.memory import Room
from digit_core.storage.processes import BEAT_SECONDS, Process
from digit_core.storage.run_records import FAILED, SAVING, STOPPED, WAITING, Run
from digit_core.storage.run_table import RunTable
from digit_core.workers.cluster import Cluster
from digit_core.workers.task import LOST, Task

_TICK_SECONDS = 0.25
_STEER_SECONDS = 5.0  # between two beats to a worker
_LOOK_SECONDS = 3.0  # between two looks at which workers are there
_COME_SECONDS = 300.0  # in which a worker must have begun
_LAST_WORDS_SECONDS = 2.0
_WORKER_LOST = "The worker was lost, perhaps because memory ran out,"

_log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Launched:
    """A run that was given to the workers.

    Attributes:
        sent, sent_at: what its worker was last told, and when.
        worker: the address of the worker that began it.
        misses: how often in a row that worker was not there.
    """

    live: LiveRun
    task: Task
    sent: Steering
    sent_at: float
    launched_at: float
    worker: str = ""
    misses: int = 0


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
        self._launched: dict[str, _Launched] = {}
        self._thread: threading.Thread | None = None
        self._looked_at = self._beat_at = 0.0

    def add(self, lives: Iterable[LiveRun]) -> None:
        """Put runs at the end of the queue; they are written down already."""
        with self._lock:
            self._lives |= {live.run.id: live for live in lives}
            if self._thread is None:
                self._beat_at = time.monotonic()
                self._thread = threading.Thread(target=self._listen, daemon=True, name="runs")
                self._thread.start()

    def find(self, run_id: str) -> LiveRun | None:
        """A run of this process that is live or not written down whole."""
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
                _log.exception("The listener of the runs stumbled")
                time.sleep(_TICK_SECONDS)
            if not self._lives:
                self.cluster.rest()  # here, where runs are begun: none can be, meanwhile
            with self._lock:
                if not self._lives:
                    self._thread = None
                    return

    def _tick(self) -> None:
        self._take_messages()
        for launched in list(self._launched.values()):
            self._attend(launched)
        self._look_for_workers()
        self._launch_next()
        for live in list(self._lives.values()):
            self._save(live)
        self._say_alive()

    def _take_messages(self) -> None:
        try:
            message = self._messages.get(timeout=_TICK_SECONDS)
            while True:
                if message:
                    self._take(json.loads(message))
                message = self._messages.get_nowait()
        except queue.Empty:
            pass

    def _take(self, message: dict[str, Any]) -> None:
        launched = self._launched.get(message["run"])
        if launched is None:
            return
        if "begun" in message:
            launched.worker = launched.worker or message["begun"]["worker"]
        elif "event" in message:
            launched.live.hear(recordings.from_message(message["event"]))
        elif "checkpoint" in message:
            try:
                launched.live.take_checkpoint(*launched.task.checkpoint())
            except LOST as error:  # the next one will do
                _log.warning("The checkpoint of run %s did not come: %s", message["run"], error)

    def _attend(self, launched: _Launched) -> None:
        """Look after a run: is it done, does its worker know what is wanted, has one come at all?"""
        now = time.monotonic()
        if self.cluster.is_lost:
            self._tear_off(launched, "The engine that trains was lost")
        elif launched.task.is_done:
            self._take_outcome(launched, launched.task.outcome())
        elif not launched.worker and now - launched.launched_at > _COME_SECONDS:
            self._tear_off(launched, f"No worker had begun within {_COME_SECONDS / 60:.0f} minutes")
        elif launched.sent is not launched.live.steering or now - launched.sent_at > _STEER_SECONDS:
            self._send(launched)

    def _send(self, launched: _Launched) -> None:
        wanted = launched.live.steering
        launched.sent_at = time.monotonic()
        try:
            launched.task.steer(wanted)
            launched.sent = wanted
        except LOST as error:
            _log.warning("Run %s could not be steered: %s", launched.live.run.id, error)

    def _take_outcome(self, launched: _Launched, outcome: dict[str, Any]) -> None:
        live = launched.live
        if "model" in outcome:
            # Its last words come on another way than the model, and may be behind it.
            deadline = time.monotonic() + _LAST_WORDS_SECONDS
            while live.recording.progress().ended is None and time.monotonic() < deadline:
                self._take_messages()
            live.take_model(outcome["model"])
        elif "failure" in outcome:
            live.end(FAILED, outcome["failure"])
        elif "again" in outcome or "lost" in outcome:
            live.tear_off(_WORKER_LOST)
        else:
            live.end(STOPPED, "Stopped before its first step.")
        self._let_go(launched)

    def _tear_off(self, launched: _Launched, what: str) -> None:
        launched.live.tear_off(what)
        self._let_go(launched)

    def _let_go(self, launched: _Launched) -> None:
        del self._launched[launched.live.run.id]
        launched.task.forget()
        self.room.give_back(launched.live.run.id)

    def _look_for_workers(self) -> None:
        """Find out whether a worker is gone: an outside scheduler would wait for another one, and begin again."""
        begun = [launched for launched in self._launched.values() if launched.worker]
        if not begun or time.monotonic() - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = time.monotonic()
        try:
            workers = self.cluster.workers()
        except LOST as error:
            _log.warning("The scheduler does not say which workers are there: %s", error)
            return
        for launched in begun:
            launched.misses = 0 if launched.worker in workers else launched.misses + 1
            if launched.misses > 1:
                self._tear_off(launched, _WORKER_LOST)

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
            self._launch(live)
        except DigitError as error:
            live.end(FAILED, str(error))
        except Exception as error:  # noqa: BLE001 - a run that cannot be begun must not stand for one that begins
            _log.exception("Run %s could not be begun", live.run.id)
            live.end(FAILED, f"The training could not be begun: {type(error).__name__}: {error}"[:500])

        if live.run.id not in self._launched:
            self.room.give_back(live.run.id)

    def _launch(self, live: LiveRun) -> None:
        start = live.start() if live.start else None
        assert live.run.config is not None
        wanted, now = live.steering, time.monotonic()
        task = self.cluster.submit(live.run.id, live.run.config, live.digits, start, wanted, live.parent)
        self._launched[live.run.id] = _Launched(live, task, wanted, now, now)

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
