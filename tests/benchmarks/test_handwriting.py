from pathlib import Path

import numpy as np
import pytest

from benchmarks import foreign, handwriting
from benchmarks.foreign import Material
from digit_core.datasets.mnist import Mnist
from digit_core.digits import Digits
from digit_core.inference import classifier
from digit_core.inference.classifier import Classifier


@pytest.fixture(scope="module")
def model() -> Classifier:
    return classifier.load("ann")  # the quickest of the shipped ones


def test_absent_sets_are_named_and_scikit_learns_digits_are_always_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ((title, found),) = foreign.read(tmp_path).items()
    assert title == "scikit-learn's digits"
    assert np.shape(found.images) == (1797, 28, 28)
    assert np.bincount(found.labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    printed = capsys.readouterr().out
    assert "Left out, for it is absent: usps (usps.npz)" in printed
    assert len(printed.splitlines()) == len(foreign.SETS) - 1


def test_pictures_of_any_size_are_preprocessed_and_one_without_ink_is_a_blank(tmp_path: Path) -> None:
    bar = np.full((60, 40), 255, np.uint8)
    bar[10:50, 18:22] = 0
    blank = np.full((30, 30), 255, np.uint8)
    np.savez(
        tmp_path / "real_digits.npz",
        pixels=np.concatenate([bar.ravel(), blank.ravel()]),
        shapes=np.array([bar.shape, blank.shape]),
        labels=np.array([1, 0]),
    )
    found = foreign.read(tmp_path)["real_digits"]
    assert list(found.labels) == [1, 0]
    inked = np.argwhere(found.images[0] > 0.5)
    assert np.ptp(inked, axis=0).tolist() == [19, 1]  # fitted to 20 pixels, dark ground or light
    assert not found.images[1].any()


def test_drawings_of_letters_are_no_digits(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "unipen_letters.npz",
        points=np.array([[0, 0], [10, 0], [5, 0], [5, 10]], np.float32),  # a T
        stroke_lengths=np.array([2, 2]),
        strokes_per_drawing=np.array([2]),
        labels=np.array(["T"]),
    )
    found = foreign.read(tmp_path)["letters"]
    assert list(found.labels) == [foreign.NO_DIGIT]
    assert found.images[0][:14].sum() > found.images[0][14:].sum()  # its bar is at the top


def test_a_picture_without_ink_counts_as_misread_whatever_is_answered(model: Classifier) -> None:
    blank = np.zeros((10, 28, 28), np.float32)
    share = handwriting.accuracy(model, Material(blank, np.arange(10)))  # one of the ten it answers
    assert (share.count, share.n) == (0, 10)


def test_each_corruption_has_a_row_and_their_mean_is_the_mean(model: Classifier, mnist: Mnist) -> None:
    some = Digits(mnist.validation.images[:100], mnist.validation.labels[:100])
    *each, mean = handwriting.corrupted([model, model], some)
    assert len(each) == 8
    assert all(n == 100 and first == second for _, n, (first, second) in [*each, mean])
    shares = [cells[0].count for _, _, cells in each]
    assert mean[2][0].count == pytest.approx(np.mean(shares), abs=0.51)  # a whole digit of 100


def test_rows_stand_under_their_models(model: Classifier, capsys: pytest.CaptureFixture[str]) -> None:
    handwriting.show([model], iter([("MNIST test", 10_000, ["read by ann"])]))
    headings, _, row = capsys.readouterr().out.strip().splitlines()
    assert [cell.strip() for cell in headings.split("|")[1:-1]] == [
        "measured",
        "n",
        "ann",
        "goal for default",
    ]
    assert "| MNIST test | 10,000 | read by ann | 99.70%" in row
