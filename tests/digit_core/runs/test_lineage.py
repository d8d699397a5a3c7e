"""What a training may go on from: weights of the same layers, however their card was written."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from digit_core.digits import Digits, Handwriting
from digit_core.errors import RunError
from digit_core.recipes.architectures import Architecture
from digit_core.recipes.configuration import TrainingConfig
from digit_core.recipes.layers import Convolution, Flatten
from digit_core.recipes.warm_start import Parent
from digit_core.runs.lineage import Lineage
from digit_core.storage import processes
from digit_core.storage.run_records import FINISHED, INTERRUPTED, Run
from digit_core.storage.store import Store
from tests.training_ground import ANN

LAYERS = [
    {"kind": "convolution", "filters": 3, "size": 3, "padding": "valid", "activation": "relu"},
    {"kind": "flatten"},
]


def config(**settings: Any) -> TrainingConfig:
    return TrainingConfig(Architecture("Another title", "", (Convolution(3, **settings), Flatten())))


@pytest.fixture
def parent_of(sqlite_url: str) -> Iterator[Callable[[list[dict[str, Any]]], Lineage]]:
    """`parent_of(layers)`: a lineage with one run, whose card describes such a network."""
    store = Store(sqlite_url)

    def build(layers: list[dict[str, Any]]) -> Lineage:
        card = {"architecture": {"title": "T", "description": "", "layers": layers}, "configuration": None}
        run = Run("1" * 12, ANN, "run 1", FINISHED, "", None, 1.0, has_model=True, card=card)
        return Lineage(store.runs, lambda _: run, lambda: [run])

    yield build
    store.close()


def test_a_card_from_before_there_were_steps_is_gone_on_from(
    parent_of: Callable[[list[dict[str, Any]]], Lineage],
) -> None:
    assert parent_of(LAYERS).check("1" * 12, [config()]).name == "1" * 12


@pytest.mark.parametrize("settings", [{"strides": 2}, {"size": 5}, {"activation": "elu"}])
def test_weights_of_other_layers_are_refused(
    parent_of: Callable[[list[dict[str, Any]]], Lineage], settings: dict[str, Any]
) -> None:
    with pytest.raises(RunError, match="weights of the same layers"):
        parent_of(LAYERS).check("1" * 12, [config(**settings)])


def test_what_goes_on_from_a_torn_off_run_knows_the_sets_that_it_learnt(sqlite_url: str) -> None:
    store, grey = Store(sqlite_url), Digits(np.zeros((1, 28, 28), np.uint8), np.zeros(1, np.uint8))
    grandparent = Parent("0" * 12, learnt_sets=("theirs",))
    files = Lineage.written_sets(grandparent, Handwriting("mine", grey, grey))
    run = Run("1" * 12, ANN, "run 1", INTERRUPTED, "", config(), 1.0, has_checkpoint=True)
    store.runs.add(processes.this_process(), [run], files)
    known = Lineage(store.runs, lambda _: run, lambda: [run]).check("1" * 12, [config()])
    assert known.learnt_sets == ("mine", "theirs")
    store.close()
    assert Lineage.written_sets(None, grey) == {}


def test_a_network_of_none_of_our_layers_is_not_gone_on_from(
    parent_of: Callable[[list[dict[str, Any]]], Lineage],
) -> None:
    foreign = [{"kind": "BatchNormalization", "name": "batch_normalization_1", "settings": {}}]
    with pytest.raises(RunError, match="weights of the same layers"):
        parent_of(foreign).check("1" * 12, [config()])
