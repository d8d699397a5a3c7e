"""What is seen inside a network, with weights that were set by hand."""

from collections.abc import Callable

import keras
import numpy as np
import pytest

from digit_core.datasets.mnist import Mnist
from digit_core.digits import Digits
from digit_core.metrics.classification import evaluate
from digit_core.recipes.architectures import Architecture, Convolution, Dense, Flatten, Pooling
from digit_core.training import networks
from digit_core.training.probes import Probe, watched_rows

Make = Callable[[int], Digits]
DEEP = Architecture(
    "Deep", "A convolution and two dense layers.", (Convolution(4), Pooling(4), Flatten(), Dense(6))
)
UNDYING = Architecture("Undying", "Nothing in it dies.", (Pooling(2), Flatten(), Dense(40, "tanh")))


def _probe(architecture: Architecture, digits: Digits) -> tuple[keras.Model, Probe]:
    keras.utils.set_random_seed(0)
    model = networks.build(architecture)
    return model, Probe(model, architecture, digits)


@pytest.fixture(scope="module")
def looked(made_up: Digits) -> tuple[keras.Model, Probe]:
    return _probe(DEEP, made_up)


# The digits that are watched


def test_two_digits_of_each_class_are_watched_the_typical_ones_first(mnist: Mnist) -> None:
    rows = watched_rows(mnist.validation)
    assert len(set(rows)) == 20
    assert mnist.validation.labels[rows].tolist() == [*range(10), *range(10)]


def test_the_first_of_a_class_is_nearest_to_its_mean_and_the_second_nearer_to_anothers(mnist: Mnist) -> None:
    pixels = mnist.validation.images.reshape(5_000, -1) / 255.0
    labels = mnist.validation.labels
    means = np.stack([pixels[labels == label].mean(axis=0) for label in range(10)])
    rows = watched_rows(mnist.validation)
    distances = np.linalg.norm(pixels[rows][:, None] - means[None], axis=2)  # (20, 10)
    for label in range(10):
        own = np.linalg.norm(pixels[labels == label] - means[label], axis=1)
        assert distances[label, label] == pytest.approx(own.min())
        # 1s are so alike that even the 2nd percentile of them is nearest to its own.
        assert label == 1 or distances[10 + label].argmin() != label


def test_what_is_watched_does_not_depend_on_chance(mnist: Mnist) -> None:
    np.testing.assert_array_equal(watched_rows(mnist.validation), watched_rows(mnist.validation))


@pytest.mark.parametrize(("count", "classes"), [(12, 10), (10, 10), (3, 3), (1, 1)])
def test_few_digits_are_watched_where_there_are_few(count: int, classes: int, digits: Make) -> None:
    rows = watched_rows(digits(count))
    assert len(set(rows)) == len(rows) == count
    assert digits(count).labels[rows[:classes]].tolist() == list(range(classes))


def test_digits_of_one_class_can_be_watched(digits: Make) -> None:
    assert len(watched_rows(digits(50).take(np.arange(0, 50, 10)))) == 2


# What is seen


def test_a_look_tells_of_each_layer_that_learns(looked: tuple[keras.Model, Probe]) -> None:
    shot = looked[1].look(2, 7)
    assert shot is not None
    assert (shot.epoch, shot.step, shot.confusion) == (2, 7, None)
    assert [state.name for state in shot.layers] == ["convolution_1", "dense_1", "answer"]
    assert [state.dead_share is None for state in shot.layers] == [False, False, True]
    assert all(state.gradient_norm > 0 for state in shot.layers)
    assert shot.filters.shape == (4, 3, 3) and shot.filters.dtype == np.float32


def test_the_answers_are_the_networks_own(looked: tuple[keras.Model, Probe]) -> None:
    model, probe = looked
    shot = probe.look(0, 0)
    assert shot is not None and shot.probabilities.dtype == np.float32
    expected = np.asarray(model(probe.watched.images[..., None] / np.float32(255)))
    np.testing.assert_allclose(shot.probabilities, expected, atol=1e-6)


