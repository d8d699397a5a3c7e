"""The runs of a process are begun, or end with a sentence; nothing that breaks leaves one between the two."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from distributed import Client, Scheduler

from digit_core.digits import Digits
from digit_core.errors import RunError, StoreError
from digit_core.recipes.architectures import Architecture, Convolution, Flatten, Pooling
from digit_core.recipes.configuration import TrainingConfig
from digit_core.runs.lineage import Lineage
from digit_core.runs.memory import WORKER_BYTES
from digit_core.runs.queue import Runs
from digit_core.storage.run_records import FAILED, FINISHED, RUNNING, STOPPED, WAITING, Run
from digit_core.storage.run_table import RunTable
from digit_core.storage.store import Store
from digit_core.workers import cluster
from tests.training_ground import ANN, LONG, TINY, engine, engine_of, wait_for_end, wait_until


@contextmanager
def opened(folder: Path, scheduler: str = "", **options: float) -> Iterator[Runs]:
    store = Store(f"sqlite:///{folder / 'digitlab.db'}")
    found = Runs(store, scheduler=scheduler, **options)
    yield found
    found.close()
    store.close()


@pytest.mark.parametrize("scheduler", ["tls://127.0.0.1:9", "carrier-pigeon://roof"])
def test_a_scheduler_that_cannot_be_is_said(tmp_path: Path, made_up: Digits, scheduler: str) -> None:
    with opened(tmp_path, scheduler) as all_runs:
        (run,) = all_runs.start([TINY], ANN, digits=made_up)
        run = wait_for_end(all_runs, run)
        assert run.state == FAILED
        assert run.reason.startswith("DIGIT_SCHEDULER is not an address that Dask can use")


def test_weights_that_cannot_be_read_end_the_run(
    tmp_path: Path, made_up: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Lineage, parent: str) -> bytes:
        raise OSError("The disk does not answer")

    monkeypatch.setattr(Lineage, "weights", broken)
    monkeypatch.setattr(Lineage, "check", lambda *arguments: None)
    with opened(tmp_path) as all_runs:
        (run,) = all_runs.start([TINY], ANN, parent="0" * 12, digits=made_up)
        run = wait_for_end(all_runs, run)
        assert run.state == FAILED
        assert run.reason == "The training could not be started: OSError: The disk does not answer"


def test_another_engine_is_started_when_the_client_has_given_the_first_one_up(
    tmp_path: Path, made_up: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_OWN_SECONDS", 2)  # after which it gives up
    with opened(tmp_path) as all_runs:
        client = all_runs._lives.cluster.open()
        engine_of(all_runs).kill()
        wait_until(lambda: client.status == "closed")
        (run,) = all_runs.start([TINY], ANN, digits=made_up)
        assert wait_for_end(all_runs, run).state == FINISHED


def test_a_training_too_large_for_the_memory_is_refused_beforehand(tmp_path: Path) -> None:
    layers = (*[Convolution(512, padding="same")] * 2, Pooling(4), Flatten())
    large = TrainingConfig(Architecture("Large", "Much to remember.", layers), batch_size=4096)
    with opened(tmp_path) as all_runs:
        all_runs._lives.room._left = lambda: 3 * WORKER_BYTES  # of any machine
        assert all_runs.lacks_room() == all_runs.lacks_room(TINY) == ""
        assert "Choose a smaller network or batch" in all_runs.lacks_room(large)
        with pytest.raises(RunError, match="smaller network or batch"):
            all_runs.start([TINY, large], ANN)
        assert all_runs.all() == []


def test_a_run_waits_for_the_memory_of_the_one_that_goes(tmp_path: Path, made_up: Digits) -> None:
    with opened(tmp_path, slots=2) as all_runs:
        all_runs._lives.room._left = lambda: round(
            1.1 * WORKER_BYTES
        )  # one worker's, of which there may be two
        first, second = all_runs.start([LONG, TINY], ANN, digits=made_up)
        all_runs.access.steer(first.id, ANN, step_pause_seconds=5)  # so that it surely still goes
        wait_until(lambda: all_runs.get(first.id).state == RUNNING)
        assert all_runs.get(second.id).state == WAITING
        all_runs.access.steer(first.id, ANN, is_stopped=True)
        first, second = (wait_for_end(all_runs, run) for run in (first, second))
        assert (first.state, second.state) == (STOPPED, FINISHED)
        assert second.started >= first.ended - 1


def test_a_live_run_is_watched_and_stopped_while_the_store_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def no_answer(table: RunTable) -> list[Run]:
        asked.append(table)
        raise StoreError("The database is busy.")

    with opened(tmp_path, slots=0) as all_runs:  # so that it waits
        (run,) = all_runs.start([TINY], ANN)
        all_runs.access.rename(run.id, ANN, "mine")
        assert all_runs.get(run.id).name == "mine"
        with monkeypatch.context() as patched:
            patched.setattr(RunTable, "all", no_answer)
            for _ in range(3):
                all_runs._cache.forget()
                with pytest.raises(StoreError, match="busy"):
                    all_runs.all()
            assert len(asked) == 1  # nobody else waits for what does not answer
            assert (all_runs.get(run.id).name, all_runs.get(run.id).state) == ("mine", WAITING)
            all_runs.access.steer(run.id, ANN, is_stopped=True)
            live = all_runs._lives.find(run.id)
            assert live is None or live.run.state == STOPPED
        wait_until(lambda: all_runs._lives.find(run.id) is None)
        wait_until(lambda: _is_answered(all_runs))  # the store is asked again after some seconds
        assert all_runs.get(run.id).state == STOPPED


def _is_answered(all_runs: Runs) -> bool:
    try:
        return bool(all_runs.all())
    except StoreError:
        return False


def test_an_outside_scheduler_forgets_what_was_said_when_nothing_goes(
    tmp_path: Path, made_up: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__EVENTS_CLEANUP_DELAY", "1s")  # an hour, otherwise
    with engine() as (address, process), opened(tmp_path, address) as all_runs:
        (run,) = all_runs.start([TINY], ANN, digits=made_up)
        run = wait_for_end(all_runs, run)
        assert run.state == FINISHED
        wait_until(lambda: all_runs._lives.cluster._client is None)
        with Client(address, set_as_default=False) as client:
            wait_until(lambda: client.run_on_scheduler(_kept) == ([], []))
        assert all_runs.models.export(run.model, "h5")  # by another client
        assert all_runs._lives.cluster._client is None
        process.stdin.close()


def _kept(dask_scheduler: Scheduler) -> tuple[list[str], list[str]]:
    """What a scheduler holds: the clients' topics in which something was said, and the variables of runs."""
    said = dask_scheduler.get_events()
    topics = [topic for topic, events in said.items() if topic.startswith("Client-digit-lab") and events]
    return topics, list(dask_scheduler.extensions["variables"].variables)
