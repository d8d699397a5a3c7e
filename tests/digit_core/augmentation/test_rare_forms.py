import cv2
import numpy as np
import pytest

from digit_core.augmentation import rare_forms
from digit_core.augmentation.rare_forms import change_forms
from digit_core.datasets.mnist import Mnist


def _plain(mnist: Mnist, digit: int, n: int = 200) -> np.ndarray:
    """MNIST's digits of one class with room around them: uint8 (n, 34, 34)."""
    return np.pad(mnist.train.images[mnist.train.labels == digit][:n], ((0, 0), (3, 3), (3, 3)))


def _changed(plain: np.ndarray, digit: int, seed: int = 0) -> np.ndarray:
    return change_forms(plain, np.full(len(plain), digit), 1.0, np.random.default_rng(seed))


def _pieces(images: np.ndarray) -> np.ndarray:
    return np.array([cv2.connectedComponents((image > 80).astype(np.uint8))[0] - 1 for image in images])


def _holes(images: np.ndarray) -> np.ndarray:
    return np.array(
        [cv2.connectedComponents((image < 100).astype(np.uint8), connectivity=4)[0] - 2 for image in images]
    )


@pytest.mark.parametrize("digit", range(10))
def test_a_changed_digit_has_its_size_and_tone(digit: int, mnist: Mnist) -> None:
    plain = _plain(mnist, digit)
    changed = _changed(plain, digit)
    assert changed.dtype == np.uint8
    assert (changed != plain).any(axis=(1, 2)).mean() > 0.95
    assert np.all(changed.max(axis=(1, 2)) <= plain.max(axis=(1, 2)))
    heights = [(images > 64).any(axis=2).sum(axis=1) for images in (plain, changed)]
    assert np.median(np.abs(heights[0] - heights[1])) <= 2


def test_a_zero_is_broken_at_two_sides(mnist: Mnist) -> None:
    plain = _plain(mnist, 0)
    broken = _changed(plain, 0)
    is_own = (broken <= plain).all(axis=(1, 2))  # the others are made of segments
    assert 0.6 < is_own.mean() < 0.9
    assert np.mean(_pieces(broken[is_own]) == 2) > 0.6
    assert np.mean(_holes(broken[is_own]) == 0) > 0.7


def test_the_upstroke_of_a_one_begins_at_its_left_and_far_below_its_top(mnist: Mnist) -> None:
    bar = np.zeros((300, 34, 34), np.uint8)
    bar[:, 7:27, 15:18] = 255
    ones = _changed(bar, 1) > 128
    columns = ones.any(axis=1)
    left = columns.argmax(axis=1)
    has_upstroke = columns.sum(axis=1) > 6
    assert has_upstroke.mean() > 0.6
    lowest_of_left = np.array(
        [np.flatnonzero(one[:, column])[-1] for one, column in zip(ones, left, strict=True)]
    )
    assert np.median(lowest_of_left[has_upstroke]) > 16
    assert (_pieces(255 * ones[has_upstroke].astype(np.uint8)) == 1).all()


def test_a_four_is_open_or_closed_at_its_top(mnist: Mnist) -> None:
    fours = _changed(_plain(mnist, 4), 4)
    assert 0.05 < np.mean(_holes(fours) >= 1) < 0.6


def test_a_nine_gets_a_foot_and_a_seven_a_serif_and_both_keep_the_rest(mnist: Mnist) -> None:
    for digit, rows in ((9, slice(17, 34)), (7, slice(0, 34))):
        plain = _plain(mnist, digit)
        changed = _changed(plain, digit)
        is_own = (changed >= plain).all(axis=(1, 2))
        assert 0.6 < is_own.mean() < 0.9
        added = (changed.astype(int) - plain)[is_own] > 100
        assert added.any(axis=(1, 2)).mean() > 0.9
        assert added[:, rows].sum() > 0.9 * added.sum()


@pytest.mark.parametrize(("digit", "holes"), [(2, 0), (3, 0), (5, 0), (6, 1), (8, 2)])
def test_segments_enclose_what_the_digit_encloses(digit: int, holes: int) -> None:
    box = np.zeros((100, 34, 34), np.uint8)
    box[:, 7:27, 10:12] = box[:, 7:27, 22:24] = 255
    assert np.mean(_holes(_changed(box, digit)) == holes) > 0.9


def test_only_the_share_asked_for_is_changed_and_blank_digits_stay_blank(mnist: Mnist) -> None:
    plain = _plain(mnist, 3, 600)
    some = change_forms(plain, np.full(600, 3), 0.3, np.random.default_rng(0))
    assert (some != plain).any(axis=(1, 2)).mean() == pytest.approx(0.3, abs=0.06)
    blank = np.zeros((20, 34, 34), np.uint8)
    assert not change_forms(blank, np.arange(20) % 10, 1.0, np.random.default_rng(0)).any()


def test_each_digit_has_its_segments() -> None:
    assert rare_forms._LIT.shape == (10, 7)
    assert len({tuple(lit) for lit in np.minimum(rare_forms._LIT, 1).tolist()}) == 10
