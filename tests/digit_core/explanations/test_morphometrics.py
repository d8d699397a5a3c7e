from pathlib import Path

import numpy as np
import pytest

from digit_core.datasets.mnist import Mnist
from digit_core.errors import DatasetError
from digit_core.explanations import morphometrics
from digit_core.settings import MORPHOMETRICS_FILE

NAMES = [one.title for one in morphometrics.MEASUREMENTS]


def _bar(top: int, bottom: int, left: int, right: int) -> np.ndarray:
    image = np.zeros((28, 28), np.uint8)
    image[top:bottom, left:right] = 255
    return image


def test_a_bars_measurements_are_those_that_a_ruler_finds() -> None:
    ((stroke, height, width, right, down, slant),) = morphometrics.measure(_bar(4, 24, 12, 16)[None])
    # Of a bar the middle is a little nearer to its ends than to nothing: a ruler says 4.
    assert stroke == pytest.approx(4, abs=0.4)
    assert (height, width) == (20, 4)
    assert (right, down) == (0, 0)
    assert slant == 0


@pytest.mark.parametrize(("rows", "columns"), [(0, 5), (0, -5), (4, 0), (-4, 0), (3, -4)])
def test_a_digit_that_lies_elsewhere_is_found_there(rows: int, columns: int) -> None:
    moved = np.roll(_bar(7, 22, 12, 17), (rows, columns), axis=(0, 1))  # its middle is pixel 14, as in MNIST
    found = morphometrics.measure(moved[None])[0]
    assert (found[3], found[4]) == (columns, rows)


@pytest.mark.parametrize(("ink", "height"), [(26, 20), (27, 22)])
def test_what_is_fainter_than_a_tenth_of_full_ink_is_no_part_of_a_digit(ink: int, height: int) -> None:
    image = _bar(4, 24, 12, 16)
    image[[3, 24], 12:16] = ink
    assert morphometrics.measure(image[None])[0, 1] == height


def test_a_thicker_pen_has_a_wider_stroke() -> None:
    widths = [morphometrics.measure(_bar(4, 24, 14 - half, 14 + half)[None])[0, 0] for half in (1, 2, 3)]
    assert widths == sorted(widths)
    assert widths[2] == pytest.approx(6, abs=0.6)


def test_paper_has_no_measurements() -> None:
    assert not morphometrics.measure(np.zeros((2, 28, 28), np.uint8)).any()
    assert morphometrics.measure(np.empty((0, 28, 28), np.uint8)).shape == (0, 6)


def test_mnist_lies_in_the_middle_and_fills_20_pixels(mnist: Mnist) -> None:
    found = morphometrics.measure(mnist.validation.images[:300])
    assert not found[:, 3:5].any()
    assert np.median(found[:, 1]) == 20
    assert found[:, 1:3].max() <= 20


def _others() -> np.ndarray:
    """A hundred strokes from 2.00 to 2.99 pixels; all else is alike."""
    others = np.zeros((100, 6), np.float32)
    others[:, 0] = 2 + np.arange(100) / 100
    others[:, 1:3] = 20, 4
    return others


def test_what_is_rare_is_said_in_a_sentence() -> None:
    image = _bar(4, 24, 13, 14)
    stroke, height, *_ = morphometrics.compare(image, _others())
    assert stroke.value < 2
    assert stroke.share_below == 0
    assert not stroke.is_usual
    assert stroke.sentence("training 1s") == "Your stroke is thinner than all of the training 1s."
    assert stroke.rank() == "less than all"
    assert height.is_usual  # all have the same: equal ones count half
    assert height.share_below == 0.5
    assert height.sentence("training 1s") == ""
    assert height.rank() == "as usual"


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.02, "thinner than 98% of"),
        (0.04, "thinner than 96% of"),
        (0.003, "thinner than 99.7% of"),
        (0.97, "thicker than 97% of"),
        (0.9995, "thicker than all of"),
    ],
)
def test_a_share_is_told_with_no_more_digits_than_it_deserves(share: float, words: str) -> None:
    comparison = morphometrics.Comparison(morphometrics.MEASUREMENTS[0], 1.0, 2.0, 3.0, 4.0, share)
    assert words in comparison.sentence("training 4s")


def test_the_usual_ends_at_a_twentieth() -> None:
    def is_usual(share: float) -> bool:
        return morphometrics.Comparison(morphometrics.MEASUREMENTS[0], 1.0, 2.0, 3.0, 4.0, share).is_usual

    assert [is_usual(share) for share in (0.049, 0.05, 0.5, 0.95, 0.951)] == [False, True, True, True, False]


def test_the_others_range_is_told() -> None:
    stroke = morphometrics.compare(_bar(4, 24, 12, 16), _others())[0]
    assert stroke.low == pytest.approx(2.0495, abs=1e-3)
    assert stroke.median == pytest.approx(2.495, abs=1e-3)
    assert stroke.high == pytest.approx(2.9405, abs=1e-3)


def test_the_shipped_sample_is_that_of_the_training_digits(mnist: Mnist) -> None:
    shipped = morphometrics.load()
    assert shipped.shape == (10, morphometrics.SAMPLES, len(NAMES))
    assert (np.diff(shipped, axis=1) >= 0).all()
    for digit in (1, 8):
        images = mnist.train.images[mnist.train.labels == digit][:800]
        found = morphometrics.measure(images)
        for column in range(len(NAMES)):
            # Of 800 digits: the median's place among all of them is known to some 5% (one writer has many of them).
            share = np.mean(shipped[digit, :, column] <= np.median(found[:, column]) + 1e-3)
            assert share > 0.4, NAMES[column]
            share = np.mean(shipped[digit, :, column] < np.median(found[:, column]) - 1e-3)
            assert share < 0.6, NAMES[column]


def test_a_sample_is_evenly_spaced_quantiles_of_each_class(mnist: Mnist) -> None:
    images, labels = mnist.validation.images[:300], mnist.validation.labels[:300]
    found = morphometrics.sample(images, labels)
    own = morphometrics.measure(images[labels == 3])
    np.testing.assert_allclose(np.median(found[3], axis=0), np.median(own, axis=0), atol=0.1)
    assert (found[3].min(axis=0) >= own.min(axis=0)).all()
    assert (found[3].max(axis=0) <= own.max(axis=0)).all()


def test_a_missing_or_damaged_sample_names_the_script(tmp_path: Path) -> None:
    path = tmp_path / "morphometrics.npz"
    with pytest.raises(DatasetError, match=r"missing.*morphometrics\.npz.*scripts/build_morphometrics\.py"):
        morphometrics.load(path)
    path.write_bytes(MORPHOMETRICS_FILE.read_bytes()[:3_000])
    with pytest.raises(DatasetError, match="damaged"):
        morphometrics.load(path)
    np.savez(path, training=np.zeros((10, 3, 6)))
    with pytest.raises(DatasetError, match="damaged"):
        morphometrics.load(path)
