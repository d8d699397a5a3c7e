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
from digit_core.storage import run_records
from digit_core.storage.processes import BEAT_SECONDS, Process
from digit_core.storage.run_records import FAILED, PAUSED, RUNNING, SAVING, STARTING, Run
from digit_core.storage.run_table import RunTable
from digit_core.workers.cluster import Cluster

_TICK_SECONDS = 0.25
_CLAIM_SECONDS = 1.0  # between two questions whether it is a run's turn
_ASK_SECONDS = 2.0  # between two looks at whether others wait for a run that has gone for long

_CONNECTING = "Connecting to the scheduler on another computer"

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
        run_seconds: float,
    ) -> None:
        """Start nothing yet.

        Args:
            table: where runs are written down.
            process: whose runs these are.
            cluster: makes the way to the workers, given what is to be called with messages.
            slots: how many runs go at once.
            on_written: called when the store knows something new.
            save_seconds: how long a model that the store does not take is kept.
            run_seconds: how long a run may go while somebody else's waits.
        """
        self._table, self._process, self._slots = table, process, slots
        self._on_written, self._save_seconds, self._run_seconds = on_written, save_seconds, run_seconds
        self._messages: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.cluster = cluster(self._messages.put)
        self.room = Room(self.cluster.taken_bytes, *([] if self.cluster.is_own else [lambda: None]))
        self._lock = threading.Lock()
        self._lives: dict[str, LiveRun] = {}
        self._launched = LaunchedRuns(self.cluster, self.room, self._take_messages)
        self._thread: threading.Thread | None = None
        self._beat_at = 0.0
        self._claimed_at = float("-inf")  # when a run was last refused its turn
        self._asked_at = float("-inf")  # when the store was last asked about others' runs

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
        waiting = [run.id for run in run_records.in_turn(runs)]
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
            raise RunError("This run is over. You can no longer steer it.")
        live.steer(changes)
        self._messages.put("")  # wakes the listener

    def export(
        self, content: bytes, export_format: str, config: dict[str, Any] | None, patience_seconds: float
    ) -> bytes:
        """Have a .keras file turned into another by a worker: `jobs.export`.

        Raises:
            RunError: it cannot be, there is no memory for it, or no worker came to do it in time.
        """
        task = object()
        if lack := self.room.take(task, memory.WORKER_BYTES):
            raise RunError(lack)
        try:
            return self.cluster.export(content, export_format, config, patience_seconds)
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
        self._end_long_runs()
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

    def _end_long_runs(self) -> None:
        """End runs that have gone for long enough while others wait; what they learnt is kept."""
        now = time.time()
        long = [
            live
            for live in list(self._lives.values())
            if live.run.state in (RUNNING, PAUSED)
            and not live.steering.is_stopped
            and now - (live.run.started or now) > self._run_seconds
        ]
        if not long or time.monotonic() - self._asked_at < _ASK_SECONDS:
            return
        self._asked_at = time.monotonic()
        for live in long:
            owners = {other.run.owner for other in list(self._lives.values()) if other.is_waiting}
            try:
                if owners - {live.run.owner} or self._table.is_waited_for(
                    live.run.owner, self._process.place
                ):
                    minutes = f"{self._run_seconds / 60:.3g}"
                    reason = f"Ended after {minutes} min because other people's runs were waiting,"
                    live.steer({"is_stopped": True, "stop_reason": reason})
            except (StoreError, RunError) as error:  # the run has just ended, or nobody knows who waits
                _log.info("%s", error)

    def _may_start(self, live: LiveRun) -> bool:
        """Whether it is a run's turn on this machine, where other copies of this app may have runs."""
        if time.monotonic() - self._claimed_at < _CLAIM_SECONDS:
            return False
        self._claimed_at = time.monotonic()
        try:
            may = self._table.claim(self._process, live.run.id, self._slots, len(self._launched))
        except StoreError as error:  # a run goes on whatever becomes of the store
            _log.warning("Nobody knows whether other copies of this app train: %s", error)
            may = True
        if may:
            self._claimed_at = float("-inf")
        return may

    def _launch_next(self) -> None:
        turns = run_records.in_turn(live.run for live in list(self._lives.values()))
        if not turns or len(self._launched) >= self._slots:
            return
        live = self._lives[turns[0].id]
        assert live.run.config is not None
        lack = self.room.take(live.run.id, estimates.needed_bytes(live.run.config))
        if lack and self.room.is_promised:  # what goes now gives its memory back
            return
        if not self._may_start(live):
            self.room.give_back(live.run.id)
            return
        if not live.leave_queue():
            self.room.give_back(live.run.id)
            return
        if not self.cluster.is_own and not self.cluster.is_open:
            live.become(STARTING, reason=_CONNECTING)
        self._save(live)
        try:
            if lack:
                raise RunError(lack)
            self._launched.launch(live)
            if live.run.reason:
                live.become(STARTING, reason="")
            return
        except DigitError as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - a run that cannot be begun must not stand for one that begins
            _log.exception("Run %s could not be started", live.run.id)
            reason = f"The training could not be started: {type(error).__name__}: {error}"[:500]
        live.end(FAILED, reason)
        self.room.give_back(live.run.id)

    def _save(self, live: LiveRun) -> None:
        if live.save(self._table, self._process, self._save_seconds):
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
