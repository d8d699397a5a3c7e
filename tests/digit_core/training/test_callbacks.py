"""A run while it goes: what it shows, how it is lengthened, slowed down, paused, killed and resumed."""

import json
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from digit_core.augmentation.policies import Distortion
from digit_core.digits import Digits
from digit_core.inference.classifier import Classifier
from digit_core.inference.model_files import TrainedModel
from digit_core.metrics.classification import evaluate
from digit_core.monitoring.events import (
    BatchEnded,
    Checkpoint,
    Control,
    DigitsWatched,
    EpochEnded,
    Event,
    RunEnded,
    RunStarted,
    Snapshot,
)
from digit_core.recipes.architectures import Architecture, Dense, Dropout, Flatten, Pooling
from digit_core.recipes.configuration import EarlyStopping, ReduceLROnPlateau, TrainingConfig
from digit_core.training import callbacks, export, networks, trainer
from digit_core.training.batches import Batches, choose_digits
from digit_core.training.callbacks import RunCallback
from tests.clock import Clock

SMALL = Architecture("Small", "Ready in a second.", (Pooling(2), Flatten(), Dense(12)))
CONFIG = TrainingConfig(architecture=SMALL, batch_size=50, epochs=2, learning_rate=0.01, seed=1)
STEPS = 11  # of 550 digits: a twelfth of 600 is held back

Steer = Callable[[Event, Control], object]


def _trained(
    config: TrainingConfig, digits: Digits, steer: Steer, **options: float
) -> tuple[TrainedModel, list[Event], list[float]]:
    """A whole training with all that it said, and when."""
    told, times, control = [], [], Control()

    def listen(event: Event) -> None:
        told.append(event)
        times.append(time.perf_counter())
        steer(event, control)

    return trainer.train(config, digits, on_event=listen, control=control, **options), told, times


def _run(
    config: TrainingConfig, digits: Digits, steer: Steer
) -> tuple[RunCallback, list[Event], list[float]]:
    """The same without the files that a training ends with, which take longer than a small run."""
    told, times, control = [], [], Control()

    def listen(event: Event) -> None:
        told.append(event)
        times.append(time.perf_counter())
        steer(event, control)

    keras.utils.set_random_seed(config.seed)
    model = networks.build(config.network)
    training, validation, _ = choose_digits(config, digits)
    batches = Batches(training, config)
    return trainer.fit(model, config, batches, validation, listen, control), told, times


def _of(told: list[Event], kind: type) -> list:
    return [event for event in told if isinstance(event, kind)]


def _at_the_end_of(epoch: int, act: Callable[[Control], object]) -> Steer:
    return lambda event, control: (
        act(control) if isinstance(event, EpochEnded) and event.epoch == epoch else None
    )


# What it shows


@pytest.fixture(scope="module")
def plain(made_up: Digits) -> tuple[TrainedModel, list[Event], list[float]]:
    return _trained(replace(CONFIG, keeps_best_weights=False), made_up, lambda event, control: None)


def test_a_run_says_first_what_it_watches(plain: tuple[TrainedModel, list[Event], list[float]]) -> None:
    started, watched, first = plain[1][:3]
    assert isinstance(started, RunStarted) and isinstance(first, Snapshot)
    assert (first.epoch, first.step, first.confusion) == (0, 0, None)
    assert all(layer.weight_change == 0 for layer in first.layers)
    assert isinstance(watched, DigitsWatched) and watched.images.shape == (20, 28, 28)
    assert watched.labels.tolist() == [*range(10), *range(10)]


def test_each_epoch_ends_with_a_look_that_knows_the_confusion(
    plain: tuple[TrainedModel, list[Event], list[float]],
) -> None:
    shots = [shot for shot in _of(plain[1], Snapshot) if shot.confusion is not None]
    assert [(shot.epoch, shot.step) for shot in shots] == [(1, STEPS), (2, STEPS)]
    for shot, epoch in zip(shots, _of(plain[1], EpochEnded), strict=True):
        assert shot.confusion.sum() == 50
        assert shot.confusion.trace() / 50 == pytest.approx(epoch.validation_accuracy)


