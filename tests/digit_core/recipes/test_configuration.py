import json
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digit_core.augmentation.policies import POLICIES, Distortion
from digit_core.errors import ConfigurationError
from digit_core.recipes import configuration
from digit_core.recipes.architectures import ARCHITECTURES, Architecture, Dense, Flatten
from digit_core.recipes.configuration import EarlyStopping, ReduceLROnPlateau, TrainingConfig
from digit_core.recipes.presets import PRESETS
from tests.examples import examples

NAN = float("nan")


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        (
            "architecture",
            "resnet",
            "architecture is one of ann, cnn-tutorial, cnn-2, cnn-2-dropout, cnn-3, cnn, tiny, quick, not 'resnet'",
        ),
        ("architecture", None, "architecture is one of"),
        ("optimizer", "newton", "optimizer is one of adam"),
        ("learning_rate", NAN, "learning rate is a number from 1e-08 to 10, not nan"),
        ("learning_rate", -0.001, "learning rate .* not -0.001"),
        ("learning_rate", 0, "learning rate"),
        ("learning_rate", math.inf, "learning rate .* not inf"),
        ("learning_rate", "0.001", "learning rate .* not '0.001'"),
        ("schedule", "linear", "schedule is one of constant, cosine, one-cycle"),
        ("momentum", 1.0, "momentum is a number from 0 to 0.999"),
        ("loss", "mse", "loss is one of categorical_crossentropy, sparse_categorical_crossentropy"),
        ("batch_size", 0, "batch size is a whole number from 1 to 4,096, not 0"),
        ("batch_size", 32.0, "batch size is a whole number"),
        ("epochs", 0, "number of epochs is a whole number from 1 to 200, not 0"),
        ("epochs", 10**6, "number of epochs is a whole number from 1 to 200, not 1000000"),
        ("epochs", True, "number of epochs .* not True"),
        ("subset_size", 99, "number of training digits is a whole number from 100 to 60,000, not 99"),
        ("subset_size", 60_001, "number of training digits"),
        ("validation_share", 0, "validation share is a number from 0.01 to 0.9, not 0"),
        ("validation_share", 1.0, "validation share"),
        ("validation_share", NAN, "validation share .* not nan"),
        ("validates_on_test", "no", "validates_on_test is true or false, not 'no'"),
        ("keeps_best_weights", 1, "keeps_best_weights is true or false, not 1"),
        ("early_stopping", True, "early stopping is a record of settings or nothing, not True"),
        ("early_stopping", ReduceLROnPlateau(), "early stopping is a record"),
        ("early_stopping", EarlyStopping(monitor="luck"), "early stopping watches is one of val_loss"),
        ("early_stopping", EarlyStopping(patience=-1), "patience of early stopping"),
        ("early_stopping", EarlyStopping(min_delta=NAN), "least improvement of early stopping"),
        ("early_stopping", EarlyStopping(start_from_epoch=1.5), "first epoch of early stopping"),
        ("reduce_lr_on_plateau", "yes", "reduction is a record of settings or nothing, not 'yes'"),
        ("reduce_lr_on_plateau", ReduceLROnPlateau(monitor="luck"), "reduction watches is one of"),
        ("reduce_lr_on_plateau", ReduceLROnPlateau(factor=1.0), "factor of the learning rate's reduction"),
        ("reduce_lr_on_plateau", ReduceLROnPlateau(patience=1000), "patience of the learning rate's"),
        ("reduce_lr_on_plateau", ReduceLROnPlateau(min_delta=-1), "least improvement of the learning rate's"),
        ("reduce_lr_on_plateau", ReduceLROnPlateau(cooldown=-1), "cooldown of the learning rate's"),
        ("reduce_lr_on_plateau", ReduceLROnPlateau(min_lr=2), "lowest learning rate"),
        ("augmentation", None, "augmentation is a Distortion, not None"),
        ("seed", -1, "seed is a whole number from 0 to"),
        ("seed", 2**31, "seed is a whole number"),
    ],
)
def test_a_wrong_value_is_refused_with_one_sentence(setting: str, value: Any, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence) as caught:
        TrainingConfig(**{setting: value})
    assert len(caught.value.sentences) == 1


