"""The runs that wait or go: a queue, and the one thread that starts them, listens to them and writes them down."""

import json
import logging
import math
import queue
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from digit_core import recordings
from digit_core.cluster import LOST, Cluster, Task
from digit_core.datasets import Digits
from digit_core.errors import RunError, StoreError
from digit_core.events import EpochEnded, RunEnded, RunStarted, Steering
from digit_core.model_files import TrainedModel
from digit_core.recordings import Recording
from digit_core.run_records import (
    FAILED,
    FINISHED,
    INTERRUPTED,
    PAUSED,
    RUNNING,
    SAVING,
    STARTING,
    STOPPED,
    WAITING,
    Run,
)
from digit_core.run_table import (
    BEAT_SECONDS,
    CHECKPOINT_FILE,
    RECORDING_FILE,
    Process,
    RunTable,
    interruption,
)

SAVE_SECONDS = 300.0  # how long a model is kept in memory while the store cannot be written
_TICK_SECONDS = 0.25
_STEER_SECONDS = 5.0  # between two beats to the worker
_LOOK_SECONDS = 3.0  # between two looks at which workers are there
_RETRY_SECONDS = 2.0
_COME_SECONDS = 180.0  # in which a worker must have begun: it may have to start and to load TensorFlow

_log = logging.getLogger(__name__)


@dataclass(eq=False)
class LiveRun:
    """A run of this process that waits, goes, or is not yet written down whole.

    Attributes:
        run: as it stands; replaced as a whole.
        start: gives the .keras bytes to go on from, when the run's turn comes.
        unsaved: contents of its files that the store has not got yet.
        is_unsaved: the store does not know yet how it stands.
        final: what it becomes when its model is in the store.
    """

    run: Run
    digits: Digits | None
    start: Callable[[], bytes] | None
    recording: Recording = field(default_factory=Recording)
    steering: Steering = field(default_factory=Steering)
    task: Task | None = None
    sent: Steering | None = None
    sent_at: float = 0.0
    launched_at: float = 0.0
    worker: str = ""
    misses: int = 0
    checkpoint_epoch: int | None = None
    unsaved: dict[str, bytes] = field(default_factory=dict)
    is_unsaved: bool = False
    final: Run | None = None
    tried_at: float = 0.0
    unsaved_since: float = 0.0


