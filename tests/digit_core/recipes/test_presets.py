from digit_core.augmentation.policies import POLICIES
from digit_core.recipes.architectures import ARCHITECTURES
from digit_core.recipes.configuration import EarlyStopping, ReduceLROnPlateau
from digit_core.recipes.presets import PRESETS


def test_the_presets_are_the_tutorials_recipes() -> None:
    recipes = {
        name: [
            (c.architecture, c.loss, c.batch_size, c.epochs, c.validation_share, c.optimizer)
            for c in preset.configs
        ]
        for name, preset in PRESETS.items()
    }
    one_hot, plain = "categorical_crossentropy", "sparse_categorical_crossentropy"
    assert recipes == {
        "tutorial-1": [("cnn-tutorial", one_hot, 128, 20, None, "adam")],
        "tutorial-2": [("ann", plain, 32, 5, None, "adam")],
        "tutorial-3": [("ann", plain, 32, 10, None, "adam"), ("cnn-2", plain, 32, 10, None, "adam")],
        "tutorial-4": [("cnn-2", one_hot, 128, 10, None, "adam")],
        "tutorial-5": [("cnn-3", plain, 32, 5, 0.3, "adam")],
        "digit-lab": [("cnn", plain, 256, 60, None, "adamw")],
        "tiny": [("tiny", plain, 256, 80, None, "adamw")],
        "quick": [("quick", plain, 256, 4, None, "adam")],
    }
    assert PRESETS["tutorial-1"].configs[0].early_stopping == EarlyStopping(patience=5)
    assert PRESETS["tutorial-1"].configs[0].reduce_lr_on_plateau == ReduceLROnPlateau(factor=0.5, patience=2)


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
    assert quick < min(work.values()) / 3
    (config,) = PRESETS["quick"].configs
    assert (config.precision, config.schedule, config.network.parameters) == ("bfloat16", "one-cycle", 69_530)


def test_every_preset_is_described() -> None:
    for preset in PRESETS.values():
        assert preset.title
        assert preset.description.endswith(".")
        assert all(config.architecture in ARCHITECTURES for config in preset.configs)


def test_our_own_recipe_leaves_every_other_digit_clean() -> None:
    (config,) = PRESETS["digit-lab"].configs
    assert config.augmentation == POLICIES["handwriting, half clean"]
    assert config.augmentation.clean_share == 0.5
    assert config.augmentation.habits > 0


def test_tiny_is_tiny() -> None:
    assert PRESETS["tiny"].configs[0].network.parameters <= 25_000
    assert PRESETS["digit-lab"].configs[0].network.parameters <= 1_500_000
