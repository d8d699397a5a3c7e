import time

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from digit_core.datasets import nearest
from digit_core.datasets.mnist import Mnist


def test_the_neighbours_are_scikit_learns(mnist: Mnist) -> None:
    digits = mnist.train.images
    search = NearestNeighbors(n_neighbors=8, algorithm="brute").fit(
        digits.reshape(-1, 784).astype(np.float64)[:12_000]
    )
    queries = mnist.test.images[:40]
    distances, rows = search.kneighbors(queries.reshape(-1, 784).astype(np.float64))
    for query, expected_distances, expected_rows in zip(queries, distances, rows):
        found, how_far = nearest.nearest(query, digits[:12_000])
        assert (found.dtype, how_far.dtype) == (np.int64, np.float64)
        np.testing.assert_array_equal(found, expected_rows)
        np.testing.assert_allclose(how_far, expected_distances, rtol=1e-9)


def test_distances_are_exact_however_far(mnist: Mnist) -> None:
    digits = np.stack([np.zeros((28, 28), np.uint8), np.full((28, 28), 255, np.uint8), mnist.test.images[0]])
    rows, distances = nearest.nearest(np.zeros((28, 28), np.uint8), digits, k=3)
    assert rows.tolist() == [0, 2, 1]
    assert distances[2] == 255 * 28  # 7,140: black against white
    assert distances[1] == np.sqrt((mnist.test.images[0].astype(np.int64) ** 2).sum())


def test_of_equal_distances_the_lowest_row_comes_first(mnist: Mnist) -> None:
    random = np.random.default_rng(0)
    for k in (1, 5, 12, 40):
        digits = mnist.train.images[:60].repeat(7, axis=0)[random.permutation(420)]
        query = mnist.train.images[int(random.integers(60))]
        squares = ((digits.astype(np.int64) - query) ** 2).sum(axis=(1, 2))
        expected = np.lexsort((np.arange(420), squares))[:k]
        rows, distances = nearest.nearest(query, digits, k)
        np.testing.assert_array_equal(rows, expected)
        np.testing.assert_array_equal(distances, np.sqrt(squares[expected]))


def test_a_digit_is_not_its_own_neighbour_when_it_is_left_out(mnist: Mnist) -> None:
    digits = mnist.train.images[:500]
    with_itself, distances = nearest.nearest(digits[77], digits, k=4)
    assert (with_itself[0], distances[0]) == (77, 0)
    without, _ = nearest.nearest(digits[77], digits, k=3, without=77)
    np.testing.assert_array_equal(without, with_itself[1:])
    far, _ = nearest.nearest(
        digits[77], digits, k=4, without=int(np.setdiff1d(np.arange(500), with_itself)[0])
    )
    np.testing.assert_array_equal(far, with_itself)


@pytest.mark.parametrize(
    ("n", "k", "without", "expected"), [(0, 8, None, 0), (3, 8, None, 3), (3, 8, 1, 2), (1, 1, 0, 0)]
)
def test_fewer_are_found_when_there_are_fewer(
    mnist: Mnist, n: int, k: int, without: int | None, expected: int
) -> None:
    rows, distances = nearest.nearest(mnist.test.images[5], mnist.train.images[:n], k, without)
    assert rows.shape == distances.shape == (expected,)
    assert without not in rows


def test_an_image_that_is_a_cut_out_of_a_larger_one_is_read_right(mnist: Mnist) -> None:
    wide = np.zeros((28, 60), np.uint8)
    wide[:, 20:48] = mnist.train.images[9]
    rows, distances = nearest.nearest(wide[:, 20:48], mnist.train.images[:100])
    assert (rows[0], distances[0]) == (9, 0)


@pytest.mark.parametrize(
    ("image", "digits", "k", "sentence"),
    [
        (np.zeros((28, 28), np.float32), np.zeros((5, 28, 28), np.uint8), 8, "An image is uint8"),
        (np.zeros((1, 28, 28), np.uint8), np.zeros((5, 28, 28), np.uint8), 8, "An image is uint8"),
        (np.zeros((28, 28), np.uint8), np.zeros((5, 784), np.uint8), 8, "Digits are uint8"),
        (np.zeros((28, 28), np.uint8), np.zeros((5, 28, 28), np.float32), 8, "Digits are uint8"),
        (np.zeros((28, 28), np.uint8), np.zeros((5, 28, 28), np.uint8), 0, "neighbours is at least 1"),
    ],
)
def test_arrays_of_another_form_are_refused(
    image: np.ndarray, digits: np.ndarray, k: int, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        nearest.nearest(image, digits, k)


def test_55000_digits_are_searched_within_150_ms_of_work(mnist: Mnist) -> None:
    seconds = []
    for image in mnist.test.images[:9]:
        started = time.process_time()  # the processor's time, all threads: other processes do not count
        nearest.nearest(image, mnist.train.images)
        seconds.append(time.process_time() - started)
    assert np.median(seconds) < 0.15
