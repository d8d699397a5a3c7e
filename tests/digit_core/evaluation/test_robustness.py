import numpy as np
import pytest

from digit_core.datasets.mnist import Mnist
from digit_core.digits import Digits
from digit_core.evaluation import robustness
from digit_core.evaluation.corruptions import CORRUPTIONS
from digit_core.inference import classifier


def test_the_sample_is_fixed_and_of_different_digits(mnist: Mnist) -> None:
    first, again = (robustness.sample(mnist.test, 1_000) for _ in range(2))
    np.testing.assert_array_equal(first.images, again.images)
    assert len(first) == 1_000
    assert len(np.unique(first.images.reshape(1_000, -1), axis=0)) == 1_000
    assert robustness.sample(first, 1_000) is first


@pytest.fixture(scope="module")
def points(mnist: Mnist) -> list[robustness.RobustnessPoint]:
    return list(robustness.measure(classifier.load("ann"), robustness.sample(mnist.test, 300)))


def test_every_corruption_is_measured_at_every_strength_with_progress(
    points: list[robustness.RobustnessPoint],
) -> None:
    assert [point.done for point in points] == list(range(1, 49))
    assert {point.total for point in points} == {48}
    found = robustness.curves(points)
    assert list(found) == list(CORRUPTIONS)
    assert all(len(curve) == 6 for curve in found.values())


def test_all_curves_begin_at_the_digits_as_they_are_and_end_lower(
    points: list[robustness.RobustnessPoint], mnist: Mnist
) -> None:
    digits = robustness.sample(mnist.test, 300)
    right = np.sum(classifier.load("ann").predict_dataset(digits.images).argmax(axis=1) == digits.labels)
    for name, curve in robustness.curves(points).items():
        assert curve[0].count == right
        assert curve[-1].value < curve[0].value - 0.02, name


def test_points_may_come_in_any_order(points: list[robustness.RobustnessPoint]) -> None:
    assert robustness.curves(points[::-1]) == robustness.curves(points)


def test_no_digits_are_refused() -> None:
    nothing = Digits(np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.uint8))
    with pytest.raises(ValueError, match="is not a share"):
        list(robustness.measure(classifier.load("ann"), nothing))
