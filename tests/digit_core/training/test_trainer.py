import hashlib
import json
import threading
from dataclasses import replace

import numpy as np
import pytest

from digit_core.datasets.mnist import Mnist
from digit_core.digits import Digits
from digit_core.errors import ModelError, TrainingError
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
from digit_core.recipes import configuration
from digit_core.recipes.architectures import Architecture, Dense, Dropout, Flatten, Pooling
from digit_core.recipes.configuration import EarlyStopping, ReduceLROnPlateau, TrainingConfig
from digit_core.recipes.warm_start import Parent
from digit_core.training import batches, callbacks, export, networks, trainer
from tests.clock import Clock

SMALL = Architecture("Small", "Ready in a second.", (Pooling(2), Flatten(), Dense(12)))
UNBOUNDED = Architecture(
    "Unbounded",
    "No layer holds back what grows.",
    (Pooling(4), Flatten(), Dense(16, activation="linear"), Dense(16, activation="linear")),
)
CONFIG = TrainingConfig(architecture=SMALL, batch_size=50, epochs=3, learning_rate=0.01, seed=1)
ENDLESS = replace(CONFIG, epochs=200)


def _opened(trained: TrainedModel) -> Classifier:
    return Classifier("trained", trained.files["model.tflite"], trained.files["layers.tflite"])


def _validation_loss(trained: TrainedModel, config: TrainingConfig, digits: Digits) -> float:
    _, held_back, _ = batches.choose_digits(config, digits)
    return evaluate(held_back.labels, _opened(trained).predict_dataset(held_back.images)).log_loss


def _is_look_within_an_epoch(event: Event) -> bool:
    return isinstance(event, Snapshot) and event.confusion is None and event.epoch > 0


@pytest.fixture(scope="module")
def plain(made_up: Digits) -> tuple[TrainedModel, list[Event]]:
    """Three epochs on 600 digits, and all that was said meanwhile."""
    told: list[Event] = []
    return trainer.train(CONFIG, made_up, on_event=told.append), told


@pytest.fixture(scope="module")
def steered(made_up: Digits) -> tuple[TrainedModel, list[Event]]:
    """A run that is given far too high a learning rate after three epochs, and is stopped six later."""
    told: list[Event] = []
    control = Control()

    def steer(event: Event) -> None:
        told.append(event)
        if isinstance(event, EpochEnded) and event.epoch == 3:
            control.change(learning_rate=1.0)
        epochs = [past for past in told if isinstance(past, EpochEnded)]
        if sum(past.learning_rate == 1.0 for past in epochs) >= 6:
            control.change(is_stopped=True)

    return trainer.train(ENDLESS, made_up, on_event=steer, control=control), told


# What a run says


def test_a_run_tells_its_steps_in_order(plain: tuple[TrainedModel, list[Event]]) -> None:
    _, told = plain
    # 600 digits, a twelfth held back: 550 to train on, in 11 batches of 50.
    assert told[0] == RunStarted(SMALL.parameters, 550, 50, 11, 3)
    steps = [(event.epoch, event.step) for event in told if isinstance(event, BatchEnded)]
    assert steps == [(epoch, step) for epoch in (1, 2, 3) for step in range(1, 12)]
    kinds = [type(event) for event in told[1:-1] if not _is_look_within_an_epoch(event)]
    epoch = [*[BatchEnded] * 11, Snapshot, EpochEnded]
    assert kinds == [DigitsWatched, Snapshot, *epoch, Checkpoint, *epoch, *epoch]
    assert told[-1] == RunEnded("All 3 epochs are done.")


def test_time_only_goes_on(plain: tuple[TrainedModel, list[Event]]) -> None:
    seconds = [event.elapsed_seconds for event in plain[1] if isinstance(event, BatchEnded)]
    assert seconds == sorted(seconds)
    assert seconds[0] > 0


def test_the_history_is_what_was_told(plain: tuple[TrainedModel, list[Event]]) -> None:
    trained, told = plain
    epochs = [event for event in told if isinstance(event, EpochEnded)]
    assert [EpochEnded(**record) for record in trained.history] == epochs
    assert [record["epoch"] for record in trained.history] == [1, 2, 3]


def test_a_network_learns(plain: tuple[TrainedModel, list[Event]]) -> None:
    first, *_, last = plain[0].history
    assert last["loss"] < 0.7 * first["loss"]
    assert last["validation_loss"] < first["validation_loss"]
    assert last["validation_accuracy"] > 0.5