class LiveRuns:
    """The live runs of this process. Pages' threads add, look and steer; the listener alone talks to Dask."""

    def __init__(
        self,
        table: RunTable,
        process: Process,
        cluster: Callable[[Callable[[str], object]], Cluster],
        slots: int,
        room: Callable[[Cluster], str],
        save_seconds: float = SAVE_SECONDS,
    ) -> None:
        """Start nothing yet.

        Args:
            table: where runs are written down.
            process: whose runs these are.
            cluster: makes the way to the workers, given what is to be called with messages.
            slots: how many runs go at once.
            room: a sentence if there is no memory for one more worker.
            save_seconds: how long a model that the store does not take is kept.
        """
        self._table, self._process, self._slots, self._room = table, process, slots, room
        self._save_seconds = save_seconds
        self._messages: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.cluster = cluster(self._messages.put)
        self._lock = threading.Lock()
        self._live: dict[str, LiveRun] = {}
        self._thread: threading.Thread | None = None
        self._looked_at = self._beat_at = 0.0

    def add(self, lives: Iterable[LiveRun]) -> None:
        """Put runs at the end of the queue; they are written down already."""
        with self._lock:
            self._live |= {live.run.id: live for live in lives}
            if self._thread is None:
                self._beat_at = time.monotonic()
                self._thread = threading.Thread(target=self._listen, daemon=True, name="runs")
                self._thread.start()

    def find(self, run_id: str) -> LiveRun | None:
        """A run of this process that is live or not written down whole."""
        return self._live.get(run_id)

    def all(self) -> dict[str, Run]:
        """How the runs of this process stand, by id, in the order of the queue."""
        with self._lock:
            lives = list(self._live.values())
        waiting = [live.run.id for live in lives if live.run.state == WAITING]
        return {
            live.run.id: replace(live.run, place=waiting.index(live.run.id) + 1)
            if live.run.id in waiting
            else live.run
            for live in lives
        }

    def steer(self, run_id: str, changes: dict[str, Any]) -> None:
        """Change what is wanted of a live run.

        Raises:
            RunError: it is not live, or waits and is told something that only a run that goes can do.
            ConfigurationError: a value cannot be.
        """
        with self._lock:
            live = self._live.get(run_id)
            if live is None or not live.run.is_live or live.run.state == SAVING:
                raise RunError("This run is over: it cannot be steered any more.")
            steering = replace(live.steering, **changes)
            if live.run.state == WAITING and steering.is_paused:
                raise RunError("This run waits in the queue: it can be taken out of it, but not paused.")
            live.steering = steering
            if live.run.state == WAITING and steering.is_stopped:
                self._end(live, STOPPED, "Taken out of the queue before it began.")
            elif live.run.state in (RUNNING, PAUSED):
                is_paused = steering.is_paused and not steering.is_stopped
                live.run = replace(live.run, state=PAUSED if is_paused else RUNNING)
                live.is_unsaved = True
        self._messages.put("")  # wakes the listener

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
        if thread is not None:
            thread.join(5)

    # From here on, all is done in the listener's thread.

    def _listen(self) -> None:
        while True:
            try:
                self._tick()
            except Exception:  # noqa: BLE001 - a listener that is gone would leave all runs alone
                _log.exception("The listener of the runs stumbled")
                time.sleep(_TICK_SECONDS)
            with self._lock:
                if not self._live:
                    self._thread = None
                    return

    def _tick(self) -> None:
        self._take_messages()
        for live in list(self._live.values()):
            if live.task is not None:
                self._attend(live)
        self._look_for_workers()
        self._launch_next()
        for live in list(self._live.values()):
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
        live = self._live.get(message["run"])
        if live is None or live.task is None:
            return
        if "begun" in message:
            live.worker = live.worker or message["begun"]["worker"]
        elif "checkpoint" in message:
            self._fetch_checkpoint(live, live.task)
        elif "event" in message:
            self._hear(live, recordings.from_message(message["event"]))

    def _hear(self, live: LiveRun, event: recordings.Event) -> None:
        live.recording.add(event)
        if isinstance(event, RunStarted):
            self._become(live, PAUSED if live.steering.is_paused else RUNNING, started=time.time())
        elif isinstance(event, RunEnded):
            self._become(live, SAVING)
        if isinstance(event, RunStarted | EpochEnded | RunEnded):
            live.unsaved[RECORDING_FILE] = recordings.to_bytes(live.recording.progress())

    def _fetch_checkpoint(self, live: LiveRun, task: Task) -> None:
        try:
            live.checkpoint_epoch, content = task.checkpoint()
            live.unsaved[CHECKPOINT_FILE] = content
        except LOST as error:  # the next one will do
            _log.warning("The checkpoint of run %s did not come: %s", live.run.id, error)

    def _become(self, live: LiveRun, state: str, **changes: Any) -> None:
        with self._lock:
            live.run = replace(live.run, state=state, **changes)
            live.is_unsaved = True

    def _attend(self, live: LiveRun) -> None:
        """Look after a run that goes: is it done, does its worker know what is wanted, did one come at all?"""
        task = live.task
        assert task is not None
        if self.cluster.is_lost:
            self._tear_off(live, "The engine that trains was lost")
        elif task.is_done:
            self._take_outcome(live, task.outcome())
        elif live.run.state == STARTING and time.monotonic() - live.launched_at > _COME_SECONDS:
            self._tear_off(live, f"No worker had begun within {_COME_SECONDS / 60:.0f} minutes")
        elif live.sent is not live.steering or time.monotonic() - live.sent_at > _STEER_SECONDS:
            self._send(live, task)

    def _send(self, live: LiveRun, task: Task) -> None:
        wanted = live.steering
        live.sent_at = time.monotonic()
        try:
            task.steer(wanted)
            live.sent = wanted
        except LOST as error:
            _log.warning("Run %s could not be steered: %s", live.run.id, error)

    def _take_outcome(self, live: LiveRun, outcome: dict[str, Any]) -> None:
        # The last words come on another way than the outcome, and may be behind it.
        deadline = time.monotonic() + 2
        while "model" in outcome and live.recording.progress().ended is None and time.monotonic() < deadline:
            self._take_messages()
        if "model" in outcome:
            self._take_model(live, outcome["model"])
        elif "failure" in outcome:
            self._end(live, FAILED, outcome["failure"])
        elif "again" in outcome or "lost" in outcome:
            self._tear_off(live, "The worker was lost, perhaps because memory ran out,")
        else:
            self._end(live, STOPPED, "Stopped before its first step.")

    def _take_model(self, live: LiveRun, trained: TrainedModel) -> None:
        progress = live.recording.progress()
        is_cut_short = live.steering.is_stopped or live.steering.is_paused
        wanted = live.steering.epochs or (progress.started.epochs if progress.started else 0)
        has_diverged = bool(progress.batches) and not math.isfinite(progress.batches[-1].loss)
        state = STOPPED if has_diverged or (is_cut_short and len(progress.epochs) < wanted) else FINISHED
        live.unsaved = {**trained.files, RECORDING_FILE: recordings.to_bytes(progress)}
        live.final = replace(
            live.run,
            state=state,
            reason=trained.card["ended"],
            ended=time.time(),
            has_model=True,
            has_checkpoint=False,
            card=trained.card,
        )
        self._become(live, SAVING)
        self._let_go(live)

    def _tear_off(self, live: LiveRun, what: str) -> None:
        self._end(live, INTERRUPTED, interruption(what, live.run.state, live.checkpoint_epoch))

    def _end(self, live: LiveRun, state: str, reason: str) -> None:
        live.run = replace(
            live.run,
            state=state,
            reason=reason,
            ended=time.time(),
            has_checkpoint=live.checkpoint_epoch is not None,
        )
        live.is_unsaved = True
        if live.recording.progress().started is not None:
            live.unsaved[RECORDING_FILE] = recordings.to_bytes(live.recording.progress())
        self._let_go(live)

    def _let_go(self, live: LiveRun) -> None:
        task, live.task, live.digits = live.task, None, None
        if task is not None:
            task.forget()

    def _look_for_workers(self) -> None:
        """Find out whether a worker is gone: an outside scheduler would wait for another one, and begin again."""
        begun = [live for live in self._live.values() if live.task is not None and live.worker]
        if not begun or time.monotonic() - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = time.monotonic()
        try:
            workers = self.cluster.workers()
        except LOST as error:
            _log.warning("The scheduler does not say which workers are there: %s", error)
            return
        for live in begun:
            live.misses = 0 if live.worker in workers else live.misses + 1
            if live.misses > 1:
                self._tear_off(live, "The worker was lost, perhaps because memory ran out,")

    def _launch_next(self) -> None:
        with self._lock:
            lives = list(self._live.values())
            going = sum(live.task is not None or live.run.state == STARTING for live in lives)
            waiting = [live for live in lives if live.run.state == WAITING]
            if not waiting or going >= self._slots:
                return
            live = waiting[0]
            live.run = replace(live.run, state=STARTING)
            live.is_unsaved = True
        self._save(live)
        try:
            self._launch(live)
        except (RunError, StoreError) as error:
            self._end(live, FAILED, str(error))

    def _launch(self, live: LiveRun) -> None:
        if lack := self._room(self.cluster):
            raise RunError(lack)
        start = live.start() if live.start else None
        assert live.run.config is not None
        live.launched_at = live.sent_at = time.monotonic()
        live.sent = live.steering
        live.task = self.cluster.submit(live.run.id, live.run.config, live.digits, start, live.sent)

    def _save(self, live: LiveRun) -> None:
        """Write down what the store does not know yet; later, if it cannot be written now."""
        if not (live.is_unsaved or live.unsaved):
            self._forget_if_over(live)
            return
        now = time.monotonic()
        if live.unsaved_since and now - live.tried_at < _RETRY_SECONDS:
            return
        live.tried_at = now
        with self._lock:
            run, files = live.final or live.run, dict(live.unsaved)
            live.is_unsaved = False
        epoch = live.checkpoint_epoch if CHECKPOINT_FILE in files else None
        try:
            self._table.keep(run, files, epoch)
        except StoreError as error:
            self._bear(live, error, now)
            return
        live.unsaved_since = 0.0
        for name, content in files.items():
            if live.unsaved.get(name) is content:
                del live.unsaved[name]
        if live.final is not None:
            live.run, live.final = live.final, None
        self._forget_if_over(live)

    def _bear(self, live: LiveRun, error: StoreError, now: float) -> None:
        """The store could not be written. A model waits for a while; then the run is over without it."""
        live.is_unsaved = True
        live.unsaved_since = live.unsaved_since or now
        if live.final is None:
            return
        if now - live.unsaved_since < self._save_seconds:
            live.run = replace(live.run, reason=f"{error} It is tried again.")
            return
        live.final = None
        live.unsaved.clear()
        self._end(live, FAILED, f"The training came to its end, but its model could not be kept. {error}")

    def _forget_if_over(self, live: LiveRun) -> None:
        with self._lock:
            if not live.run.is_live and not live.is_unsaved and not live.unsaved:
                self._live.pop(live.run.id, None)

    def _say_alive(self) -> None:
        if time.monotonic() - self._beat_at < BEAT_SECONDS:
            return
        self._beat_at = time.monotonic()
        try:
            self._table.beat(self._process)
        except StoreError as error:
            _log.warning("The store does not learn that this process lives: %s", error)
