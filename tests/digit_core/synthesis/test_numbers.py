import cv2
import numpy as np
import pytest

from digit_core import datasets
from digit_core.digits import Digits
from digit_core.inference import classifier
from digit_core.preprocessing import images
from digit_core.synthesis import numbers
from digit_core.synthesis.numbers import Hand, Part


@pytest.fixture(scope="module")
def digits() -> Digits:
    return datasets.load_mnist().validation.take(np.arange(6))


def test_the_skeleton_of_a_bar_is_its_middle_line() -> None:
    bar = np.zeros((1, 28, 28), np.uint8)
    bar[0, 6:22, 12:16] = 255  # its middle lies between columns 13 and 14: 42 of 84
    distances = numbers.skeletons(bar)[0]
    assert distances.shape == (84, 84)
    for row in range(30, 54):
        assert abs(int(distances[row].argmin()) - 41.5) <= 1
    assert distances[42, 10] == pytest.approx(31.5, abs=2)


def test_a_small_loop_stays_open_though_its_inside_is_grey() -> None:
    """As in many a 9 and 8 of MNIST; filled, it was thinned to a bare stroke, and the 9 became a 4."""
    ring = np.zeros((1, 28, 28), np.uint8)
    ring[0, 8:14, 10:16] = 255
    ring[0, 10:12, 12:14] = 190
    ring[0, 14:24, 14:16] = 255  # its stem
    redrawn = numbers.draw(numbers.skeletons(ring)[0], 70, 4)
    contours, _ = cv2.findContours((redrawn > 128).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    assert len(contours) == 2  # its outline, and that of its hole


def test_dust_beside_a_digit_becomes_no_dot() -> None:
    bar = np.zeros((1, 28, 28), np.uint8)
    bar[0, 6:22, 12:16] = bar[0, 8:10, 20:22] = 255
    distances = numbers.skeletons(bar)[0]
    assert distances[24:30, 60:66].min() > 10


def test_digits_redrawn_with_a_thin_pen_are_still_themselves() -> None:
    """What is composed of them carries their labels: 97.8% were read right before small loops stayed open."""
    digits, model = datasets.load_mnist().validation.take(np.arange(400)), classifier.load("default")
    fields = numbers.skeletons(digits.images)
    seen = np.stack([images.from_ink(np.pad(numbers.draw(field, 80, 6) / 255, 2)) for field in fields])
    assert np.mean(model.predict(seen).argmax(axis=1) == digits.labels) >= 0.985


def test_a_digit_is_drawn_as_large_and_as_thick_as_asked() -> None:
    bar = np.zeros((1, 28, 28), np.uint8)
    bar[0, 4:24, 12:16] = 255
    ink = numbers.draw(numbers.skeletons(bar)[0], height=140, pen=14)
    assert abs(int((ink > 128).sum(axis=1).max()) - 14) <= 1
    assert (
        110 < ink.shape[0] < 150
    )  # thinning shortens its ends by half its width; the pen gives some of it back


def test_a_row_is_written_from_left_to_right_with_its_labels(digits: Digits) -> None:
    parts = numbers.write(digits, Hand(60, 5, 0.3, 0.05), np.random.default_rng(0))
    assert [part.label for part in parts] == digits.labels.tolist()
    lefts = [part.left for part in parts]
    assert lefts == sorted(lefts)


def test_the_same_seed_writes_the_same_row(digits: Digits) -> None:
    hand = Hand(60, 5, 0.1, 0.1, slope=4, breaks=0.5, ties=0.5)
    first, second = (numbers.write(digits, hand, np.random.default_rng(3)) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert (one.top, one.left) == (other.top, other.left)
        np.testing.assert_array_equal(one.ink, other.ink)


def test_tied_digits_touch(digits: Digits) -> None:
    import cv2

    parts = numbers.write(
        digits.take(np.array([0, 1])), Hand(80, 8, 0.6, 0.02, ties=1.0), np.random.default_rng(1)
    )
    height, width = numbers.extent(parts)
    page = np.zeros((height + 20, width + 20), np.uint8)
    numbers.paste(parts, page, 10, 10)
    count, _ = cv2.connectedComponents((page > 128).astype(np.uint8), connectivity=8)
    apart = [
        cv2.connectedComponents((part.ink > 128).astype(np.uint8), connectivity=8)[0] - 1 for part in parts
    ]
    assert count - 1 == sum(apart) - 1


def test_a_broken_digit_keeps_most_of_its_ink(digits: Digits) -> None:
    import cv2

    random = np.random.default_rng(2)
    ink = numbers.draw(numbers.skeletons(digits.images[:1])[0], 100, 10)
    broken = numbers.broken(ink, 10, random)
    assert 0.6 * ink.sum() < broken.sum() < 1.1 * ink.sum()
    pieces = [
        cv2.connectedComponents((numbers.broken(ink, 10, random) > 128).astype(np.uint8))[0] for _ in range(5)
    ]
    assert max(pieces) > 2


def test_parts_are_pasted_where_they_are_said_to_be() -> None:
    parts = [
        Part(np.full((10, 5), 255, np.uint8), -10, 0, 1),
        Part(np.full((10, 5), 255, np.uint8), -12, 9, 1),
    ]
    page = np.zeros((30, 40), np.uint8)
    first, second = numbers.paste(parts, page, 4, 6)
    assert (first.top, first.left, second.top, second.left) == (6, 6, 4, 15)
    assert page[6:16, 6:11].min() == page[4:14, 15:20].min() == 255
    assert page.sum() == 255 * 100


def test_what_lies_beyond_the_page_is_cut_off() -> None:
    page = np.zeros((8, 8), np.uint8)
    numbers.paste([Part(np.full((10, 10), 255, np.uint8), 0, 0, 1)], page, -5, 4)
    assert page[:5, 4:].min() == 255
    assert page.sum() == 255 * 20
