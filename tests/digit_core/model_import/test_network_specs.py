import json
from typing import Any

import pytest

from digit_core.errors import ModelError
from digit_core.model_import import network_specs

KERAS = {"module": "keras.layers", "registered_name": None}


def layer(kind: str, **config: Any) -> dict[str, Any]:
    return {**KERAS, "class_name": kind, "config": {"name": kind.lower(), **config}}


INPUT = layer("InputLayer", batch_shape=[None, 28, 28, 1])
ANSWER = layer("Dense", units=10, activation="softmax")


def test_many_layers_are_counted_before_they_are_compared() -> None:
    """To compare 20,000 took seven seconds of the web process; only the count is said of these, which are no chain either."""
    entries = [{"class_name": "Dense", "name": str(number), "inbound_nodes": []} for number in range(10_000)]
    entries += [{"class_name": "InputLayer", "name": f"i{number}"} for number in range(2_000)]
    model = {"class_name": "Functional", "module": "keras", "config": {"layers": entries}}
    assert "12,000 layers" in refusal(model)


def sequential(*layers: dict[str, Any]) -> dict[str, Any]:
    return {
        "module": "keras",
        "class_name": "Sequential",
        "registered_name": None,
        "config": {"layers": list(layers)},
    }


def functional(*layers: dict[str, Any]) -> dict[str, Any]:
    """A chain as Keras 3 writes it."""
    before: str | None = None
    for entry in layers:
        entry["name"] = entry["config"]["name"]
        tensor = {"class_name": "__keras_tensor__", "config": {"keras_history": [before, 0, 0]}}
        entry["inbound_nodes"] = [{"args": [tensor], "kwargs": {}}] if before else []
        before = entry["name"]
    ends = {"input_layers": [[layers[0]["name"], 0, 0]], "output_layers": [[before, 0, 0]]}
    return {
        "module": "keras.src.models.functional",
        "class_name": "Functional",
        "registered_name": "Functional",
        "config": {"layers": list(layers), **ends},
    }


def read(model: Any) -> network_specs.Network:
    return network_specs.read(json.dumps(model))


def refusal(model: Any) -> str:
    with pytest.raises(ModelError) as caught:
        read(model)
    sentence = str(caught.value)
    assert sentence.endswith((".", "…"))
    assert len(sentence) < 700
    return sentence


def test_shapes_and_parameters_are_those_known_by_hand() -> None:
    network = read(
        sequential(
            INPUT,
            layer("Rescaling", scale=1 / 255, offset=0.0),
            layer("ZeroPadding2D", padding=[[1, 1], [2, 0]]),
            layer("Conv2D", filters=8, kernel_size=[3, 5], strides=[2, 1], activation="relu"),
            layer("BatchNormalization", axis=[3], momentum=0.9, epsilon=1e-3),
            layer("DepthwiseConv2D", kernel_size=3, padding="same", depth_multiplier=2, use_bias=False),
            layer("SeparableConv2D", filters=5, kernel_size=[3, 3]),
            layer("MaxPooling2D", pool_size=[2, 2], strides=None),
            layer("AveragePooling2D", pool_size=2, strides=1, padding="same"),
            layer("LeakyReLU", alpha=0.1),
            layer("GlobalAveragePooling2D"),
            layer("LayerNormalization", axis=-1, center=False),
            layer("Dropout", rate=0.5),
            ANSWER,
        )
    )
    assert [step.output_shape for step in network.steps] == [
        (28, 28, 1),
        (30, 30, 1),
        (14, 26, 8),
        (14, 26, 8),
        (14, 26, 16),
        (12, 24, 5),
        (6, 12, 5),
        (6, 12, 5),
        (6, 12, 5),
        (5,),
        (5,),
        (5,),
        (10,),
    ]
    counts = [step.parameters for step in network.steps]
    assert counts == [0, 0, 3 * 5 * 8 + 8, 4 * 8, 9 * 16, 9 * 16 + 16 * 5 + 5, 0, 0, 0, 0, 5, 0, 60]
    assert network.parameters == sum(counts)
    assert network.steps[-1].name == "answer"


def test_only_checked_settings_are_passed_on() -> None:
    """Initializers, regularizers and whatever else a file says are left behind."""
    hostile = {"class_name": "Evil", "module": "os", "config": {}}
    dense = layer(
        "Dense", units=10, kernel_initializer=hostile, kernel_regularizer=hostile, trainable=hostile
    )
    network = read(sequential(INPUT, layer("Flatten"), dense))
    assert network.steps[-1].settings == {"units": 10, "use_bias": True, "activation": "linear"}


