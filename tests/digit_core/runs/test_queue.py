"""Runs from asking to taking away, with a real engine and a real scheduler elsewhere, in SQLite and in PostgreSQL.

The other place is a scheduler with a worker over TLS; the worker runs in a copy of the project in another folder.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import dask
import numpy as np
import psutil
import pytest
import trustme
from sqlalchemy import create_engine, make_url

from digit_core import runs, settings
from digit_core.digits import Digits, Handwriting
from digit_core.errors import ConfigurationError, RunError
from digit_core.inference import classifier, model_files
from digit_core.recipes import fine_tuning
from digit_core.recipes.architectures import Architecture, Dense, Flatten
from digit_core.recipes.configuration import TrainingConfig
from digit_core.runs.queue import Runs
from digit_core.settings import PROJECT_FOLDER
from digit_core.storage import processes, visitors
from digit_core.storage.run_records import (
    FAILED,
    FINISHED,
    INTERRUPTED,
    LIVE_STATES,
    PAUSED,
    RUNNING,
    SAVING,
    STARTING,
    STOPPED,
    WAITING,
    Run,
)
from digit_core.storage.store import Store
from tests.training_ground import ANN, BEN, LONG, TINY, engine_of, wait_for_end, wait_for_epoch, wait_until


@dataclass(frozen=True)
class Place:
    """Where runs go in a test, and into which database they are written."""

    runs: Runs
    url: str
    worker: subprocess.Popen[bytes] | None = None


@contextmanager
def opened(url: str, scheduler: str = "", **options: object) -> Iterator[Runs]:
    store = Store(url)
    found = Runs(store, scheduler=scheduler, idle_seconds=120, **options)
    yield found
    found.close()
    store.close()


def _certificates(folder: Path) -> dict[str, str]:
    """Dask's settings for TLS between all three."""
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1", "localhost")
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    certificate.private_key_and_cert_chain_pem.write_to_path(str(folder / "node.pem"))
    found = {
        "distributed.comm.require-encryption": "true",
        "distributed.comm.tls.ca-file": str(folder / "ca.pem"),
    }
    for role in ("client", "scheduler", "worker"):
        for what in ("key", "cert"):
            found[f"distributed.comm.tls.{role}.{what}"] = str(folder / "node.pem")
    return found


