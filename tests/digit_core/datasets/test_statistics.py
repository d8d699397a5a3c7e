import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from digit_core.datasets import statistics as set_statistics
from digit_core.datasets.catalogue import Catalogue
from digit_core.datasets.mnist import Mnist
from digit_core.datasets.statistics import SetStatistics


@pytest.fixture(scope="module")
def statistics(digits70k: Catalogue) -> SetStatistics:
    return set_statistics.of(digits70k)


def test_counts_are_those_of_the_labels(statistics: SetStatistics, mnist: Mnist) -> None:
    assert statistics.splits == ("train", "validation", "test")
    for row, digits in zip(statistics.counts, (mnist.train, mnist.validation, mnist.test)):
        assert row.tolist() == [int((digits.labels == digit).sum()) for digit in range(10)]
    assert statistics.counts.shape == (3, 10)
    # LeCun's own test set: 980 zeros, 1,135 ones.
    assert statistics.counts[2].tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_the_form_is_told(statistics: SetStatistics) -> None:
    assert statistics.shapes == ((55_000, 28, 28), (5_000, 28, 28), (10_000, 28, 28))
    assert (statistics.dtype, statistics.lowest, statistics.highest) == ("uint8", 0, 255)


def test_mean_and_deviation_are_numpys(statistics: SetStatistics, digits70k: Catalogue) -> None:
    assert statistics.mean_images.dtype == statistics.deviation_images.dtype == np.float32
    for digit in (0, 1, 8):
        of_class = digits70k.images(np.flatnonzero(digits70k.labels == digit))
        np.testing.assert_allclose(statistics.mean_images[digit], of_class.mean(axis=0) / 255, atol=1e-6)
        np.testing.assert_allclose(statistics.deviation_images[digit], of_class.std(axis=0) / 255, atol=1e-6)


def test_every_pixel_is_counted_once(statistics: SetStatistics, digits70k: Catalogue) -> None:
    expected = sum(
        np.bincount(part[start : start + 5_000].ravel(), minlength=256)
        for part in digits70k.parts
        for start in range(0, len(part), 5_000)
    )
    np.testing.assert_array_equal(statistics.pixel_counts, expected)
    assert statistics.pixel_counts.sum() == 70_000 * 784


@pytest.mark.parametrize(("measure", "step"), [("ink", 0.01), ("slant", 2.0)])
def test_distributions_are_numpys_histograms(
    statistics: SetStatistics, digits70k: Catalogue, measure: str, step: float
) -> None:
    spread = getattr(statistics, measure)
    np.testing.assert_allclose(np.diff(spread.edges), step)
    np.testing.assert_allclose(spread.edges / step, np.round(spread.edges / step), atol=1e-9)
    for digit in range(10):
        values = getattr(digits70k, measure)[digits70k.labels == digit].astype(np.float64)
        np.testing.assert_array_equal(spread.counts[digit], np.histogram(values, spread.edges)[0])
        assert spread.counts[digit].sum() == len(values)
        assert spread.medians[digit] == np.median(values)


def test_ones_have_the_least_ink_and_zeros_the_most(statistics: SetStatistics) -> None:
    assert statistics.ink.medians.argmin() == 1
    assert statistics.ink.medians.argmax() == 0


def _small(digits70k: Catalogue, images: np.ndarray, labels: list[int]) -> Catalogue:
    n = len(labels)
    return replace(
        digits70k,
        splits=("all",),
        parts=(images,),
        labels=np.array(labels, np.uint8),
        split=np.zeros(n, np.uint8),
        number=np.arange(n, dtype=np.int32),
        ink=np.linspace(0.02, 0.3, n, dtype=np.float32),
        slant=np.zeros(n, np.float32),
        atypicality=np.zeros(n, np.float32),
        has_label_error=np.zeros(n, bool),
    )


def test_a_case_worked_by_hand(digits70k: Catalogue) -> None:
    images = np.zeros((3, 28, 28), np.uint8)
    images[0], images[1], images[2, 0, 0] = 0, 255, 51
    result = set_statistics.of(_small(digits70k, images, [4, 4, 9]))
    assert np.all(result.mean_images[4] == 0.5)
    assert np.all(result.deviation_images[4] == 0.5)
    assert result.mean_images[9, 0, 0] == pytest.approx(0.2)
    assert result.deviation_images[9].max() == 0
    assert result.mean_images[3].max() == 0  # there is none
    assert np.isnan(result.slant.medians[3])
    assert result.pixel_counts[[0, 51, 255]].tolist() == [2 * 784 - 1, 1, 784]
    assert result.slant.counts[[4, 9]].tolist() == [[2], [1]]
    assert result.counts.tolist() == [[0, 0, 0, 0, 2, 0, 0, 0, 0, 1]]


def test_the_range_is_that_of_the_pixels(digits70k: Catalogue) -> None:
    images = np.full((1, 28, 28), 7, np.uint8)
    images[0, 3, 3] = 200
    result = set_statistics.of(_small(digits70k, images, [5]))
    assert (result.lowest, result.highest) == (7, 200)


def test_seventy_thousand_digits_are_never_held_as_floats(digits70k: Catalogue) -> None:
    tracemalloc.start()
    set_statistics.of(digits70k)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000  # a float copy takes 220 MB
