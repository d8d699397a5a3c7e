"""Inside a network, as people look into it: maps that follow the pen, and the sum behind any number."""

import re
from collections.abc import Mapping

import numpy as np
import pytest
from playwright.sync_api import Page, Response, expect

from digit_core import load_model
from digit_core.datasets import Mnist
from digit_core.preprocessing import images
from tests.browser import axe, hand, pen
from tests.browser.conftest import ON_A_PHONE, App
from tests.browser.looks import expect_to_fit, press, settle, visit
from tests.browser.test_lab import text
from tests.browser.test_live import pen_down
from ui.inside import network

NEXT = "Next layer →"
MAX_ADDED = 400_000  # bytes
# Full ink in the picture that the network sees.
_INK_IS_BRIGHT = """(isBright) => {
  const find = (root) => root.querySelector(".layer .maps")
    ?? [...root.querySelectorAll("*")].map((one) => one.shadowRoot && find(one.shadowRoot)).find(Boolean);
  const canvas = find(document);
  const data = canvas?.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data ?? [];
  const full = data.findIndex?.((value, at) => at % 4 === 3 && value > 200) ?? -1;
  return full > 0 && (data[full - 1] > 128) === isBright;
}"""


def open_inside(page: Page, app: App, model: str = "tiny") -> None:
    visit(page, f"{app.address}/Inside?model={model}", "Inside")
    expect(page.get_by_text("Draw a digit on the paper")).to_be_visible()


def look_at_test_digit(page: Page, app: App, model: str, number: int = 63) -> None:
    open_inside(page, app, model)
    press(page.get_by_text("A test digit", exact=True))
    field = page.get_by_role("spinbutton", name="Number")
    field.fill(str(number))
    field.press("Enter")
    expect(page.get_by_text(re.compile(f"Test digit {number} of MNIST"))).to_be_visible()
    expect(page.locator(".panel .value")).to_be_visible()
    settle(page)


def chosen(page: Page) -> tuple[str, float]:
    """What the chosen number is called, and the number."""
    value = page.locator(".panel .value").get_attribute("data-value")
    return page.locator(".panel h2").text_content() or "", float(value or "nan")


def expected(outputs: Mapping[str, np.ndarray], title: str) -> float:
    """LiteRT's value of the number of that title, of what its layers answer."""
    layer, *_ = title.split(",")
    found = [int(digits) for digits in re.findall(r"\d+", title.replace(layer, "").replace("of", ""))]
    if layer == "The answer":
        return float(outputs["answer"][found[0]])
    values = outputs[layer.lower().replace(" ", "_")]
    if values.ndim == 1:
        return float(values[found[0] - 1])
    *of_map, row, column = found
    channel = of_map[0] if of_map else 1  # a layer of one map says no number of it
    return float(values[row - 1, column - 1, channel - 1])


def walk(page: Page, outputs: Mapping[str, np.ndarray]) -> list[str]:
    """Go through all layers; each one's chosen number is LiteRT's. Gives what the layers are called."""
    titles = []
    while True:
        title, value = chosen(page)
        assert value == pytest.approx(expected(outputs, title), rel=1e-5, abs=1e-5), title
        titles.append(title.split(",")[0])
        step = page.get_by_role("button", name=NEXT)
        if step.is_disabled():
            return titles
        step.click()
        expect(page.locator(".panel h2")).not_to_have_text(title)


def test_the_maps_follow_the_pen_and_stay_when_the_server_has_answered(page: Page, app: App) -> None:
    open_inside(page, app)
    with pen_down(page, pen.STROKES[3][0]):
        expect(page.locator(".inside")).to_have_attribute("data-digit", "3")
        expect(page.locator(".layer .maps")).to_have_count(8)  # the picture, five convolutions, two poolings
        expect(page.locator(".layer .bar")).to_have_count(10)
    settle(page)
    expect(page.locator(".inside")).to_have_attribute("data-digit", "3")
    expect(page.get_by_text(re.compile("It reads a 3, .*sure"))).to_be_visible()
    expect_to_fit(page)
    page.get_by_test_id("stBaseButton-secondary").filter(has_text="Clear").click()
    expect(page.get_by_text("Draw a digit on the paper")).to_be_visible()
    expect(page.locator(".panel")).to_be_hidden()


@pytest.mark.parametrize("name", ["tiny", "ann", "cnn"])
def test_every_layers_chosen_number_is_litert_s(desktop: Page, app: App, mnist: Mnist, name: str) -> None:
    look_at_test_digit(desktop, app, name)
    model, digit = load_model(name), images.from_dataset(mnist.test.images[63])
    titles = walk(desktop, model.activations(digit))
    assert titles[-1] == "The answer"
    assert len(titles) == len(
        [one for one in model.layer_names if not one.startswith(("flatten", "dropout"))]
    )