def _environment(certificates: dict[str, str]) -> dict[str, str]:
    names = {
        "DASK_" + name.replace(".", "__").replace("-", "_").upper(): value
        for name, value in certificates.items()
    }
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "PYTHONWARNINGS": "ignore",
    } | names


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def elsewhere(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A scheduler that asks for TLS, and one worker in a copy of the project; its address and the worker's nanny."""
    copy = folder / "elsewhere"
    shutil.copytree(
        PROJECT_FOLDER / "digit_core", copy / "digit_core", ignore=shutil.ignore_patterns("__pycache__")
    )
    (copy / "data").symlink_to(settings.MNIST_FILE.parent)
    certificates = _certificates(folder)
    address = f"tls://127.0.0.1:{_free_port()}"
    options = {"cwd": copy, "env": _environment(certificates), "stderr": subprocess.DEVNULL}
    begin = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--no-dashboard"]
    scheduler = subprocess.Popen([*begin, "--host", address, "--dashboard-address", "127.0.0.1:0"], **options)
    begin = [
        sys.executable,
        "-m",
        "distributed.cli.dask_worker",
        address,
        "--nthreads",
        "1",
        "--no-dashboard",
    ]
    worker = subprocess.Popen([*begin, "--memory-limit", "0", "--host", "127.0.0.1"], **options)
    with dask.config.set(certificates):
        yield address, worker
    for process in (worker, scheduler):
        family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.kill()
        process.wait()
        for child in family:
            if child.is_running():
                child.kill()


@contextmanager
def _own_database(server: str) -> Iterator[str]:
    address = make_url(server).set(drivername="postgresql+psycopg")
    maker = create_engine(address, isolation_level="AUTOCOMMIT")
    with maker.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE runs")
    yield address.set(database="runs").render_as_string(hide_password=False)
    with maker.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE runs WITH (FORCE)")
    maker.dispose()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """In both places goes what a place can spoil; `make check-long` tries the rest in the second one, too."""
    if "place" in metafunc.fixturenames:
        first, second = "own engine, SQLite", "scheduler over TLS, PostgreSQL"
        marks = [] if metafunc.definition.get_closest_marker("both_places") else [pytest.mark.long]
        metafunc.parametrize(
            "place", [first, pytest.param(second, marks=marks)], indirect=True, scope="module"
        )


@pytest.fixture(scope="module")
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("runs")
    with ExitStack() as stack:
        if request.param.startswith("own"):
            url = f"sqlite:///{folder / 'digitlab.db'}"
            yield Place(stack.enter_context(opened(url)), url)
        else:
            server = request.getfixturevalue("postgresql")
            url = stack.enter_context(_own_database(server))
            address, worker = stack.enter_context(elsewhere(folder))
            yield Place(stack.enter_context(opened(url, address)), url, worker)


@pytest.fixture
def all_runs(place: Place) -> Runs:
    """Runs of which none is live."""
    for run in place.runs.all():
        if run.is_live and run.state != SAVING:
            place.runs.access.steer(run.id, run.owner, is_stopped=True)
    wait_until(lambda: not any(run.is_live for run in place.runs.all()))
    return place.runs


@pytest.fixture
def underway(place: Place, made_up: Digits) -> Run:
    """Ann's run that goes on for long: the one of the test before, where it still goes."""
    for run in place.runs.all():
        if run.state == RUNNING and run.config == LONG and run.owner == ANN:
            return run
    run = start(place.runs, made_up, LONG)
    place.runs.access.steer(run.id, ANN, step_pause_seconds=0.05)
    wait_for_epoch(place.runs, run)
    return place.runs.get(run.id)


@pytest.fixture(scope="module")
def done(place: Place, made_up: Digits) -> Run:
    """A run that has finished."""
    return wait_for_end(place.runs, start(place.runs, made_up, replace(TINY, epochs=6), name="done"))


def start(
    all_runs: Runs,
    digits: Digits | Handwriting,
    config: TrainingConfig = TINY,
    owner: str = ANN,
    **options: object,
) -> Run:
    (run,) = all_runs.start([config], owner, digits=digits, **options)
    return run


@pytest.mark.both_places
def test_a_run_goes_from_asking_to_a_model_in_the_store(
    place: Place, all_runs: Runs, made_up: Digits, tmp_path: Path
) -> None:
    asked = start(all_runs, made_up, name="  my   first ")
    assert (asked.state in LIVE_STATES, asked.owner, asked.name) == (True, ANN, "my first")
    seen = set()
    wait_until(lambda: seen.add(all_runs.get(asked.id).state) or not all_runs.get(asked.id).is_live)
    assert {STARTING, FINISHED} <= seen <= {WAITING, STARTING, RUNNING, "saving", FINISHED}
    run = all_runs.get(asked.id)
    assert run.reason == "All 2 epochs are done."
    assert run.created < run.started < run.ended
    assert run.has_model
    assert not run.has_checkpoint
    assert (run.card["configuration"], run.config) == (TINY.as_dict(), TINY)
    progress = all_runs.progress(run.id)
    assert progress.started.training_size == 550
    assert [epoch.epoch for epoch in progress.epochs] == [1, 2]
    assert (progress.batches[-1].epoch, progress.batches[-1].step) == (2, 11)
    assert progress.ended.reason == run.reason
    assert progress.watched is not None
    assert progress.snapshots
    trained = all_runs.models.get(run.id)
    trained.save(tmp_path / "model")
    answers = classifier.load(tmp_path / "model").predict_dataset(made_up.images)
    assert answers.shape == (600, 10)
    again = Store(place.url)  # what another process reads
    assert again.runs.all()[0] == run
    assert again.runs.file(run.id, "model.keras") == trained.files["model.keras"]
    again.close()


@pytest.mark.both_places
def test_every_kind_of_file_can_be_taken_away(place: Place, done: Run) -> None:
    all_runs, run = place.runs, done
    beginnings = {"keras": b"PK", "h5": b"\x89HDF", "savedmodel": b"PK", "tflite": b""}
    for export_format, beginning in beginnings.items():
        assert all_runs.models.export(run.model, export_format).startswith(beginning), export_format
    assert all_runs.models.export(model_files.default_name(), "h5").startswith(b"\x89HDF")
    with pytest.raises(RunError, match="not as 'onnx'"):
        all_runs.models.export(run.model, "onnx")
    with pytest.raises(RunError, match="no such"):
        all_runs.models.export("run-000000000000", "h5")


@pytest.mark.both_places
def test_a_run_is_paused_and_goes_on(place: Place, underway: Run) -> None:
    run = underway
    place.runs.access.steer(run.id, ANN, is_paused=True)
    assert place.runs.get(run.id).state == PAUSED
    assert place.runs.steering(run.id).is_paused

    def steps() -> int:
        return len(place.runs.progress(run.id).batches)

    wait_until(lambda: _stands_still(steps, 1.0))
    before = steps()
    place.runs.access.steer(run.id, ANN, is_paused=False)
    assert place.runs.get(run.id).state == RUNNING
    wait_until(lambda: steps() > before)


def _stands_still(count: object, seconds: float) -> bool:
    before = count()
    time.sleep(seconds)
    return count() == before


def test_slow_motion_is_slow(place: Place, underway: Run) -> None:
    run = underway
    place.runs.access.steer(run.id, ANN, step_pause_seconds=0.5)

    def steps() -> int:
        progress = place.runs.progress(run.id)
        assert progress.started is not None
        last = progress.batches[-1]
        return (last.epoch - 1) * progress.started.steps_per_epoch + last.step

    def is_slow() -> bool:
        before = steps()
        time.sleep(2)
        return 1 <= steps() - before <= 5

    wait_until(is_slow)
    place.runs.access.steer(run.id, ANN, step_pause_seconds=0.05)


def test_a_value_that_cannot_be_is_refused_and_changes_nothing(place: Place, underway: Run) -> None:
    run = underway
    before = place.runs.steering(run.id)
    for changes in ({"learning_rate": -1.0}, {"epochs": 0}, {"step_pause_seconds": float("nan")}):
        with pytest.raises(ConfigurationError):
            place.runs.access.steer(run.id, ANN, **changes)
    assert place.runs.steering(run.id) == before


def test_strangers_change_nothing_and_the_teacher_all(
    place: Place, underway: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = underway
    for visitor, code in ((BEN, ""), (None, ""), ("", ""), (BEN, "apple")):
        assert not visitors.may_change(run.owner, visitor, code)
        for change in (
            lambda v, c: place.runs.access.steer(run.id, v, c, is_stopped=True),
            lambda v, c: place.runs.access.rename(run.id, v, "mine", c),
            lambda v, c: place.runs.access.delete(run.id, v, c),
        ):
            with pytest.raises(RunError, match="Only the person who started"):
                change(visitor, code)
    monkeypatch.setattr(settings, "TEACHER_CODE", "apple")
    assert not visitors.may_change(run.owner, BEN, "äpple")
    place.runs.access.steer(run.id, BEN, "apple", learning_rate=0.0625)
    assert place.runs.steering(run.id).learning_rate == 0.0625
    place.runs.access.rename(run.id, BEN, "for the class", "apple")
    assert place.runs.get(run.id).name == "for the class"


@pytest.mark.both_places
def test_stopping_keeps_the_best_weights(place: Place, underway: Run) -> None:
    run = underway
    place.runs.access.steer(run.id, ANN, is_stopped=True)
    run = wait_for_end(place.runs, run)
    assert run.state == STOPPED
    assert run.reason.startswith("Stopped by hand in epoch ")
    assert run.has_model
    best = min(run.card["history"], key=lambda epoch: epoch["validation_loss"])
    assert run.card["kept_epoch"] == best["epoch"]
    with pytest.raises(RunError, match="over"):
        place.runs.access.steer(run.id, ANN, is_paused=True)


def test_learning_rate_and_epochs_change_while_it_goes(place: Place, underway: Run) -> None:
    run = underway
    place.runs.access.steer(run.id, ANN, learning_rate=0.03125)
    wait_until(lambda: place.runs.progress(run.id).batches[-1].learning_rate == 0.03125)
    done = len(place.runs.progress(run.id).epochs)
    place.runs.access.steer(run.id, ANN, epochs=done + 3)
    run = wait_for_end(place.runs, run)
    assert run.state == FINISHED
    assert len(place.runs.progress(run.id).epochs) == done + 3
    with pytest.raises(RunError, match="over"):
        place.runs.access.steer(run.id, ANN, epochs=9)


def test_two_visitors_queue_and_both_finish(place: Place, underway: Run, made_up: Digits) -> None:
    first = underway
    second = start(place.runs, made_up, owner=BEN)
    assert (second.state, second.place) == (WAITING, 1)
    assert {run.id for run in place.runs.all()} >= {first.id, second.id}
    with pytest.raises(RunError, match="queue one run at a time"):
        start(place.runs, made_up, owner=BEN)
    third = start(place.runs, made_up, owner=ANN)  # the one of Ann's that goes does not count
    assert third.place == 2
    with pytest.raises(RunError, match="cannot be paused"):
        place.runs.access.steer(second.id, BEN, is_paused=True)
    with pytest.raises(RunError, match="stop it before"):
        place.runs.access.delete(first.id, ANN)
    place.runs.access.steer(third.id, ANN, is_stopped=True)
    assert place.runs.get(third.id).state == STOPPED
    place.runs.access.steer(first.id, ANN, is_stopped=True)
    assert wait_for_end(place.runs, second).state == FINISHED
    assert place.runs.get(first.id).has_model
    assert place.runs.get(second.id).has_model
    assert not place.runs.get(third.id).has_model


def test_a_series_is_one_request_and_goes_in_order(all_runs: Runs, made_up: Digits) -> None:
    wide = replace(TINY, architecture=Architecture("Wide", "One layer.", (Flatten(), Dense(8))))
    first, second = all_runs.start([TINY, wide], ANN, "side by side", digits=made_up)
    assert first.series == second.series
    assert (first.name, second.name) == ("side by side: Tiny", "side by side: Wide")
    second = wait_for_end(all_runs, second)
    first = all_runs.get(first.id)
    assert (first.state, second.state) == (FINISHED, FINISHED)
    assert first.ended <= second.started


def test_drawings_travel_with_the_task_and_their_children_know_of_them(
    all_runs: Runs, made_up: Digits
) -> None:
    rows = np.arange(9)
    drawings = Handwriting("0123456789ab", made_up.take(rows[:6]), made_up.take(rows[6:]))
    config = replace(TINY, epochs=1, subset_size=500)
    taught = wait_for_end(all_runs, start(all_runs, drawings, config))
    assert taught.state == FINISHED, taught.reason
    assert taught.card["data"]["training_digits"] == 500 + 6 * fine_tuning.repeats(6, 500)
    for when in ("before", "after"):
        figures = taught.card["handwriting"][when]
        assert {name: found["n"] for name, found in figures.items()} == {
            "mnist": 10_000,
            "held_back": 3,
            "learnt": 6,
        }
    watched = all_runs.progress(taught.id).watched
    assert not any((image == one).all() for image in watched.images for one in made_up.images[rows])
    child = wait_for_end(all_runs, start(all_runs, made_up, parent=taught.id))
    assert child.card["learnt_sets"] == ["0123456789ab"]


def test_a_run_goes_on_from_another_ones_weights(all_runs: Runs, done: Run, made_up: Digits) -> None:
    parent = done
    child = wait_for_end(all_runs, start(all_runs, made_up, parent=parent.id))
    assert (child.state, child.parent) == (FINISHED, parent.id)
    first_epochs = [all_runs.progress(run.id).epochs[0].validation_loss for run in (parent, child)]
    assert first_epochs[1] < 0.9 * first_epochs[0]
    assert (child.card["parent"], child.card["chosen_on_test"]) == (parent.id, False)
    with pytest.raises(RunError, match="validated on the fixed validation digits"):
        start(all_runs, made_up, replace(TINY, validation_share=0.3), parent=parent.id)
    other = replace(TINY, architecture="ann")
    with pytest.raises(RunError, match="same layers"):
        start(all_runs, made_up, other, parent=parent.id)
    with pytest.raises(RunError, match="no such run"):
        start(all_runs, made_up, parent="000000000000")


def test_torn_off_runs_pass_on_that_they_were_chosen_on_the_test_digits(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'digitlab.db'}")
    config = replace(TINY, validates_on_test=True)
    first = Run("1" * 12, ANN, "first", INTERRUPTED, "", config, 1.0, has_checkpoint=True)
    second = Run("2" * 12, ANN, "second", INTERRUPTED, "", TINY, 2.0, parent=first.id, has_checkpoint=True)
    third, other = (
        replace(second, id="3" * 12, parent=second.id),
        replace(second, id="4" * 12, parent="cnn-3"),
    )
    store.runs.add(processes.this_process(), [first, second, third, other])
    known = Runs(store)
    assert [known.was_chosen_on_test(run) for run in (first, second, third, other)] == [True] * 3 + [False]
    store.close()


def test_runs_are_renamed_deleted_and_brought_back(place: Place, done: Run) -> None:
    all_runs = place.runs
    all_runs.access.rename(done.id, ANN, " the  best ")
    run = all_runs.get(done.id)
    assert run.name == "the best"
    for name in ("", "   ", "x" * 61):
        with pytest.raises(RunError, match="1 to 60"):
            all_runs.access.rename(run.id, ANN, name)
    all_runs.access.delete(run.id, ANN)
    assert run.id not in {found.id for found in all_runs.all()}
    with pytest.raises(RunError, match="no such run"):
        all_runs.get(run.id)
    with pytest.raises(RunError, match="Only the person"):
        all_runs.access.restore(run.id, BEN)
    all_runs.access.restore(run.id, ANN)
    assert all_runs.get(run.id) == run
    assert all_runs.models.get(run.id).card == run.card


def test_a_model_trained_elsewhere_is_a_run_without_configuration(
    all_runs: Runs, done: Run, made_up: Digits
) -> None:
    trained = all_runs.models.get(done.id)
    trained = replace(trained, card=trained.card | {"chosen_on_test": True})
    added = all_runs.models.add(trained, BEN, "brought along")
    assert all_runs.get(added.id) == added
    assert (added.state, added.config, added.has_model) == (FINISHED, None, True)
    assert all_runs.models.get(added.id) == trained
    child = wait_for_end(all_runs, start(all_runs, made_up, parent=added.id))
    assert child.state == FINISHED
    assert (child.card["parent"], child.card["chosen_on_test"]) == (added.id, True)


def test_a_training_that_diverges_fails_with_a_sentence(all_runs: Runs) -> None:
    images = np.random.default_rng(0).integers(0, 256, (600, 28, 28)).astype(np.uint8)
    digits = Digits(images, (np.arange(600) % 10).astype(np.uint8))
    deep = Architecture("Deep", "Three layers.", (Flatten(), Dense(64, "linear"), Dense(64, "linear")))
    config = replace(TINY, architecture=deep, optimizer="sgd", learning_rate=10.0, momentum=0.99)
    run = wait_for_end(all_runs, start(all_runs, digits, config))
    assert "no longer a number" in run.reason
    assert run.state == (STOPPED if run.has_model else FAILED)


def test_what_cannot_be_trained_fails_with_the_trainings_own_sentence(all_runs: Runs, digits: object) -> None:
    run = wait_for_end(all_runs, start(all_runs, digits(40)))
    assert run.state == FAILED
    assert run.reason.startswith(
        "40 digits cannot be split into 3 and the rest with every class in both parts"
    )


@pytest.mark.both_places
def test_a_worker_that_is_lost_in_mid_epoch_is_said(place: Place, underway: Run, made_up: Digits) -> None:
    all_runs, run = place.runs, underway
    before = [found for found in all_runs.all() if found.id != run.id]
    wait_until(lambda: all_runs.get(run.id).has_checkpoint)
    _kill_workers(psutil.Process(place.worker.pid) if place.worker else engine_of(all_runs))
    run = wait_for_end(all_runs, run)
    assert run.state == INTERRUPTED
    assert run.reason.startswith("The worker was lost")
    assert "are saved: you can continue from them." in run.reason
    assert run.has_checkpoint
    assert not run.has_model
    assert [found for found in all_runs.all() if found.id != run.id] == before
    child = wait_for_end(all_runs, start(all_runs, made_up, parent=run.id))  # with another worker
    assert child.state == FINISHED


def _kill_workers(root: psutil.Process) -> None:
    killed = [child for child in root.children(recursive=True) if "--multiprocessing-fork" in child.cmdline()]
    assert killed
    for child in killed:
        child.kill()


def test_no_request_is_empty_or_endless(all_runs: Runs) -> None:
    for configs in ([], [TINY] * 11):
        with pytest.raises(RunError, match="1 to 10"):
            all_runs.start(configs, ANN)


def test_nothing_is_started_where_there_is_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made_up: Digits
) -> None:
    monkeypatch.setattr(runs.memory, "WORKER_BYTES", 2**60)
    with opened(f"sqlite:///{tmp_path / 'digitlab.db'}") as cramped:
        assert "MB left" in cramped.lacks_room()
        with pytest.raises(RunError, match="MB left"):
            start(cramped, made_up)
        assert cramped.all() == []


def test_a_scheduler_that_is_not_there_fails_the_run_with_a_sentence(tmp_path: Path, made_up: Digits) -> None:
    url = f"sqlite:///{tmp_path / 'digitlab.db'}"
    with (
        # Other tests' certificates would have it refused at once.
        dask.config.set({"distributed.comm.require-encryption": False}),
        opened(url, f"tcp://127.0.0.1:{_free_port()}") as lonely,
    ):
        run = start(lonely, made_up)
        wait_until(lambda: lonely.get(run.id).reason)
        assert lonely.get(run.id).reason == "Connecting to the scheduler on another computer"
        run = wait_for_end(lonely, run)
        assert run.state == FAILED
        assert "DIGIT_SCHEDULER cannot be reached" in run.reason