@pytest.mark.parametrize("shape", [[None, 28, 28, 1], [None, 28, 28], [32, 784]])
def test_the_inputs_that_tutorials_have_are_taken(shape: list[int]) -> None:
    network = read(sequential(layer("InputLayer", batch_shape=shape), layer("Flatten"), ANSWER))
    assert network.input_shape == tuple(shape[1:])


def test_files_of_keras_2_are_understood() -> None:
    first = {
        "class_name": "Conv2D",
        "config": {
            "batch_input_shape": [None, 28, 28, 1],
            "filters": 4,
            "kernel_size": [3, 3],
            "name": "c",
            "dtype": "float32",
        },
    }
    rest = [
        {"class_name": "Flatten", "config": {"name": "f"}},
        {"class_name": "Dense", "config": {"units": 10, "name": "d"}},
    ]
    assert read({"class_name": "Sequential", "config": {"layers": [first, *rest]}}).parameters == 40 + 27_050
    assert read({"class_name": "Sequential", "config": [first, *rest]}).parameters == 40 + 27_050


def test_a_chain_of_the_functional_kind_is_followed_from_input_to_output() -> None:
    chain = functional(INPUT, layer("Flatten"), layer("Dropout", rate=0.1), ANSWER)
    chain["config"]["layers"] = [chain["config"]["layers"][i] for i in (2, 0, 3, 1)]
    assert [step.kind for step in read(chain).steps] == ["Flatten", "Dropout", "Dense"]
    old = {
        "class_name": "Functional",
        "config": {
            "layers": [
                {
                    "class_name": "InputLayer",
                    "name": "i",
                    "config": {"batch_input_shape": [None, 784], "name": "i"},
                    "inbound_nodes": [],
                },
                {
                    "class_name": "Dense",
                    "name": "d",
                    "config": {"units": 10, "name": "d"},
                    "inbound_nodes": [[["i", 0, 0, {}]]],
                },
            ],
            "input_layers": [["i", 0, 0]],
            "output_layers": [["d", 0, 0]],
        },
    }
    assert read(old).parameters == 7_850


def test_branches_loops_and_several_ends_are_refused() -> None:
    def chain() -> dict[str, Any]:
        return functional(INPUT, layer("Flatten"), layer("Dropout", rate=0.1), ANSWER)

    two_inputs, branch, loop, shared, other_end = (chain() for _ in range(5))
    two_inputs["config"]["layers"].append(
        {**layer("InputLayer", batch_shape=[None, 784], name="second"), "name": "second"}
    )
    branch["config"]["layers"][3]["inbound_nodes"] = branch["config"]["layers"][2]["inbound_nodes"]
    loop["config"]["layers"][1]["inbound_nodes"][0]["args"][0]["config"]["keras_history"][0] = "dense"
    shared["config"]["layers"][1]["inbound_nodes"] *= 2
    other_end["config"]["output_layers"] = [["flatten", 0, 0]]
    for model in (two_inputs, branch, loop, shared, other_end):
        assert "only a chain of layers" in refusal(model)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (layer("Lambda", function={"class_name": "__lambda__"}), "'Lambda'"),
        (layer("TFSMLayer", filepath="/tmp/x"), "'TFSMLayer'"),
        ({**layer("Dense", units=10), "module": "os"}, "'Dense'"),
        ({**layer("Dense", units=10), "module": "kerasevil.layers"}, "'Dense'"),
        ({**layer("Dense", units=10), "module": ["keras"]}, "'Dense'"),
        ({**layer("Dense", units=10), "registered_name": "mine>Dense"}, "'Dense'"),
        ({**layer("Dense", units=10), "class_name": {"a": 1}}, "cannot be opened here"),
        (layer("Sequential", layers=[]), "'Sequential'"),
        (layer("Dense", units=10**9), "units is a whole number"),
        (layer("Dense", units=10**400), "units is a whole number"),
        (layer("Dense", units=-1), "units is a whole number"),
        (layer("Dense", units=True), "units is a whole number"),
        (layer("Dense", units=[10] * 9_999), "units is a whole number"),
        (layer("Dense"), "units is a whole number"),
        (layer("Dense", units=10, activation="evil"), "activation is one of"),
        (layer("Dense", units=10, activation={"class_name": "function"}), "activation is one of"),
        (layer("Dense", units=10, use_bias="yes"), "use_bias is true or false"),
        (layer("Dense", units=10, dtype="mixed_float16"), "only float32"),
        (layer("Dense", units=10, dtype={"config": {"name": "int8"}}), "only float32"),
        (layer("Dense", units=10, lora_rank=4), "lora_rank"),
        (layer("Conv2D", filters=4, kernel_size=[3, 3]), "needs a picture"),
        (layer("BatchNormalization", axis=7), "axis is -1"),
        (layer("BatchNormalization", epsilon=float("nan")), "epsilon is a number"),
        (layer("Dropout", rate=1.0), "rate is less than 1"),
        (layer("Dropout", rate=float("inf")), "rate is a number"),
        (layer("Reshape", target_shape=[-1, -1]), "cannot be put into"),
        (layer("Reshape", target_shape=[0, -1]), "size is a whole number"),
        (layer("Reshape", target_shape=[10**8]), "size is a whole number"),
        (layer("Reshape", target_shape=[27, 29]), "cannot be put into"),
    ],
)
def test_a_layer_that_is_not_understood_is_refused(entry: dict[str, Any], said: str) -> None:
    assert said in refusal(sequential(INPUT, layer("Flatten"), entry, ANSWER))


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (layer("Conv2D", filters=4, kernel_size=[29, 3]), "kernel_size"),
        (layer("Conv2D", filters=4, kernel_size=[3]), "kernel_size"),
        (layer("Conv2D", filters=4, kernel_size=28, dilation_rate=2), "too few"),
        (layer("Conv2D", filters=4, kernel_size=3, strides=2, dilation_rate=2), "cannot both"),
        (layer("Conv2D", filters=4, kernel_size=3, groups=3), "groups"),
        (layer("Conv2D", filters=4, kernel_size=3, data_format="channels_first"), "channels_last"),
        (layer("Conv2D", filters=4, kernel_size=3, padding="causal"), "padding is one of"),
        (layer("MaxPooling2D", pool_size=0), "pool_size"),
        (layer("ZeroPadding2D", padding=10**9), "padding"),
        (layer("ZeroPadding2D", padding=[1, 2, 3]), "padding"),
        (layer("ZeroPadding2D"), "padding"),
    ],
)
def test_a_picture_layer_out_of_bounds_is_refused(entry: dict[str, Any], said: str) -> None:
    assert said in refusal(sequential(INPUT, entry, layer("Flatten"), ANSWER))