def test_the_last_look_shows_the_answers_of_the_model(
    plain: tuple[TrainedModel, list[Event], list[float]],
) -> None:
    trained, told, _ = plain
    model = Classifier("trained", trained.files["model.tflite"], trained.files["layers.tflite"])
    images = _of(told, DigitsWatched)[0].images
    np.testing.assert_allclose(
        _of(told, Snapshot)[-1].probabilities, model.predict_dataset(images), atol=1e-4
    )


def test_being_watched_changes_nothing(
    plain: tuple[TrainedModel, list[Event], list[float]], made_up: Digits
) -> None:
    unwatched = trainer.train(replace(CONFIG, keeps_best_weights=False), made_up)
    for mine, other in zip(
        *(export.load_keras(trained.files["model.keras"]).get_weights() for trained in (unwatched, plain[0])),
        strict=True,
    ):
        np.testing.assert_array_equal(mine, other)


def test_a_checkpoint_holds_the_best_weights_so_far(
    plain: tuple[TrainedModel, list[Event], list[float]], made_up: Digits
) -> None:
    trained, told, _ = plain
    (kept,) = _of(told, Checkpoint)  # the second epoch's best is in the model: the run ends there
    assert kept.epoch == 1
    model = export.load_keras(kept.content)
    assert getattr(model, "optimizer", None) is None
    _, held_back, _ = choose_digits(CONFIG, made_up)
    answers = np.asarray(model(held_back.images[..., None] / np.float32(255)), np.float64)
    assert evaluate(held_back.labels, answers).log_loss == pytest.approx(
        trained.history[0]["validation_loss"], rel=1e-4
    )


def test_a_run_of_one_epoch_needs_no_checkpoint(made_up: Digits) -> None:
    _, told, _ = _run(replace(CONFIG, epochs=1), made_up, lambda event, control: None)
    assert not _of(told, Checkpoint)


# More and fewer epochs


def test_epochs_can_be_added_even_when_the_last_one_ends(made_up: Digits) -> None:
    trained, told, _ = _trained(CONFIG, made_up, _at_the_end_of(2, lambda control: control.change(epochs=4)))
    assert [record["epoch"] for record in trained.history] == [1, 2, 3, 4]
    assert told[-1] == RunEnded("All 4 epochs are done.")
    assert trained.card["steered"] == [{"epoch": 2, "step": STEPS, "epochs": 4}]


def test_a_run_that_was_left_alone_says_so(plain: tuple[TrainedModel, list[Event], list[float]]) -> None:
    assert plain[0].card["steered"] == []


def test_with_fewer_epochs_than_are_done_it_ends_after_the_present_one(made_up: Digits) -> None:
    def cut(event: Event, control: Control) -> None:
        if isinstance(event, BatchEnded) and (event.epoch, event.step) == (3, 2):
            control.change(epochs=1)

    run, told, _ = _run(replace(CONFIG, epochs=50), made_up, cut)
    assert len(run.history) == 3
    assert _of(told, BatchEnded)[-1].step == STEPS


def test_added_epochs_do_not_make_early_stopping_patient_again(made_up: Digits) -> None:
    # No epoch improves the loss by 1: the second after the first ends it.
    config = replace(CONFIG, learning_rate=0.001, early_stopping=EarlyStopping(patience=2, min_delta=1.0))
    run, _, _ = _run(config, made_up, _at_the_end_of(2, lambda control: control.change(epochs=9)))
    assert run.ending == "Stopped early after 3 epochs: it no longer improved."


def test_added_epochs_do_not_raise_a_reduced_learning_rate(made_up: Digits) -> None:
    rule = ReduceLROnPlateau(factor=0.5, patience=1, min_delta=1.0, min_lr=0.0004)
    config = replace(CONFIG, learning_rate=0.001, reduce_lr_on_plateau=rule)
    run, _, _ = _run(config, made_up, _at_the_end_of(2, lambda control: control.change(epochs=5)))
    rates = [epoch.learning_rate for epoch in run.history]
    assert rates == pytest.approx([0.001, 0.001, 0.0005, 0.0004, 0.0004])


