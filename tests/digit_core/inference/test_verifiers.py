import shutil
from collections.abc import Callable
from itertools import pairwise
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
from digit_core.synthesis import negatives, numbers

Score = Callable[[np.ndarray], np.ndarray]
BLANK = np.zeros((1, 28, 28), np.uint8)
KINDS = ("letters", "scribbles", "silhouettes", "mirrored and turned", "two digits side by side")


@pytest.mark.parametrize("score", [verifiers.ood_score, verifiers.segment_score])
def test_bytes_and_floats_score_alike_from_0_to_1(score: Score, mnist: Mnist) -> None:
    digits = mnist.validation.images[:100]
    scores = score(digits)
    assert scores.dtype == np.float32
    assert scores.shape == (100,)
    assert scores.min() >= 0
    assert scores.max() <= 1
    np.testing.assert_array_equal(scores, score(images.from_dataset(digits)))
    assert score(digits[:0]).shape == (0,)


def test_as_few_digits_are_refused_as_the_card_says(mnist: Mnist) -> None:
    card = model_files.read_card_in(settings.OOD_FOLDER)
    validation, threshold = mnist.validation, verifiers.refused_above()
    refused = np.mean(verifiers.ood_score(validation.images) > threshold)
    assert refused == pytest.approx(card["refused_of_validation"], abs=2e-4)
    assert refused <= 0.002 + 1e-9
    others = distort(validation.images, HANDWRITING, np.random.default_rng(1), validation.labels)
    assert np.mean(verifiers.ood_score(others) > threshold) <= 0.015


@pytest.mark.parametrize("kind", KINDS)
def test_most_of_what_is_made_up_anew_is_refused(kind: str, mnist: Mnist) -> None:
    made = negatives.make(kind, 100, mnist.test, np.random.default_rng(99))
    digits = mnist.test.images[:1_000]
    scores, of_digits = verifiers.ood_score(made), verifiers.ood_score(digits)
    area = np.mean(of_digits[:, None] < scores[None]) + np.mean(of_digits[:, None] == scores[None]) / 2
    assert area >= 0.97
    assert np.mean(scores > verifiers.refused_above()) >= 0.6


def test_it_is_small_and_no_model_to_choose() -> None:
    assert model_files.read_card_in(settings.OOD_FOLDER)["parameters"] < 50_000
    assert (settings.OOD_FOLDER / verifiers.NETWORK_FILE).stat().st_size < 250_000
    assert settings.OOD_FOLDER.name not in model_files.names()


def test_it_is_the_same_for_every_model(mnist: Mnist) -> None:
    scribbles = negatives.make("scribbles", 20, mnist.test, np.random.default_rng(5))
    found = [classifier.load(name).judge(images.from_dataset(scribbles)) for name in ("default", "ann")]
    np.testing.assert_array_equal(found[0].ood_score, found[1].ood_score)
    assert np.array_equal(found[0].verdicts == NO_DIGIT, found[1].verdicts == NO_DIGIT)


def test_whole_digits_are_told_from_halves_and_pairs(mnist: Mnist) -> None:
    digits = mnist.validation.take(np.arange(100))
    drawn = [numbers.draw(field, 80, 8) for field in numbers.skeletons(digits.images)]
    halves = [
        ink[:, : ink.shape[1] // 2]
        for ink, label in zip(drawn, digits.labels, strict=True)
        if label in (0, 8)
    ]
    pairs = [
        np.hstack(
            [np.pad(one, ((0, 100 - len(one)), (0, 6))), np.pad(other, ((0, 100 - len(other)), (0, 0)))]
        )
        for one, other in pairwise(drawn)
    ]

    def median(inks: list[np.ndarray]) -> float:
        seen = np.stack([images.from_ink(np.pad(ink, 2) / np.float32(255)) for ink in inks])
        return float(np.median(verifiers.segment_score(seen)))

    assert median(drawn) > 0.9
    assert median(halves) < 0.5
    assert median(pairs) < 0.1


@pytest.mark.parametrize(
    ("setting", "file", "ask", "script"),
    [
        ("OOD_FOLDER", verifiers.NETWORK_FILE, lambda: verifiers.ood_score(BLANK), "train_ood"),
        ("OOD_FOLDER", model_files.CARD_FILE, verifiers.refused_above, "train_ood"),
        (
            "SEGMENT_VERIFIER_FOLDER",
            verifiers.NETWORK_FILE,
            lambda: verifiers.segment_score(BLANK),
            "train_segment_verifier",
        ),
    ],
)
def test_a_missing_or_damaged_file_is_a_sentence(
    setting: str,
    file: str,
    ask: Callable[[], object],
    script: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    ask()
    verifiers.refused_above.cache_clear()
    shipped = getattr(settings, setting)
    for number, spoil in enumerate((Path.unlink, lambda path: path.write_text("{}"))):
        folder = shutil.copytree(shipped, tmp_path / str(number))
        monkeypatch.setattr(settings, setting, folder)
        spoil(folder / file)
        with pytest.raises(ModelError, match=script):
            ask()
