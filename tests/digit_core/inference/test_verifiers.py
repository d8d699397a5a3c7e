import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from digit_core import settings
from digit_core.augmentation.pipeline import distort
from digit_core.datasets.mnist import Mnist
from digit_core.errors import ModelError
from digit_core.inference import classifier, model_files, verifiers
from digit_core.inference.rejection import HANDWRITING, NO_DIGIT
from digit_core.preprocessing import images
from digit_core.synthesis import negatives

KINDS = ("letters", "scribbles", "silhouettes", "mirrored and turned", "two digits side by side")


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with the network in place of the shipped one, to be damaged."""
    folder = shutil.copytree(settings.LIKENESS_FOLDER, tmp_path / "likeness")
    monkeypatch.setattr(settings, "LIKENESS_FOLDER", folder)
    _forget()
    yield folder
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    verifiers.refused_below.cache_clear()
    verifiers.network.cache_clear()


def test_bytes_and_floats_score_alike_from_0_to_1(mnist: Mnist) -> None:
    digits = mnist.validation.images[:100]
    scores = verifiers.scores(digits)
    assert scores.dtype == np.float32
    assert scores.shape == (100,)
    assert scores.min() >= 0
    assert scores.max() <= 1
    np.testing.assert_array_equal(scores, verifiers.scores(images.from_dataset(digits)))
    assert verifiers.scores(digits[:0]).shape == (0,)


def test_as_few_digits_are_refused_as_the_card_says(mnist: Mnist) -> None:
    card = model_files.read_card_in(settings.LIKENESS_FOLDER)
    validation, threshold = mnist.validation, verifiers.refused_below()
    refused = np.mean(verifiers.scores(validation.images) < threshold)
    assert refused == pytest.approx(card["refused_of_validation"], abs=2e-4)
    assert refused <= 0.002 + 1e-9
    others = distort(validation.images, HANDWRITING, np.random.default_rng(1), validation.labels)
    assert np.mean(verifiers.scores(others) < threshold) <= 0.015


@pytest.mark.parametrize("kind", KINDS)
def test_most_of_what_is_made_up_anew_is_refused(kind: str, mnist: Mnist) -> None:
    made = negatives.make(kind, 100, mnist.test, np.random.default_rng(99))
    digits = mnist.test.images[:1_000]
    scores, of_digits = verifiers.scores(made), verifiers.scores(digits)
    area = np.mean(of_digits[:, None] > scores[None]) + np.mean(of_digits[:, None] == scores[None]) / 2
    assert area >= 0.97
    assert np.mean(scores < verifiers.refused_below()) >= 0.6


def test_it_is_small_and_no_model_to_choose() -> None:
    assert model_files.read_card_in(settings.LIKENESS_FOLDER)["parameters"] < 50_000
    assert (settings.LIKENESS_FOLDER / verifiers.LIKENESS_FILE).stat().st_size < 250_000
    assert settings.LIKENESS_FOLDER.name not in model_files.names()


def test_it_is_the_same_for_every_model(mnist: Mnist) -> None:
    scribbles = negatives.make("scribbles", 20, mnist.test, np.random.default_rng(5))
    found = [classifier.load(name).judge(scribbles) for name in ("default", "ann")]
    np.testing.assert_array_equal(found[0].likeness, found[1].likeness)
    assert np.array_equal(found[0].verdicts == NO_DIGIT, found[1].verdicts == NO_DIGIT)


@pytest.mark.parametrize("file", [verifiers.LIKENESS_FILE, model_files.CARD_FILE])
def test_a_missing_or_damaged_file_is_a_sentence(file: str, copy: Path, mnist: Mnist) -> None:
    def ask() -> None:
        verifiers.scores(mnist.test.images[:1])
        verifiers.refused_below()

    ask()
    for spoil in (Path.unlink, lambda path: path.write_text("{}")):
        _forget()
        spoil(copy / file)
        with pytest.raises(ModelError):
            ask()
