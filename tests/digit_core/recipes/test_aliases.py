"""What was written under earlier names of settings is read for ever: cards, runs, pasted settings and `--set`."""

import json

import pytest

from digit_core.augmentation.policies import LIMITS, POLICIES, Distortion
from digit_core.recipes import aliases, configuration, fine_tuning
from digit_core.recipes.architectures import ARCHITECTURES
from digit_core.recipes.configuration import TrainingConfig
from digit_core.runs import comparison

# As commit ff17794 wrote them.
OLD_AUGMENTATION = {"rotation": 10.0, "refit": 0.25, "extremes": 0.12, "scanned": 0.4, "calm": 0.5}
OLD = {"architecture": "ann", "epochs": 3, "augmentation": OLD_AUGMENTATION}
NOW = TrainingConfig(
    "ann",
    epochs=3,
    augmentation=Distortion(
        rotation=10.0, recenter=0.25, outlier_share=0.12, low_res_share=0.4, clean_share=0.5
    ),
)


def test_every_earlier_name_leads_to_a_setting_or_a_policy_that_there_is() -> None:
    for name in aliases.ALIASES.values():
        part, _, setting = name.partition(".")
        assert name in POLICIES or (part == "augmentation" and setting in LIMITS)
    assert not set(aliases.ALIASES) & set(aliases.ALIASES.values())


def test_old_settings_are_read_and_left_alone() -> None:
    before = json.dumps(OLD)
    assert configuration.from_dict(OLD) == NOW
    assert json.dumps(OLD) == before


def test_where_both_names_stand_the_new_one_counts() -> None:
    for augmentation in ({"calm": 0.1, "clean_share": 0.5}, {"clean_share": 0.5, "calm": 0.1}):
        assert configuration.from_dict({"augmentation": augmentation}).augmentation.clean_share == 0.5


def test_an_old_card_is_compared_and_learnt_on() -> None:
    card = {"configuration": OLD, "architecture": ARCHITECTURES["ann"].as_dict()}
    assert comparison.of_shipped("ann", card).config == NOW
    assert fine_tuning.recipe(card).architecture == "ann"


@pytest.mark.parametrize(
    ("assignment", "changed"),
    [
        ("augmentation.calm=0.5", Distortion(clean_share=0.5)),
        ("augmentation.extremes=0.1", Distortion(outlier_share=0.1)),
        ("augmentation.scanned=1", Distortion(low_res_share=1)),
        ("augmentation.refit=0.75", Distortion(recenter=0.75)),
        ('augmentation={"calm": 0.5}', Distortion(clean_share=0.5)),
    ],
)
def test_an_old_name_can_be_typed(assignment: str, changed: Distortion) -> None:
    data = TrainingConfig().as_dict()
    configuration.assign(data, assignment)
    assert configuration.from_dict(data).augmentation == changed


def test_what_is_written_has_the_new_names() -> None:
    written = json.dumps(TrainingConfig(augmentation=POLICIES["strong"]).as_dict())
    assert not any(f'"{name.partition(".")[2]}"' in written for name in aliases.ALIASES)
