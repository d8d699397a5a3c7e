"""Nobody fills the database alone, nor all together; who comes near is told before."""

import pytest

from digit_core import settings
from digit_core.errors import StoreError
from digit_core.storage import processes, quotas
from digit_core.storage.run_records import FINISHED, Run
from digit_core.storage.store import Store
from tests.training_ground import ANN, BEN, TINY

HERE = processes.this_process()


@pytest.fixture
def store(database_url: str) -> Store:
    store = Store(database_url)
    yield store
    store.close()


def add(store: Store, number: int, owner: str = ANN, size: int = 10) -> None:
    run = Run(f"{number:012x}", owner, f"run {number}", FINISHED, "", TINY, 1000.0 + number)
    store.runs.add(HERE, [run], {"model.keras": bytes(size)})


def test_a_visitors_runs_are_limited_and_that_is_said_before(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas, "MAX_RUNS", 5)
    for number in range(4):
        assert store.runs.use(ANN).warning() == ""
        add(store, number)
    assert store.runs.use(ANN).warning() == "You have 4 of at most 5 runs: delete those you no longer need."
    add(store, 4)
    with pytest.raises(StoreError, match=r"5 runs of yours.*nothing was saved\. Delete those"):
        add(store, 5)
    add(store, 6, BEN)  # the others have theirs
    store.runs.delete(f"{0:012x}", 2000.0)
    add(store, 5)
    assert len(store.runs.all()) == 6


def test_the_bytes_of_a_visitors_runs_are_limited_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "MAX_RUN_BYTES", 2_000_000)
    add(store, 1, size=1_700_000)
    assert store.runs.use(ANN).warning().startswith("Your runs take 2 of at most 2 MB")
    add(store, 2, size=1_700_000)
    with pytest.raises(StoreError, match="2 runs of yours with 3 MB"):
        add(store, 3)


def test_all_together_are_limited_in_runs_sets_and_bytes(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas, "MAX_ALL_RUNS", 2)
    monkeypatch.setattr(quotas, "MAX_ALL_SETS", 1)
    store.drawing_sets.make(ANN, "Class 7b")
    with pytest.raises(StoreError, match="holds 1 sets of drawings"):
        store.drawing_sets.make(BEN, "Class 7c")
    add(store, 1)
    add(store, 2, BEN)
    with pytest.raises(StoreError, match="holds 2 runs"):
        add(store, 3, "c" * 32)
    monkeypatch.setattr(quotas, "MAX_ALL_RUNS", 9)
    monkeypatch.setattr(settings, "STORE_MEGABYTES", 0)
    with pytest.raises(StoreError, match="set DIGIT_STORE_MEGABYTES"):
        add(store, 3, "c" * 32)
