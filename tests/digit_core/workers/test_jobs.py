"""What a worker executes tells each thing once, hears what is wanted, and never raises what the web could not read."""

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from distributed import Client, Future, Scheduler, Variable

from digit_core.digits import Digits
from digit_core.monitoring import recordings
from digit_core.monitoring.events import BatchEnded, EpochEnded, RunEnded, RunStarted, Steering
from digit_core.settings import PROJECT_FOLDER
from digit_core.workers import jobs
from tests.training_ground import LONG, PATIENCE_SECONDS, TINY, engine, wait_until


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with engine(workers=1) as (address, process):
        with Client(address, set_as_default=False) as client:
            yield client
        process.stdin.close()


class Asked:
    """A training given to a worker, and all it said."""

    def __init__(
        self,
        client: Client,
        config: dict[str, Any],
        digits: object,
        steering: Steering | None = None,
        attempts: int = 0,
        patience_seconds: float = 60.0,
        versions: dict[str, str] | None = None,
    ) -> None:
        self.id = uuid.uuid4().hex[:12]
        self.said: list[dict[str, Any]] = []
        client.subscribe_topic(self.id, lambda event: self.said.append(json.loads(event[1])))
        message = jobs.steering_message(steering or Steering(), 1)
        Variable(jobs.variable(self.id, "steering"), client).set(message)
        Variable(jobs.variable(self.id, "attempts"), client).set(attempts)
        self._future: Future = client.submit(
            jobs.train, self.id, self.id, config, digits, None, patience_seconds, None, versions, pure=False
        )

    def outcome(self) -> dict[str, Any]:
        return self._future.result(timeout=PATIENCE_SECONDS)

    def events(self) -> list[recordings.Event]:
        return [recordings.from_message(entry["event"]) for entry in list(self.said) if "event" in entry]


def test_steps_are_told_a_few_times_a_second_and_the_last_of_each_epoch_always(
    client: Client, made_up: Digits
) -> None:
    began = time.monotonic()
    asked = Asked(client, replace(TINY, batch_size=2, epochs=2).as_dict(), made_up)
    outcome = asked.outcome()
    assert outcome["model"].card["ended"] == "All 2 epochs are done."
    assert not outcome["model"].card["cut_short"]
    wait_until(lambda: isinstance(asked.events()[-1], RunEnded))
    assert asked.said[0]["begun"]["attempt"] == 1
    assert all(entry["run"] == asked.id for entry in asked.said)
    events = asked.events()
    assert isinstance(events[0], RunStarted)
    assert sum(isinstance(event, EpochEnded) for event in events) == 2
    batches = [event for event in events if isinstance(event, BatchEnded)]
    assert [(batch.epoch, batch.step) for batch in batches if batch.step == 275] == [(1, 275), (2, 275)]
    # When each was told is known to the worker alone, however long a busy machine lies between two lines of it.
    assert len(batches) <= 3 + (time.monotonic() - began) / jobs.BATCH_SECONDS
    for place, event in enumerate(events):
        if isinstance(event, EpochEnded):
            told = [before for before in events[:place] if isinstance(before, BatchEnded)]
            assert (told[-1].epoch, told[-1].step) == (event.epoch, 275)


def test_keras_comes_without_what_no_training_uses() -> None:
    program = """
import sys
from digit_core.training import lean_import
lean_import.import_keras()
from digit_core.training import trainer
print([name for name in ("pandas", "sklearn", "matplotlib") if name in sys.modules])
import pandas, sklearn  # which are there for others
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT_FOLDER, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr


def test_a_second_attempt_trains_nothing(client: Client, made_up: Digits) -> None:
    asked = Asked(client, TINY.as_dict(), made_up, attempts=1)
    assert asked.outcome() == {"again": True}
    assert asked.events() == []


def test_a_run_that_is_stopped_before_it_begins_trains_nothing(client: Client, made_up: Digits) -> None:
    asked = Asked(client, LONG.as_dict(), made_up, Steering(is_stopped=True))
    assert asked.outcome() == {}


def _variables(dask_scheduler: Scheduler) -> list[str]:
    return list(dask_scheduler.extensions["variables"].variables)


def test_a_run_that_nobody_listens_to_ends_itself_with_its_weights(client: Client, made_up: Digits) -> None:
    slow = Steering(step_pause_seconds=0.02)
    asked = Asked(client, LONG.as_dict(), made_up, slow, patience_seconds=3)
    Variable(jobs.variable(asked.id, "checkpoint"), client).set({"epoch": 1, "content": b"weights"})
    outcome = asked.outcome()
    assert len(outcome["model"].history) < LONG.epochs
    card = outcome["model"].card
    assert card["ended"].startswith("Ended because nothing was heard from the app for 3 seconds, in epoch ")
    assert card["cut_short"]
    left = client.run_on_scheduler(_variables)
    assert jobs.variable(asked.id, "steering") in left
    assert jobs.variable(asked.id, "checkpoint") not in left  # some megabytes each


@pytest.mark.parametrize(
    ("config", "digits", "sentence"),
    [
        ({"magic": 1}, None, "There is no setting 'magic'."),
        (TINY.as_dict(), "no digits", "The training failed: "),
    ],
)
def test_what_goes_wrong_is_a_sentence_and_no_exception(
    client: Client, config: dict[str, Any], digits: object, sentence: str
) -> None:
    outcome = Asked(client, config, digits).outcome()
    assert outcome["failure"].startswith(sentence)


def test_an_export_of_what_is_no_model_is_a_sentence(client: Client) -> None:
    outcome = client.submit(jobs.export, b"no model", "h5", None, pure=False).result(timeout=PATIENCE_SECONDS)
    assert outcome["failure"].startswith("This is not a Keras model")


def test_a_worker_of_another_version_says_what_differs(client: Client, made_up: Digits) -> None:
    versions = jobs.versions() | {"Keras": "2.0", "Digit Lab": "0.0.1"}
    said = Asked(client, TINY.as_dict(), made_up, versions=versions).outcome()["failure"]
    assert said.startswith("The worker has Digit Lab ")
    assert " instead of 0.0.1 and Keras 3." in said
    assert "Python" not in said
