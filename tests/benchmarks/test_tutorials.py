"""The tutorials' claims, against figures known by hand, and one short walk by the command line."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.tutorials import CASES, Walked, claims, walk
from digit_core.inference import classifier, model_files
from digit_core.recipes.presets import PRESETS

CONFUSION = np.zeros((10, 10), int)
CONFUSION[9, 4], CONFUSION[4, 9], CONFUSION[7, 2] = 3, 4, 6
# Two epochs, of which the first was kept.
GOOD = Walked(
    "cnn",
    [{"accuracy": 0.991, "validation_accuracy": 0.9899}, {"accuracy": 0.5, "validation_accuracy": 0.9912}],
    1,
    0.9812,
    0.069,
    CONFUSION,
    0.9951,
)


def met(preset: str, *walked: Walked) -> dict[str, bool]:
    return {claim.words: claim.is_met for claim in claims(preset, walked)}


@pytest.mark.parametrize("preset", CASES)
def test_each_claim_of_a_tutorial_can_be_met(preset: str) -> None:
    assert all(met(preset, GOOD, GOOD).values())
    assert bool(met(preset, GOOD, GOOD)) == (preset != "tutorial-2")  # which claims nothing


@pytest.mark.parametrize(
    ("preset", "words", "worse"),
    [
        ("tutorial-1", "over 95%", {"accuracy": 0.95}),
        ("tutorial-3", "ANN: about 98%", {"history": [{"accuracy": 0.974, "validation_accuracy": 0.992}]}),
        ("tutorial-3", "ANN: about 97%", {"accuracy": 0.964}),
        ("tutorial-3", "CNN: above", {"history": [{"accuracy": 0.99, "validation_accuracy": 0.992}]}),
        ("tutorial-3", "CNN: above", {"history": [{"accuracy": 0.992, "validation_accuracy": 0.99}]}),
        ("tutorial-3", "area under", {"area_of_zero": 0.994}),
        ("tutorial-4", "99%", {"history": [{"accuracy": 0.992, "validation_accuracy": 0.9899}]}),
        ("tutorial-5", "98.12%", {"accuracy": 0.9811}),
        ("tutorial-5", "test loss", {"log_loss": 0.0691}),
    ],
)
def test_a_model_that_is_worse_than_its_tutorial_says_misses_its_claim(
    preset: str, words: str, worse: dict[str, object]
) -> None:
    changed = replace(GOOD, **worse)
    first, last = (GOOD, changed) if words.startswith(("CNN", "area")) else (changed, GOOD)
    missed = [claim for claim, is_met in met(preset, first, last).items() if not is_met]
    assert [claim for claim in missed if claim.startswith(words)]


def test_the_most_confused_are_counted_both_ways() -> None:
    assert GOOD.most_confused == (4, 9)


@pytest.mark.long
def test_a_walk_trains_evaluates_and_exports(tmp_path: Path) -> None:
    """The preset's two networks, by the command line as a reader types it, with fewer digits."""
    folder = tmp_path / "model"
    ann, cnn = walk("tutorial-3", folder, epochs=1, digits=1_000)
    assert [ann.architecture, cnn.architecture] == [
        config.architecture for config in PRESETS["tutorial-3"].configs
    ]
    for one in (ann, cnn):
        card = model_files.read_card(folder / one.architecture)
        assert (
            card["configuration"]
            == replace(PRESETS["tutorial-3"].configs[one is cnn], epochs=1, subset_size=1_000).as_dict()
        )
        assert (one.kept, one.history) == (1, card["history"])
        assert one.confusion.sum() == 10_000
        assert one.accuracy == np.trace(one.confusion) / 10_000
        assert classifier.load(folder / one.architecture).name == one.architecture
        assert (folder / f"{one.architecture}.h5").stat().st_size > 100_000
