from collections.abc import Callable

import numpy as np
import pytest

from digit_core.augmentation.policies import Distortion
from digit_core.datasets.mnist import Mnist
from digit_core.digits import Digits
from digit_core.errors import DatasetError, TrainingError
from digit_core.recipes.configuration import TrainingConfig
from digit_core.training.batches import Batches, choose_digits

Make = Callable[[int], Digits]
PLAIN = TrainingConfig(batch_size=64, seed=3)
DISTORTED = TrainingConfig(batch_size=64, seed=3, augmentation=Distortion(rotation=30, noise=0.1))


def _epoch(batches: Batches, epoch: int = 1) -> list[tuple[np.ndarray, np.ndarray]]:
    batches.epoch = epoch
    return list(batches.dataset.as_numpy_iterator())


def _all(batches: Batches, epoch: int = 1) -> tuple[np.ndarray, np.ndarray]:
    images, labels = zip(*_epoch(batches, epoch), strict=True)
    return np.concatenate(images), np.concatenate(labels)


@pytest.mark.parametrize("config", [PLAIN, DISTORTED], ids=["plain", "distorted"])
def test_batches_are_float_digits_with_a_channel(config: TrainingConfig, digits: Make) -> None:
    images, labels = _epoch(Batches(digits(100), config))[0]
    assert images.shape == (64, 28, 28, 1)
    assert images.dtype == np.float32
    assert (images.min(), images.max()) == (0.0, 1.0)
    assert labels.shape == (64,)


def test_an_epoch_shows_every_digit_once(digits: Make) -> None:
    shown = digits(150)
    batches = Batches(shown, PLAIN)
    assert len(batches) == 3
    assert [len(labels) for _, labels in _epoch(batches)] == [64, 64, 22]
    _, labels = _all(batches)
    np.testing.assert_array_equal(np.bincount(labels, minlength=10), np.bincount(shown.labels, minlength=10))


def test_each_image_keeps_its_label(digits: Make) -> None:
    images, labels = _all(Batches(digits(150), PLAIN))
    ink_rows = images[..., 0].any(axis=2).argmax(axis=1)
    np.testing.assert_array_equal(ink_rows, 2 + 2 * labels.astype(int))


def test_digits_are_shuffled_anew_in_each_epoch(digits: Make) -> None:
    batches = Batches(digits(150), PLAIN)
    assert not np.array_equal(_all(batches, 1)[1], _all(batches, 2)[1])
    assert not np.array_equal(_all(batches, 1)[1], digits(150).labels)


def test_digits_are_distorted_anew_in_each_epoch_and_batch(digits: Make) -> None:
    shown = digits(128).take(np.zeros(128, int))  # the same again and again, so that order does not matter
    batches = Batches(shown, DISTORTED)
    (first, _), (second, _) = _epoch(batches, 1)
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, _epoch(batches, 2)[0][0])
    assert not np.array_equal(first[0, ..., 0], shown.images[0] / np.float32(255))


def test_the_same_seed_and_epoch_give_the_same_batches(digits: Make) -> None:
    first, again = (_all(Batches(digits(100), DISTORTED), 4) for _ in range(2))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])


def test_undistorted_digits_are_what_they_were(digits: Make) -> None:
    shown = digits(100)
    images, labels = _all(Batches(shown, PLAIN))
    order = np.random.default_rng((3, 1)).permutation(100)
    np.testing.assert_array_equal(labels, shown.labels[order])
    np.testing.assert_array_equal(images[..., 0], shown.images[order] * np.float32(1 / 255))


def test_the_categorical_loss_gets_one_hot_labels(digits: Make) -> None:
    config = TrainingConfig(loss="categorical_crossentropy")
    _, plain = _all(Batches(digits(100), TrainingConfig()))
    _, one_hot = _all(Batches(digits(100), config))
    np.testing.assert_array_equal(one_hot, np.eye(10)[plain])


# Which digits


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
    used, held_back, name = choose_digits(TrainingConfig(**settings), None)
    assert (len(used), len(held_back)) == sizes
    assert name == "MNIST"
    if "validates_on_test" in settings:
        np.testing.assert_array_equal(held_back.labels, mnist.test.labels)
    elif not settings:
        np.testing.assert_array_equal(held_back.images, mnist.validation.images)


def test_no_digit_is_both_trained_and_validated_on() -> None:
    used, held_back, _ = choose_digits(TrainingConfig(validation_share=0.3), None)
    seen = {image.tobytes() for image in used.images}
    assert len(seen) == 42_000  # MNIST has no doubles
    assert not any(image.tobytes() in seen for image in held_back.images)


def test_a_subset_has_each_class_in_its_share_and_depends_on_the_seed(mnist: Mnist) -> None:
    shares = np.bincount(mnist.train.labels) / len(mnist.train)
    chosen = [choose_digits(TrainingConfig(subset_size=1_000, seed=seed), None)[0] for seed in (0, 0, 1)]
    assert np.all(np.abs(np.bincount(chosen[0].labels) - 1_000 * shares) <= 1)
    np.testing.assert_array_equal(chosen[0].images, chosen[1].images)
    assert not np.array_equal(chosen[0].images, chosen[2].images)


@pytest.mark.parametrize("size", [54_991, 54_999])
def test_a_subset_may_leave_out_very_few_digits(size: int, mnist: Mnist) -> None:
    used, _, _ = choose_digits(TrainingConfig(subset_size=size), None)
    assert len(used) == size
    assert np.all(np.bincount(mnist.train.labels) - np.bincount(used.labels) <= 1)


def test_digits_of_ones_own_have_no_test_digits_to_validate_on(made_up: Digits) -> None:
    with pytest.raises(TrainingError, match="Only MNIST comes with test digits"):
        choose_digits(TrainingConfig(validates_on_test=True), made_up)


def test_too_few_digits_of_ones_own_are_refused(digits: Callable[[int], Digits]) -> None:
    with pytest.raises(TrainingError, match=r"A batch of 50 is larger than the 37 digits\."):
        choose_digits(TrainingConfig(validation_share=0.27, batch_size=50), digits(51))
    with pytest.raises(DatasetError, match="with every class in both parts"):
        choose_digits(TrainingConfig(batch_size=10), digits(20))