def test_the_loss_of_an_epoch_is_the_mean_over_its_steps(plain: tuple[TrainedModel, list[Event]]) -> None:
    _, told = plain
    for epoch in (event for event in told if isinstance(event, EpochEnded)):
        last = [event for event in told if isinstance(event, BatchEnded) and event.epoch == epoch.epoch][-1]
        assert last.loss == pytest.approx(epoch.loss)
        assert last.accuracy == pytest.approx(epoch.accuracy)


# What a run leaves


def test_the_three_files_hold_the_same_network(
    plain: tuple[TrainedModel, list[Event]], made_up: Digits
) -> None:
    trained, _ = plain
    assert set(trained.files) == {"model.keras", "model.tflite", "layers.tflite"}
    opened = _opened(trained)
    expected = np.asarray(export.load_keras(trained.files["model.keras"])(made_up.images[..., None] / 255))
    np.testing.assert_allclose(opened.predict_dataset(made_up.images), expected, atol=1e-4)
    for row in range(3):
        answer = opened.activations(made_up.images[row])["answer"]
        np.testing.assert_allclose(answer, expected[row], atol=1e-4)


def test_the_model_does_what_its_history_says(
    plain: tuple[TrainedModel, list[Event]], made_up: Digits
) -> None:
    trained, _ = plain
    kept = trained.history[trained.card["kept_epoch"] - 1]
    assert _validation_loss(trained, CONFIG, made_up) == pytest.approx(kept["validation_loss"], abs=1e-4)


def test_the_card_says_how_the_model_came_to_be(
    plain: tuple[TrainedModel, list[Event]], made_up: Digits
) -> None:
    card = json.loads(json.dumps(plain[0].card))
    assert configuration.from_dict(card["configuration"]) == CONFIG
    assert card["architecture"] == SMALL.as_dict()
    assert card["parameters"] == SMALL.parameters
    assert card["chosen_on_test"] is False
    assert card["ended"] == "All 3 epochs are done."
    assert card["schema_version"] == 1
    used, held_back, _ = batches.choose_digits(CONFIG, made_up)
    digest = hashlib.sha256(used.images.tobytes() + used.labels.tobytes()).hexdigest()
    assert card["data"] == {
        "name": "digits of one's own",
        "training_digits": len(used),
        "validation_digits": len(held_back),
        "training_sha256": digest,
    }
    assert {"python", "keras", "backend", "numpy"} == set(card["versions"])


def test_a_shipped_architecture_trains_on_mnist() -> None:
    told: list[Event] = []
    config = TrainingConfig(architecture="cnn-3", subset_size=500, epochs=1, batch_size=50)
    trained = trainer.train(config, on_event=told.append)
    assert told[0] == RunStarted(81_066, 500, 5_000, 10, 1)
    assert trained.card["data"]["name"] == "MNIST"
    assert trained.card["configuration"]["architecture"] == "cnn-3"
    assert 0.1 < trained.history[0]["validation_accuracy"] <= 1


def test_choosing_on_the_test_digits_is_written_down() -> None:
    config = TrainingConfig(
        architecture=SMALL, subset_size=100, epochs=1, batch_size=100, validates_on_test=True
    )
    card = trainer.train(config).card
    assert card["chosen_on_test"] is True
    assert card["data"]["validation_digits"] == 10_000


# Seeds and losses


def test_the_same_seed_gives_the_same_weights(
    plain: tuple[TrainedModel, list[Event]], made_up: Digits
) -> None:
    again = trainer.train(CONFIG, made_up)
    np.testing.assert_allclose(
        _opened(again).predict_dataset(made_up.images),
        _opened(plain[0]).predict_dataset(made_up.images),
        atol=1e-5,
    )
    assert [record["loss"] for record in again.history] == pytest.approx(
        [record["loss"] for record in plain[0].history]
    )


def test_another_seed_gives_other_weights(plain: tuple[TrainedModel, list[Event]], made_up: Digits) -> None:
    other = trainer.train(replace(CONFIG, seed=2), made_up)
    assert other.history[0]["loss"] != pytest.approx(plain[0].history[0]["loss"], rel=1e-3)


def test_one_hot_labels_and_plain_ones_train_alike(
    plain: tuple[TrainedModel, list[Event]], made_up: Digits
) -> None:
    one_hot = trainer.train(replace(CONFIG, loss="categorical_crossentropy"), made_up)
    for name in ("loss", "accuracy", "validation_loss", "validation_accuracy"):
        assert [record[name] for record in one_hot.history] == pytest.approx(
            [record[name] for record in plain[0].history], rel=1e-3
        )
    np.testing.assert_allclose(
        _opened(one_hot).predict_dataset(made_up.images),
        _opened(plain[0]).predict_dataset(made_up.images),
        atol=1e-3,
    )


