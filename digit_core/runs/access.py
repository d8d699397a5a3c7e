"""Who may change a run, and the changes: it is steered, renamed, deleted and restored by its owner or a teacher."""

import time
from collections.abc import Callable

from digit_core.errors import RunError
from digit_core.runs.run_cache import RunCache
from digit_core.runs.scheduler import LiveRuns
from digit_core.storage import run_records, visitors
from digit_core.storage.run_records import Run
from digit_core.storage.run_table import RunTable


class RunAccess:
    """Changes of runs as visitors ask for them. Any thread may call it.

    `run_id` is the run, `visitor` who asks (None before the browser has answered), and `code` the teacher's, where it is
    not the owner who asks. All methods raise RunError if there is no such run or this visitor may not change it, and
    StoreError if the store cannot be read or written.
    """

    def __init__(self, table: RunTable, cache: RunCache, lives: LiveRuns, get: Callable[[str], Run]) -> None:
        """Change nothing yet.

        Args:
            table, cache: where runs are written down, and read again.
            lives: the runs of this process.
            get: a run by its id, or a RunError.
        """
        self._table, self._cache, self._lives, self._get = table, cache, lives, get

    def steer(
        self, run_id: str, visitor: str | None, code: str = "", **changes: bool | float | int | None
    ) -> None:
        """Tell a live run something. A waiting run that is stopped leaves the queue.

        Args:
            changes: fields of Steering with their new values, such as is_stopped=True.

        Raises:
            RunError: the run is over, too.
            ConfigurationError: a value cannot be.
        """
        run = _checked(self._get(run_id), visitor, code)
        if run.is_live and self._lives.find(run_id) is None:
            raise RunError("This run is in another copy of this app, and only that one can steer it.")
        self._lives.steer(run_id, changes)
        self._cache.forget()

    def rename(self, run_id: str, visitor: str | None, name: str, code: str = "") -> None:
        """Give a run another name, 1 to 60 characters."""
        _checked(self._get(run_id), visitor, code)
        name = run_records.checked_name(name)
        self._table.rename(run_id, name)
        if live := self._lives.find(run_id):
            live.rename(name)
        self._cache.rename(run_id, name)

    def delete(self, run_id: str, visitor: str | None, code: str = "") -> None:
        """Take an ended run out of sight; `restore` brings it back within the hour, then it is gone with its model."""
        if _checked(self._get(run_id), visitor, code).is_live:
            raise RunError("This run is still waiting or running: stop it before you delete it.")
        self._table.purge()
        self._table.delete(run_id, time.time())
        self._cache.forget()

    def restore(self, run_id: str, visitor: str | None, code: str = "") -> None:
        """Bring a deleted run back."""
        run = self._table.deleted(run_id)
        if run is None:
            raise RunError("This run is gone for good: a deleted run is kept for only one hour.")
        _checked(run, visitor, code)
        self._table.delete(run_id, None)
        self._cache.forget()


def _checked(run: Run, visitor: str | None, code: str) -> Run:
    if not visitors.may_change(run.owner, visitor, code):
        raise RunError("Only the person who started this run, or a teacher with the code, can change it.")
    return run