def test_what_this_page_adds_is_small(desktop: Page, app: App) -> None:
    """With the smallest network, as sent: modules, weights, and all that comes through the session, which is not packed here."""
    answers: list[Response] = []
    messages: list[int] = []

    def answered(answer: Response) -> None:
        answers.append(answer)

    desktop.on("response", answered)
    desktop.on(
        "websocket", lambda socket: socket.on("framereceived", lambda sent: messages.append(len(sent)))
    )
    look_at_test_digit(desktop, app, "tiny")
    ours = [one for one in answers if re.search(r"/app/static/|/media/\w+\.bin", one.url)]
    assert {"inside.js", "network.js", "worker.js"} <= {one.url.rpartition("/")[2] for one in ours}
    weights = max(one.request.sizes()["responseBodySize"] for one in ours)
    assert weights > 80_000
    sent = sum(
        sum(one.request.sizes()[part] for part in ("responseBodySize", "responseHeadersSize")) for one in ours
    )
    assert sent + sum(messages) <= MAX_ADDED


def test_a_press_on_a_map_chooses_a_number_and_its_window_lights_up(page: Page, app: App) -> None:
    look_at_test_digit(page, app, "tiny")
    maps = page.locator(".layer").nth(1).locator(".frame")  # 4 x 4 maps of 26 x 26, a pixel between them
    maps.scroll_into_view_if_needed()
    box = maps.bounding_box()
    assert box is not None
    cell = box["width"] / (4 * 27 - 1)
    hand.press(page, box["x"] + cell * (27 + 10.5), box["y"] + cell * (2 * 27 + 12.5))
    expect(page.locator(".panel h2")).to_have_text("Convolution 1, map 10 of 16, row 13, column 11")
    # The window of 3 x 3 pixels, outlined in the picture where it lies: rows 12 to 14, columns 10 to 12.
    edges = page.locator(".layer .marks").first.evaluate(
        """marks => { const { data } = marks.getContext("2d").getImageData(0, 0, marks.width, marks.height);
          const places = [...data.keys()].filter((at) => at % 4 === 3 && data[at] > 128).map((at) => (at - 3) / 4);
          const rows = places.map((at) => Math.floor(at / marks.width)), columns = places.map((at) => at % marks.width);
          return [Math.min(...rows), Math.max(...rows), Math.min(...columns), Math.max(...columns)]
            .map((edge) => 28 * edge / marks.width); }"""
    )
    assert edges == pytest.approx([12, 15, 10, 13], abs=0.4)
    expect(page.locator(".panel .large canvas").first).to_be_visible()
    page.locator(".layer .maps").nth(1).focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".panel h2")).to_have_text("Convolution 1, map 10 of 16, row 13, column 12")


@ON_A_PHONE
def test_the_sum_is_written_out_product_by_product(page: Page, app: App) -> None:
    look_at_test_digit(page, app, "tiny")
    expect(page.locator(".windows .cell")).to_have_count(9)
    press(page.get_by_text("Write out all 9 products"))
    lines = (page.locator(".products").text_content() or "").replace("−", "-").splitlines()
    products = [float(line.split(" = ")[1]) for line in lines]
    bias, total = (
        float((page.locator(".total b").nth(place).text_content() or "").replace("−", "-"))
        for place in (1, 2)
    )
    assert sum(products) + bias == pytest.approx(total, abs=0.006)  # each is rounded to three places
    assert max(total, 0) == pytest.approx(chosen(page)[1], abs=0.001)
    press(page.get_by_role("button", name=NEXT))
    press(page.get_by_role("button", name=NEXT))
    expect(page.locator(".panel h2")).to_contain_text("Pooling 1")
    expect(page.locator(".cell.is-winner")).to_have_count(1)
    expect_to_fit(page)


@ON_A_PHONE
def test_the_answer_is_explained_in_steps_and_any_digit_can_be_asked_about(page: Page, app: App) -> None:
    look_at_test_digit(page, app, "ann")
    press(page.get_by_role("button", name=re.compile(r"^5\b")))
    expect(page.locator(".panel h2")).to_have_text("The answer, digit 5")
    expect(page.locator(".softmax tr")).to_have_count(11)
    expect(page.locator(".softmax tr.is-chosen th")).to_have_text("5")
    expect(page.get_by_role("heading", name="For 5")).to_be_visible()
    expect(page.get_by_role("heading", name="Against 5")).to_be_visible()
    press(page.get_by_role("button", name="← Layer before"))
    expect(page.get_by_role("img", name=re.compile("The weights as a picture"))).to_be_visible()


