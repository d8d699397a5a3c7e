from dataclasses import replace

import pytest

from digit_core.inference import model_files
from digit_core.recipes import warm_start
from digit_core.recipes.configuration import TrainingConfig

FIXED, SHARED, TEST = (
    TrainingConfig("ann"),
    TrainingConfig("ann", validation_share=0.3),
    TrainingConfig("ann", validates_on_test=True),
)


@pytest.mark.parametrize(
    ("before", "after"),
    [(FIXED, SHARED), (SHARED, FIXED), (SHARED, TEST), (SHARED, replace(SHARED, validation_share=0.2))],
)
def test_weights_are_not_judged_on_digits_that_they_have_learnt(
    before: TrainingConfig, after: TrainingConfig
) -> None:
    parent = warm_start.of_config("abc", before)
    said = "a share of 30%" if before is SHARED else "the fixed validation digits"
    assert said in parent.objection(after)
    assert parent.objection(before) == ""


def test_a_model_that_learnt_elsewhere_is_taken_at_its_word() -> None:
    parent = warm_start.of_card("abc", {"configuration": None, "chosen_on_test": None})
    assert [parent.objection(config) for config in (FIXED, SHARED, TEST)] == ["", "", ""]
    assert not parent.chosen_on_test


def test_a_shipped_model_is_known_by_its_card() -> None:
    card = model_files.read_card("cnn-3")
    assert warm_start.of_card("cnn-3", card) == warm_start.Parent("cnn-3", False, True, 0.3)
    assert warm_start.of_card("cnn-3", card | {"chosen_on_test": True}).chosen_on_test


def test_what_was_chosen_on_the_test_digits_stays_so() -> None:
    assert warm_start.of_config("abc", TEST).chosen_on_test
    assert warm_start.of_config("abc", FIXED, is_inherited=True).chosen_on_test
    assert not warm_start.of_config("abc", FIXED).chosen_on_test