@pytest.mark.parametrize("optimizer", configuration.OPTIMIZERS)
def test_every_optimizer_can_be_built_with_its_settings(optimizer: str) -> None:
    model = networks.build(SMALL)
    export.compile_for(model, TrainingConfig(SMALL, optimizer, learning_rate=0.02, momentum=0.5))
    built = model.optimizer
    settings = built.get_config()
    assert settings["learning_rate"] == pytest.approx(0.02)
    assert type(built).__name__.lower() == optimizer
    if optimizer in ("sgd", "rmsprop"):
        assert settings["momentum"] == 0.5


# Steering


def test_a_new_learning_rate_takes_effect_while_it_runs(steered: tuple[TrainedModel, list[Event]]) -> None:
    rates = [event.learning_rate for event in steered[1] if isinstance(event, BatchEnded)]
    assert rates[0] == pytest.approx(0.01)
    assert rates[-1] == 1.0
    changes = int(np.count_nonzero(np.diff(rates)))
    assert changes == 1


def test_a_stopped_run_ends_at_once_and_says_so(steered: tuple[TrainedModel, list[Event]]) -> None:
    trained, told = steered
    assert len(trained.history) < 150
    assert trained.card["ended"].startswith("Stopped by hand in epoch ")
    assert told[-1] == RunEnded(trained.card["ended"])


def test_a_stopped_run_keeps_its_best_weights(
    steered: tuple[TrainedModel, list[Event]], made_up: Digits
) -> None:
    trained, _ = steered
    losses = [record["validation_loss"] for record in trained.history]
    kept = trained.card["kept_epoch"]
    assert losses[kept - 1] == min(losses)
    assert losses[-1] > 1.2 * min(losses), "the last epoch must be worse, or this test proves nothing"
    assert _validation_loss(trained, ENDLESS, made_up) == pytest.approx(min(losses), abs=1e-4)