def test_every_wrong_value_has_its_sentence() -> None:
    with pytest.raises(ConfigurationError) as caught:
        TrainingConfig(epochs=0, batch_size=0, loss="none", learning_rate=NAN)
    assert len(caught.value.sentences) == 4


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"batch_size": 500, "subset_size": 499}, "batch of 500 is larger than the 499 training digits"),
        ({"batch_size": 4_096, "validation_share": 0.9, "subset_size": 4_000}, "larger than the 4,000"),
        ({"validation_share": 0.3, "validates_on_test": True}, "not both"),
        ({"schedule": "cosine", "reduce_lr_on_plateau": ReduceLROnPlateau()}, "choose one of them"),
    ],
)
def test_values_that_contradict_each_other_are_refused(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        TrainingConfig(**settings)


@pytest.mark.parametrize(
    ("settings", "size"),
    [
        ({}, 55_000),
        ({"subset_size": 1_000}, 1_000),
        ({"subset_size": 60_000}, 55_000),
        ({"validation_share": 0.3}, 42_000),
        ({"validation_share": 0.9}, 6_000),
        ({"validation_share": 0.3, "subset_size": 500}, 500),
        ({"validates_on_test": True}, 55_000),
    ],
)
def test_the_number_of_training_digits_is_known_beforehand(settings: dict[str, Any], size: int) -> None:
    assert TrainingConfig(**settings).training_size == size


OWN = Architecture("Own", "A network of one's own.", (Flatten(), Dense(7, activation="tanh")))


@pytest.mark.parametrize(
    "config",
    [
        *(config for preset in PRESETS.values() for config in preset.configs),
        TrainingConfig(architecture=OWN, subset_size=500, seed=7),
        TrainingConfig(optimizer="sgd", momentum=0.9, schedule="cosine", validates_on_test=True),
        TrainingConfig(augmentation=Distortion(rotation=10, noise=0.1), keeps_best_weights=False),
    ],
)
def test_a_configuration_outlives_json(config: TrainingConfig) -> None:
    assert configuration.from_dict(json.loads(json.dumps(config.as_dict()))) == config


def test_a_configuration_read_from_a_file_may_leave_things_out() -> None:
    config = configuration.from_dict({"epochs": 3, "early_stopping": {"patience": 1}})
    assert config == TrainingConfig(epochs=3, early_stopping=EarlyStopping(patience=1))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"learningrate": 0.1}, "There is no setting 'learningrate'"),
        ({"early_stopping": {"patients": 1}}, "There is no setting 'patients'"),
        ({"augmentation": {"rotate": 1}}, "There is no setting 'rotate'"),
        ({"augmentation": {"rotation": 1000}}, "distortion rotation is a number from 0 to 180"),
        ({"early_stopping": "yes"}, "early stopping is a record of settings"),
        ({"reduce_lr_on_plateau": 3}, "reduction is a record of settings"),
        ({"architecture": {"layers": None}}, "list of records"),
        ({"architecture": 3}, "architecture is one of"),
    ],
)
def test_a_record_that_is_no_configuration_is_refused(data: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        configuration.from_dict(data)


def test_reading_a_configuration_leaves_the_record_alone() -> None:
    data = PRESETS["tutorial-1"].configs[0].as_dict()
    before = json.dumps(data)
    configuration.from_dict(data)
    assert json.dumps(data) == before


def test_an_architecture_is_found_by_its_name_or_given() -> None:
    assert TrainingConfig(architecture="ann").network is ARCHITECTURES["ann"]
    assert TrainingConfig(architecture=OWN).network is OWN


@given(progress=st.floats(0, 1), schedule=st.sampled_from(configuration.SCHEDULES))
def test_a_schedule_never_leaves_the_highest_learning_rate_behind(progress: float, schedule: str) -> None:
    assert 0 <= TrainingConfig(schedule=schedule).schedule_factor(progress) <= 1 + 1e-12


def test_schedules_worked_by_hand() -> None:
    constant, cosine, cycle = (TrainingConfig(schedule=name) for name in configuration.SCHEDULES)
    assert [constant.schedule_factor(progress) for progress in (0, 0.5, 1)] == [1, 1, 1]
    assert [cosine.schedule_factor(progress) for progress in (0, 1 / 3, 0.5, 1)] == pytest.approx(
        [1, 0.75, 0.5, 0]
    )
    assert [cycle.schedule_factor(progress) for progress in (0, 0.15, 0.3, 0.65, 1)] == pytest.approx(
        [0.04, 0.52, 1, 0.5, 0]
    )


@given(first=st.floats(0, 1), second=st.floats(0, 1))
def test_cosine_only_falls_and_one_cycle_rises_first(first: float, second: float) -> None:
    low, high = sorted([first, second])
    cosine, cycle = TrainingConfig(schedule="cosine"), TrainingConfig(schedule="one-cycle")
    assert cosine.schedule_factor(low) >= cosine.schedule_factor(high)
    assert cycle.schedule_factor(0.3 * low) <= cycle.schedule_factor(0.3 * high) + 1e-12
    assert cycle.schedule_factor(0.3 + 0.7 * low) >= cycle.schedule_factor(0.3 + 0.7 * high) - 1e-12


def test_a_changed_configuration_is_checked_again() -> None:
    with pytest.raises(ConfigurationError):
        replace(TrainingConfig(), epochs=0)


@pytest.mark.parametrize(
    ("assignment", "changed"),
    [
        ("epochs=3", {"epochs": 3}),
        ("optimizer=sgd", {"optimizer": "sgd"}),
        ("learning_rate=1e-2", {"learning_rate": 0.01}),
        ("validation_share=null", {"validation_share": None}),
        ("validates_on_test=true", {"validates_on_test": True}),
        ("early_stopping.patience=7", {"early_stopping": {"monitor": "val_loss", "patience": 7}}),
        ("augmentation.rotation=5", {"augmentation": {"rotation": 5}}),
        ('architecture="ann"', {"architecture": "ann"}),
        ("architecture=a=b", {"architecture": "a=b"}),
        ("epochs=", {"epochs": ""}),
    ],
)
def test_a_setting_is_typed_as_name_and_value(assignment: str, changed: dict[str, Any]) -> None:
    data = {"epochs": 1, "early_stopping": {"monitor": "val_loss", "patience": 1}, "augmentation": None}
    before = dict(data)
    configuration.assign(data, assignment)
    assert data == before | changed


def test_a_setting_without_a_value_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="A setting is NAME=VALUE, not 'epochs'"):
        configuration.assign({}, "epochs")


