import json

import numpy as np
import pytest

from digit_core import settings
from digit_core.errors import ModelError
from digit_core.inference import browser, litert, model_files
from digit_core.recipes.architectures import Architecture
from digit_core.recipes.layers import Dense, Flatten

EARLIER = settings.PROJECT_FOLDER / "tests" / "data" / "earlier_version" / "model"


def opened(packed: bytes) -> tuple[dict, np.ndarray]:
    length = int.from_bytes(packed[:4], "little")
    return json.loads(packed[4 : 4 + length]), np.frombuffer(packed, "<f4", offset=4 + length)


@pytest.mark.parametrize("name", [*model_files.names(), EARLIER])
def test_a_packed_network_holds_every_weight_the_card_counts(name: str) -> None:
    card = model_files.read_card(name)
    layers = (model_files.find(name) / model_files.LAYERS_FILE).read_bytes()
    described, weights = opened(browser.packed(card, layers, 1.25))
    assert len(weights) == card["parameters"]
    assert described["temperature"] == 1.25
    assert described["layers"][-1] == {
        "name": "answer",
        "kind": "dense",
        "shape": [10],
        "units": 10,
        "activation": "softmax",
    }
    assert [layer["name"] for layer in described["layers"]] == litert.Network(layers).output_names


def test_the_first_numbers_are_those_of_the_first_window_filter_by_filter() -> None:
    card, layers = (
        model_files.read_card("tiny"),
        (model_files.find("tiny") / model_files.LAYERS_FILE).read_bytes(),
    )
    _, weights = opened(browser.packed(card, layers))
    kernel, bias = litert.weights(layers)[0]
    assert kernel.shape == (16, 3, 3, 1)
    np.testing.assert_array_equal(weights[:16], kernel[:, 0, 0, 0])
    np.testing.assert_array_equal(weights[144:160], bias)


@pytest.mark.parametrize("has_bias", [True, False])
def test_the_weights_of_linear_dense_layers_are_kerass(has_bias: bool) -> None:
    """LiteRT keeps their biases apart, and none that is 0."""
    from digit_core.training import export, networks

    layers = (Flatten(), Dense(7, "linear"), Dense(5, "linear"), Dense(4, "relu"))
    model = networks.build(Architecture("Any", "Any network.", layers))
    random = np.random.default_rng(0)
    if has_bias:
        model.set_weights([one + random.normal(0, 0.1, one.shape) for one in model.get_weights()])
    kept = model.get_weights()
    found = litert.weights(export.to_litert_layers(model))
    assert len(found) == 4
    for place, (kernel, bias) in enumerate(found):
        np.testing.assert_allclose(kernel, kept[2 * place].T, atol=1e-7)
        np.testing.assert_allclose(bias, kept[2 * place + 1], atol=1e-6)


def test_a_model_with_layers_of_its_own_is_refused() -> None:
    card = {"is_ours": False, "architecture": {"title": "Theirs", "layers": []}}
    assert not browser.runs_there(card)
    with pytest.raises(ModelError, match="cannot be computed in the browser"):
        browser.packed(card, b"")


def test_a_file_that_is_damaged_or_another_models_is_refused() -> None:
    card = model_files.read_card("tiny")
    with pytest.raises(ModelError, match="not a LiteRT model"):
        browser.packed(card, b"no model")
    with pytest.raises(ModelError, match="do not fit"):
        browser.packed(card, (model_files.find("ann") / model_files.LAYERS_FILE).read_bytes())


def test_joined_modules_import_and_export_nothing_and_stand_in_their_order() -> None:
    script = browser.joined("take_home.js")
    assert "import {" not in script
    assert "export " not in script
    places = [
        script.index(f"const _{name} =") for name in ("answer", "network", "preprocessing", "take_home")
    ]
    assert places == sorted(places)


def test_a_title_in_the_page_to_take_home_is_text_and_runs_nothing() -> None:
    page = browser.web_page("<script>alert(1)</script> $title", b"\0" * 8, ["red"] * 10)
    assert page.count("<script>") == 1
    assert "&lt;script&gt;alert(1)&lt;/script&gt; $title</h1>" in page
