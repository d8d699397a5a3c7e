import math
from pathlib import Path

import numpy as np
import pytest
from sklearn.covariance import EmpiricalCovariance
from sklearn.decomposition import PCA

from digit_core.datasets import typicality
from digit_core.datasets.mnist import Mnist
from digit_core.errors import DatasetError
from digit_core.settings import MEASURES_FILE
from scripts import build_measures


@pytest.fixture(scope="module")
def everything(mnist: Mnist) -> tuple[np.ndarray, np.ndarray]:
    splits = (mnist.train, mnist.validation, mnist.test)
    return (
        np.concatenate([digits.images for digits in splits]),
        np.concatenate([digits.labels for digits in splits]),
    )


def _leaning(degrees: float) -> np.ndarray:
    """A stroke 20 rows high that leans to the right by so many degrees."""
    image = np.zeros((28, 28), np.uint8)
    for y in range(4, 24):
        x = 13.5 + (13.5 - y) * math.tan(math.radians(degrees))
        left = math.floor(x)
        image[y, left] = round(255 * (left + 1 - x))  # between two pixels, shared by both
        image[y, left + 1] = 255 - image[y, left]
    return image


def test_blank_has_no_ink_and_full_has_all() -> None:
    images = np.stack([np.zeros((28, 28), np.uint8), np.full((28, 28), 255, np.uint8)])
    images = np.concatenate([images, np.zeros((1, 28, 28), np.uint8)])
    images[2, :7] = 255
    ink = typicality.ink_of(images)
    assert ink.dtype == np.float32
    assert ink.tolist() == [0, 1, 0.25]


@pytest.mark.parametrize("degrees", [-40, -20, -1, 0, 10, 30])
def test_a_stroke_has_the_slant_that_it_was_drawn_with(degrees: float) -> None:
    assert typicality.slant_of(_leaning(degrees)[None])[0] == pytest.approx(degrees, abs=0.2)


def test_its_mirror_image_leans_the_other_way(mnist: Mnist) -> None:
    images = mnist.test.images[:200]
    np.testing.assert_allclose(
        typicality.slant_of(images[:, :, ::-1]), -typicality.slant_of(images), atol=1e-3
    )


def test_place_and_strength_do_not_change_the_slant() -> None:
    image = _leaning(20)
    others = np.stack([image, np.roll(image, (3, -4), (0, 1)), image // 2])
    slants = typicality.slant_of(others)
    assert slants == pytest.approx(slants[0], abs=0.2)


@pytest.mark.parametrize("rows", [slice(0, 0), slice(5, 6)], ids=["blank", "one row"])
def test_what_has_no_height_has_no_slant(rows: slice) -> None:
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, rows, 3:20] = 200
    assert typicality.slant_of(image).tolist() == [0]


def test_a_box_stands_upright() -> None:
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 3:20, 5:11] = 77
    assert typicality.slant_of(image)[0] == pytest.approx(0, abs=1e-6)


def test_an_8_among_ones_is_among_the_least_typical_of_its_class(mnist: Mnist) -> None:
    ones, eights = (mnist.train.images[mnist.train.labels == digit][:300] for digit in (1, 8))
    images = np.concatenate([ones, eights, eights[:1]])
    labels = np.repeat(np.array([1, 8, 1], np.uint8), [300, 300, 1])  # the last 8 is called a 1
    atypicality = typicality.measure(images, labels).atypicality
    assert atypicality[-1] > 0.95
    for digit in (1, 8):
        assert atypicality[labels == digit].min() == 0
        assert atypicality[labels == digit].max() == 1


def test_classes_of_none_one_or_two_digits_break_nothing(mnist: Mnist) -> None:
    labels = np.array([3, 5, 5], np.uint8)
    atypicality = typicality.measure(mnist.test.images[:3], labels).atypicality
    assert atypicality[0] == 0
    assert sorted(atypicality[1:]) == [0, 1]
    assert typicality.measure(np.zeros((4, 28, 28), np.uint8), np.full(4, 7)).atypicality.max() == 1


def test_the_file_holds_what_the_digits_measure(everything: tuple[np.ndarray, np.ndarray]) -> None:
    images, labels = everything
    stored = typicality.load(labels)
    sample = np.random.default_rng(0).choice(70_000, 3_000, replace=False)
    flat = images[sample].reshape(-1, 784).astype(np.float64)
    np.testing.assert_allclose(stored.ink[sample], flat.mean(axis=1) / 255, rtol=6e-4)
    y, x = np.divmod(np.arange(784), 28)
    for row, pixels in zip(sample[:300], flat):
        moments = np.cov(np.stack([x, y]), aweights=pixels, ddof=0)
        expected = -math.degrees(math.atan2(moments[0, 1], moments[1, 1]))
        assert stored.slant[row] == pytest.approx(expected, abs=0.02)


def test_the_stored_atypicality_is_that_of_scikit_learn(everything: tuple[np.ndarray, np.ndarray]) -> None:
    images, labels = everything
    stored = typicality.load(labels)
    pixels = images.reshape(-1, 784).astype(np.float32)
    projected = PCA(typicality.COMPONENTS, svd_solver="covariance_eigh").fit_transform(pixels)
    del pixels
    for digit in (1, 4, 5):
        rows = np.flatnonzero(labels == digit)
        distances = EmpiricalCovariance().fit(projected[rows]).mahalanobis(projected[rows])
        ranks = distances.argsort().argsort() / (len(rows) - 1)
        # The floor under the variances, which classes of few digits need, moves a rank by a hair.
        assert np.abs(stored.atypicality[rows] - ranks).max() < 0.03
        assert np.corrcoef(stored.atypicality[rows], ranks)[0, 1] > 0.9999


def test_every_place_in_a_class_is_given_once(everything: tuple[np.ndarray, np.ndarray]) -> None:
    _, labels = everything
    with np.load(MEASURES_FILE) as file:
        ranks = file["odd_rank"]
    for digit in range(10):
        of_class = ranks[labels == digit]
        np.testing.assert_array_equal(np.sort(of_class), np.arange(len(of_class)))


def test_the_script_builds_the_shipped_file(tmp_path: Path) -> None:
    output = tmp_path / "measures.npz"
    build_measures.build(output)
    with np.load(output) as built, np.load(MEASURES_FILE) as shipped:
        assert set(built.files) == set(shipped.files)
        np.testing.assert_array_equal(built["ink"], shipped["ink"])
        np.testing.assert_allclose(built["slant"], shipped["slant"], atol=0.04)
        # Another processor may add up in another order: two equally typical digits may change places.
        difference = built["odd_rank"].astype(int) - shipped["odd_rank"]
        assert np.abs(difference).max() <= 5
    assert MEASURES_FILE.stat().st_size < 1_000_000


def test_missing_or_damaged_measures_name_the_script(tmp_path: Path, mnist: Mnist) -> None:
    path = tmp_path / "measures.npz"
    with pytest.raises(DatasetError, match=r"missing.*measures\.npz.*scripts/build_measures\.py"):
        typicality.load(mnist.test.labels, path)
    path.write_bytes(MEASURES_FILE.read_bytes()[:10_000])
    with pytest.raises(DatasetError, match=r"damaged.*measures\.npz.*scripts/build_measures\.py"):
        typicality.load(mnist.test.labels, path)
    np.savez(path, ink=np.zeros(3), slant=np.zeros(3), odd_rank=np.zeros(3))
    with pytest.raises(DatasetError, match="damaged"):
        typicality.load(mnist.test.labels, path)
