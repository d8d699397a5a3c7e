"""Settings in words: what differs between trainings is told, and nothing else."""

from dataclasses import replace

import pytest

from digit_core.augmentation.policies import POLICIES, Distortion
from digit_core.recipes import descriptions
from digit_core.recipes.architectures import Architecture, Convolution, Dense, Dropout, Flatten, Pooling
from digit_core.recipes.configuration import EarlyStopping, ReduceLROnPlateau, TrainingConfig
from digit_core.recipes.descriptions import Difference
from digit_core.recipes.presets import PRESETS

ANN = TrainingConfig(architecture="ann")
OWN = Architecture("", "", (Convolution(8, padding="same", activation="tanh"), Flatten(), Dense(20, "gelu")))


def test_trainings_alike_differ_in_nothing() -> None:
    assert descriptions.differences([ANN, ANN, TrainingConfig(architecture="ann")]) == ()


def test_ann_against_cnn_differ_in_their_network_alone() -> None:
    assert descriptions.differences(PRESETS["tutorial-3"].configs) == (
        Difference(
            "Network",
            (
                "ANN: 128 neurons, dropout 20%",
                "Two convolutions, dropout: 32 filters of 3x3, pooling 2x2, 64 filters of 3x3, pooling 2x2, 128 neurons, "
                "dropout 30%",
            ),
        ),
    )


@pytest.mark.parametrize(
    ("changes", "setting", "words"),
    [
        (
            {"architecture": OWN},
            "Network",
            "Own network: 8 filters of 3x3, edges padded (tanh), 20 neurons (gelu)",
        ),
        (
            {"architecture": Architecture("Stepping", "", (Convolution(8, strides=2), Flatten()))},
            "Network",
            "Stepping: 8 filters of 3x3 in steps of 2",
        ),
        ({"optimizer": "adamw"}, "Optimizer", "AdamW"),
        ({"learning_rate": 0.0003}, "Learning rate", "0.0003"),
        ({"schedule": "one-cycle"}, "Learning rate over time", "rises, then falls to zero (one-cycle)"),
        ({"loss": "categorical_crossentropy"}, "Loss", "cross-entropy, labels one-hot"),
        ({"batch_size": 4096}, "Batch size", "4,096 digits per step"),
        ({"epochs": 3}, "Epochs", "3"),
        ({"subset_size": 1000}, "Training digits", "1,000"),
        ({"validates_on_test": True}, "Validates", "on the 10,000 test digits"),
        (
            {"early_stopping": EarlyStopping()},
            "Stops early",
            "after 3 epochs without improvement in validation loss",
        ),
        (
            {"early_stopping": EarlyStopping("accuracy", 1, 0.001, 4)},
            "Stops early",
            "after 1 epoch without improvement in training accuracy, an improvement is more than 0.001, not judged before epoch 5",
        ),
        (
            {"reduce_lr_on_plateau": ReduceLROnPlateau(cooldown=2)},
            "Lowers the learning rate",
            "times 0.5 after 2 epochs without improvement in validation loss, then waits 2 epochs",
        ),
        ({"keeps_best_weights": False}, "Weights kept", "from the last epoch"),
        (
            {"augmentation": Distortion(rotation=10, scale=0.1)},
            "Distorted digits",
            "up to: turned by 10 degrees, resized by 10%",
        ),
        (
            {"precision": "bfloat16"},
            "Number precision",
            "16 bits where the processor supports them, else 32",
        ),
        ({"seed": 7}, "Seed", "7"),
    ],
)
def test_one_changed_setting_is_one_difference_in_words(
    changes: dict[str, object], setting: str, words: str
) -> None:
    (found,) = descriptions.differences([ANN, replace(ANN, **changes)])
    assert (found.setting, found.values[1]) == (setting, words)


def test_a_validation_share_changes_the_training_digits_too() -> None:
    found = descriptions.differences([ANN, replace(ANN, validation_share=0.3)])
    assert found == (
        Difference("Training digits", ("55,000", "42,000")),
        Difference("Validates", ("on the 5,000 validation digits", "on 30% held back")),
    )


def test_momentum_counts_where_the_optimizer_has_it() -> None:
    assert descriptions.differences([ANN, replace(ANN, momentum=0.9)]) == ()
    sgd = replace(ANN, optimizer="sgd")
    assert descriptions.differences([sgd, replace(sgd, momentum=0.9)]) == (
        Difference("Momentum", ("0", "0.9")),
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"early_stopping": EarlyStopping(**{name: value})}
        for name, value in {
            "monitor": "accuracy",
            "patience": 4,
            "min_delta": 0.1,
            "start_from_epoch": 1,
        }.items()
    ]
    + [
        {"reduce_lr_on_plateau": ReduceLROnPlateau(**{name: value})}
        for name, value in {
            "monitor": "accuracy",
            "factor": 0.25,
            "patience": 4,
            "min_delta": 0.1,
            "cooldown": 1,
            "min_lr": 0.1,
        }.items()
    ]
    + [{"augmentation": Distortion(**{name: 0.25})} for name in Distortion.__dataclass_fields__]
    + [
        {"architecture": Architecture("ANN", "", layers)}
        for layers in ((Flatten(),), (Flatten(), Dense(128)))
    ]
    + [{"architecture": Architecture("ANN", "", (Pooling(), Flatten(), Dense(128), Dropout(0.2)))}],
)
def test_no_detail_of_a_setting_is_passed_over(changes: dict[str, object]) -> None:
    usual = replace(ANN, early_stopping=EarlyStopping(), reduce_lr_on_plateau=ReduceLROnPlateau())
    assert len(descriptions.differences([usual, replace(usual, **changes)])) == 1


def test_a_model_trained_elsewhere_is_not_known_and_no_difference_by_itself() -> None:
    assert descriptions.differences([ANN, None]) == ()
    assert descriptions.differences([ANN, None, replace(ANN, seed=2)]) == (
        Difference("Seed", ("0", "not known", "2")),
    )


def test_what_a_training_started_from_is_a_difference() -> None:
    assert descriptions.differences([ANN, ANN], ["random weights", "the weights of ann"]) == (
        Difference("Starts from", ("random weights", "the weights of ann")),
    )
    assert descriptions.differences([ANN, ANN], ["random weights"] * 2) == ()
    with pytest.raises(ValueError, match="2 trainings need as many starts, not 1"):
        descriptions.differences([ANN, ANN], ["random weights"])


@pytest.mark.parametrize("preset", PRESETS)
def test_every_recipe_can_be_described(preset: str) -> None:
    for config in PRESETS[preset].configs:
        words = descriptions.describe(config)
        assert len(words) == 16
        assert all(words.values())


def test_every_named_distortion_has_words_of_its_own() -> None:
    words = {
        descriptions.describe(replace(ANN, augmentation=distortion))["Distorted digits"]
        for distortion in POLICIES.values()
    }
    assert len(words) == len(set(POLICIES.values()))
