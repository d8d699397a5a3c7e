"""The Evaluate page as a class uses it: a cell, its digits, one of them on the canvas, a threshold, two models."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from digit_core.datasets.mnist import Mnist
from digit_core.inference import model_files
from tests.browser import looks
from tests.browser.conftest import App
from tests.browser.hand import has_touch
from tests.browser.looks import PAINTED, expect_tiles, option, press, settle, tile

MODEL = "ann"
# Where the circles of the threshold stand on each chart: as drawn, so that a figure which was not drawn anew fails.
POINTS = """() => [...document.querySelectorAll(".js-plotly-plot")].map((plot) =>
  plot._fullData.filter((trace) => trace.mode === "markers").map((trace) => [...trace.x, ...trace.y].join()).join(";"))"""


@pytest.fixture(scope="module")
def answers(mnist: Mnist) -> np.ndarray:
    with np.load(model_files.find(MODEL) / model_files.ANSWERS_FILE) as file:
        return file["test"]


@pytest.fixture(scope="module")
def fours_read_as_nines(mnist: Mnist, answers: np.ndarray) -> Callable[[float], list[str]]:
    """Those of which the model is so sure, the surest first: "test 2130"."""
    rows = np.flatnonzero((mnist.test.labels == 4) & (answers.argmax(axis=1) == 9))
    rows = rows[np.argsort(-answers[rows, 9], kind="stable")]
    return lambda least: [f"test {row}" for row in rows if answers[row, 9] >= least]


def visit(page: Page, app: App, address: str = "") -> None:
    looks.visit(page, f"{app.address}/Evaluate{address}", "Evaluate")


def move_to(page: Page, key: str, value: int) -> None:
    """Press the arrow keys until the first handle of a slider stands there, whatever of them a run has swallowed."""
    handle = looks.of(page, key).get_by_role("slider").first
    for _ in range(10):
        missing = value - int(handle.input_value())
        if not missing:
            return
        handle.focus()
        for _ in range(abs(missing)):
            page.keyboard.press("ArrowRight" if missing > 0 else "ArrowLeft")
        settle(page)  # an answer that was still on its way may set it back
    raise AssertionError(f"{key} does not reach {value}")


def test_a_cell_shows_its_very_digits_and_one_of_them_goes_to_the_canvas(
    page: Page, app: App, fours_read_as_nines: Callable[[float], list[str]]
) -> None:
    visit(page, app, f"?model={MODEL}")
    names = fours_read_as_nines(0)
    press(page.get_by_role("button", name=f"{len(names)} fours were read as nines", exact=True))
    expect_tiles(page, names)
    go = page.get_by_role("button", name=f"Go to these digits: {len(names)} fours were read as nines")
    if has_touch(page):  # the digits are below the screen: it says what happened
        expect(go).to_be_in_viewport(ratio=1)
    press(go)
    expect(tile(page, names[0])).to_be_in_viewport()
    expect(page).to_have_url(re.compile("cell=4-9"))
    press(tile(page, names[2]))
    number = names[2].removeprefix("test ")
    expect(page.get_by_role("heading", name=f"Test {number}, labelled 4")).to_be_visible()
    press(option(page, "part", "Where it looked"))
    press(option(page, "asked_how", "Cover it"))
    expect(page.get_by_role("img", name=re.compile("^Covered: "))).to_be_visible()
    press(page.get_by_role("button", name="Open on the canvas"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Draw")
    expect(page.locator(".reading .digit")).to_have_text(re.compile(r"^9\??$"))  # "9?" if it is not sure
    page.wait_for_function(PAINTED)


def test_a_cell_is_chosen_with_the_keyboard_alone(
    desktop: Page, app: App, fours_read_as_nines: Callable[[float], list[str]]
) -> None:
    visit(desktop, app, f"?model={MODEL}")
    desktop.get_by_role("button", name=re.compile("zeros were read correctly")).focus()
    for key in ["ArrowDown"] * 4 + ["ArrowRight"] * 9:
        desktop.keyboard.press(key)
    desktop.keyboard.press("Enter")
    names = fours_read_as_nines(0)
    expect_tiles(desktop, names)
    settle(desktop)
    for key in ("Tab", "Enter"):  # the button behind the matrix goes on to its digits
        desktop.keyboard.press(key)
    expect(tile(desktop, names[0])).to_be_focused()


def test_the_digits_are_narrowed_by_confidence(
    desktop: Page, app: App, fours_read_as_nines: Callable[[float], list[str]]
) -> None:
    visit(desktop, app, f"?model={MODEL}&cell=4-9")
    expect_tiles(desktop, fours_read_as_nines(0))
    move_to(desktop, "sure", 80)
    expect(desktop).to_have_url(re.compile("sure=80"))
    expect_tiles(desktop, fours_read_as_nines(0.8))


def test_the_threshold_moves_the_point_on_both_curves(desktop: Page, app: App) -> None:
    visit(desktop, app, f"?model={MODEL}&evaluate=ROC")
    expect(desktop.locator(".js-plotly-plot")).to_have_count(2)
    before = desktop.evaluate(POINTS)
    assert len(before) == 2 and all(before)
    move_to(desktop, "threshold", 90)
    desktop.wait_for_function(
        f"(before) => {{ const now = ({POINTS})(); return now.length === 2 && now[0] !== before[0] && now[1] !== before[1]; }}",
        arg=before,
    )


def test_the_ann_is_compared_with_the_cnn(page: Page, app: App, mnist: Mnist, answers: np.ndarray) -> None:
    visit(page, app, "?model=cnn&evaluate=Two+models")
    cards = {name: model_files.read_card(name) for name in (MODEL, "cnn")}
    table = page.locator("table.versus")
    for card in cards.values():
        expect(table).to_contain_text(card["architecture"]["title"])
        expect(table).to_contain_text(f"{card['parameters']:,}")
        expect(table).to_contain_text(f"{card['figures']['test']['value']:.2%}")
    expect(page.get_by_text("Is that luck?")).to_be_visible()
    expect(page.get_by_role("group", name=re.compile("Digits"))).to_be_visible()
