import subprocess
import sys

import cv2
import numpy as np
import pytest
from sklearn.datasets import load_digits

from digit_core.datasets import catalogue as catalogues
from digit_core.datasets import typicality
from digit_core.datasets.catalogue import Catalogue
from digit_core.datasets.label_errors import LABEL_ERRORS
from digit_core.datasets.mnist import Mnist
from digit_core.errors import DatasetError
from digit_core.preprocessing import images


@pytest.fixture(scope="module")
def foreign() -> Catalogue:
    return catalogues.load("sklearn-digits")


def test_all_70000_stand_in_the_order_train_validation_test(digits70k: Catalogue, mnist: Mnist) -> None:
    assert (digits70k.name, len(digits70k)) == ("mnist", 70_000)
    assert digits70k.splits == ("train", "validation", "test")
    sizes = [55_000, 5_000, 10_000]
    np.testing.assert_array_equal(digits70k.split, np.repeat([0, 1, 2], sizes))
    np.testing.assert_array_equal(digits70k.number, np.concatenate([np.arange(size) for size in sizes]))
    splits = (mnist.train, mnist.validation, mnist.test)
    np.testing.assert_array_equal(digits70k.labels, np.concatenate([digits.labels for digits in splits]))


def test_the_arrays_have_the_promised_types_and_cannot_be_changed(
    digits70k: Catalogue, foreign: Catalogue
) -> None:
    types = {
        "labels": np.uint8,
        "split": np.uint8,
        "number": np.int32,
        "ink": np.float32,
        "slant": np.float32,
        "atypicality": np.float32,
        "has_label_error": bool,
    }
    for catalogue in (digits70k, foreign):
        for name, dtype in types.items():
            array = getattr(catalogue, name)
            assert (array.dtype, array.shape) == (dtype, (len(catalogue),)), name
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0
        with pytest.raises(ValueError, match="read-only"):
            catalogue.parts[0][0] = 0


def test_the_pixels_are_those_of_mnist_without_a_second_copy(digits70k: Catalogue, mnist: Mnist) -> None:
    for part, digits in zip(digits70k.parts, (mnist.train, mnist.validation, mnist.test)):
        assert np.shares_memory(part, digits.images)


def test_images_come_in_the_order_they_are_asked_for(digits70k: Catalogue, mnist: Mnist) -> None:
    rows = np.array([69_999, 0, 55_000, 54_999, 60_000, 59_999, 0])
    expected = np.stack(
        [
            mnist.test.images[-1],
            mnist.train.images[0],
            mnist.validation.images[0],
            mnist.train.images[-1],
            mnist.test.images[0],
            mnist.validation.images[-1],
            mnist.train.images[0],
        ]
    )
    chosen = digits70k.images(rows)
    assert chosen.dtype == np.uint8
    np.testing.assert_array_equal(chosen, expected)
    chosen[:] = 0  # a copy: nobody else's digits change
    assert mnist.train.images[0].any()


def test_no_rows_are_no_images(digits70k: Catalogue) -> None:
    assert digits70k.images(np.array([], np.int64)).shape == (0, 28, 28)
    assert digits70k.images([]).shape == (0, 28, 28)


@pytest.mark.parametrize("row", [-1, 70_000])
def test_a_row_that_is_not_there_is_an_index_error(digits70k: Catalogue, row: int) -> None:
    with pytest.raises(IndexError, match="0 to 69999"):
        digits70k.images(np.array([row]))


@pytest.mark.parametrize(
    ("split", "number", "row"),
    [("train", 0, 0), ("train", 54_999, 54_999), ("validation", 0, 55_000), ("test", 947, 60_947)],
)
def test_a_digit_is_found_by_split_and_number(
    digits70k: Catalogue, split: str, number: int, row: int
) -> None:
    assert digits70k.row_of(split, number) == row
    assert (digits70k.splits[digits70k.split[row]], digits70k.number[row]) == (split, number)


def test_a_number_or_split_that_is_not_there_is_a_sentence(digits70k: Catalogue) -> None:
    with pytest.raises(DatasetError, match="numbered 0 to 9,999: 10,000 is not one"):
        digits70k.row_of("test", 10_000)
    with pytest.raises(DatasetError, match="numbered 0 to 4,999: -1 is not one"):
        digits70k.row_of("validation", -1)
    with pytest.raises(DatasetError, match="has no part 'all': it has train, validation, test"):
        digits70k.row_of("all", 0)


def test_only_the_fifteen_test_digits_are_in_doubt(digits70k: Catalogue) -> None:
    doubted = [
        (digits70k.splits[digits70k.split[row]], digits70k.number[row])
        for row in digits70k.has_label_error.nonzero()[0]
    ]
    assert doubted == [("test", doubt.number) for doubt in LABEL_ERRORS]


def test_the_measures_belong_to_their_digits(digits70k: Catalogue) -> None:
    rows = np.random.default_rng(1).choice(70_000, 500, replace=False)
    chosen = digits70k.images(rows)
    np.testing.assert_allclose(digits70k.ink[rows], typicality.ink_of(chosen), rtol=6e-4)
    np.testing.assert_allclose(digits70k.slant[rows], typicality.slant_of(chosen), atol=0.02)


def test_labels_that_people_doubted_are_odd_in_their_class(digits70k: Catalogue) -> None:
    assert np.median(digits70k.atypicality[digits70k.has_label_error]) > 0.9


def test_scikit_learns_digits_are_preprocessed(foreign: Catalogue) -> None:
    bunch = load_digits()
    assert (foreign.name, foreign.splits, len(foreign)) == ("sklearn-digits", ("all",), 1_797)
    np.testing.assert_array_equal(foreign.labels, bunch.target)
    for row in (0, 7, 1_796):
        fine = cv2.resize(bunch.images[row] / 16, (64, 64), interpolation=cv2.INTER_CUBIC).clip(0, 1)
        expected = images.from_ink(fine.astype(np.float32)) * 255
        np.testing.assert_allclose(foreign.images([row])[0], expected, atol=0.51)
    assert not foreign.has_label_error.any()
    assert foreign.row_of("all", 1_796) == 1_796


def test_scikit_learns_digits_are_made_as_mnists_are(foreign: Catalogue) -> None:
    chosen = foreign.images(np.arange(len(foreign)))
    assert np.all(chosen.max(axis=(1, 2)) == 255)
    rows, columns = chosen.any(axis=2).sum(axis=1), chosen.any(axis=1).sum(axis=1)
    assert np.maximum(rows, columns).max() <= 20
    y = np.arange(28)
    mass = chosen.sum(axis=(1, 2), dtype=float)
    centre = (chosen.sum(axis=2) @ y) / mass
    assert np.abs(centre - 13.9).max() < 1.1


def test_browsing_scikit_learns_digits_does_not_import_scikit_learn() -> None:
    program = (
        "import sys; from digit_core.datasets import catalogue; catalogue.load('sklearn-digits'); "
        "print([name for name in ('sklearn', 'tensorflow', 'keras', 'streamlit') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_an_unknown_set_names_those_there_are() -> None:
    with pytest.raises(DatasetError, match=r"no set of digits 'cats'\. The sets: mnist, sklearn-digits"):
        catalogues.load("cats")
