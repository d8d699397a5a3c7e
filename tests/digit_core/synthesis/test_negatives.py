import numpy as np
import pytest

from digit_core.datasets.mnist import Mnist
from digit_core.digits import Digits
from digit_core.inference import classifier
from digit_core.synthesis import negatives


@pytest.fixture(scope="module")
def some(mnist: Mnist) -> Digits:
    return mnist.validation.take(np.arange(1_000))


@pytest.mark.parametrize("kind", negatives.MAKERS)
def test_every_kind_is_preprocessed_as_a_drawing(kind: str, some: Digits) -> None:
    made = negatives.make(kind, 6, some, np.random.default_rng(0))
    assert made.dtype == np.uint8
    assert made.shape == (6, 28, 28)
    for image in made:
        rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
        assert 15 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 20  # the faintest edge may round to nothing
        assert image.max() > 200


def test_the_same_chance_makes_the_same(some: Digits) -> None:
    first, again, other = (
        negatives.make("scribbles", 3, some, np.random.default_rng(seed)) for seed in (0, 0, 1)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_no_upright_bar_is_called_a_negative(some: Digits) -> None:
    """A thin wedge or spot is how people write a 1."""
    bar = np.zeros((28, 28), np.uint8)
    bar[4:24, 12:16] = 255
    assert negatives.is_a_bar(bar)
    assert not negatives.is_a_bar(bar.T)  # a dash is none
    assert not negatives.is_a_bar(np.pad(np.full((12, 12), 255, np.uint8), 8))
    for kind in ("polygons", "blobs"):
        assert not any(map(negatives.is_a_bar, negatives.make(kind, 20, some, np.random.default_rng(3))))


def test_digits_that_are_digits_in_a_mirror_are_not_mirrored(mnist: Mnist) -> None:
    """Blanked out 3s, 4s, 6s, 7s and 9s, and those that are turned by a quarter, leave nothing to make any of."""
    rows = np.concatenate([np.flatnonzero(mnist.validation.labels == label)[:20] for label in range(10)])
    blanked = mnist.validation.take(rows)
    is_used = np.isin(blanked.labels, [2, 3, 4, 5, 6, 7, 9])
    marked = Digits(np.where(is_used[:, None, None], blanked.images, 0).astype(np.uint8), blanked.labels)
    random = np.random.default_rng(0)
    assert all(negatives.MAKERS["mirrored and turned"](marked, random).any() for _ in range(200))


def test_a_missing_digit_is_said(some: Digits) -> None:
    with pytest.raises(ValueError, match="all ten digits"):
        negatives.make("joined halves", 1, some.take(some.labels != 4), np.random.default_rng(0))


def test_digits_drawn_over_are_still_those_digits(some: Digits) -> None:
    chosen = some.take(np.arange(200))
    rewritten = negatives.rewrite(chosen.images, np.random.default_rng(0))
    assert rewritten.dtype == np.uint8
    assert not np.array_equal(rewritten, chosen.images)
    answers = classifier.load().predict_dataset(rewritten).argmax(axis=1)
    assert np.mean(answers == chosen.labels) >= 0.97
