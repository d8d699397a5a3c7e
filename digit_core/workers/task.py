"""A training that a worker was given: how it is steered, what it leaves, and what a lost one looks like."""

import logging
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any

from digit_core.monitoring.events import Steering
from digit_core.workers import jobs

if TYPE_CHECKING:
    from distributed import Client, Future, Variable

# What a Dask call raises whose scheduler is gone.
LOST = (OSError, TimeoutError, CancelledError, RuntimeError)

WORKER_LOST = "The worker was lost, perhaps because memory ran out,"
SCHEDULER_LOST = "The connection to the Dask scheduler was lost"
_NO_PROJECT = (
    "Digit Lab is not installed on the Dask cluster, or in another version. Whoever runs this app can install the same version "
    "for its scheduler and for all of its workers."
)
_log = logging.getLogger(__name__)


class Task:
    """A training on a worker. `steer` and `checkpoint` raise one of LOST if the scheduler does not answer."""

    future: "Future"

    def __init__(self, client: "Client", run_id: str) -> None:
        self._client, self._run_id, self._beat = client, run_id, 0

    def variable(self, what: str) -> "Variable":
        """One of the run's variables, see `jobs.variable`."""
        from distributed import Variable

        return Variable(jobs.variable(self._run_id, what), self._client)

    def steer(self, wanted: Steering) -> None:
        """Say what is wanted, and that this process is still there."""
        self._beat += 1
        self.variable("steering").set(jobs.steering_message(wanted, self._beat), timeout="5s")

    def checkpoint(self) -> tuple[int, bytes]:
        """The epoch and the .keras file of the latest checkpoint."""
        found = self.variable("checkpoint").get(timeout="10s")
        return found["epoch"], found["content"]

    @property
    def is_done(self) -> bool:
        """Whether it ended, in whichever way."""
        return self.future.done()

    def outcome(self) -> dict[str, Any]:
        """What `jobs.train` returned; {"lost": the beginning of a sentence} if the worker or the scheduler is gone."""
        try:
            outcome = self.future.result(timeout=60)
        except Exception as error:  # noqa: BLE001 - whatever Dask and the worker may raise: the run must end
            if _is_unknown_there(error):
                _log.warning("The task of run %s cannot be read by the cluster: %r", self._run_id, error)
                return {"failure": _NO_PROJECT}
            if not isinstance(error, LOST) and not is_killed(error):
                _log.exception("The task of run %s broke", self._run_id)
                return {
                    "failure": f"The training could not be started: {type(error).__name__}: {error}"[:500]
                }
            _log.warning("The task of run %s is lost: %r", self._run_id, error)
            is_connected = self._client.status == "running" and not isinstance(error, CancelledError)
            return {"lost": WORKER_LOST if is_killed(error) or is_connected else SCHEDULER_LOST}
        if "traceback" in outcome:
            _log.error("Run %s broke off on its worker: %s", self._run_id, outcome["traceback"])
        return outcome

    def forget(self) -> None:
        """Let Dask forget the result and the run's variables; a run that goes on ends itself."""
        if self._client.status != "running":
            return
        try:
            self.future.cancel()
            for what in ("steering", "attempts", "checkpoint"):
                self.variable(what).delete()
        except LOST as error:
            _log.info("The task of run %s cannot be forgotten: %s", self._run_id, error)


def _is_unknown_there(error: BaseException | None) -> bool:
    """Whether the scheduler or a worker does not know this project, or knows another version of it."""
    while error is not None:
        if isinstance(error, ImportError | AttributeError) and "digit_core" in str(error):
            return True
        if isinstance(error, TypeError) and "train() " in str(error):  # other arguments
            return True
        error = error.__cause__
    return False


def is_killed(error: Exception) -> bool:
    """Whether this is Dask's word for a task whose worker died."""
    from distributed import KilledWorker

    return isinstance(error, KilledWorker)
