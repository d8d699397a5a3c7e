"""The network in the browser against the one on the server: the same picture of a drawing, the same numbers in every layer."""

import base64
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, Page

from digit_core import load_model
from digit_core.datasets import Mnist
from digit_core.errors import NoInkError
from digit_core.inference import browser as packing
from digit_core.inference import litert, model_files
from digit_core.preprocessing import images, strokes
from digit_core.recipes.architectures import Architecture
from tests.browser import hand, pen
from tests.browser.conftest import App
from tests.digit_core.recipes.test_architectures import NETWORKS
from tests.examples import examples, others_long

# One answer: every layer's values in a row, as base64 of float32.
RUN = """async ([name, file, pictures]) => {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
  const { open, run } = await import("/app/static/lab/network.js");
  const network = open(bytes(file)), all = new Float32Array(bytes(pictures)), rows = [];
  for (let start = 0; start < all.length; start += 784) {
    const { outputs } = run(network, all.subarray(start, start + 784));
    rows.push(...(name ? outputs.filter((_, index) => network.layers[index].name === name) : outputs));
  }
  const whole = new Uint8Array(await new Blob(rows).arrayBuffer());
  let text = "";
  for (let start = 0; start < whole.length; start += 8192) text += String.fromCharCode(...whole.subarray(start, start + 8192));
  return btoa(text);
}"""
PREPROCESS = """async ([opacities, height, width]) => {
  const { fromCanvas } = await import("/app/static/lab/preprocessing.js");
  return opacities.map((text) => {
    const alpha = atob(text), rgba = new Uint8ClampedArray(4 * alpha.length);
    for (let place = 0; place < alpha.length; place += 1) rgba[4 * place + 3] = alpha.charCodeAt(place);
    const image = fromCanvas(rgba, height, width);
    return image && Array.from(image);
  });
}"""
# Asks the same again and again, by a clock that each look at it moves on by so many milliseconds: first `quick`, then `slow` times. Who
# answered each time, and what.
ASK = """async ([file, quick, slow]) => {
  const bytes = Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0));
  const { reader } = await import("/app/static/lab/reader.js");
  const rest = (duration) => new Promise((then) => { setTimeout(then, duration); });
  let step = 1, now = 0, answered = null, isInWorker = false;
  performance.now = () => (now += step);
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message, transferred) {
    isInWorker ||= Boolean(message.rgba);
    return post.call(this, message, transferred);
  };
  const engine = reader(URL.createObjectURL(new Blob([bytes])), ({ shares }) => { answered = shares; });
  const rgba = new Uint8ClampedArray(4 * 280 * 280).fill(0).fill(255, 4 * 280 * 100, 4 * 280 * 130);
  const found = [];
  await engine.ready;
  while (found.length < quick + slow) {
    step = found.length < quick ? 1 : 20;
    answered = null;
    isInWorker = false;
    engine.ask(() => ({ rgba: rgba.slice().buffer, height: 280, width: 280 }));
    while (!answered) await rest(5);
    found.push([isInWorker, answered]);
    await rest(20);
  }
  engine.stop();
  return found;
}"""

# One of convolutions and one of dense layers alone; the others are made of the same.
SHIPPED = others_long(model_files.names(), "ann", "tiny")


@pytest.fixture(scope="module")
def lab(browser: Browser, app: App) -> Iterator[Page]:
    """A bare page beside the modules."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{app.address}/lab/health")
    yield page
    context.close()


def test_a_quick_network_answers_in_the_page_and_a_slow_one_in_a_worker(browser: Browser, app: App) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{app.address}/lab/health")
    quick, slow = 60, 12
    places, answers = zip(*page.evaluate(ASK, [text(packed("tiny")[0]), quick, slow]), strict=True)
    context.close()
    assert places[0]  # it practises first
    # Three slow answers in a row, and no pause of the browser's explains them.
    assert not any(places[quick - 20 : quick + 3])
    assert all(places[quick + 3 :])
    np.testing.assert_allclose(answers, np.tile(answers[0], (quick + slow, 1)), rtol=1e-12)


def text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def run(lab: Page, file: bytes, pictures: np.ndarray, layer: str = "") -> np.ndarray:
    """Every layer's values, or those of one layer, one row a picture: float32 (n, values)."""
    found = lab.evaluate(RUN, [layer, text(file), text(pictures.astype("<f4").tobytes())])
    return np.frombuffer(base64.b64decode(found), "<f4").reshape(len(pictures), -1)


def of_litert(network: litert.Network, pictures: np.ndarray) -> np.ndarray:
    outputs = network.run(litert.as_input(pictures))
    return np.concatenate([outputs[name].reshape(len(pictures), -1) for name in network.output_names], axis=1)


def packed(name: str) -> tuple[bytes, bytes]:
    layers = (model_files.find(name) / model_files.LAYERS_FILE).read_bytes()
    return packing.packed(model_files.read_card(name), layers), layers


