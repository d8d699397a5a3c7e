from dataclasses import replace
from typing import Any

import pytest

from digit_core.augmentation.policies import POLICIES
from digit_core.recipes.architectures import ARCHITECTURES
from digit_core.recipes.configuration import EarlyStopping, ReduceLROnPlateau, TrainingConfig
from digit_core.recipes.layers import Convolution, Dense, Dropout, Flatten, Pooling
from digit_core.recipes.presets import PRESETS

ONE_HOT, NUMBERS = "categorical_crossentropy", "sparse_categorical_crossentropy"
STOPPING = EarlyStopping(monitor="val_loss", patience=3)
REDUCING = ReduceLROnPlateau(monitor="val_loss", factor=0.2, patience=2, min_lr=0.0001)
CNN_WITH_DROPOUT = (
    Convolution(32, 3),
    Pooling(2),
    Convolution(64, 3),
    Pooling(2),
    Flatten(),
    Dense(128, "relu"),
    Dropout(0.3),
)

# What each tutorial says, value by value: network, loss, batch, epochs, validation share, callbacks, best weights kept. Where a
# text leaves something open, what we take: the dropout of the third's ANN, its CNN and its share; the fifth's two last layers.
TUTORIALS: dict[str, list[tuple[Any, ...]]] = {
    "tutorial-1": [
        (
            (
                Convolution(32, 3),
                Pooling(2),
                Convolution(64, 3),
                Pooling(2),
                Convolution(64, 3),
                Flatten(),
                Dense(64, "relu"),
                Dropout(0.5),
            ),
            ONE_HOT,
            *(128, 20, None, STOPPING, REDUCING, True),
        )
    ],
    "tutorial-2": [((Flatten(), Dense(128, "relu"), Dropout(0.2)), NUMBERS, 32, 5, None, None, None, False)],
    "tutorial-3": [
        ((Flatten(), Dense(128, "relu"), Dropout(0.2)), ONE_HOT, 32, 10, 0.1, None, None, False),
        (CNN_WITH_DROPOUT, ONE_HOT, 32, 10, 0.1, None, None, False),
    ],
    "tutorial-4": [(CNN_WITH_DROPOUT, NUMBERS, 32, 5, 0.1, None, None, False)],
    "tutorial-5": [
        (
            (*[Convolution(64, 3), Pooling(2)] * 3, Flatten(), Dense(64, "relu"), Dense(32, "relu")),
            NUMBERS,
            *(32, 5, 0.3, None, None, False),
        )
    ],
}


@pytest.mark.parametrize("name", TUTORIALS)
def test_a_tutorials_preset_is_the_tutorials_recipe(name: str) -> None:
    found = [
        (
            config.network.layers,
            config.loss,
            config.batch_size,
            config.epochs,
            config.validation_share,
            config.early_stopping,
            config.reduce_lr_on_plateau,
            config.keeps_best_weights,
        )
        for config in PRESETS[name].configs
    ]
    assert found == TUTORIALS[name]


@pytest.mark.parametrize("name", TUTORIALS)
def test_a_tutorials_preset_is_otherwise_as_keras_does_it(name: str) -> None:
    """Adam at its usual rate, all training digits as they are, numbers of 32 bits."""
    for config in PRESETS[name].configs:
        usual = TrainingConfig(config.architecture)
        assert (config.optimizer, config.learning_rate, config.schedule) == ("adam", 0.001, "constant")
        assert (config.subset_size, config.augmentation, config.precision) == (
            None,
            usual.augmentation,
            "float32",
        )


def test_an_epoch_of_the_fourth_tutorial_has_its_1688_steps() -> None:
    (config,) = PRESETS["tutorial-4"].configs
    assert -(-config.training_size // config.batch_size) == 1_688


def test_the_first_tutorials_way_is_a_switch_to_the_test_digits_and_nothing_else() -> None:
    preset = PRESETS["tutorial-1"]
    assert preset.authors_way == (replace(preset.configs[0], validates_on_test=True),)
    assert [name for name, other in PRESETS.items() if other.authors_way] == ["tutorial-1"]
    assert "test digits" in preset.origin


def test_quick_comes_first_and_then_the_tutorials_in_their_order() -> None:
    assert list(PRESETS) == ["quick", *TUTORIALS, "digit-lab", "tiny"]


def test_recipes_are_named_for_what_they_are_and_say_whose_they_are() -> None:
    for name, preset in PRESETS.items():
        assert "tutorial" not in preset.title.lower()
        assert f"({name})" in preset.origin if name in TUTORIALS else preset.origin.startswith("Our own")


def test_our_own_recipes() -> None:
    recipes = {
        name: [
            (c.architecture, c.loss, c.batch_size, c.epochs, c.validation_share, c.optimizer)
            for c in preset.configs
        ]
        for name, preset in PRESETS.items()
        if name not in TUTORIALS
    }
    assert recipes == {
        "digit-lab": [("cnn", NUMBERS, 256, 60, None, "adamw")],
        "tiny": [("tiny", NUMBERS, 256, 80, None, "adamw")],
        "quick": [("quick", NUMBERS, 256, 4, None, "adam")],
    }


def test_no_preset_chooses_on_the_test_digits() -> None:
    assert not any(config.validates_on_test for preset in PRESETS.values() for config in preset.configs)


def test_quick_is_the_least_work_of_all_that_have_convolutions() -> None:
    work = {
        name: config.network.multiply_adds * config.epochs * config.training_size
        for name, preset in PRESETS.items()
        for config in preset.configs
        if config.architecture != "ann"
    }
    quick = work.pop("quick")
    assert quick < min(work.values()) / 2
    assert quick < work["tutorial-5"] / 3
    (config,) = PRESETS["quick"].configs
    assert (config.precision, config.schedule, config.network.parameters) == ("bfloat16", "one-cycle", 69_530)


def test_every_preset_is_described() -> None:
    for preset in PRESETS.values():
        assert preset.title
        assert preset.description.endswith(".")
        assert preset.origin.endswith(".")
        assert all(config.architecture in ARCHITECTURES for config in preset.configs)


def test_our_own_recipe_leaves_every_other_digit_clean() -> None:
    (config,) = PRESETS["digit-lab"].configs
    assert config.augmentation == POLICIES["handwriting, half clean"]
    assert config.augmentation.clean_share == 0.5
    assert config.augmentation.habits > 0


def test_tiny_is_tiny() -> None:
    assert PRESETS["tiny"].configs[0].network.parameters <= 25_000
    assert PRESETS["digit-lab"].configs[0].network.parameters <= 1_500_000