def test_a_schedule_follows_the_new_number_of_epochs(made_up: Digits) -> None:
    config = replace(CONFIG, schedule="cosine")
    _, told, _ = _run(config, made_up, _at_the_end_of(1, lambda control: control.change(epochs=4)))
    rates = [event.learning_rate for event in _of(told, BatchEnded)]
    expected = [
        0.01 * config.schedule_factor(step / (STEPS * (2 if step < STEPS else 4)))
        for step in range(4 * STEPS)
    ]
    assert rates == pytest.approx(expected, rel=1e-4, abs=1e-9)


# Waiting


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Stands still but in the waits, for the training as for what is told of it."""
    clock = Clock()
    for module in (callbacks, trainer, sys.modules[__name__]):
        monkeypatch.setattr(module, "time", clock)
    return clock


def test_slow_motion_waits_after_every_step_and_looks_on(made_up: Digits, clock: Clock) -> None:
    def begin(event: Event, control: Control) -> None:
        if isinstance(event, RunStarted):
            control.change(step_pause_seconds=0.15)

    trained, told, times = _trained(replace(CONFIG, epochs=1), made_up, begin)
    steps = [at for event, at in zip(told, times, strict=True) if isinstance(event, BatchEnded)]
    assert np.diff(steps) == pytest.approx(np.full(STEPS - 1, 0.15), abs=1e-4)
    within = [shot for shot in _of(told, Snapshot) if shot.epoch == 1 and shot.confusion is None]
    assert [shot.step for shot in within] == [5, 9]  # the first ones after another half a second
    # No time has passed but in the pauses, which are not counted.
    assert _of(told, BatchEnded)[-1].elapsed_seconds == pytest.approx(0, abs=1e-4)
    assert trained.card["training_seconds"] == 0


def test_slow_motion_can_be_stopped_at_once(made_up: Digits, clock: Clock) -> None:
    def steer(event: Event, control: Control) -> None:
        if isinstance(event, RunStarted):
            control.change(step_pause_seconds=5)
        if isinstance(event, BatchEnded):
            clock.after(0.5, lambda: control.change(is_stopped=True))

    run, told, times = _run(CONFIG, made_up, steer)
    (ended,) = [at for event, at in zip(told, times, strict=True) if isinstance(event, EpochEnded)]
    (step,) = [at for event, at in zip(told, times, strict=True) if isinstance(event, BatchEnded)]
    assert 0.5 <= ended - step < 0.75
    assert run.reason == "Stopped by hand in epoch 1."


def test_slow_motion_ends_when_it_is_switched_off(made_up: Digits, clock: Clock) -> None:
    def steer(event: Event, control: Control) -> None:
        if isinstance(event, RunStarted):
            control.change(step_pause_seconds=5)
        if isinstance(event, BatchEnded):
            clock.after(0.3, lambda: control.change(step_pause_seconds=0))

    run, _, times = _run(CONFIG, made_up, steer)
    assert len(run.history) == 2
    assert 0.3 <= times[-1] - times[0] < 0.55  # the first step's pause, cut short


def test_a_run_that_is_paused_too_long_ends_and_keeps_its_weights(made_up: Digits, clock: Clock) -> None:
    trained, told, times = _trained(
        replace(CONFIG, epochs=9),
        made_up,
        _at_the_end_of(2, lambda control: control.change(is_paused=True)),
        max_pause_seconds=60.0,
    )
    assert told[-1] == RunEnded("Ended in epoch 2: it was paused for more than 60 seconds.")
    assert len(trained.history) == trained.card["kept_epoch"] == 2
    assert 60 < times[-1] - times[0] < 60.5  # it did wait


def test_a_paused_run_is_looked_into_where_it_stands(made_up: Digits, clock: Clock) -> None:
    def steer(event: Event, control: Control) -> None:
        if isinstance(event, BatchEnded) and event.step == 1 and event.epoch == 1:
            control.change(is_paused=True)
            clock.after(0.5, lambda: control.change(is_paused=False))

    run, told, _ = _run(CONFIG, made_up, steer)
    assert [(shot.epoch, shot.step) for shot in _of(told, Snapshot)] == [(0, 0), (1, 1), (1, 11), (2, 11)]
    assert 0.5 <= run.waited_seconds < 0.75


@pytest.mark.parametrize("step_seconds", [0.0, 3.0])
def test_a_paused_run_goes_step_by_step_and_is_looked_into_once_after_each(
    made_up: Digits, clock: Clock, step_seconds: float
) -> None:
    """However long a step takes: after a slow one a look is due by itself."""

    def steer(event: Event, control: Control) -> None:
        if isinstance(event, BatchEnded):
            clock.sleep(step_seconds)
        if isinstance(event, RunStarted):
            control.change(is_paused=True)
        if isinstance(event, Snapshot) and event.epoch:  # it waits
            control.change(single_steps=event.step, is_stopped=event.step == 4)

    run, told, _ = _run(CONFIG, made_up, steer)
    assert [batch.step for batch in _of(told, BatchEnded)] == [1, 2, 3, 4]
    assert [shot.step for shot in _of(told, Snapshot) if shot.epoch and shot.confusion is None] == [
        1,
        2,
        3,
        4,
    ]
    assert run.reason == "Stopped by hand in epoch 1."


# Killed and resumed

BACKED_UP = TrainingConfig(
    architecture=Architecture(
        "Small", "With all that chance decides.", (Pooling(2), Flatten(), Dense(12), Dropout(0.3))
    ),
    batch_size=50,
    epochs=4,
    schedule="one-cycle",
    learning_rate=0.01,
    keeps_best_weights=False,
    augmentation=Distortion(rotation=10, noise=0.1),
    seed=1,
)
# Trains the same in a process of its own, which kills itself at the start of the third epoch.
KILLED = """
    import json, os, signal, sys
    from pathlib import Path
    import numpy as np
    from digit_core.digits import Digits
    from digit_core.monitoring.events import BatchEnded
    from digit_core.recipes import configuration
    from digit_core.training import trainer

    def show(event):
        if isinstance(event, BatchEnded) and event.epoch == 3:
            os.kill(os.getpid(), signal.SIGKILL)

    folder = Path(sys.argv[1])
    arrays = np.load(folder / "digits.npz")
    config = configuration.from_dict(json.loads((folder / "config.json").read_text()))
    trainer.train(config, Digits(arrays["images"], arrays["labels"]), on_event=show, backup=folder / "backup")
