"""Runs in the database: written down, read again, and taken from web processes that are gone."""

import functools
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, update

from digit_core.errors import ConfigurationError, StoreError
from digit_core.recipes import configuration
from digit_core.recipes.configuration import TrainingConfig
from digit_core.storage import processes, quotas, run_records
from digit_core.storage.database import Database, put
from digit_core.storage.processes import Process
from digit_core.storage.run_records import INTERRUPTED, LIVE_STATES, STARTING, WAITING, Run
from digit_core.storage.tables import PROCESSES, RUN_FILES, RUNS

RECORDING_FILE, CHECKPOINT_FILE, LEARNT_FILE = "recording.bin", "checkpoint.keras", "learnt_sets.json"
_NO_SUCH_RUN = "This run is not in the database any more, so nothing was saved."
DELETED_SECONDS = 3600  # for how long a deleted run can be brought back


class RunTable:
    """The runs of a database. Threads may share it.

    Every method raises StoreError if the database cannot be read or written; then nothing was kept.
    """

    def __init__(self, database: Database) -> None:
        """Look into nothing yet."""
        self._database = database
        self._known: dict[str, tuple[int, Run, str]] = {}  # revision, record, process

    def add(self, process: Process, runs: Iterable[Run], files: dict[str, bytes] | None = None) -> None:
        """Write new runs down, together, as those of `process`; `files` are of each of them.

        Raises:
            StoreError: nothing could be kept, or there would be too much: see `quotas`.
        """
        runs = list(runs)
        with self._database.writing() as connection:
            for owner in {run.owner for run in runs}:
                quotas.check_runs(connection, owner, sum(run.owner == owner for run in runs))
            processes.beat(connection, process)
            for run in runs:
                _insert(connection, process, run)
                _put_files(connection, run.id, files or {})

    def keep(
        self,
        run: Run,
        files: dict[str, bytes],
        checkpoint_epoch: int | None = None,
        process: Process | None = None,
    ) -> None:
        """Write down how a run stands now, with new contents of its files: all of it, or nothing.

        Args:
            run: its name is not written: people may have changed it meanwhile.
            files: name to content. With a model's files, the checkpoint goes.
            checkpoint_epoch: of the checkpoint among the files.
            process: whose run it is, so that a database that was made anew gets all of it; None to refuse that.

        Raises:
            StoreError: nothing could be kept.
        """
        values = {name: value for name, value in _changing(run).items() if name != "name"}
        if run.has_model:
            values["checkpoint_epoch"] = None
        elif checkpoint_epoch is not None:
            values["checkpoint_epoch"] = checkpoint_epoch
        with self._database.writing() as connection:
            if not _change(connection, run.id, **values):
                if process is None:
                    raise StoreError(_NO_SUCH_RUN)
                processes.beat(connection, process)
                _insert(connection, process, run)
                _change(connection, run.id, **values)
            _put_files(connection, run.id, files)
            if run.has_model:
                connection.execute(
                    RUN_FILES.delete().where(RUN_FILES.c.run == run.id, RUN_FILES.c.name == CHECKPOINT_FILE)
                )

    def beat(self, process: Process) -> None:
        """Say that the process lives."""
        with self._database.writing() as connection:
            processes.beat(connection, process)

    def all(self) -> list[Run]:
        """Every run that is not deleted, newest first; only those that changed since the last call are fetched whole."""
        with self._database.reading() as connection:
            query = select(RUNS.c.id, RUNS.c.revision).where(RUNS.c.deleted.is_(None))
            found = connection.execute(query.order_by(RUNS.c.created.desc(), RUNS.c.id)).all()
            known = dict(self._known)
            fresh = [row.id for row in found if known.get(row.id, (-1,))[0] != row.revision]
            for row in connection.execute(select(RUNS).where(RUNS.c.id.in_(fresh))) if fresh else ():
                known[row.id] = (row.revision, _run(row), row.process)
        self._known = {row.id: known[row.id] for row in found if row.id in known}
        return _with_places(list(self._known.values()))

    def interrupt_orphans(self) -> None:
        """Give the runs an end whose process is gone."""
        self._interrupt(
            "The app was stopped",
            lambda row: Process(row.id, row.place, row.number, row.started).is_gone(row.beat),
        )

    def interrupt_all(self, what: str) -> None:
        """Give every live run an end: in a copy, where nothing goes on. `what` happened: the beginning of a sentence."""
        self._interrupt(what, lambda _: True)

    def _interrupt(self, what: str, is_over: Callable[[Row[Any]], bool]) -> None:
        query = (
            select(RUNS.c.id.label("run"), RUNS.c.state, RUNS.c.checkpoint_epoch, PROCESSES)
            .join(PROCESSES, PROCESSES.c.id == RUNS.c.process)
            .where(RUNS.c.state.in_(LIVE_STATES))
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        gone = [row for row in rows if is_over(row)]
        if not gone:
            return
        with self._database.writing() as connection:
            for row in gone:
                reason = interruption(what, row.state, row.checkpoint_epoch)
                is_still_live = RUNS.c.state.in_(LIVE_STATES) & (RUNS.c.process == row.id)
                _change(connection, row.run, is_still_live, state=INTERRUPTED, reason=reason, ended=row.beat)

    def use(self, owner: str) -> quotas.Use:
        """How much of what a visitor may leave there is."""
        with self._database.reading() as connection:
            return quotas.use(connection, owner)

    def claim(self, process: Process, run_id: str, slots: int, own_going: int) -> bool:
        """Let a waiting run start if it is its turn, among all processes of this machine that share this database.

        Args:
            process: whose run it is.
            run_id: of the run.
            slots: how many runs go at once on a machine.
            own_going: how many of them go for this process.

        Returns:
            Whether it may start; it is written down as one that does.
        """
        with self._database.writing() as connection:
            # Two processes that ask at once do so one after the other; SQLite has one writer at a time anyway.
            here = select(PROCESSES).where(PROCESSES.c.place == process.place).order_by(PROCESSES.c.id)
            living = {
                row.id
                for row in connection.execute(here.with_for_update())
                if not Process(row.id, row.place, row.number, row.started).is_gone(row.beat)
            }
            query = select(RUNS).where(RUNS.c.state.in_(LIVE_STATES), RUNS.c.process.in_(living))
            rows = connection.execute(query).all()
            going = own_going + sum(row.process != process.id and row.state != WAITING for row in rows)
            turns = [run.id for run in run_records.in_turn(_run(row) for row in rows)]
            if run_id in turns and run_id not in turns[: max(0, slots - going)]:
                return False
            _change(connection, run_id, state=STARTING)
        return True

    def is_waited_for(self, owner: str, place: str) -> bool:
        """Whether anybody else's run waits on a machine."""
        query = (
            select(RUNS.c.id)
            .join(PROCESSES, PROCESSES.c.id == RUNS.c.process)
            .where(RUNS.c.state == WAITING, RUNS.c.owner != owner, PROCESSES.c.place == place)
        )
        with self._database.reading() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def file(self, run_id: str, name: str) -> bytes | None:
        """The content of a run's file, None if it has none of that name."""
        query = select(RUN_FILES.c.content).where(RUN_FILES.c.run == run_id, RUN_FILES.c.name == name)
        with self._database.reading() as connection:
            return connection.execute(query).scalar()

    def file_size(self, run_id: str, name: str) -> int | None:
        """How many bytes a run's file has, without fetching them; None if it has none of that name."""
        query = select(func.length(RUN_FILES.c.content)).where(
            RUN_FILES.c.run == run_id, RUN_FILES.c.name == name
        )
        with self._database.reading() as connection:
            return connection.execute(query).scalar()

    def rename(self, run_id: str, name: str) -> None:
        """Give a run another name."""
        with self._database.writing() as connection:
            if not _change(connection, run_id, name=name):
                raise StoreError(_NO_SUCH_RUN)

    def delete(self, run_id: str, moment: float | None) -> None:
        """Take a run out of sight at a moment, in seconds since 1970, or bring it back with None."""
        with self._database.writing() as connection:
            _change(connection, run_id, deleted=moment)

    def deleted(self, run_id: str) -> Run | None:
        """A run that was deleted and is not gone yet."""
        oldest = time.time() - DELETED_SECONDS
        with self._database.reading() as connection:
            row = connection.execute(
                select(RUNS).where(RUNS.c.id == run_id, RUNS.c.deleted > oldest)
            ).one_or_none()
        return None if row is None else _run(row)

    def purge(self) -> None:
        """Remove what was deleted more than an hour ago, for ever, and the processes that no live run belongs to."""
        old = select(RUNS.c.id).where(RUNS.c.deleted < time.time() - DELETED_SECONDS)
        with self._database.writing() as connection:
            connection.execute(RUN_FILES.delete().where(RUN_FILES.c.run.in_(old)))
            connection.execute(RUNS.delete().where(RUNS.c.deleted < time.time() - DELETED_SECONDS))
            needed = select(RUNS.c.process).where(RUNS.c.state.in_(LIVE_STATES))
            connection.execute(PROCESSES.delete().where(PROCESSES.c.id.not_in(needed)))


def interruption(what: str, state: str, checkpoint_epoch: int | None) -> str:
    """The reason of an interrupted run: what happened, in which state it was, and whether weights are kept."""
    if state == WAITING:
        return f"{what} while this run was waiting. Start it again."
    if checkpoint_epoch is None:
        return f"{what} during this run. No weights had been saved yet."
    return (
        f"{what} during this run. The weights of epoch {checkpoint_epoch} are saved: you can continue "
        "from them."
    )


def _insert(connection: Connection, process: Process, run: Run) -> None:
    connection.execute(
        RUNS.insert().values(
            id=run.id,
            revision=0,
            process=process.id,
            owner=run.owner,
            created=run.created,
            config=run.config and json.dumps(run.config.as_dict()),
            series=run.series,
            parent=run.parent,
            **_changing(run),
        )
    )


def _change(connection: Connection, run_id: str, *conditions: ColumnElement[bool], **values: Any) -> bool:
    """Change a run; False if there is none."""
    change = update(RUNS).where(RUNS.c.id == run_id, *conditions)
    return connection.execute(change.values(revision=RUNS.c.revision + 1, **values)).rowcount > 0


def _put_files(connection: Connection, run_id: str, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        put(connection, RUN_FILES, run=run_id, name=name, content=content)


def _changing(run: Run) -> dict[str, Any]:
    return {
        "name": run.name,
        "state": run.state,
        "reason": run.reason,
        "started": run.started,
        "ended": run.ended,
        "card": run.card and json.dumps(run.card),
    }


@functools.lru_cache(maxsize=1_000)
def _config(text: str) -> TrainingConfig | None:
    try:
        return configuration.from_dict(json.loads(text))
    except ConfigurationError:  # of a version that knew other settings: one such run must not hide all others
        return None


def _run(row: Row[Any]) -> Run:
    return run_records.Run(
        row.id,
        row.owner,
        row.name,
        row.state,
        row.reason,
        None if row.config is None else _config(row.config),
        row.created,
        row.started,
        row.ended,
        series=row.series,
        parent=row.parent,
        has_model=row.card is not None,
        has_checkpoint=row.checkpoint_epoch is not None,
        card=row.card and json.loads(row.card),
    )


def _with_places(entries: list[tuple[int, Run, str]]) -> list[Run]:
    """The runs of these entries, newest first; those that wait get their places in the queue of their process."""
    queues: dict[str, list[Run]] = {}
    for _, run, process in entries:
        queues.setdefault(process, []).append(run)
    places = {
        run.id: place
        for runs in queues.values()
        for place, run in enumerate(run_records.in_turn(runs), start=1)
    }
    return [replace(run, place=places.get(run.id)) for _, run, _ in entries]