def test_a_paused_run_waits_until_it_is_resumed(made_up: Digits, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, control = Clock(), Control()
    monkeypatch.setattr(callbacks, "time", clock)
    steps: list[float] = []

    def steer(event: Event) -> None:
        if isinstance(event, BatchEnded):
            steps.append(clock.perf_counter())
        if isinstance(event, EpochEnded) and event.epoch == 2:
            control.change(is_paused=True)
            clock.after(100, lambda: control.change(is_paused=False))

    trained = trainer.train(replace(CONFIG, epochs=4), made_up, on_event=steer, control=control)
    assert len(trained.history) == 4
    before, after = steps[:22], steps[22:]  # two epochs of 11 steps each
    assert len(set(before)) == len(set(after)) == 1
    assert 100 <= after[0] - before[0] < 100.5


def test_a_paused_run_can_be_stopped(made_up: Digits) -> None:
    control = Control()
    control.change(is_paused=True)
    timer = threading.Timer(1.0, lambda: control.change(is_stopped=True))
    timer.start()
    trained = trainer.train(ENDLESS, made_up, control=control)
    timer.join()
    assert trained.card["ended"].startswith("Stopped by hand in epoch ")
    assert len(trained.history) < 150


# Rules


def test_early_stopping_ends_the_run_when_it_no_longer_improves(made_up: Digits) -> None:
    # At this rate no epoch improves the loss by 1, so that the second after the first ends it.
    config = replace(
        CONFIG, epochs=9, learning_rate=0.001, early_stopping=EarlyStopping(patience=2, min_delta=1.0)
    )
    trained = trainer.train(config, made_up)
    assert len(trained.history) == 3
    assert trained.card["ended"] == "Stopped early after 3 epochs: it no longer improved."


def test_the_learning_rate_is_reduced_when_it_no_longer_improves(made_up: Digits) -> None:
    rule = ReduceLROnPlateau(factor=0.5, patience=1, min_delta=1.0, min_lr=0.0004)
    trained = trainer.train(
        replace(CONFIG, epochs=5, learning_rate=0.001, reduce_lr_on_plateau=rule), made_up
    )
    rates = [record["learning_rate"] for record in trained.history]
    assert rates == pytest.approx([0.001, 0.001, 0.0005, 0.0004, 0.0004])


def test_a_schedule_is_followed_step_by_step(made_up: Digits) -> None:
    config = replace(CONFIG, schedule="one-cycle")
    told: list[Event] = []
    trainer.train(config, made_up, on_event=told.append)
    rates = [event.learning_rate for event in told if isinstance(event, BatchEnded)]
    expected = [0.01 * config.schedule_factor(step / 33) for step in range(33)]
    assert rates == pytest.approx(expected, rel=1e-4)


def test_the_last_weights_are_kept_if_asked_for(made_up: Digits) -> None:
    config = replace(CONFIG, epochs=4, learning_rate=1.0, keeps_best_weights=False)
    trained = trainer.train(config, made_up)
    losses = [record["validation_loss"] for record in trained.history]
    assert trained.card["kept_epoch"] == 4
    assert _validation_loss(trained, config, made_up) == pytest.approx(losses[-1], rel=1e-3)


# A loss that is no number


def test_a_loss_that_is_no_number_before_one_epoch_is_complete_leaves_no_model() -> None:
    config = TrainingConfig(
        architecture=UNBOUNDED, subset_size=500, batch_size=10, optimizer="sgd", learning_rate=10.0, epochs=2
    )
    told: list[Event] = []
    with pytest.raises(
        TrainingError,
        match=r"no longer a number since epoch 1, step \d+: the learning rate is probably too high",
    ) as caught:
        trainer.train(config, on_event=told.append)
    assert told[-1] == RunEnded(str(caught.value))
    assert not any(isinstance(event, EpochEnded) for event in told)
    assert len([event for event in told if isinstance(event, BatchEnded)]) < 50


# One step an epoch: the training loss, taken before the step, is a number still when the weights are none any more.
@pytest.mark.parametrize("keeps_best_weights", [True, False])
def test_a_loss_that_is_no_number_later_keeps_what_was_good(keeps_best_weights: bool, mnist: Mnist) -> None:
    config = TrainingConfig(
        architecture=UNBOUNDED,
        subset_size=500,
        batch_size=500,
        optimizer="sgd",
        learning_rate=10.0,
        momentum=0.99,
        epochs=20,
        keeps_best_weights=keeps_best_weights,
    )
    trained = trainer.train(config)
    assert "The loss is no longer a number" in trained.card["ended"]
    assert 1 <= len(trained.history) < 20
    assert all(np.isfinite(list(record.values())).all() for record in trained.history)
    assert np.isfinite(_opened(trained).predict_dataset(mnist.test.images[:50])).all()


# Going on


def test_a_run_goes_on_from_a_model(plain: tuple[TrainedModel, list[Event]], made_up: Digits) -> None:
    start = plain[0].files["model.keras"]
    further = trainer.train(replace(CONFIG, epochs=1, learning_rate=1e-6), made_up, start=start)
    assert further.history[0]["validation_loss"] == pytest.approx(
        plain[0].history[-1]["validation_loss"], rel=0.01
    )


def test_what_a_run_goes_on_from_is_written_down(
    plain: tuple[TrainedModel, list[Event]], made_up: Digits
) -> None:
    start, parent = plain[0].files["model.keras"], Parent("abc", chosen_on_test=True)
    further = trainer.train(replace(CONFIG, epochs=1), made_up, start=start, parent=parent)
    assert (further.card["parent"], further.card["chosen_on_test"]) == ("abc", True)
    assert (plain[0].card["parent"], plain[0].card["chosen_on_test"]) == (None, False)


def test_a_run_does_not_go_on_from_another_architecture(
    plain: tuple[TrainedModel, list[Event]], made_up: Digits
) -> None:
    start = plain[0].files["model.keras"]
    with pytest.raises(ModelError, match="has other layers than this architecture"):
        trainer.train(replace(CONFIG, architecture=UNBOUNDED), made_up, start=start)


def test_weights_do_not_go_into_layers_of_another_kind(
    plain: tuple[TrainedModel, list[Event]], made_up: Digits
) -> None:
    bent = Architecture("Bent", "The same shapes.", (Pooling(2), Flatten(), Dense(12, "tanh")))
    with pytest.raises(ModelError, match="has other layers than this architecture"):
        trainer.train(replace(CONFIG, architecture=bent), made_up, start=plain[0].files["model.keras"])


def test_dropout_may_be_added_when_a_run_goes_on(
    plain: tuple[TrainedModel, list[Event]], made_up: Digits
) -> None:
    dropping = Architecture("Dropping", "", (Pooling(2), Flatten(), Dense(12), Dropout(0.1)))
    config = replace(CONFIG, architecture=dropping, epochs=1, learning_rate=1e-6)
    further = trainer.train(config, made_up, start=plain[0].files["model.keras"])
    assert further.history[0]["validation_loss"] == pytest.approx(
        plain[0].history[-1]["validation_loss"], rel=0.01
    )


@pytest.mark.parametrize("start", [b"", b"no model", b"PK\x03\x04"], ids=["empty", "text", "half a zip"])
def test_a_run_does_not_go_on_from_what_is_no_model(start: bytes, made_up: Digits) -> None:
    with pytest.raises(ModelError, match="not a Keras model that can be opened"):
        trainer.train(CONFIG, made_up, start=start)
