import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digit_core.errors import ConfigurationError
from digit_core.recipes import architectures
from digit_core.recipes.architectures import ARCHITECTURES, Architecture
from digit_core.recipes.layers import (
    ACTIVATIONS,
    MAX_STRIDES,
    PADDINGS,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    Layer,
    Pooling,
)
from tests.examples import examples

LAYERS = st.one_of(
    st.builds(
        Convolution,
        filters=st.integers(1, 5),
        size=st.integers(1, 9),
        padding=st.sampled_from(PADDINGS),
        activation=st.sampled_from(ACTIVATIONS),
        strides=st.integers(1, MAX_STRIDES),
    ),
    st.builds(Pooling, size=st.integers(1, 4)),
    st.builds(Dropout, rate=st.floats(0, 0.95)),
    st.builds(Flatten),
    st.builds(Dense, units=st.integers(1, 9), activation=st.sampled_from(ACTIVATIONS)),
)


def _network(layers: list[Layer]) -> Architecture | None:
    try:
        return Architecture("Any", "Any network.", tuple(layers))
    except ConfigurationError:
        return None


NETWORKS = (
    st.tuples(st.lists(LAYERS, max_size=5), st.lists(st.builds(Dense, units=st.integers(1, 9)), max_size=2))
    .map(lambda parts: _network([*parts[0], Flatten(), *parts[1]]))
    .filter(lambda network: network is not None)
)


def _assert_keras_agrees(architecture: Architecture) -> None:
    from digit_core.training import networks

    model = networks.build(architecture)
    assert model.count_params() == architecture.parameters
    assert model.output_shape == (None, 10)
    for layer, summary in zip(model.layers, architecture.summary(), strict=True):
        assert layer.name == summary.name
        assert layer.output.shape[1:] == summary.output_shape
        assert layer.count_params() == summary.parameters


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_keras_builds_the_shapes_and_parameters_that_are_said(name: str) -> None:
    _assert_keras_agrees(ARCHITECTURES[name])


@settings(max_examples=examples(20), deadline=None)
@given(architecture=NETWORKS)
def test_keras_builds_the_shapes_and_parameters_of_any_network(architecture: Architecture) -> None:
    _assert_keras_agrees(architecture)


def test_the_tutorials_parameter_counts() -> None:
    assert {name: network.parameters for name, network in ARCHITECTURES.items()} == {
        "ann": 101_770,  # 785 x 128 + 129 x 10
        "cnn-tutorial": 93_322,  # the count in the Keras documentation's own example of this network
        "cnn-2": 225_034,
        "cnn-2-dropout": 225_034,
        "cnn-3": 81_066,
        "cnn": 405_402,
        "tiny": 23_766,
        "quick": 69_530,  # 416 + 19,248 + 49,216 + 650
    }


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_keras_steps_over_a_picture_as_we_do(size: int, padding: str) -> None:
    import keras

    for strides in range(1, MAX_STRIDES + 1):
        ours = Convolution(2, size, padding, strides=strides)
        theirs = keras.layers.Conv2D(2, size, strides, padding)
        for side in (5, 6, 7, 8, 28):
            assert theirs.compute_output_shape((None, side, side, 3)) == (
                None,
                *ours.output_shape((side, side, 3)),
            )


def test_steps_of_two_halve_a_picture_and_need_a_quarter_of_the_products() -> None:
    one, two = (Convolution(4, 3, "same", strides=strides) for strides in (1, 2))
    assert (one.output_shape((28, 28, 3)), two.output_shape((28, 28, 3))) == ((28, 28, 4), (14, 14, 4))
    assert two.parameters((28, 28, 3)) == one.parameters((28, 28, 3)) == (9 * 3 + 1) * 4
    assert two.multiply_adds((28, 28, 3)) == 14 * 14 * 4 * 9 * 3 == one.multiply_adds((28, 28, 3)) / 4


def test_every_network_ends_in_ten_probabilities() -> None:
    for network in ARCHITECTURES.values():
        last = network.summary()[-1]
        assert (last.name, last.output_shape, last.layer.activation) == ("answer", (10,), "softmax")


def test_names_within_a_network_are_unique_and_count_from_1() -> None:
    assert [step.name for step in ARCHITECTURES["cnn-tutorial"].summary()] == [
        "convolution_1",
        "pooling_1",
        "convolution_2",
        "pooling_2",
        "convolution_3",
        "flatten_1",
        "dense_1",
        "dropout_1",
        "answer",
    ]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_network_outlives_json(name: str) -> None:
    network = ARCHITECTURES[name]
    assert architectures.from_dict(json.loads(json.dumps(network.as_dict()))) == network


