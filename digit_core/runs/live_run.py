"""One run of this process that waits, goes, or is not yet written down whole: how it stands, and what is left to write."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from digit_core.digits import Digits, Handwriting
from digit_core.errors import RunError, StoreError
from digit_core.inference.model_files import TrainedModel
from digit_core.monitoring import recordings
from digit_core.monitoring.events import EpochEnded, Event, RunEnded, RunStarted, Steering
from digit_core.monitoring.recordings import Recording
from digit_core.recipes.warm_start import Parent
from digit_core.storage.processes import Process
from digit_core.storage.run_records import (
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
from digit_core.storage.run_table import CHECKPOINT_FILE, RECORDING_FILE, RunTable, interruption

SAVE_SECONDS = 300.0  # how long a model is kept in memory while the store cannot be written
PACK_SECONDS = 10.0  # what a run says is written so often: late in a long one that takes a second
_RETRY_SECONDS = 2.0

_log = logging.getLogger(__name__)


class LiveRun:
    """A run with its recording and its steering. The listener moves it on; pages' threads look at it and steer it.

    Attributes:
        run: as it stands; replaced as a whole.
        steering: what is wanted of it.
        digits: to train on, MNIST if None; let go of when the run ends.
        start: gives the .keras bytes to go on from, when the run's turn comes; None for random weights.
        parent: where those bytes come from.
        recording: what it said.
    """

    def __init__(
        self,
        run: Run,
        digits: Digits | Handwriting | None = None,
        start: Callable[[], bytes] | None = None,
        parent: Parent | None = None,
    ) -> None:
        """Take in a run that is written down already."""
        self.run, self.digits, self.start, self.parent = run, digits, start, parent
        self.steering = Steering()
        self.recording = Recording()
        self._lock = threading.RLock()
        self._checkpoint_epoch: int | None = None
        self._unsaved: dict[str, bytes] = {}  # contents of its files that the store has not got
        self._is_unsaved = False  # the store does not know how it stands
        self._final: Run | None = None  # what it becomes when its model is in the store
        self._has_news, self._packed_at = False, float("-inf")  # said, but not in a file; when that was made
        self._tried_at = float("-inf")
        self._failing_since: float | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether its turn has not come."""
        return self.run.state == WAITING

    @property
    def is_over(self) -> bool:
        """Whether it has ended, and the store knows all of it."""
        with self._lock:
            return not (self.run.is_live or self._is_unsaved or self._unsaved)

    def steer(self, changes: dict[str, Any]) -> None:
        """Change what is wanted.

        Raises:
            RunError: it is over, or waits and is told something that only a run that goes can do.
            ConfigurationError: a value cannot be.
        """
        with self._lock:
            if not self.run.is_live or self.run.state == SAVING:
                raise RunError("This run is over. You can no longer steer it.")
            steering = replace(self.steering, **changes)
            if self.is_waiting and steering.is_paused:
                raise RunError(
                    "This run is waiting in the queue: it can leave the queue, but it cannot be paused."
                )
            self.steering = steering
            if self.is_waiting and steering.is_stopped:
                self.end(STOPPED, "It left the queue before it started.")
            elif self.run.state in (RUNNING, PAUSED):
                self.become(self._going())

    def rename(self, name: str) -> None:
        """Take a name that is written down already."""
        with self._lock:
            self.run = replace(self.run, name=name)

    def leave_queue(self) -> bool:
        """Let its turn come. False if somebody has just taken it out of the queue."""
        with self._lock:
            if self.is_waiting:
                self.become(STARTING)
            return self.run.is_live

    def _going(self) -> str:
        return PAUSED if self.steering.is_paused and not self.steering.is_stopped else RUNNING

    def become(self, state: str, **changes: Any) -> None:
        """Take another state, to be written down."""
        with self._lock:
            self.run = replace(self.run, state=state, **changes)
            self._is_unsaved = True

    def hear(self, event: Event) -> None:
        """Take in what it says."""
        self.recording.add(event)
        if isinstance(event, RunStarted):
            with self._lock:
                self.become(self._going(), started=time.time())
        elif isinstance(event, RunEnded):
            self.become(SAVING)
        if isinstance(event, RunStarted | EpochEnded | RunEnded):
            self._has_news = True
            if not self.recording.progress().epochs[1:] or isinstance(event, RunEnded):
                self._packed_at = float("-inf")  # the beginning and the end are written at once

    def _pack(self) -> None:
        """Make the file of what it said, if there are news and the last one is some time ago: it takes long."""
        now = time.monotonic()
        if self._has_news and now - self._packed_at >= PACK_SECONDS:
            self._has_news, self._packed_at = False, now
            self._unsaved[RECORDING_FILE] = _packed(self.recording)

    def take_checkpoint(self, epoch: int, content: bytes) -> None:
        """Keep weights to continue from."""
        with self._lock:
            self._checkpoint_epoch = epoch
            self._unsaved[CHECKPOINT_FILE] = content
            self.run = replace(self.run, has_checkpoint=True)

    def take_model(self, trained: TrainedModel) -> None:
        """Keep what it left; it is over when the store has it."""
        self._has_news = False
        self._unsaved = {**trained.files, RECORDING_FILE: _packed(self.recording)}
        self._final = replace(
            self.run,
            state=STOPPED if trained.card.get("cut_short") else FINISHED,
            reason=trained.card["ended"],
            ended=time.time(),
            has_model=True,
            has_checkpoint=False,
            card=trained.card,
        )
        self.digits = None
        self._tried_at, self._failing_since = float("-inf"), None  # the model has all its patience before it
        self.become(SAVING)

    def tear_off(self, what: str) -> None:
        """End it by `what` happened: the beginning of a sentence."""
        self.end(INTERRUPTED, interruption(what, self.run.state, self._checkpoint_epoch))

    def end(self, state: str, reason: str) -> None:
        """End it without a model."""
        if self.recording.progress().started is not None:
            self._has_news = False
            self._unsaved[RECORDING_FILE] = _packed(self.recording)
        self.digits = None
        self.become(state, reason=reason, ended=time.time())

    def save(self, table: RunTable, process: Process, patience_seconds: float) -> bool:
        """Write down what the store does not know yet; if that fails, it is left for a later call.

        Args:
            table: where to.
            process: whose run it is.
            patience_seconds: for how long a model may wait for a store that cannot be written; after that the run is
                over without it.

        Returns:
            Whether something was written.
        """
        self._pack()
        now = time.monotonic()
        with self._lock:
            has_work = self._is_unsaved or self._unsaved
            if not has_work or (self._failing_since and now - self._tried_at < _RETRY_SECONDS):
                return False
            run, files = self._final or self.run, dict(self._unsaved)
            self._is_unsaved, self._tried_at = False, now
        try:
            epoch = self._checkpoint_epoch if CHECKPOINT_FILE in files else None
            table.keep(run, files, epoch, process)
        except StoreError as error:
            _log.warning("The run %s could not be written down: %s", self.run.id, error)
            self._bear(error, now, patience_seconds)
            return False
        self._failing_since = None
        with self._lock:
            self._unsaved = {
                name: content for name, content in self._unsaved.items() if files.get(name) is not content
            }
            if self._final is not None:
                self.run, self._final = self._final, None
        return True

    def _bear(self, error: StoreError, now: float, patience_seconds: float) -> None:
        with self._lock:
            self._is_unsaved = True
            self._failing_since = self._failing_since or now
            if self._final is None:
                return
            if now - self._failing_since < patience_seconds:
                self.run = replace(self.run, reason=f"{error} Digit Lab is trying again.")
                return
            self._final = None
            self._unsaved = {}
            self.end(FAILED, f"The training finished, but its model could not be saved. {error}")


def _packed(recording: Recording) -> bytes:
    return recordings.to_bytes(recordings.rounded(recording.progress()))
