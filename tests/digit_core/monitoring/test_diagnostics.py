import math
from dataclasses import replace

import numpy as np
import pytest

from digit_core.augmentation.policies import POLICIES
from digit_core.errors import TrainingError
from digit_core.inference import model_files
from digit_core.monitoring import diagnostics, recordings
from digit_core.monitoring.diagnostics import Diagnosis
from digit_core.monitoring.events import BatchEnded, EpochEnded, LayerState, RunEnded, RunStarted, Snapshot
from digit_core.monitoring.recordings import Progress, Recording
from digit_core.recipes.architectures import Architecture, Convolution, Dense, Dropout, Flatten, Pooling
from digit_core.recipes.configuration import EarlyStopping, TrainingConfig, from_dict
from digit_core.training import trainer

DONE = "All epochs are done."
CONFIG = TrainingConfig("ann", epochs=10)
HEALTHY = (0.30, 0.15, 0.10, 0.08)
VALIDATION = (0.16, 0.12, 0.11, 0.109)


def _accuracy(loss: float) -> float:
    """About what goes with a loss."""
    return max(0.1, 1 - 0.4 * loss)


def _progress(
    losses: tuple[float, ...],
    validation_losses: tuple[float, ...] | None = None,
    *,
    rate: float = 0.001,
    steps: int = 860,
    ended: str = "",
    dead: float | None = None,
    moved: float | None = None,
    accuracies: tuple[float, ...] | None = None,
    validation_accuracies: tuple[float, ...] | None = None,
) -> Progress:
    """A run as made up: what is not given goes with the losses."""
    validation_losses = validation_losses or losses
    accuracies = accuracies or tuple(map(_accuracy, losses))
    validation_accuracies = validation_accuracies or tuple(map(_accuracy, validation_losses))
    rows = zip(losses, accuracies, validation_losses, validation_accuracies)
    epochs = tuple(EpochEnded(i, *row, rate, 5.0) for i, row in enumerate(rows, start=1))
    snapshots: tuple[Snapshot, ...] = ()
    if dead is not None or moved is not None:
        layers = (
            LayerState("dense_1", 0.1, dead, moved or 0.0),
            LayerState("answer", 0.1, None, moved or 0.0),
        )
        empty = np.zeros((20, 10), np.float32)
        confusion = np.zeros((10, 10), np.int64)
        snapshots = (Snapshot(len(epochs), steps, layers, empty, np.zeros((1, 3, 3)), confusion),)
    return Progress(
        RunStarted(1_000, 55_000, 5_000, steps, 10),
        epochs=epochs,
        snapshots=snapshots,
        ended=RunEnded(ended) if ended else None,
    )


def _kinds(progress: Progress, config: TrainingConfig = CONFIG) -> list[str]:
    return [found.kind for found in diagnostics.find(config, progress)]


def _only(progress: Progress, config: TrainingConfig = CONFIG) -> Diagnosis:
    (found,) = diagnostics.find(config, progress)
    assert found.config != config
    assert found.title == diagnostics.TITLES[found.kind]
    return found


# No diagnosis


def test_nothing_said_gives_no_diagnosis() -> None:
    assert diagnostics.find(CONFIG, Progress()) == ()


@pytest.mark.parametrize("epochs", [1, 2, 3, 4])
def test_a_healthy_run_gets_no_diagnosis_at_any_time(epochs: int) -> None:
    assert _kinds(_progress(HEALTHY[:epochs], VALIDATION[:epochs], dead=0.05, moved=1.0)) == []


# Eighty epochs on mild distortions: the loss on the validation digits rises while the accuracy does not fall any more.
OVERSURE = "tiny"
SHIPPED = [name for name in model_files.names() if name != OVERSURE]


def test_a_model_that_got_oversure_was_told_so_on_the_way_and_nothing_else() -> None:
    card = model_files.read_card(OVERSURE)
    epochs = tuple(EpochEnded(**record) for record in card["history"])
    config = from_dict(card["configuration"])
    started = RunStarted(
        card["parameters"], 55_000, 5_000, math.ceil(55_000 / config.batch_size), config.epochs
    )
    on_the_way = (Progress(started, epochs=epochs[:count]) for count in range(1, len(epochs)))
    assert {kind for progress in on_the_way for kind in _kinds(progress, config)} == {"overfitting"}


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_models_were_never_scolded(name: str) -> None:
    """Nor at any epoch on the way; but that the ANN of five epochs could have gone on is true."""
    card = model_files.read_card(name)
    config = from_dict(card["configuration"])
    epochs = tuple(EpochEnded(**record) for record in card["history"])
    started = RunStarted(
        card["parameters"], 55_000, 5_000, math.ceil(55_000 / config.batch_size), config.epochs
    )
    for count in range(len(epochs)):
        assert diagnostics.find(config, Progress(started, epochs=epochs[:count])) == ()
    ended = RunEnded(card["ended"])
    kinds = _kinds(Progress(started, epochs=epochs, ended=ended), config)
    assert kinds == (["more-epochs"] if name == "ann" else [])


