"""The map of digits as people use it: a click, a box and a lasso, by mouse and by finger."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import hand
from tests.browser.conftest import App, serve
from tests.browser.hand import Place
from tests.browser.looks import settle

# A chessboard of 100 digits: number n lies in column n % 10 of line n // 10, and is row 60,000 + 7 n of the catalogue.
# Labels run along the columns, so that every line goes through all ten traces. Digit 55 is misread.
SCRIPT = """
import numpy as np
import streamlit as st

from digit_core import figures
from ui.components import map_view

st.set_page_config(layout="wide")
numbers = np.arange(100)
labels = (numbers % 10).astype(np.uint8)
readings = labels.copy()
readings[55] = 9
positions = np.column_stack([numbers % 10, numbers // 10]).astype(np.float32)
tool = map_view.pick_tool("tool")
figure = figures.embedding(positions, labels, numbers, readings, split="test", dragmode=tool)
rows = map_view.choose(figure, 60_000 + 7 * numbers, labels, "map", description="A map of 100 digits")
st.write(f"selected: {[(int(row) - 60_000) // 7 for row in rows]}")
st.button("Rerun")
"""


@pytest.fixture(scope="module")
def small_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    script = tmp_path_factory.mktemp("map") / "app.py"
    script.write_text(SCRIPT, encoding="utf-8")
    with serve(script) as running:
        yield running


def open_map(page: Page, app: App) -> None:
    page.goto(app.address)
    expect(page.locator(".js-plotly-plot .modebar-btn").first).to_be_visible()
    expect(page.get_by_text("selected: []")).to_be_visible()
    settle(page)


def expect_selected(page: Page, numbers: list[int]) -> None:
    expect(page.get_by_text(f"selected: {numbers}", exact=True)).to_be_visible()


def place(page: Page, column: float, line: float) -> Place:
    """Where a place on the board is on the screen."""
    x, y = page.evaluate(
        """([column, line]) => {
             const plot = document.querySelector('.js-plotly-plot'), box = plot.getBoundingClientRect();
             const { xaxis, yaxis } = plot._fullLayout, step = 4000 / 9;
             return [box.x + xaxis._offset + xaxis.d2p(column * step),
                     box.y + yaxis._offset + yaxis.d2p(line * step)]; }""",
        [column, line],
    )
    return x, y


def drag(page: Page, corners: list[Place]) -> None:
    """Along the corners, by finger where there is a touch screen."""
    places = [place(page, *corner) for corner in corners]
    hand.drag(page, hand.in_small_steps(places, 8), rest_milliseconds=10)


def take_up(page: Page, tool: str) -> None:
    page.get_by_role("radio", name=tool).click()
    mode = {"Lasso": "lasso", "Box": "select", "Move": "pan"}[tool]
    page.wait_for_function(
        "mode => document.querySelector('.js-plotly-plot')?._fullLayout?.dragmode === mode", arg=mode
    )
    settle(page)


def test_a_lasso_selects_what_it_encloses(page: Page, small_app: App) -> None:
    open_map(page, small_app)
    take_up(page, "Lasso")
    drag(page, [(1.5, 2.5), (4.5, 2.5), (4.5, 5.5), (3.5, 5.5), (3.5, 3.5), (1.5, 3.5), (1.5, 2.5)])
    expect_selected(page, [32, 33, 34, 44, 54])
    page.get_by_role("button", name="Rerun").click()
    settle(page)
    expect_selected(page, [32, 33, 34, 44, 54])


def test_a_box_selects_what_it_encloses(page: Page, small_app: App) -> None:
    open_map(page, small_app)
    take_up(page, "Box")
    drag(page, [(6.5, 6.5), (9.3, 8.5)])
    expect_selected(page, [77, 78, 79, 87, 88, 89])
    drag(page, [(-0.3, -0.3), (0.5, 1.5)])  # another box takes the place of the first
    expect_selected(page, [0, 10])


def test_one_click_or_tap_chooses_one_digit_whatever_the_tool(page: Page, small_app: App) -> None:
    open_map(page, small_app)
    for tool in ("Lasso", "Box", "Move"):
        take_up(page, tool)
        for number in (0, 23, 55, 99):
            hand.press_a_point(page, *place(page, number % 10, number // 10))
            expect_selected(page, [number])


def test_the_last_choice_counts_be_it_a_lasso_or_a_click(page: Page, small_app: App) -> None:
    open_map(page, small_app)
    around = [(1.5, 2.5), (3.5, 2.5), (3.5, 3.5), (1.5, 3.5), (1.5, 2.5)]
    hand.press_a_point(page, *place(page, 2, 2))
    expect_selected(page, [22])
    drag(page, around)
    expect_selected(page, [32, 33])
    hand.press_a_point(page, *place(page, 5, 8))
    expect_selected(page, [85])
    page.get_by_role("button", name="Rerun").click()
    settle(page)
    expect_selected(page, [85])
    hand.press_a_point(page, *place(page, 0, 0))
    expect_selected(page, [0])
    drag(page, [(column + 4, line) for column, line in around])
    expect_selected(page, [36, 37])


def test_hovering_names_the_digit(desktop: Page, small_app: App) -> None:
    open_map(desktop, small_app)
    desktop.mouse.move(*place(desktop, 5, 5))
    expect(desktop.locator(".hoverlayer")).to_contain_text("test 55: labelled 5, read as 9")
    desktop.mouse.move(*place(desktop, 3, 8))
    expect(desktop.locator(".hoverlayer")).to_contain_text("test 83: labelled 3, read as 3")


def test_the_map_fits_the_screen_and_says_what_it_is(page: Page, small_app: App) -> None:
    open_map(page, small_app)
    expect(page.get_by_role("figure", name="A map of 100 digits")).to_be_visible()
    expect(page.locator(".legendtext")).to_have_text([re.compile(rf"^{digit}$") for digit in range(10)])
    left, right = place(page, 0, 0), place(page, 9, 9)
    assert right[0] - left[0] == pytest.approx(left[1] - right[1], abs=1)  # a square stays one
    screen = page.viewport_size or {}
    assert right[0] - left[0] > 0.55 * min(screen["width"], 460)
    assert page.evaluate("document.documentElement.scrollWidth") <= screen["width"]