@settings(max_examples=examples(60), deadline=None)
@given(architecture=NETWORKS)
def test_any_network_outlives_json(architecture: Architecture) -> None:
    assert architectures.from_dict(json.loads(json.dumps(architecture.as_dict()))) == architecture


def test_a_card_from_before_there_were_steps_is_read() -> None:
    record = {"kind": "convolution", "filters": 3, "size": 3, "padding": "valid", "activation": "relu"}
    network = architectures.from_dict({"layers": [record, {"kind": "flatten"}]})
    assert network.layers == (Convolution(3), Flatten())


@pytest.mark.parametrize(
    ("layers", "sentence"),
    [
        (
            (Convolution(10**9), Flatten()),
            "filters of a convolution is a whole number from 1 to 512, not 1000000000",
        ),
        ((Convolution(0), Flatten()), "filters of a convolution"),
        ((Convolution(2.5), Flatten()), "filters of a convolution is a whole number"),
        ((Convolution(True), Flatten()), "filters of a convolution"),
        ((Convolution(4, size=29), Flatten()), "window size of a convolution"),
        (
            (Convolution(4, strides=0), Flatten()),
            "step of a convolution is a whole number from 1 to 4, not 0",
        ),
        ((Convolution(4, strides=5), Flatten()), "step of a convolution"),
        ((Pooling(4), Convolution(4, size=8), Flatten()), "8 x 8 does not fit into 7 x 7"),
        ((Pooling(4), Convolution(4, size=8, strides=4), Flatten()), "8 x 8 does not fit into 7 x 7"),
        ((Convolution(4, padding="full"), Flatten()), "padding is one of valid, same, not 'full'"),
        ((Convolution(4, activation="step"), Flatten()), "activation is one of relu"),
        ((Flatten(), Convolution(4)), "convolution needs a picture"),
        ((Flatten(), Pooling()), "pooling needs a picture"),
        ((Pooling(14), Pooling(3), Flatten()), "2 x 2 pixels are too few to pool by 3"),
        ((Pooling(0), Flatten()), "block size of a pooling"),
        ((Dense(10),), "put a flatten layer before it"),
        ((Convolution(4),), "put a flatten layer before it"),
        ((), "put a flatten layer before it"),
        ((Flatten(), Dense(5_000)), "units of a dense layer is a whole number from 1 to 4,096, not 5000"),
        ((Flatten(), Dropout(1.0)), "dropout rate is a number from 0 to 0.95, not 1.0"),
        ((Flatten(), Dropout(float("nan"))), "dropout rate .* not nan"),
        ((Flatten(), Dense(4_096), Dense(4_096)), "20,037,642 parameters; the limit is 5,000,000"),
        ((*[Dropout(0.1)] * 60, Flatten()), "61 layers; the limit is 50"),
    ],
)
def test_a_network_that_cannot_be_is_refused_with_a_sentence(
    layers: tuple[Layer, ...], sentence: str
) -> None:
    with pytest.raises(ConfigurationError, match=sentence) as caught:
        Architecture("Wrong", "", layers)
    assert all(text.endswith(".") for text in caught.value.sentences)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (
            {"layers": [{"kind": "lambda"}]},
            "one of convolution, pooling, flatten, dense, dropout, not 'lambda'",
        ),
        ({"layers": [{}]}, "A layer is one of"),
        ({"layers": [{"kind": ["dense"]}]}, "A layer is one of"),
        ({"layers": [{"kind": "flatten", "size": 3}]}, "A flatten layer has no setting 'size'"),
        ({"layers": [{"kind": "dense"}]}, "A dense layer lacks a setting"),
        ({"layers": [{"kind": "flatten"}, {"kind": "dense", "units": "many"}]}, "units of a dense layer"),
        ({"layers": None}, "list of records"),
        ({"layers": "flatten"}, "list of records"),
        ({"layers": [3]}, "list of records"),
        ({}, "put a flatten layer before it"),
    ],
)
def test_a_record_that_is_no_network_is_refused_with_a_sentence(data: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        architectures.from_dict(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["dense", "same", "relu", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["kind", "units", "filters", "size", "rate"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=examples(200), deadline=None)
@given(layers=st.lists(st.dictionaries(st.sampled_from(["kind", "units", "size"]), JSON)) | JSON)
def test_no_json_breaks_the_reader(layers: Any) -> None:
    try:
        network = architectures.from_dict({"layers": layers})
    except ConfigurationError:
        return
    assert network.parameters <= architectures.MAX_PARAMETERS