def test_a_typed_value_that_is_no_number_is_refused_when_it_is_read() -> None:
    data = TrainingConfig().as_dict()
    configuration.assign(data, "learning_rate=NaN")
    with pytest.raises(ConfigurationError, match=r"learning rate .* not nan"):
        configuration.from_dict(data)


def test_the_named_distortions_can_all_be_trained_with() -> None:
    for distortion in POLICIES.values():
        assert TrainingConfig(augmentation=distortion).augmentation is distortion


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_NAMES = st.sampled_from(sorted(TrainingConfig().as_dict())) | st.text(max_size=8)
_PLACES = st.sampled_from(["", "early_stopping", "reduce_lr_on_plateau", "augmentation", "architecture"])


@settings(max_examples=examples(150), deadline=None)
@given(changes=st.lists(st.tuples(_PLACES, _NAMES, _VALUES), max_size=4))
def test_whatever_stands_in_settings_is_a_configuration_or_a_sentence(changes: list) -> None:
    data = replace(TrainingConfig(), early_stopping=EarlyStopping(), architecture=OWN).as_dict()
    for place, name, value in changes:
        inner = data.get(place) if place else data
        if isinstance(inner, dict):
            inner[name] = value
    try:
        config = configuration.from_dict(json.loads(json.dumps(data)))
    except ConfigurationError as error:
        assert error.sentences and all(error.sentences)
    else:
        assert configuration.from_dict(config.as_dict()) == config
