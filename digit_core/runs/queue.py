"""Runs: asked for here, trained by Dask's workers, watched from any page, written down in the store."""

import functools
import math
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from digit_core import settings
from digit_core.digits import Digits, Handwriting
from digit_core.errors import RunError
from digit_core.monitoring.events import Steering
from digit_core.monitoring.recordings import Progress
from digit_core.recipes.configuration import TrainingConfig
from digit_core.runs import estimates, memory
from digit_core.runs.access import RunAccess
from digit_core.runs.lineage import Lineage
from digit_core.runs.live_run import SAVE_SECONDS, LiveRun
from digit_core.runs.models import RunModels
from digit_core.runs.run_cache import RunCache
from digit_core.runs.scheduler import LiveRuns
from digit_core.storage import processes, run_records
from digit_core.storage import store as stores
from digit_core.storage.run_records import MAX_NAME_LENGTH, WAITING, Run
from digit_core.workers.cluster import PATIENCE_SECONDS, Cluster
from digit_core.workers.engine import IDLE_SECONDS

MAX_CONFIGS, MAX_WAITING = 10, 100  # in one request; in the whole queue
_CLOSE_SECONDS = 60.0
_NOT_FOUND = "There is no such run: perhaps it was deleted."


class Runs:
    """All runs of this process's store, the live ones among them. Any thread may call it; no call trains anything here.

    Nothing is started before the first `start`. While runs wait or go, a thread of this object listens to them and
    writes each change down.

    Attributes:
        models: what its runs left.
        access: how visitors change its runs.
        slots: how many runs go at once.

    Example:
        >>> import tempfile
        >>> from digit_core.runs import Runs
        >>> from digit_core.storage.store import Store
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = Store(f"sqlite:///{folder}/lab.db")
        ...     runs = Runs(store)
        ...     print(runs.all())
        ...     runs.close()
        ...     store.close()
        []
    """

    def __init__(
        self,
        store: stores.Store,
        slots: int = settings.RUN_SLOTS,
        scheduler: str = settings.SCHEDULER,
        idle_seconds: int = IDLE_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
        save_seconds: float = SAVE_SECONDS,
        run_seconds: float = 60 * settings.RUN_MINUTES,
    ) -> None:
        """Look into nothing yet.

        Args:
            store: where runs and their models are written down.
            slots: how many runs go at once.
            scheduler: address of an outside Dask scheduler; "" for an engine of this process's own.
            idle_seconds: how long a worker of the engine waits for more work.
            patience_seconds: a run that hears nothing of this process for so long ends itself.
            save_seconds: how long a model that the store does not take is kept in memory.
            run_seconds: how long a run may take, by estimate and by the clock, while somebody else's waits.
        """
        self.slots = slots
        self._table = store.runs
        self._process = processes.this_process()
        self._cache = RunCache(self._table)
        self._lives = LiveRuns(
            self._table,
            self._process,
            lambda on_message: Cluster(on_message, scheduler, slots + 1, idle_seconds, patience_seconds),
            slots,
            self._cache.forget,
            save_seconds,
            run_seconds,
        )
        self._run_seconds = run_seconds
        self._asking = threading.Lock()
        self._lineage = Lineage(self._table, self.get, self.all)
        self.models = RunModels(self._table, self._process, self.get, self._lives.export, self._cache.forget)
        self.access = RunAccess(self._table, self._cache, self._lives, self.get)

    def start(
        self,
        configs: Sequence[TrainingConfig],
        owner: str,
        name: str = "",
        parent: str | None = None,
        digits: Digits | Handwriting | None = None,
    ) -> tuple[Run, ...]:
        """Ask for trainings, one after the other; they wait in the queue until a place is free.

        Args:
            configs: one or more; more than one are a series, such as ANN against CNN.
            owner: the id of the visitor who asks.
            name: for people; made up from the architecture and the number of runs if empty.
            parent: the id of an ended run, or the name of a shipped model, whose weights to go on from.
            digits: what to train on; MNIST if None, MNIST with drawings if they are a Handwriting.

        Returns:
            The runs as written down.

        Raises:
            RunError: this visitor has a run waiting already, others wait and this would take too long, the memory left
                holds no worker, `parent` has no weights, or was validated on other digits.
            StoreError: it could not be written down.
        """
        if not 1 <= len(configs) <= MAX_CONFIGS:
            raise RunError(f"A request is for 1 to {MAX_CONFIGS} trainings, not {len(configs)}.")
        name = run_records.checked_name(name) if name.strip() else ""
        with self._asking:
            self._check_queue(owner, configs)
            known = None if parent is None else self._lineage.check(parent, configs)
            self._table.purge()
            runs = self._new_runs(configs, owner, name, parent)
            self._table.add(self._process, runs, self._lineage.written_sets(known, digits))
            begin = None if parent is None else functools.partial(self._lineage.weights, parent)
            self._lives.add(LiveRun(run, digits, begin, known) for run in runs)
        self._cache.forget()
        return tuple(self._lives.all().get(run.id) or self.get(run.id) for run in runs)

    def _check_queue(self, owner: str, configs: Sequence[TrainingConfig]) -> None:
        runs = self._lives.all().values()
        waiting = [run for run in runs if run.state == WAITING]
        if any(run.owner == owner for run in waiting):
            raise RunError("You can queue one run at a time. Wait until it starts, or cancel it.")
        if len(waiting) >= MAX_WAITING:
            raise RunError(f"{len(waiting)} runs are already waiting: try again later.")
        self._check_time(owner, configs)
        for config in configs:
            if lack := self.lacks_room(config):
                raise RunError(lack)

    def _check_time(self, owner: str, configs: Sequence[TrainingConfig]) -> None:
        others_wait = any(run.state == WAITING and run.owner != owner for run in self.all())
        seconds = max(estimates.of(config).seconds for config in configs)
        if others_wait and seconds > self._run_seconds:
            raise RunError(
                f"While others wait, a run may take {self._run_seconds / 60:g} minutes; this one would take about "
                f"{math.ceil(seconds / 60):,}. Choose fewer epochs, fewer digits or a smaller network."
            )

    def _new_runs(
        self, configs: Sequence[TrainingConfig], owner: str, name: str, parent: str | None
    ) -> list[Run]:
        series, now, count = secrets.token_hex(6), time.time(), len(self.all())
        runs = []
        for i, config in enumerate(configs):
            what = config.network.title or "Network"
            own = f"{what} {count + i + 1}" if not name else name if len(configs) == 1 else f"{name}: {what}"
            runs.append(
                Run(
                    secrets.token_hex(6),
                    owner,
                    own[:MAX_NAME_LENGTH],
                    WAITING,
                    "",
                    config,
                    now + i / 1000,  # so that they keep their order
                    series=series,
                    parent=parent,
                )
            )
        return runs

    def all(self) -> list[Run]:
        """Every run, newest first, without those that were deleted."""
        own = self._lives.all()
        written = self._cache.all()
        runs = [replace(own[run.id], name=run.name) if run.id in own else run for run in written]
        known = {run.id for run in written}
        runs += [run for run in own.values() if run.is_live and run.id not in known]  # just asked for
        return sorted(runs, key=lambda run: -run.created)

    def get(self, run_id: str) -> Run:
        """One run.

        Raises:
            RunError: there is none, or it was deleted.
        """
        own = self._lives.all().get(run_id)
        if own is not None and own.is_live:  # watched and steered whatever becomes of the store
            return replace(own, name=self._cache.name_of(run_id) or own.name)
        for run in self.all():
            if run.id == run_id:
                return run
        raise RunError(_NOT_FOUND)

    def progress(self, run_id: str) -> Progress:
        """How a run went until now, live or from the store.

        Raises:
            RunError: there is no such run.
        """
        if live := self._lives.find(run_id):
            return live.recording.progress()
        if self.get(run_id).is_live:  # in another process, which writes every ten seconds
            return self._cache.recording(run_id)
        return self._cache.past_recording(run_id)

    def quota_warning(self, owner: str) -> str:
        """A sentence if a visitor will soon have as many runs as one may, else "".

        Raises:
            StoreError: the store does not answer.
        """
        return self._table.use(owner).warning()

    def is_elsewhere(self, run: Run) -> bool:
        """Whether a live run is another copy of this app's, which alone can steer it."""
        return run.is_live and self._lives.find(run.id) is None

    def steering(self, run_id: str) -> Steering:
        """What a live run was last told."""
        live = self._lives.find(run_id)
        return live.steering if live else Steering()

    def was_chosen_on_test(self, run: Run) -> bool:
        """Whether a run, or one that it went on from, was chosen on the test digits; as far as those are still there."""
        return self._lineage.was_chosen_on_test(run)

    def lacks_room(self, config: TrainingConfig | None = None) -> str:
        """A sentence if the memory left does not hold a worker, else "". Where runs go, one more can wait for theirs.

        Args:
            config: what it is to train; None for the least that a worker needs.
        """
        needed = memory.WORKER_BYTES if config is None else estimates.needed_bytes(config)
        is_any_live = any(run.is_live for run in self._lives.all().values())
        return self._lives.room.lack(needed, comes_later=is_any_live)

    @contextmanager
    def taking_room(self) -> Iterator[None]:
        """Promise the memory of one worker to what another process does meanwhile, such as importing a model.

        Raises:
            RunError: so much is not left.
        """
        task = object()
        if lack := self._lives.room.take(task, memory.WORKER_BYTES):
            raise RunError(lack)
        try:
            yield
        finally:
            self._lives.room.give_back(task)

    def close(self) -> None:
        """End what is live, keeping what it learnt, and the engine with it."""
        self._lives.close(_CLOSE_SECONDS)


@functools.lru_cache(maxsize=1)
def default() -> Runs:
    """The runs of this process, in its store. No Streamlit cache holds them: any visitor can clear those.

    Example:
        >>> from digit_core import runs
        >>> runs.default() is runs.default()
        True
    """
    return Runs(stores.default())
