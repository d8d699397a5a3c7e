from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from digit_core import datasets, settings
from digit_core.errors import ModelError
from digit_core.inference import wholeness
from digit_core.preprocessing import images
from digit_core.synthesis import numbers


def test_whole_digits_are_told_from_halves_and_pairs() -> None:
    digits = datasets.load_mnist().validation.take(np.arange(100))
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
        answers = wholeness.probabilities(seen)
        np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-4)
        return float(np.median(1 - answers[:, wholeness.NONE]))

    assert median(drawn) > 0.9
    assert median(halves) < 0.5
    assert median(pairs) < 0.1


def test_no_images_give_no_answers() -> None:
    assert wholeness.probabilities(np.zeros((0, 28, 28), np.float32)).shape == (0, 11)


def test_a_missing_network_says_how_it_is_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings, "WHOLENESS_FOLDER", tmp_path)
    wholeness._network.cache_clear()
    with pytest.raises(ModelError, match="train_wholeness"):
        wholeness.probabilities(np.zeros((1, 28, 28), np.float32))
    wholeness._network.cache_clear()
