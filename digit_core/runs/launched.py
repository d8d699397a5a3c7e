"""The runs that were given to Dask: their workers are heard, told what is wanted, and missed when they are gone."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from digit_core.monitoring import recordings
from digit_core.monitoring.events import Steering
from digit_core.runs.live_run import LiveRun
from digit_core.runs.memory import Room
from digit_core.storage.run_records import FAILED, STOPPED
from digit_core.workers.cluster import Cluster
from digit_core.workers.task import LOST, SCHEDULER_LOST, WORKER_LOST, Task

_STEER_SECONDS = 5.0  # between two beats to a worker
_LOOK_SECONDS = 3.0  # between two looks at which workers are there
_COME_SECONDS = 300.0  # in which a worker must have begun
_LAST_WORDS_SECONDS = 2.0

_log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Launched:
    """A run that was given to the workers.

    Attributes:
        sent, sent_at: what its worker was last told, and when.
        worker: the address of the worker that began it.
        given_to: the address of the worker that was to begin it.
        misses: how often in a row that worker was not there.
    """

    live: LiveRun
    task: Task
    sent: Steering
    sent_at: float
    launched_at: float
    worker: str = ""
    given_to: str = ""
    misses: int = 0


class LaunchedRuns:
    """The runs of this process that Dask has. One thread alone calls this."""

    def __init__(self, cluster: Cluster, room: Room, take_messages: Callable[[], object]) -> None:
        """Launch nothing yet.

        Args:
            cluster: the way to the workers.
            room: gets the memory of each run back that has ended, by the run's id.
            take_messages: has `hear` called with the messages that have come, after a short wait for them.
        """
        self._cluster, self._room, self._take_messages = cluster, room, take_messages
        self._runs: dict[str, _Launched] = {}
        self._looked_at = 0.0

    def __len__(self) -> int:
        return len(self._runs)

    def launch(self, live: LiveRun) -> None:
        """Give a run to Dask.

        Raises:
            RunError, StoreError: there is no way to the workers, or no weights to go on from.
        """
        start = live.start() if live.start else None
        assert live.run.config is not None
        wanted, now = live.steering, time.monotonic()
        task = self._cluster.submit(live.run.id, live.run.config, live.digits, start, wanted, live.parent)
        self._runs[live.run.id] = _Launched(live, task, wanted, now, now)

    def hear(self, message: dict[str, Any]) -> None:
        """Take in a message of `jobs`; one of a run that has ended says nothing any more."""
        launched = self._runs.get(message["run"])
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

    def attend(self) -> None:
        """Look after all of them: is one done, does its worker know what is wanted, has one come, is it still there?"""
        for launched in list(self._runs.values()):
            self._attend_one(launched)
        self._look_for_workers()

    def _attend_one(self, launched: _Launched) -> None:
        now = time.monotonic()
        if self._cluster.is_lost:
            self._tear_off(
                launched, "The training engine was lost" if self._cluster.is_own else SCHEDULER_LOST
            )
        elif launched.task.is_done:
            self._take_outcome(launched, launched.task.outcome())
        elif not launched.worker and now - launched.launched_at > _COME_SECONDS:
            self._tear_off(launched, f"No worker had started it within {_COME_SECONDS / 60:.0f} minutes")
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
            live.tear_off(outcome.get("lost", WORKER_LOST))
        else:
            live.end(STOPPED, "Stopped before its first step.")
        self._let_go(launched)

    def _tear_off(self, launched: _Launched, what: str) -> None:
        launched.live.tear_off(what)
        self._let_go(launched)

    def _let_go(self, launched: _Launched) -> None:
        del self._runs[launched.live.run.id]
        launched.task.forget()
        self._room.give_back(launched.live.run.id)

    def _look_for_workers(self) -> None:
        """Find out whether a worker is gone: an outside scheduler would wait for another one, and begin again."""
        if not self._runs or time.monotonic() - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = time.monotonic()
        try:
            workers = self._cluster.workers()
            if any(not launched.worker for launched in self._runs.values()):
                assigned = self._cluster.assigned()
                for run_id, launched in self._runs.items():
                    launched.given_to = launched.given_to or assigned.get(run_id, "")
        except LOST as error:
            _log.warning("The scheduler does not say which workers are there: %s", error)
            return
        for launched in list(self._runs.values()):
            worker = launched.worker or launched.given_to
            launched.misses = 0 if not worker or worker in workers else launched.misses + 1
            if launched.misses > 1:
                self._tear_off(launched, WORKER_LOST)
