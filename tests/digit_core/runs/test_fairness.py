"""Who shares a machine takes turns: over series, long runs, and several copies of this app."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from digit_core.digits import Digits
from digit_core.errors import RunError
from digit_core.runs.queue import Runs
from digit_core.storage import processes
from digit_core.storage.run_records import FINISHED, RUNNING, STARTING, STOPPED, WAITING, Run, in_turn
from digit_core.storage.store import Store
from tests.training_ground import ANN, BEN, LONG, TINY, engine, wait_for_end, wait_for_epoch

HERE = processes.this_process()
COPY = replace(HERE, id="2" * 32)  # another one on this machine that lives


def run(number: int, owner: str, state: str = WAITING) -> Run:
    return Run(f"{number:012x}", owner, f"run {number}", state, "", TINY, 1000.0 + number)


def test_a_series_lets_others_in_between() -> None:
    series = [run(number, ANN) for number in range(1, 4)]
    assert in_turn([*series, run(4, BEN)]) == [series[0], run(4, BEN), *series[1:]]
    going = replace(series[0], state=RUNNING)
    assert in_turn([going, *series[1:], run(4, BEN)]) == [run(4, BEN), *series[1:]]


def test_copies_of_the_app_on_one_machine_share_its_slots(database_url: str) -> None:
    store = Store(database_url)
    store.runs.add(HERE, [run(1, ANN)])
    store.runs.add(COPY, [run(2, BEN)])
    assert not store.runs.claim(COPY, run(2, BEN).id, slots=1, own_going=0)  # the other one was there first
    assert store.runs.claim(HERE, run(1, ANN).id, slots=1, own_going=0)
    assert not store.runs.claim(COPY, run(2, BEN).id, slots=1, own_going=0)
    assert store.runs.claim(COPY, run(2, BEN).id, slots=2, own_going=0)
    assert {found.state for found in store.runs.all()} == {STARTING}
    store.close()


def test_copies_on_other_machines_and_dead_ones_take_no_slot(store: Store) -> None:
    elsewhere = replace(HERE, id="3" * 32, place="another machine")
    dead = replace(HERE, id="4" * 32, started=1.0)
    store.runs.add(elsewhere, [run(1, ANN, RUNNING)])
    store.runs.add(dead, [run(2, ANN, RUNNING), run(3, ANN)])
    store.runs.add(HERE, [run(4, BEN)])
    assert store.runs.claim(HERE, run(4, BEN).id, slots=1, own_going=0)


def test_a_training_of_days_is_refused_while_others_wait(store: Store, made_up: Digits) -> None:
    all_runs = Runs(store, run_seconds=1200)
    store.runs.add(COPY, [run(1, BEN)])
    with pytest.raises(
        RunError, match="While others wait, a run may take 20 minutes; this one would take about"
    ):
        all_runs.start([replace(LONG, batch_size=1, subset_size=60_000)], ANN, digits=made_up)
    assert [found.owner for found in all_runs.all()] == [BEN]
    all_runs.close()


@contextmanager
def copy_of_the_app(url: str, scheduler: str) -> Iterator[Runs]:
    store = Store(url)
    found = Runs(store, slots=1, scheduler=scheduler, run_seconds=1.0)
    yield found
    found.close()
    store.close()


def test_a_run_that_has_had_its_time_ends_with_a_model_when_anybody_waits(
    sqlite_url: str, made_up: Digits
) -> None:
    """Also if they wait in another copy of the app, which trains only then; without them it may go on."""
    with (
        engine() as (address, process),
        copy_of_the_app(sqlite_url, address) as first,
        copy_of_the_app(sqlite_url, address) as second,
    ):
        (long,) = first.start([LONG], ANN, digits=made_up)
        first.access.steer(long.id, ANN, step_pause_seconds=0.2)
        wait_for_epoch(first, long, epoch=2)
        assert second.is_elsewhere(second.get(long.id))
        assert not first.is_elsewhere(first.get(long.id))
        (short,) = second.start([TINY], BEN, digits=made_up)
        long, short = wait_for_end(first, long), wait_for_end(second, short)
        assert (long.state, long.has_model, short.state) == (STOPPED, True, FINISHED)
        assert long.reason.startswith(
            "Ended after 0.0167 min because other people's runs were waiting, in epoch"
        )
        assert short.started > long.started + 1
        process.stdin.close()
