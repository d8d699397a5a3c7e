from collections.abc import Callable

import numpy as np
import pytest

from digit_core.datasets.mnist import Mnist
from digit_core.digits import Digits
from digit_core.errors import DatasetError, TrainingError
from digit_core.recipes.configuration import TrainingConfig
from digit_core.training import batches


@pytest.mark.parametrize(
    ("settings", "sizes"),
    [
        ({}, (55_000, 5_000)),
        ({"validation_share": 0.3}, (42_000, 18_000)),
        ({"validates_on_test": True}, (55_000, 10_000)),
        ({"subset_size": 700}, (700, 5_000)),
        ({"subset_size": 700, "validation_share": 0.3}, (700, 18_000)),
    ],
)
def test_each_recipe_has_its_digits(
    settings: dict[str, object], sizes: tuple[int, int], mnist: Mnist
) -> None:
    used, held_back, name = batches.choose(TrainingConfig(**settings), None)
    assert (len(used), len(held_back)) == sizes
    assert name == "MNIST"
    if "validates_on_test" in settings:
        np.testing.assert_array_equal(held_back.labels, mnist.test.labels)
    elif not settings:
        np.testing.assert_array_equal(held_back.images, mnist.validation.images)


def test_no_digit_is_both_trained_and_validated_on() -> None:
    used, held_back, _ = batches.choose(TrainingConfig(validation_share=0.3), None)
    seen = {image.tobytes() for image in used.images}
    assert len(seen) == 42_000  # MNIST has no doubles
    assert not any(image.tobytes() in seen for image in held_back.images)


def test_a_subset_has_each_class_in_its_share_and_depends_on_the_seed(mnist: Mnist) -> None:
    shares = np.bincount(mnist.train.labels) / len(mnist.train)
    chosen = [batches.choose(TrainingConfig(subset_size=1_000, seed=seed), None)[0] for seed in (0, 0, 1)]
    assert np.all(np.abs(np.bincount(chosen[0].labels) - 1_000 * shares) <= 1)
    np.testing.assert_array_equal(chosen[0].images, chosen[1].images)
    assert not np.array_equal(chosen[0].images, chosen[2].images)


@pytest.mark.parametrize("size", [54_991, 54_999])
def test_a_subset_may_leave_out_very_few_digits(size: int, mnist: Mnist) -> None:
    used, _, _ = batches.choose(TrainingConfig(subset_size=size), None)
    assert len(used) == size
    assert np.all(np.bincount(mnist.train.labels) - np.bincount(used.labels) <= 1)


def test_digits_of_ones_own_have_no_test_digits_to_validate_on(made_up: Digits) -> None:
    with pytest.raises(TrainingError, match="Only MNIST comes with test digits"):
        batches.choose(TrainingConfig(validates_on_test=True), made_up)


def test_too_few_digits_of_ones_own_are_refused(digits: Callable[[int], Digits]) -> None:
    with pytest.raises(TrainingError, match=r"A batch of 50 is larger than the 37 digits\."):
        batches.choose(TrainingConfig(validation_share=0.27, batch_size=50), digits(51))
    with pytest.raises(DatasetError, match="cannot be drawn so that each class has its share"):
        batches.choose(TrainingConfig(batch_size=10), digits(20))
