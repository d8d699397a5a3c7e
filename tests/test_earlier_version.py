"""What the version before digit_core fell into packages has left opens with all that is in it; `data/README.md` says how it was made."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from digit_core.augmentation.policies import POLICIES
from digit_core.datasets import Mnist
from digit_core.inference import classifier, model_files
from digit_core.inference.classifier import Classifier
from digit_core.recipes import configuration
from digit_core.runs import Runs
from digit_core.storage.store import DigitKey, Store

FOLDER = Path(__file__).parent / "data" / "earlier_version"
HALF_CLEAN = "handwriting, half clean"
ANN, BEN = "a" * 32, "b" * 32
VOTED = DigitKey("mnist", "test", 947)
# What that version's classifier answered to the first five test digits.
ANSWERS = {"Half calm": [9, 6, 9, 6, 8], "Goes on": [9, 6, 1, 6, 8], "Stopped": [9, 0, 1, 6, 8]}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    shutil.copy(FOLDER / "digitlab.db", tmp_path)
    opened = Store(f"sqlite:///{tmp_path / 'digitlab.db'}")
    yield opened
    opened.close()


@pytest.fixture
def runs(store: Store) -> Iterator[Runs]:
    opened = Runs(store)
    yield opened
    opened.close()


def test_its_runs_are_there_with_settings_curves_and_models(runs: Runs, mnist: Mnist) -> None:
    stopped, going_on, first = runs.all()
    assert [run.name for run in (first, going_on, stopped)] == list(ANSWERS)
    assert [run.state for run in (first, going_on, stopped)] == ["finished", "finished", "stopped"]
    assert stopped.reason == "Stopped by hand in epoch 2."
    assert (first.owner, going_on.owner, going_on.parent) == (ANN, BEN, first.id)
    assert first.config.augmentation == POLICIES[HALF_CLEAN]
    assert first.config.early_stopping is not None
    for run in (first, going_on):
        progress = runs.progress(run.id)
        assert [epoch.epoch for epoch in progress.epochs] == [1, 2]
        assert (progress.batches[-1].epoch, progress.batches[-1].step) == (2, 6)
        assert progress.snapshots
    for run in (first, going_on, stopped):
        files = runs.models.get(run.id).files
        model = Classifier(run.name, files[model_files.LITERT_FILE], files[model_files.LAYERS_FILE])
        assert model.predict_dataset(mnist.test.images[:5]).argmax(axis=1).tolist() == ANSWERS[run.name]


def test_its_sets_and_votes_are_there(store: Store, mnist: Mnist) -> None:
    (found,) = store.drawing_sets.of(BEN)
    assert (found.name, found.owner, found.count) == ("Class 7b", ANN, 9)
    _, drawings = store.drawings.read(ANN, found.id)
    assert [drawing.label for drawing in drawings] == mnist.test.labels[:9].tolist()
    assert all((drawing.image == mnist.test.images[row]).all() for row, drawing in enumerate(drawings))
    assert [drawing.visitor for drawing in drawings] == [ANN] * 6 + [BEN] * 3
    votes = store.votes([VOTED], ANN)[VOTED]
    assert (votes.total, votes.mine) == (2, "given")


def test_its_model_folder_answers_and_says_its_settings(mnist: Mnist) -> None:
    model = classifier.load(FOLDER / "model")
    assert model.predict_dataset(mnist.test.images[:5]).argmax(axis=1).tolist() == ANSWERS["Half calm"]
    card = model_files.read_card(FOLDER / "model")
    assert card["configuration"]["augmentation"]["calm"] == 0.5
    assert configuration.from_dict(card["configuration"]).augmentation == POLICIES[HALF_CLEAN]