def test_a_sweep_goes_over_the_map_and_can_be_stopped(desktop: Page, app: App) -> None:
    look_at_test_digit(desktop, app, "tiny")
    desktop.get_by_role("button", name="Sweep over the map").click()
    expect(desktop.locator(".panel h2")).to_contain_text(re.compile("row [12], "))
    desktop.get_by_role("button", name="Stop").click()
    before = chosen(desktop)
    expect(desktop.get_by_role("button", name="Sweep over the map")).to_be_visible()
    desktop.wait_for_timeout(300)
    assert chosen(desktop) == before


@ON_A_PHONE
def test_nothing_of_the_written_sums_hinders_anybody(page: Page, app: App) -> None:
    """How the page looks to axe with a drawing on it is tested in test_every_view.py."""
    look_at_test_digit(page, app, "tiny")
    press(page.get_by_text("As a formula"))
    axe.expect_no_fault_of_ours(page)
    press(page.get_by_role("button", name=re.compile(r"^5\b")))
    axe.expect_no_fault_of_ours(page)


LOOK = """async ([html, data]) => {
  document.body.innerHTML = html;
  const { look } = await import("/app/static/lab/inside.js");
  look(document.body, null, null, data);
}"""


def test_what_the_server_found_is_shown_where_the_browser_cannot_run_the_model(
    desktop: Page, app: App, mnist: Mnist
) -> None:
    digit = images.from_dataset(mnist.test.images[63])
    found = load_model("tiny").activations(digit)
    layers = [{"name": name, "kind": "other", "shape": list(one.shape)} for name, one in found.items()]
    outputs = np.concatenate([values.ravel() for values in found.values()])
    data = {"picture": text(digit.tobytes()), "layers": layers, "outputs": text(outputs.tobytes())}
    colours = {"ink": [0, 0, 0], "more": [0, 0, 0], "less": [0, 0, 0], "colours": ["black"] * 10}
    desktop.goto(f"{app.address}/lab/health")
    desktop.evaluate(LOOK, [network._HTML, data | colours])
    expect(desktop.get_by_text("It reads a 3")).to_be_visible()
    title, value = chosen(desktop)
    assert title.startswith("convolution_1, map")
    assert value == found["convolution_1"].max()
    expect(desktop.get_by_text("layers that can't be written out here")).to_be_visible()


def accuracy(page: Page, right: int | None = None) -> int:
    """How many of the 1,000 test digits the network reads, once all were read."""
    line = page.locator(".accuracy")
    expect(line).to_have_attribute("data-done", "1000")
    if right is not None:
        expect(line).to_contain_text(f"It reads {right:,} of 1,000 test digits correctly")
    return int(line.get_attribute("data-right") or "-1")


def test_a_broken_network_is_measured_and_made_whole_again(page: Page, app: App, mnist: Mnist) -> None:
    look_at_test_digit(page, app, "tiny")
    press(page.get_by_text("Break it", exact=True))
    first = mnist.test.take(np.arange(1_000))
    whole = int((load_model("tiny").predict_dataset(first.images).argmax(axis=1) == first.labels).sum())
    accuracy(page, whole)
    bits = page.get_by_role("slider", name=re.compile("Bits for each weight"))
    bits.fill("0")
    assert accuracy(page) < 500
    expect(page.get_by_text("But it is harmed")).to_be_visible()
    press(page.get_by_role("button", name="Undo all"))
    accuracy(page, whole)
    expect(bits).to_have_value("8")
    press(page.get_by_role("button", name="Switch off all of Convolution 1"))
    assert accuracy(page) < 300
    assert chosen(page)[1] == 0
    expect(page.get_by_text("But it is switched off: 0.")).to_be_visible()
    press(page.get_by_role("button", name=re.compile("^Switch on: filter")))
    expect(page.get_by_text("But it is switched off: 0.")).to_have_count(0)
    axe.expect_no_fault_of_ours(page)
    expect_to_fit(page)
    press(page.get_by_role("button", name="Undo all"))
    expect(page.get_by_text("But it is harmed")).to_have_count(0)
    accuracy(page, whole)


def test_the_maps_take_the_ink_of_another_theme(desktop: Page, app: App) -> None:
    """A system that went dark in the evening left dark ink on dark paper."""
    open_inside(desktop, app)
    pen.draw(desktop, 4)
    desktop.wait_for_function(_INK_IS_BRIGHT, arg=False)
    desktop.emulate_media(color_scheme="dark")
    desktop.wait_for_function(_INK_IS_BRIGHT, arg=True)