"""


@pytest.mark.long
def test_a_killed_training_is_resumed_and_ends_with_the_weights_of_one_that_was_not(
    tmp_path: Path, made_up: Digits
) -> None:
    np.savez(tmp_path / "digits.npz", images=made_up.images, labels=made_up.labels)
    (tmp_path / "config.json").write_text(json.dumps(BACKED_UP.as_dict()))
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(tmp_path)]
    killed = subprocess.run(
        command, check=False, cwd=Path(__file__).parents[3], capture_output=True, timeout=120
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    told: list[Event] = []
    resumed = trainer.train(BACKED_UP, made_up, on_event=told.append, backup=tmp_path / "backup")
    whole = trainer.train(BACKED_UP, made_up)
    for found, expected in zip(
        *(export.load_keras(run.files["model.keras"]).get_weights() for run in (resumed, whole)),
        strict=True,
    ):
        np.testing.assert_array_equal(found, expected)
    epochs = [event.epoch for event in told if isinstance(event, EpochEnded)]
    assert epochs == [1, 2, 3, 4]  # those before the kill are told again
    for found, expected in zip(resumed.history, whole.history, strict=True):
        del found["duration_seconds"], expected["duration_seconds"]
        assert found == pytest.approx(expected)
    assert not (tmp_path / "backup").exists()


def test_a_run_that_remembers_more_than_its_weights_is_not_backed_up(tmp_path: Path, made_up: Digits) -> None:
    for config in (
        replace(BACKED_UP, keeps_best_weights=True),
        replace(BACKED_UP, early_stopping=EarlyStopping()),
    ):
        with pytest.raises(ValueError, match="goes to its last epoch by its schedule"):
            trainer.train(config, made_up, backup=tmp_path / "backup")