def assert_alike(found: np.ndarray, expected: np.ndarray) -> None:
    """To 1e-5, and where a value is above 1 to that share of it: LiteRT adds up in float32."""
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("count", others_long((40, 200), 40))
@pytest.mark.parametrize("name", SHIPPED)
def test_every_layer_of_a_shipped_model_answers_as_in_litert(
    name: str, count: int, lab: Page, mnist: Mnist
) -> None:
    file, layers = packed(name)
    for start in range(0, count, 40):
        digits = images.from_dataset(mnist.test.images[start : start + 40])
        assert_alike(run(lab, file, digits), of_litert(litert.Network(layers), digits))


@hypothesis_settings(
    max_examples=examples(4), deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
@given(architecture=NETWORKS)
def test_every_layer_of_any_network_answers_as_in_litert(
    architecture: Architecture, lab: Page, mnist: Mnist
) -> None:
    from digit_core.training import export, networks

    random = np.random.default_rng(architecture.parameters)
    model = networks.build(architecture)
    # Biases begin as 0, which would hide one that is lost.
    shifted = [
        weight + random.normal(0, 0.1, weight.shape) if weight.ndim == 1 else weight
        for weight in model.get_weights()
    ]
    model.set_weights(shifted)
    layers = export.to_litert_layers(model)
    file = packing.packed({"architecture": architecture.as_dict()}, layers)
    digits = images.from_dataset(mnist.test.images[:5])
    expected = of_litert(litert.Network(layers), digits)
    assert_alike(run(lab, file, digits), expected)


@pytest.mark.parametrize("name", ["default", "tiny"])
@pytest.mark.parametrize("count", [500, pytest.param(10_000, marks=pytest.mark.long)])
def test_the_browser_reads_the_test_digits_as_the_server_does(
    name: str, count: int, lab: Page, mnist: Mnist
) -> None:
    file, _ = packed(name)
    digits = images.from_dataset(mnist.test.images[:count])
    found = np.concatenate(
        [run(lab, file, digits[start : start + 500], "answer") for start in range(0, count, 500)]
    )
    expected = load_model(name).predict(digits)
    np.testing.assert_array_equal(found.argmax(axis=1), expected.argmax(axis=1))
    assert np.abs(found - expected).max() < 1e-5


def preprocess(lab: Page, drawings: Sequence[np.ndarray]) -> list[Any]:
    height, width = drawings[0].shape[:2]
    return lab.evaluate(PREPROCESS, [[text(one[..., 3].tobytes()) for one in drawings], height, width])


def scrawls(width: float, count: int) -> list[np.ndarray]:
    """Drawings by a shaky hand on a canvas, of any size from a speck to the whole paper: uint8 (280, 280, 4)."""
    random = np.random.default_rng(round(10 * width))
    found = []
    for number in range(count):
        size = random.uniform(0.05, 1.15)
        middle = random.uniform(110, 170, 2)
        made = []
        for corners in pen.STROKES[number % 10]:
            points = np.array(hand.in_small_steps(corners, 5), np.float64)
            shaken = points + random.normal(0, 2, points.shape)
            made.append(strokes.Stroke(middle + size * (shaken - 140), width))
        if number % 3 == 0:  # a speck beside it
            made.append(strokes.Stroke(random.uniform(10, 270, (1, 2)), random.uniform(2, 30)))
        if number % 7 == 0:  # and the edge of a sheet round it
            edge = np.array([(2, 2), (278, 2), (278, 278), (2, 278), (2, 2)], np.float64)
            made.append(strokes.Stroke(np.repeat(edge, 2, axis=0), 3))
        found.append(strokes.draw(made))
    return found


@pytest.mark.parametrize("width", [2, 8, 20, 36])
def test_a_drawing_becomes_the_same_28_by_28_pixels_as_on_the_server(width: float, lab: Page) -> None:
    drawings = scrawls(width, 60)
    found = preprocess(lab, drawings)
    expected = [images.from_canvas(drawing) for drawing in drawings]
    np.testing.assert_allclose(np.array(found).reshape(-1, 28, 28), np.stack(expected), atol=2e-3)


def test_bare_paper_and_faint_traces_have_nothing_to_read(lab: Page) -> None:
    bare = np.zeros((280, 280, 4), np.uint8)
    faint = bare.copy()
    faint[100:150, 100:150, 3] = 90
    assert preprocess(lab, [bare, faint]) == [None, None]
    with pytest.raises(NoInkError):
        images.from_canvas(faint)


WRITE_OUT = """async ([file, picture, cells]) => {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
  const { open, run, explain } = await import("/app/static/lab/network.js");
  const network = open(bytes(file)), pixels = new Float32Array(bytes(picture)), { outputs } = run(network, pixels);
  return cells.map(([layer, place]) => {
    const { terms, bias, sum, value, winner } = explain(network, pixels, outputs, layer, place);
    const products = terms.reduce((total, term) => total + (term.product ?? 0), bias ?? 0);
    return { value, products, sum: sum ?? 0, winner: winner === undefined ? value : terms[winner].input, count: terms.length };
  });
}"""


@pytest.mark.parametrize("name", SHIPPED)
def test_the_written_out_sum_of_any_cell_is_the_networks_value(name: str, lab: Page, mnist: Mnist) -> None:
    file, layers = packed(name)
    network, random = litert.Network(layers), np.random.default_rng(7)
    digit = images.from_dataset(mnist.test.images[63])
    outputs = network.run(litert.as_input(digit[None]))
    places = [
        (layer, int(random.integers(outputs[layer_name].size)))
        for layer, layer_name in enumerate(network.output_names)
        for _ in range(max(1, 150 // len(network.output_names)))
    ]
    found = lab.evaluate(WRITE_OUT, [text(file), text(digit.astype("<f4").tobytes()), places])
    expected = [float(outputs[network.output_names[layer]].ravel()[place]) for layer, place in places]
    assert_alike(np.array([cell["value"] for cell in found]), np.array(expected))
    for cell in found:
        assert cell["products"] == pytest.approx(cell["sum"], abs=1e-9)
        assert cell["winner"] == cell["value"]
        assert cell["count"] >= 1


HARM = """async ([file, harm, picture]) => {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
  const { open, run } = await import("/app/static/lab/network.js"), { WHOLE, harmed } = await import("/app/static/lab/harm.js");
  const network = open(bytes(file)), all = new Float32Array(bytes(picture)), answers = [];
  const broken = harmed(network, { ...WHOLE, ...harm }), kernels = (one) => one.layers.flatMap(({ kernel }) => (kernel ? [kernel] : []));
  for (let start = 0; start < all.length; start += 784) answers.push(Array.from(run(broken, all.subarray(start, start + 784)).outputs.at(-1)));
  const count = kernels(network).reduce((sum, { length }) => sum + length, 0);
  return {
    answers,
    zeros: kernels(broken).reduce((sum, kernel) => sum + kernel.filter((weight) => weight === 0).length, 0) / count,
    distinct: Math.max(...kernels(broken).map((kernel) => new Set(kernel).size)),
    moved: kernels(broken)[0].reduce((sum, weight, at) => sum + Math.abs(weight - kernels(network)[0][at]), 0),
    isHarmed: broken.isHarmed,
  };
}"""


def harm(lab: Page, name: str, pictures: np.ndarray, **kinds: Any) -> dict[str, Any]:
    return lab.evaluate(HARM, [text(packed(name)[0]), kinds, text(pictures.astype("<f4").tobytes())])


def test_with_all_filters_off_the_biases_alone_answer(lab: Page, mnist: Mnist) -> None:
    digit = images.from_dataset(mnist.test.images[:1])
    last_bias = litert.weights(packed("tiny")[1])[-1][1].astype(np.float64)
    (found,) = harm(lab, "tiny", digit, off=[[6, unit] for unit in range(40)])["answers"]
    np.testing.assert_allclose(found, np.exp(last_bias) / np.exp(last_bias).sum(), atol=1e-6)
    (one_off,) = harm(lab, "tiny", digit, off=[[0, 3]])["answers"]
    assert one_off != found


def test_each_harm_does_what_it_says_and_none_does_nothing(lab: Page, mnist: Mnist) -> None:
    digit = images.from_dataset(mnist.test.images[:1])
    whole = harm(lab, "tiny", digit)
    np.testing.assert_allclose(whole["answers"], load_model("tiny").predict(digit), atol=1e-5)
    assert (whole["isHarmed"], whole["moved"]) == (False, 0)
    assert harm(lab, "tiny", digit, pruned=0.6)["zeros"] == pytest.approx(0.6, abs=1e-3)
    assert harm(lab, "tiny", digit, bits=3)["distinct"] <= 2**3 - 1
    assert harm(lab, "tiny", digit, bits=1)["distinct"] <= 3  # a weight that is 0 has no sign
    shaken = harm(lab, "tiny", digit, shaken=0.5)
    assert shaken["moved"] > 0
    assert shaken == harm(lab, "tiny", digit, shaken=0.5)  # the same noise each time


@pytest.mark.parametrize("count", [500, pytest.param(10_000, marks=pytest.mark.long)])
def test_eight_bits_are_enough_for_the_default_model(count: int, lab: Page, mnist: Mnist) -> None:
    digits, labels = images.from_dataset(mnist.test.images[:count]), mnist.test.labels[:count]
    right = 0
    for start in range(0, count, 500):
        answers = harm(lab, "default", digits[start : start + 500], bits=8)["answers"]
        right += int((np.argmax(answers, axis=1) == labels[start : start + 500]).sum())
    assert right >= (0.995 if count == 10_000 else 0.99) * count