@pytest.mark.parametrize("name", SHIPPED)
def test_nor_were_they_when_their_layers_were_looked_into(name: str) -> None:
    path = model_files.find(name) / "recording.bin"
    if not path.is_file():
        pytest.skip(f"{name} was not recorded")
    progress, config = (
        recordings.from_bytes(path.read_bytes()),
        from_dict(model_files.read_card(name)["configuration"]),
    )
    for count in range(len(progress.epochs) + 1):
        seen = tuple(snapshot for snapshot in progress.snapshots if snapshot.epoch <= count)
        assert (
            diagnostics.find(
                config, replace(progress, epochs=progress.epochs[:count], snapshots=seen, ended=None)
            )
            == ()
        )


# The learning rate is too high


def test_a_loss_that_is_no_number_is_said_at_once() -> None:
    batch = BatchEnded(1, 3, math.nan, 0.1, 0.01, 1.0)
    found = _only(Progress(RunStarted(1_000, 55_000, 5_000, 860, 10), batches=(batch,)))
    assert found.kind == "rate-too-high"
    assert found.config == replace(CONFIG, learning_rate=0.0003)
    assert found.action == "Try a third of the learning rate: 0.0003"


def test_a_loss_that_became_no_number_in_validation_is_said() -> None:
    ended = RunEnded("The loss is no longer a number in epoch 1: the learning rate is probably too high.")
    assert _kinds(Progress(ended=ended)) == ["rate-too-high"]


def test_a_loss_worse_than_guessing_is_too_high_a_rate() -> None:
    found = _only(_progress((48.2, 2.74), rate=10.0), replace(CONFIG, optimizer="sgd", learning_rate=10))
    assert found.kind == "rate-too-high"
    assert "48.2" in found.why
    assert "2.30" in found.why
    assert found.config.learning_rate == 0.01  # a third of 10 would still be far too high


def test_a_bad_start_that_was_made_good_is_none_of_the_learning_rate() -> None:
    assert _kinds(_progress((2.6, 0.5, 0.3, 0.29))) == []


def test_a_few_steps_are_not_judged() -> None:
    assert _kinds(_progress((2.6,), steps=diagnostics.MIN_STEPS - 1)) == []
    assert _kinds(_progress((2.6,), steps=diagnostics.MIN_STEPS)) == ["rate-too-high"]


def test_a_loss_that_jumps_is_too_high_a_rate() -> None:
    found = _only(_progress((0.4, 0.3, 0.42, 0.3, 0.5)))
    assert found.kind == "rate-too-high"
    assert "2 times" in found.why
    assert "0.20" in found.why


def test_a_loss_that_jumps_in_a_short_run_is_said_as_well() -> None:
    found = _only(_progress((0.5, 0.9, 0.4, 0.9)))
    assert found.kind == "rate-too-high"
    assert "In the last 4 epochs the training loss jumped up 2 times, by up to 0.50" in found.why


def test_one_jump_or_small_ones_are_borne() -> None:
    assert _kinds(_progress((0.4, 0.3, 0.42, 0.3, 0.29), (*VALIDATION, 0.109))) == []
    assert _kinds(_progress((0.02, 0.01, 0.03, 0.01, 0.04), (*VALIDATION, 0.109))) == []


def test_guessing_with_dead_units_is_too_high_a_rate() -> None:
    progress = _progress((2.31, 2.31), dead=0.97, moved=3.0)
    found = _only(progress, replace(CONFIG, learning_rate=0.005))
    assert found.kind == "rate-too-high"
    assert "97%" in found.why
    assert found.config.learning_rate == 0.002


def test_guessing_with_weights_far_away_is_too_high_a_rate() -> None:
    assert _kinds(_progress((2.31, 2.31), moved=3.0)) == ["rate-too-high"]
    assert _kinds(_progress((2.31, 2.31), moved=0.1)) == []


def test_a_rate_raised_by_hand_is_the_one_that_is_lowered() -> None:
    found = _only(_progress((0.5, 3.0, 3.0), rate=0.009))
    assert found.config.learning_rate == 0.003


# The learning rate is too low


def test_a_loss_that_does_not_move_is_too_low_a_rate() -> None:
    config = replace(CONFIG, learning_rate=1e-6)
    found = _only(_progress((2.39, 2.38, 2.37), rate=1e-6, moved=0.003, dead=0.0), config)
    assert found.kind == "rate-too-low"
    assert "0.30%" in found.why
    assert "1e-06" in found.why
    assert found.config.learning_rate == 0.001
    assert found.action == "Try the usual learning rate: 0.001"