def test_the_gradient_of_the_last_biases_is_known(made_up: Digits) -> None:
    # Of softmax and cross-entropy it is the mean of answer - truth; with all weights 0 only it is not 0, and all
    # answers are 0.1. Each class is watched as often as every other, so that the mean is 0 as well.
    model, probe = _probe(DEEP, made_up)
    model.set_weights([np.zeros_like(weight) for weight in model.get_weights()])
    shot = probe.look(0, 0)
    assert shot is not None
    assert [state.gradient_norm for state in shot.layers] == pytest.approx([0, 0, 0], abs=1e-6)
    bias = np.zeros(10, np.float32)
    bias[3] = 50  # "3", whatever is shown: answer - truth is 0.9 for 3 and -0.1 for each other
    model.get_layer("answer").set_weights([model.get_layer("answer").get_weights()[0], bias])
    shot = probe.look(0, 0)
    assert shot is not None
    assert shot.layers[-1].gradient_norm == pytest.approx(np.sqrt(0.9**2 + 9 * 0.1**2), rel=1e-5)


def test_a_unit_that_answers_nothing_is_dead(made_up: Digits) -> None:
    model, probe = _probe(DEEP, made_up)
    kernel = np.ones((3, 3, 1, 4), np.float32)
    model.get_layer("convolution_1").set_weights([kernel, np.array([0, 0, 0, -1_000], np.float32)])
    layer = model.get_layer("dense_1")
    layer.set_weights([np.zeros_like(layer.get_weights()[0]), np.array([1, 1, 1, 1, 0, -1], np.float32)])
    shot = probe.look(0, 0)
    assert shot is not None
    assert [state.dead_share for state in shot.layers] == [0.25, pytest.approx(2 / 6), None]


def test_a_unit_that_answers_to_one_digit_lives(digits: Make) -> None:
    shown = digits(500)
    images = shown.images.copy()
    images[499, 27, 27] = 255  # only the last digit has ink there
    flat = Architecture("Flat", "One layer.", (Flatten(), Dense(1)))
    model, probe = _probe(flat, Digits(images, shown.labels))
    kernel = np.zeros((784, 1), np.float32)
    kernel[-1] = 1
    model.get_layer("dense_1").set_weights([kernel, np.zeros(1, np.float32)])
    shot = probe.look(0, 0)
    assert shot is not None and shot.layers[0].dead_share == 0


def test_a_layer_that_cannot_die_has_no_dead_share(made_up: Digits) -> None:
    shot = _probe(UNDYING, made_up)[1].look(0, 0)
    assert shot is not None and [state.dead_share for state in shot.layers] == [None, None]


def test_weights_are_held_against_the_start(made_up: Digits) -> None:
    model, probe = _probe(DEEP, made_up)
    model.get_layer("dense_1").set_weights(
        [1.5 * weight for weight in model.get_layer("dense_1").get_weights()]
    )
    shot = probe.look(0, 0)
    assert shot is not None
    assert [state.weight_change for state in shot.layers] == pytest.approx([0, 0.5, 0])


def test_a_dense_first_layer_is_shown_as_pictures_of_what_lies_before_it(made_up: Digits) -> None:
    model, probe = _probe(UNDYING, made_up)
    kernel = np.zeros((196, 40), np.float32)
    kernel[14 * 3 + 5, 2] = 1  # the third unit looks at row 3, column 5 of the 14 x 14 that pooling leaves
    model.get_layer("dense_1").set_weights([kernel, np.zeros(40, np.float32)])
    shot = probe.look(0, 0)
    assert shot is not None and shot.filters.shape == (32, 14, 14)
    assert np.argwhere(shot.filters).tolist() == [[2, 3, 5]]


def test_weights_that_are_no_numbers_are_not_shown(made_up: Digits) -> None:
    model, probe = _probe(DEEP, made_up)
    model.set_weights([np.full_like(weight, np.nan) for weight in model.get_weights()])
    assert probe.look(1, 1) is None


# Validation


def test_validation_is_what_the_evaluation_says(looked: tuple[keras.Model, Probe], made_up: Digits) -> None:
    model, probe = looked
    found = probe.validate()
    expected = evaluate(
        made_up.labels, np.asarray(model(made_up.images[..., None] / np.float32(255)), np.float64)
    )
    assert found.loss == pytest.approx(expected.log_loss, rel=1e-5)
    assert found.accuracy == expected.accuracy.value
    np.testing.assert_array_equal(found.confusion, expected.confusion)
    assert found.confusion.dtype == np.int64
