import cv2
import numpy as np
import pytest

from digit_core.augmentation.writing_styles import add_styles
from digit_core.datasets.mnist import Mnist


def _written(mnist: Mnist, digit: int, n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """MNIST's digits of one class with room around them, and in its style: uint8 (n, 34, 34) each."""
    plain = np.pad(mnist.train.images[mnist.train.labels == digit][:n], ((0, 0), (3, 3), (3, 3)))
    return plain, add_styles(plain, np.full(n, digit), 1.0, np.random.default_rng(0))


def _holes(images: np.ndarray) -> np.ndarray:
    """How many pieces of paper the ink of each digit encloses."""
    counts = [
        cv2.connectedComponents((image < 100).astype(np.uint8), connectivity=4)[0] - 2 for image in images
    ]
    return np.array(counts)


def _pieces(images: np.ndarray) -> np.ndarray:
    """Of how many pieces the ink of each digit is."""
    return np.array([cv2.connectedComponents((image > 80).astype(np.uint8))[0] - 1 for image in images])


def test_a_slash_cuts_the_hole_of_a_zero_in_two(mnist: Mnist) -> None:
    plain, slashed = _written(mnist, 0)
    assert np.mean(_holes(plain) == 1) > 0.8
    assert (
        np.mean(_holes(slashed)[_holes(plain) == 1] != 1) > 0.7
    )  # the others are slashed in part, or filled


def test_a_one_gets_a_flag_at_its_top_a_foot_or_both(mnist: Mnist) -> None:
    plain, written = _written(mnist, 1)
    added = (written > 100) & (plain < 50)
    rows = np.arange(34)
    height = added * rows[:, None]
    assert added.any(axis=(1, 2)).mean() > 0.9
    middle = (plain > 100).any(axis=2).argmax(axis=1) + 10
    has_upper = (added & (rows[:, None] < middle[:, None, None])).any(axis=(1, 2))
    has_lower = (added & (rows[:, None] >= middle[:, None, None])).any(axis=(1, 2))
    assert 0.6 < has_upper.mean() < 0.95
    assert 0.4 < has_lower.mean() < 0.95
    assert height.max() <= 33


def test_a_flag_points_to_the_left(mnist: Mnist) -> None:
    upright = np.zeros((400, 34, 34), np.uint8)
    upright[:, 7:27, 16:19] = 255
    written = add_styles(upright, np.full(400, 1), 1.0, np.random.default_rng(0))
    upper = (written > 100)[:, :16] & (upright < 50)[:, :16]
    assert upper[:, :, :16].sum() > 50 * upper[:, :, 19:].sum()


def test_the_bar_of_a_seven_crosses_its_stem_about_half_way_down(mnist: Mnist) -> None:
    plain, barred = _written(mnist, 7)
    added = ((barred > 100) & (plain < 50)).sum(axis=0)  # over all digits
    rows = added.sum(axis=1)
    assert rows[12:24].sum() > 0.9 * rows.sum()
    columns = added.sum(axis=0)
    assert columns[:17].sum() > 0.2 * columns.sum()
    assert columns[17:].sum() > 0.2 * columns.sum()


def test_the_top_of_a_five_comes_off_its_stem_often(mnist: Mnist) -> None:
    plain, written = _written(mnist, 5)
    assert np.mean(_pieces(plain) == 1) > 0.9
    assert 0.2 < np.mean(_pieces(written) > 1) < 0.9


def test_a_flag_hangs_on_the_top_of_a_one_that_leans() -> None:
    leaning = np.zeros((200, 34, 34), np.uint8)
    for row in range(20):
        leaning[:, 7 + row, 24 - 3 * row // 5 : 27 - 3 * row // 5] = 255
    written = add_styles(leaning, np.full(200, 1), 1.0, np.random.default_rng(0))
    assert (_pieces(written) == 1).all()


def test_the_stem_of_a_five_stays_and_its_top_is_not_always_off() -> None:
    five = np.zeros((400, 34, 34), np.uint8)
    for row in (7, 15, 24):
        five[:, row : row + 3, 9:25] = 255
    five[:, 7:17, 9:12] = five[:, 15:27, 22:25] = 255
    written = add_styles(five, np.full(400, 5), 1.0, np.random.default_rng(0))
    assert (written[:, 10:18, 9:12] == 255).all()
    assert np.mean(_pieces(written) > 1) == pytest.approx(0.38, abs=0.1)


@pytest.mark.parametrize("digit", [2, 3, 4, 6, 8, 9])
def test_other_digits_are_left_alone(digit: int, mnist: Mnist) -> None:
    plain, written = _written(mnist, digit, 20)
    np.testing.assert_array_equal(plain, written)


def test_only_the_share_asked_for_is_changed(mnist: Mnist) -> None:
    plain = np.pad(mnist.train.images[mnist.train.labels == 7][:600], ((0, 0), (3, 3), (3, 3)))
    written = add_styles(plain, np.full(600, 7), 0.3, np.random.default_rng(0))
    assert (written != plain).any(axis=(1, 2)).mean() == pytest.approx(0.3, abs=0.06)


def test_blank_digits_stay_blank() -> None:
    blank = np.zeros((8, 34, 34), np.uint8)
    labels = np.array([0, 1, 5, 7] * 2)
    assert not add_styles(blank, labels, 1.0, np.random.default_rng(0)).any()
