import json
from typing import Any

import numpy as np
import pytest

from digit_core.errors import ModelError
from digit_core.model_import import adapters, network_specs
from digit_core.model_import.adapters import READINGS
from digit_core.recipes.architectures import ARCHITECTURES
from digit_core.recipes.layers import Convolution, Dense, Dropout, Flatten, Pooling
from tests.digit_core.model_import.test_network_specs import ANSWER, INPUT, layer, sequential

OURS, TO_255, SYMMETRIC, *_, BY_COLUMN = READINGS
CONV = layer("Conv2D", filters=4, kernel_size=[3, 3], activation="relu")


def network(*layers: dict[str, Any], first: dict[str, Any] = INPUT) -> network_specs.Network:
    return network_specs.read(json.dumps(sequential(first, *layers)))


def test_a_network_of_our_layers_is_one_of_ours() -> None:
    found = adapters.as_architecture(
        network(
            layer("Rescaling", scale=1.0, offset=0.0),
            layer("Conv2D", filters=4, kernel_size=[3, 3]),
            layer("Activation", activation="relu"),
            layer("MaxPooling2D", pool_size=[2, 2]),
            layer("Dropout", rate=0.25),
            layer("Flatten"),
            layer("Dense", units=7, activation="tanh"),
            layer("Dense", units=10),
            layer("Softmax"),
        ),
        OURS,
        "Mine",
    )
    assert found is not None
    assert found.layers == (Convolution(4), Pooling(2), Dropout(0.25), Flatten(), Dense(7, "tanh"))
    assert found.title == "Mine"


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_row_of_784_numbers_is_a_flattened_picture(name: str) -> None:
    row = layer("InputLayer", batch_shape=[None, 784])
    found = adapters.as_architecture(network(layer("Dense", units=10), first=row), OURS, name)
    assert found is not None
    assert found.layers == (Flatten(),)


@pytest.mark.parametrize(
    "entry",
    [
        layer("Conv2D", filters=4, kernel_size=[3, 5]),
        layer("Conv2D", filters=4, kernel_size=3, strides=[1, 2]),
        layer("Conv2D", filters=4, kernel_size=3, strides=5, padding="same"),
        layer("Conv2D", filters=4, kernel_size=3, use_bias=False),
        layer("MaxPooling2D", pool_size=3, strides=2),
        layer("BatchNormalization"),
        layer("AveragePooling2D"),
        layer("ReLU", max_value=6.0),
    ],
)
def test_a_network_with_what_ours_have_not_is_none_of_ours(entry: dict[str, Any]) -> None:
    assert adapters.as_architecture(network(CONV, entry, layer("Flatten"), ANSWER), OURS, "") is None


def test_a_convolution_in_steps_is_one_of_ours() -> None:
    entry = layer("Conv2D", filters=4, kernel_size=3, strides=2, padding="same", activation="elu")
    found = adapters.as_architecture(network(entry, CONV, layer("Flatten"), ANSWER), OURS, "")
    assert found is not None
    assert found.layers == (Convolution(4, 3, "same", "elu", strides=2), Convolution(4), Flatten())


def test_a_shift_of_the_pixels_does_not_fit_behind_a_border_of_zeros() -> None:
    def fits(padding: str, reading: adapters.Reading) -> bool:
        entry = layer("Conv2D", filters=4, kernel_size=3, padding=padding)
        return adapters.as_architecture(network(entry, layer("Flatten"), ANSWER), reading, "") is not None

    assert fits("valid", SYMMETRIC)
    assert fits("same", TO_255)
    assert not fits("same", SYMMETRIC)


def test_the_scaling_of_a_network_and_of_its_reading_come_together() -> None:
    found = network(layer("Rescaling", scale=1 / 127.5, offset=-1.0), CONV, layer("Flatten"), ANSWER)
    assert adapters.scaling(found, TO_255) == pytest.approx((2, -1))


def test_folded_weights_answer_what_scaled_pixels_would() -> None:
    rng = np.random.default_rng(0)
    kernel, bias, later = (rng.normal(size=size).astype(np.float32) for size in ((784, 5), (5,), (5, 10)))
    pixels = rng.random((3, 784), np.float32)
    new_kernel, new_bias, same = adapters.folded([kernel, bias, later], (3.5, -0.4))
    np.testing.assert_allclose(
        pixels @ new_kernel + new_bias, (pixels * 3.5 - 0.4) @ kernel + bias, rtol=1e-4, atol=1e-4
    )
    assert same is later


def scores(sureness: list[float], right: list[float]) -> tuple[list[np.ndarray], np.ndarray]:
    """For each reading, scores of that size, of which that share is right."""
    labels = np.arange(1_000) % 10
    found = []
    for size, share in zip(sureness, right, strict=True):
        answers = np.where(np.arange(1_000) < 1_000 * share, labels, (labels + 1) % 10)
        found.append((np.eye(10)[answers] * size).astype(np.float32))
    return found, labels


def test_the_reading_that_is_right_most_often_is_chosen_however_timid_or_sure() -> None:
    right = [0.4, 0.95, 0.6, 0.6, 0.1, 0.1, 0.1, 0.3]
    for sure in (0.01, 1.0, 900.0):
        assert adapters.choose_reading(*scores([9, sure, 5, 5, 5, 5, 5, 5], right)) == TO_255


def test_between_readings_that_are_right_alike_the_one_that_is_rightly_sure_is_chosen() -> None:
    right = [0.95, 0.95, 0.6, 0.6, 0.1, 0.1, 0.1, 0.3]
    assert adapters.choose_reading(*scores([5, 1_275, 5, 5, 5, 5, 5, 5], right)) == OURS
    assert adapters.choose_reading(*scores([5 / 255, 5, 5, 5, 5, 5, 5, 5], right)) == TO_255


def test_of_digits_known_by_heart_the_plain_reading_is_taken_unless_another_is_clearly_better() -> None:
    """Losses of 1e-9 and 1e-12 are a thousandfold apart, and the same: 5 of 47 strangers' files were misjudged by that."""
    right = [1.0] * 8
    assert adapters.choose_reading(*scores([20, 5_100, 30, 40, 20, 20, 20, 28], right)) == OURS
    clearly = [0.98, 0.98, 1.0, 0.9, 0.1, 0.1, 0.1, 0.9]
    assert adapters.choose_reading(*scores([20] * 8, clearly)) == SYMMETRIC


def test_a_network_that_knows_no_digits_is_given_ours() -> None:
    random = np.random.default_rng(5)
    sizes = [8, 8, 4, 2, 1, 1, 1, 0.1]  # the most timid one would be the least wrong
    found = [(size * random.normal(size=(1_000, 10))).astype(np.float32) for size in sizes]
    assert adapters.choose_reading(found, np.arange(1_000) % 10) == OURS


def test_what_wants_its_columns_normalised_is_none_of_ours() -> None:
    ours = network(layer("Flatten"), ANSWER)
    assert adapters.as_architecture(ours, OURS, "") is not None
    assert adapters.as_architecture(ours, BY_COLUMN, "") is None
    assert not BY_COLUMN.is_ours


def test_a_reading_that_gives_nan_is_not_chosen_and_a_network_that_gives_nothing_else_is_refused() -> None:
    found, labels = scores([5] * 8, [0.9, 0.8, 0.7, 0.1, 0.1, 0.1, 0.1, 0.1])
    found[0][3, 3] = np.nan
    assert adapters.choose_reading(found, labels) == TO_255
    with pytest.raises(ModelError, match="NaN"):
        adapters.choose_reading([np.full((1_000, 10), np.inf)] * 8, labels)
