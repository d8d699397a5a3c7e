"""The runs as the store has them, read seldom although many sessions ask each second."""

import threading
import time
from dataclasses import replace

from digit_core.errors import StoreError
from digit_core.monitoring import recordings
from digit_core.monitoring.recordings import Progress
from digit_core.storage import run_table
from digit_core.storage.run_records import Run
from digit_core.storage.run_table import RunTable

_FRESH_SECONDS = 0.5  # the list is read again after so long
_ORPHAN_SECONDS = 5.0
_REFUSED_SECONDS = 2.0  # for so long a store that did not answer is not asked for the list again
_KEPT_BYTES = 64e6  # of the recordings of past runs, unpacked; a long one of a dense network has 20 million


class RunCache:
    """The list of runs and past recordings. Any thread may ask.

    What reads raises StoreError if the store does not answer, `all` for two seconds after that, too.
    """

    def __init__(self, table: RunTable) -> None:
        """Look into nothing yet."""
        self._table = table
        self._reading = threading.Lock()
        self._runs: list[Run] = []
        self._past: dict[str, Progress] = {}
        self._read_at = self._reaped_at = self._refused_at = float("-inf")
        self._refusal = ""

    def all(self) -> list[Run]:
        """The runs, newest first, not older than half a second; those of dead processes get their end."""
        with self._reading:
            now = time.monotonic()
            # Whoever waited for the lock does not wait for the store once more.
            if now - self._refused_at < _REFUSED_SECONDS:
                raise StoreError(self._refusal)
            try:
                if now - self._reaped_at > _ORPHAN_SECONDS:
                    self._table.interrupt_orphans()
                    self._reaped_at = now
                if now - self._read_at > _FRESH_SECONDS:
                    self._runs, self._read_at = self._table.all(), now
            except StoreError as error:
                self._refusal, self._refused_at = str(error), time.monotonic()
                raise
            return self._runs

    def name_of(self, run_id: str) -> str:
        """The name of a run as it was last read, without asking the store; "" if it is not known."""
        return next((run.name for run in self._runs if run.id == run_id), "")

    def rename(self, run_id: str, name: str) -> None:
        """Know the new name of a run at once."""
        with self._reading:
            self._runs = [replace(run, name=name) if run.id == run_id else run for run in self._runs]
            self._read_at = float("-inf")

    def forget(self) -> None:
        """Read the list anew when it is asked for next: the store knows something new."""
        with self._reading:
            self._read_at = float("-inf")

    def recording(self, run_id: str) -> Progress:
        """How a run went until it was last written down."""
        content = self._table.file(run_id, run_table.RECORDING_FILE)
        return recordings.from_bytes(content) if content else Progress()

    def past_recording(self, run_id: str) -> Progress:
        """How a run went that changes no more: kept unpacked for the next who asks, within bounds."""
        with self._reading:
            found = self._past.pop(run_id, None)
        found = found or self.recording(run_id)
        with self._reading:
            self._past[run_id] = found  # the latest comes last
            while len(self._past) > 1 and sum(map(recordings.size, self._past.values())) > _KEPT_BYTES:
                del self._past[next(iter(self._past))]
        return found
