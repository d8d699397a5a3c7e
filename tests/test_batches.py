from collections.abc import Callable

import numpy as np
import pytest

from digit_core.augmentation import Distortion
from digit_core.batches import Batches
from digit_core.configuration import TrainingConfig
from digit_core.datasets import Digits

Make = Callable[[int], Digits]
PLAIN = TrainingConfig(batch_size=64, seed=3)
DISTORTED = TrainingConfig(batch_size=64, seed=3, augmentation=Distortion(rotation=30, noise=0.1))


def _all(batches: Batches) -> tuple[np.ndarray, np.ndarray]:
    images, labels = zip(*(batches[index] for index in range(len(batches))), strict=True)
    return np.concatenate(images), np.concatenate(labels)


def test_batches_are_float_digits_with_a_channel(digits: Make) -> None:
    images, labels = Batches(digits(100), PLAIN, 64, is_training=True)[0]
    assert images.shape == (64, 28, 28, 1)
    assert images.dtype == np.float32
    assert (images.min(), images.max()) == (0.0, 1.0)
    assert labels.shape == (64,)


def test_an_epoch_shows_every_digit_once(digits: Make) -> None:
    shown = digits(150)
    batches = Batches(shown, PLAIN, 64, is_training=True)
    assert [len(batches[index][1]) for index in range(len(batches))] == [64, 64, 22]
    _, labels = _all(batches)
    np.testing.assert_array_equal(np.bincount(labels, minlength=10), np.bincount(shown.labels, minlength=10))


def test_each_image_keeps_its_label(digits: Make) -> None:
    images, labels = _all(Batches(digits(150), PLAIN, 64, is_training=True))
    ink_rows = images[..., 0].any(axis=2).argmax(axis=1)
    np.testing.assert_array_equal(ink_rows, 2 + 2 * labels.astype(int))


def test_training_digits_are_shuffled_anew_in_each_epoch_validation_digits_never(digits: Make) -> None:
    training = Batches(digits(150), PLAIN, 150, is_training=True)
    first = training[0][1]
    training.on_epoch_end()
    assert not np.array_equal(first, training[0][1])
    validation = Batches(digits(150), PLAIN, 150, is_training=False)
    np.testing.assert_array_equal(validation[0][1], digits(150).labels)
    validation.on_epoch_end()
    np.testing.assert_array_equal(validation[0][1], digits(150).labels)


def test_training_digits_are_distorted_anew_in_each_epoch(digits: Make) -> None:
    shown = digits(10).take(np.zeros(10, int))  # ten times the same, so that order does not matter
    batches = Batches(shown, DISTORTED, 10, is_training=True)
    first, _ = batches[0]
    assert not np.array_equal(first, shown.images[..., None] / np.float32(255))
    batches.on_epoch_end()
    assert not np.array_equal(first, batches[0][0])


def test_validation_digits_are_never_distorted(digits: Make) -> None:
    shown = digits(100)
    images, labels = _all(Batches(shown, DISTORTED, 64, is_training=False))
    np.testing.assert_allclose(images[..., 0], shown.images / 255, atol=1e-6)
    np.testing.assert_array_equal(labels, shown.labels)


def test_the_same_seed_gives_the_same_batches(digits: Make) -> None:
    first, again = (Batches(digits(100), DISTORTED, 64, is_training=True)[1] for _ in range(2))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])


@pytest.mark.parametrize("is_training", [True, False])
def test_the_categorical_loss_gets_one_hot_labels(is_training: bool, digits: Make) -> None:
    config = TrainingConfig(loss="categorical_crossentropy")
    plain = Batches(digits(100), TrainingConfig(), 100, is_training=is_training)[0][1]
    one_hot = Batches(digits(100), config, 100, is_training=is_training)[0][1]
    np.testing.assert_array_equal(one_hot, np.eye(10)[plain])
