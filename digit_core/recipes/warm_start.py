"""What a training must know of the model whose weights it goes on from."""

from dataclasses import dataclass
from typing import Any

from digit_core.recipes.configuration import TrainingConfig


@dataclass(frozen=True)
class Parent:
    """A model or a run that another training goes on from.

    Attributes:
        name: the id of a run, or the name of a shipped model.
        chosen_on_test: it, or one that it went on from itself, was chosen on the test digits.
        knows_split: how it was validated is known; of a model that was trained elsewhere it is not.
        validation_share: as `TrainingConfig` has it.
        learnt_sets: the ids of the sets of drawings that it, or one that it went on from itself, has learnt from.
    """

    name: str
    chosen_on_test: bool = False
    knows_split: bool = False
    validation_share: float | None = None
    learnt_sets: tuple[str, ...] = ()

    def objection(self, config: TrainingConfig) -> str:
        """A sentence if a training may not go on from here, because it would be validated on digits that the weights have
        learnt from; else ""."""
        if not self.knows_split or config.validation_share == self.validation_share:
            return ""
        before = (
            "the fixed validation digits"
            if self.validation_share is None
            else f"a share of {self.validation_share:.0%}"
        )
        return (
            f"These weights were validated on {before}. A training that continues from them must use the same: others would "
            "include digits that the weights have already learnt."
        )


def of_card(name: str, card: dict[str, Any]) -> Parent:
    """A model by its card."""
    configuration = card.get("configuration")
    return Parent(
        name,
        bool(card.get("chosen_on_test")),
        configuration is not None,
        (configuration or {}).get("validation_share"),
        tuple(card.get("learnt_sets", ())),
    )


def of_config(
    name: str, config: TrainingConfig, is_inherited: bool = False, learnt_sets: tuple[str, ...] = ()
) -> Parent:
    """A run that has left no model, only weights to go on from.

    Args:
        name: the run's id.
        config: the run's.
        is_inherited: it went on from weights that were chosen on the test digits.
        learnt_sets: as Parent has them.
    """
    return Parent(name, config.validates_on_test or is_inherited, True, config.validation_share, learnt_sets)