def test_what_is_too_large_is_refused_by_its_numbers_alone() -> None:
    assert "parameters or more" in refusal(
        sequential(INPUT, layer("Flatten"), layer("Dense", units=8_000), layer("Dense", units=8_000), ANSWER)
    )
    wide = layer("Conv2D", filters=1_024, kernel_size=1)
    assert "too large to answer" in refusal(sequential(INPUT, wide, wide, layer("Flatten"), ANSWER))
    assert "layers; the limit is 50" in refusal(sequential(INPUT, *[layer("Flatten")] * 60, ANSWER))


@pytest.mark.parametrize(
    "shape", [[None, 32, 32, 3], [None, 28.0, 28, 1], [None, 1, 28, 28], [None], None, "x"]
)
def test_another_input_is_refused(shape: Any) -> None:
    first = layer("InputLayer", batch_shape=shape)
    assert "takes" in refusal(sequential(first, layer("Flatten"), ANSWER))


def test_another_output_is_refused() -> None:
    assert "ten numbers" in refusal(sequential(INPUT, layer("Flatten"), layer("Dense", units=26)))
    assert "ten numbers" in refusal(sequential(INPUT, layer("Dense", units=10)))
    assert "ten numbers" in refusal(sequential(INPUT))
    assert "no layers" in refusal(sequential())


def test_a_class_of_ones_own_is_refused() -> None:
    assert "no program code" in refusal({"class_name": "MyNet", "config": {}})
    assert "no program code" in refusal({**sequential(INPUT), "module": "mine.models"})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "[]",
        "null",
        '{"class_name": "Sequential", "config": 3}',
        '{"class_name": "Sequential", "config": {"layers": {"a": 1}}}',
        '{"class_name": "Sequential", "config": {"layers": [1, 2]}}',
        '{"class_name": "Functional", "config": {}}',
        "[" * 50_000,
        "[" * 60 + "]" * 60,
        '{"a": ' * 500 + "1" + "}" * 500,
        '{"units": ' + "9" * 9_999 + "}",
        " " * 1_000_001,
        b"\xff\xfe\x00",
    ],
)
def test_damaged_or_oversized_text_is_refused(text: str | bytes) -> None:
    with pytest.raises(ModelError):
        network_specs.read(text)
