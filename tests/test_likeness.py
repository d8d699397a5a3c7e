import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from digit_core import classifier, images, likeness, model_files, non_digits, settings
from digit_core.augmentation import distort
from digit_core.datasets import Mnist
from digit_core.errors import ModelError
from digit_core.judging import HANDWRITING, NO_DIGIT

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
    likeness.refused_below.cache_clear()
    likeness.network.cache_clear()


def test_bytes_and_floats_score_alike_from_0_to_1(mnist: Mnist) -> None:
    digits = mnist.validation.images[:100]
    scores = likeness.scores(digits)
    assert scores.dtype == np.float32
    assert scores.shape == (100,)
    assert scores.min() >= 0
    assert scores.max() <= 1
    np.testing.assert_array_equal(scores, likeness.scores(images.from_dataset(digits)))
    assert likeness.scores(digits[:0]).shape == (0,)


def test_as_few_digits_are_refused_as_the_card_says(mnist: Mnist) -> None:
    card = model_files.read_card_in(settings.LIKENESS_FOLDER)
    validation, threshold = mnist.validation, likeness.refused_below()
    refused = np.mean(likeness.scores(validation.images) < threshold)
    assert refused == pytest.approx(card["refused_of_validation"], abs=2e-4)
    assert refused <= 0.002 + 1e-9
    others = distort(validation.images, HANDWRITING, np.random.default_rng(1), validation.labels)
    assert np.mean(likeness.scores(others) < threshold) <= 0.015


@pytest.mark.parametrize("kind", KINDS)
def test_most_of_what_is_made_up_anew_is_refused(kind: str, mnist: Mnist) -> None:
    made = non_digits.make(kind, 100, mnist.test, np.random.default_rng(99))
    digits = mnist.test.images[:1_000]
    scores, of_digits = likeness.scores(made), likeness.scores(digits)
    area = np.mean(of_digits[:, None] > scores[None]) + np.mean(of_digits[:, None] == scores[None]) / 2
    assert area >= 0.97
    assert np.mean(scores < likeness.refused_below()) >= 0.6


def test_it_is_small_and_no_model_to_choose() -> None:
    assert model_files.read_card_in(settings.LIKENESS_FOLDER)["parameters"] < 50_000
    assert (settings.LIKENESS_FOLDER / likeness.LIKENESS_FILE).stat().st_size < 250_000
    assert settings.LIKENESS_FOLDER.name not in model_files.names()


def test_it_is_the_same_for_every_model(mnist: Mnist) -> None:
    scribbles = non_digits.make("scribbles", 20, mnist.test, np.random.default_rng(5))
    found = [classifier.load(name).judge(scribbles) for name in ("default", "ann")]
    np.testing.assert_array_equal(found[0].likeness, found[1].likeness)
    assert np.array_equal(found[0].verdicts == NO_DIGIT, found[1].verdicts == NO_DIGIT)


@pytest.mark.parametrize("file", [likeness.LIKENESS_FILE, model_files.CARD_FILE])
def test_a_missing_or_damaged_file_is_a_sentence(file: str, copy: Path, mnist: Mnist) -> None:
    def ask() -> None:
        likeness.scores(mnist.test.images[:1])
        likeness.refused_below()

    ask()
    for spoil in (Path.unlink, lambda path: path.write_text("{}")):
        _forget()
        spoil(copy / file)
        with pytest.raises(ModelError):
            ask()