def test_without_a_look_at_the_weights_the_rate_itself_tells() -> None:
    config = replace(CONFIG, optimizer="sgd", learning_rate=1e-6)
    assert _kinds(_progress((2.39, 2.38, 2.37), rate=1e-6), config) == ["rate-too-low"]
    assert _kinds(_progress((2.39, 2.38, 2.37), rate=0.005), replace(config, learning_rate=0.005)) == []


def test_a_slow_steady_fall_is_too_low_a_rate() -> None:
    config = replace(CONFIG, learning_rate=0.0002)
    found = _only(_progress((1.41, 1.28, 1.17), rate=0.0002), config)
    assert found.kind == "rate-too-low"
    assert "9%" in found.why
    assert found.config.learning_rate == 0.0006
    assert found.action == "Try three times the learning rate: 0.0006"


def test_a_fast_fall_and_one_that_ends_are_no_slow_one() -> None:
    assert _kinds(_progress((2.0, 1.3, 0.9))) == []
    assert _kinds(_progress((1.0, 0.85, 0.81))) == []


def test_two_epochs_are_no_trend() -> None:
    assert _kinds(_progress((1.41, 1.28))) == []


def test_a_rate_that_a_schedule_has_low_is_not_called_too_low() -> None:
    config = replace(CONFIG, schedule="one-cycle", learning_rate=0.002)
    assert _kinds(_progress((1.41, 1.28, 1.17), rate=0.0002), config) == []


# Overfitting


def test_a_validation_loss_that_rises_while_the_other_falls_is_overfitting() -> None:
    found = _only(_progress((0.3, 0.2, 0.1, 0.05), (0.25, 0.2, 0.26, 0.3)))
    assert found.kind == "overfitting"
    assert "epoch 2" in found.why
    assert all(figure in found.why for figure in ("0.2 ", "0.3,", "0.05"))
    assert found.config == replace(CONFIG, augmentation=POLICIES["gentle"])


def test_one_bad_validation_or_a_small_rise_is_borne() -> None:
    assert _kinds(_progress((0.3, 0.2, 0.1, 0.05), (0.25, 0.2, 0.21, 0.3))) == []
    assert _kinds(_progress((0.3, 0.2, 0.15, 0.13), (0.21, 0.15, 0.18, 0.18))) == []


def test_a_gap_between_what_was_learnt_and_the_rest_is_overfitting() -> None:
    config = replace(CONFIG, subset_size=200, batch_size=20)
    gap = _progress((0.1, 0.05, 0.02), (0.6, 0.6, 0.6), accuracies=(0.98, 0.99, 1.0), steps=10)
    found = _only(gap, config)
    assert found.kind == "overfitting"
    assert "100.0%" in found.why
    assert found.action == "Learn from 1,000 digits"
    assert found.config.subset_size == 1_000


def test_the_last_share_of_the_digits_is_all_of_them() -> None:
    gap = _progress((0.1, 0.05, 0.02), (0.6, 0.6, 0.6))
    found = _only(gap, replace(CONFIG, subset_size=20_000))
    assert found.action == "Learn from all 55,000 digits"
    assert found.config.subset_size is None


def test_against_overfitting_one_thing_after_the_other_is_tried() -> None:
    gap = _progress((0.1, 0.05, 0.02), (0.6, 0.6, 0.6))
    config = replace(CONFIG, architecture="cnn-2", subset_size=20_000)
    tried = []
    while found := diagnostics.find(config, gap):
        tried.append(found[0].action)
        config = found[0].config
    assert tried == [
        "Learn from all 55,000 digits",
        "Turn, lean and bend the digits a little in each epoch",
        "Add dropout before the answer",
        "Stop early and keep the best weights",
    ]
    assert config.network.layers[-1] == Dropout(0.5)
    assert config.early_stopping == EarlyStopping(patience=3)
    assert config.keeps_best_weights


# Underfitting


def test_poor_and_flat_is_underfitting() -> None:
    flat = (0.9, 0.6, 0.595, 0.59)
    found = _only(_progress(flat))
    assert found.kind == "underfitting"
    assert "76.4%" in found.why
    assert found.config.architecture == "cnn-2"


def test_poor_but_moving_or_flat_but_good_is_no_underfitting() -> None:
    assert _kinds(_progress((0.9, 0.6, 0.5, 0.46))) == []
    assert _kinds(_progress((0.3, 0.101, 0.1, 0.1))) == []
    assert _kinds(_progress((0.9, 0.6, 0.595, 0.59), VALIDATION)) == []  # distorted digits are harder


def test_a_network_held_back_is_let_go_before_a_larger_one_is_tried() -> None:
    flat = _progress((0.9, 0.6, 0.595, 0.59))
    drowsy = Architecture("Drowsy", "Most of it sleeps.", (Flatten(), Dense(64), Dropout(0.9)))
    found = _only(flat, replace(CONFIG, architecture=drowsy))
    assert found.config.network.layers == (Flatten(), Dense(64), Dropout(0.25))
    bent = replace(CONFIG, augmentation=replace(POLICIES["none"], rotation=180))
    assert _only(flat, bent).config.augmentation == POLICIES["gentle"]
    assert _kinds(flat, replace(CONFIG, architecture="cnn-2")) == []  # no larger one is known


def test_guessing_is_no_underfitting() -> None:
    assert "underfitting" not in _kinds(_progress((2.31, 2.31, 2.31, 2.31)))


# Dead units


def test_dead_units_are_named() -> None:
    progress = _progress(HEALTHY, VALIDATION, dead=0.52, moved=1.0)
    found = _only(progress, replace(CONFIG, learning_rate=0.003))
    assert found.kind == "dead-units"
    assert "52%" in found.why
    assert "dense_1" in found.why
    assert found.config.learning_rate == 0.001


def test_units_that_die_at_a_usual_rate_get_another_activation() -> None:
    network = Architecture("Mixed", "Some ReLU.", (Convolution(4), Pooling(), Flatten(), Dense(8, "tanh")))
    found = _only(_progress(HEALTHY, VALIDATION, dead=0.41), replace(CONFIG, architecture=network))
    assert found.action == "Try ELU instead of ReLU"
    assert found.config.network.layers == (Convolution(4, activation="elu"), *network.layers[1:])


def test_few_dead_units_and_a_first_epoch_are_borne() -> None:
    assert _kinds(_progress(HEALTHY, VALIDATION, dead=0.40)) == []
    assert _kinds(_progress(HEALTHY[:1], VALIDATION[:1], dead=0.9)) == []


# Still improving


def test_a_run_that_ends_while_it_improves_may_go_on() -> None:
    found = _only(_progress((0.3, 0.2, 0.15), (0.25, 0.2, 0.16), ended=DONE), replace(CONFIG, epochs=3))
    assert found.kind == "more-epochs"
    assert "20%" in found.why
    assert found.action == "Try 6 epochs"
    assert found.config.epochs == 6


def test_a_run_that_goes_on_or_has_settled_needs_no_more_epochs() -> None:
    config = replace(CONFIG, epochs=3)
    improving = ((0.3, 0.2, 0.15), (0.25, 0.2, 0.16))
    assert _kinds(_progress(*improving), config) == []
    assert _kinds(_progress(*improving, ended="Stopped by hand in epoch 4."), config) == []
    assert _kinds(_progress((0.3, 0.2, 0.15), (0.25, 0.2, 0.195), ended=DONE), config) == []
    assert _kinds(_progress((0.03, 0.02, 0.015), (0.03, 0.02, 0.018), ended=DONE), config) == []
    assert _kinds(_progress(*improving, ended=DONE), replace(config, schedule="cosine")) == []
    assert _kinds(_progress(*improving, ended=DONE), replace(config, epochs=200)) == ["more-epochs"]


def test_more_epochs_than_there_can_be_are_not_advised() -> None:
    losses = tuple(0.9**i for i in range(200))
    low = tuple(0.5 * loss + 0.1 for loss in losses)
    assert _kinds(_progress(losses, low, ended=DONE), replace(CONFIG, epochs=200)) == []


# Trainings that were really made

PROVOKED = {
    "rate-too-high": replace(CONFIG, optimizer="sgd", learning_rate=10),
    "rate-too-low": replace(CONFIG, optimizer="sgd", learning_rate=1e-6),
    "overfitting": TrainingConfig("ann", subset_size=200, batch_size=10, epochs=15, learning_rate=0.002),
    "underfitting": TrainingConfig(
        Architecture("Blind", "It sees sixteen blots.", (Pooling(7), Flatten())),
        learning_rate=0.02,
        batch_size=50,
    ),
    "more-epochs": TrainingConfig("ann", epochs=2),
    "dead-units": TrainingConfig("ann", learning_rate=0.05),
}


@pytest.mark.parametrize("kind", PROVOKED)
def test_a_training_set_up_to_go_wrong_gets_the_suggestion_that_mends_it(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from digit_core.training import export

    for form in ("to_litert", "to_litert_layers"):  # what the training leaves is not looked at
        monkeypatch.setattr(export, form, lambda model: b"")
    config = PROVOKED[kind]
    if config.subset_size is None:
        config = replace(config, subset_size=3_000, epochs=min(config.epochs, 8))
    recording = Recording()
    try:
        trainer.train(config, on_event=recording.add)
    except TrainingError:
        assert kind == "rate-too-high"
    found = diagnostics.find(config, recording.progress())[0]
    assert found.kind == kind, found.why
