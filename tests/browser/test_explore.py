"""The Explore page as a class uses it: browse, take a digit apart, send it on, circle some on the map, and vote."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from digit_core.datasets.mnist import Mnist
from digit_core.inference import model_files
from tests.browser import hand, looks
from tests.browser.conftest import ON_A_PHONE, VIEWPORTS, App
from tests.browser.hand import has_touch
from tests.browser.looks import PAINTED, expect_tiles, expect_to_fit, of, option, press, settle, tile

MODEL = "ann"
WRONG_FOURS = f"?model={MODEL}&verdict=wrong&labelled=4&read=9"
PARTS = ["Neighbours", "Where it looked", "Label wrong?", "Numbers", "Shapes", "Histogram"]
VIEWS = ["Browse", "The whole set", "Map", "Labels in doubt", "Distort"]

# A square on the screen about the first zero of a map: which digits lie well inside it, and which may.
FIND_SQUARE = """(plot) => {
  const { xaxis, yaxis } = plot._fullLayout, box = plot.getBoundingClientRect(), half = 12, edge = 2;
  const points = plot._fullData.flatMap((trace, digit) => Array.from(trace.x.keys()).map((index) => ({
    digit, index,
    x: box.x + xaxis._offset + xaxis.d2p(trace.x[index]), y: box.y + yaxis._offset + yaxis.d2p(trace.y[index]),
  })));
  const { x, y } = points[0];
  const within = (half) => points
    .filter((point) => Math.max(Math.abs(point.x - x), Math.abs(point.y - y)) < half)
    .map(({ digit, index }) => [digit, index]);
  return { x, y, half, inside: within(half - edge), perhaps: within(half + edge) };
}"""


@pytest.fixture(scope="module")
def fours(mnist: Mnist) -> Callable[[str], list[str]]:
    """`fours("9")`: what the fours are called that the model takes for a nine; `fours("123")`: for 1, 2 or 3."""
    found = []
    with np.load(model_files.find(MODEL) / model_files.ANSWERS_FILE) as answers:
        for split in ("train", "validation", "test"):
            readings = answers[split].argmax(axis=1)
            places = np.flatnonzero(getattr(mnist, split).labels == 4)
            found += [(f"{split} {place}", str(readings[place])) for place in places]
    return lambda readings: [name for name, reading in found if reading in readings]


@pytest.fixture(scope="module")
def wrong_fours(fours: Callable[[str], list[str]]) -> list[str]:
    return fours("9")


def visit(page: Page, app: App, address: str = "") -> None:
    looks.visit(page, f"{app.address}/Explore{address}", "Explore")


def expect_digits(page: Page, count: int) -> None:
    expect(page.get_by_text(re.compile(rf"^{count:,} of 70,000 digits$"))).to_be_visible()


def unfold(page: Page) -> None:
    """On a phone the filters are folded away."""
    if has_touch(page):
        press(of(page, "browse-unfolded").locator("label").first)
        settle(page)


def test_wrong_fours_are_found_opened_and_read_on_the_canvas(
    page: Page, app: App, wrong_fours: list[str]
) -> None:
    visit(page, app, WRONG_FOURS)
    expect_digits(page, len(wrong_fours))
    expect_tiles(page, wrong_fours[:100])
    name = wrong_fours[3]
    press(tile(page, name))
    expect(tile(page, name)).to_have_attribute("aria-pressed", "true")
    split, number = name.split(" ")
    expect(page.get_by_role("heading", name=f"{split.capitalize()} {number}, labelled 4")).to_be_visible()
    expect(page.locator(".reading .digit")).to_have_text("9")
    expect(page).to_have_url(re.compile(f"digit={split}-{number}"))
    press(option(page, "part", "Numbers"))
    numbers = page.get_by_role("table", name="The pixels' numbers")
    expect(numbers.locator("td")).to_have_count(784)
    assert "255" in numbers.inner_text() or "254" in numbers.inner_text()
    press(page.get_by_role("button", name="Open on the canvas"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Draw")
    expect(page.locator(".reading .digit")).to_have_text(re.compile(r"^9\??$"))  # "9?" if it is not sure
    page.wait_for_function(PAINTED)
    press(page.get_by_test_id("stBaseButton-secondary").filter(has_text=re.compile("Undo$")))
    expect(page.get_by_text("Nothing drawn yet")).to_be_visible()


def test_pressing_the_filters_leads_to_the_same_digits(page: Page, app: App, wrong_fours: list[str]) -> None:
    visit(page, app, f"?model={MODEL}")
    expect_digits(page, 70_000)
    unfold(page)
    press(option(page, "labelled", "4"))
    press(option(page, "read", "9"))
    expect_digits(page, len(wrong_fours))
    press(option(page, "verdict", "wrong"))
    expect(page).to_have_url(re.compile("verdict=wrong"))
    expect_tiles(page, wrong_fours[:100])
    press(option(page, "verdict", "right"))
    expect(page.get_by_text("No digits match")).to_be_visible()


@ON_A_PHONE
def test_the_next_hundred_are_a_press_away(page: Page, app: App) -> None:
    visit(page, app)
    expect(tile(page, "train 20")).to_be_in_viewport()  # with its rows above it, on a phone, too
    press(of(page, "page").get_by_role("button", name=re.compile("next", re.IGNORECASE)))
    expect(tile(page, "train 100")).to_be_visible()
    expect(tile(page, "train 0")).to_have_count(0)
    expect(page.locator(".tile")).to_have_count(100)


@ON_A_PHONE
def test_a_link_opens_the_same_view_in_another_browser(
    page: Page, app: App, browser: Browser, fours: Callable[[str], list[str]]
) -> None:
    visit(page, app, f"?model={MODEL}")
    unfold(page)
    press(option(page, "labelled", "4"))
    press(option(page, "verdict", "right"))
    expect(page).to_have_url(re.compile("verdict=right"))
    expect_tiles(page, fours("4")[:100])
    press(of(page, "page").get_by_role("button", name=re.compile("next", re.IGNORECASE)))
    expect(page).to_have_url(re.compile("page=2"))
    names = fours("4")[100:200]
    expect_tiles(page, names)
    press(tile(page, names[4]))
    press(option(page, "part", "Shapes"))
    # The browser writes what its own buttons choose at once; the tile comes back from the server.
    for word in (
        "part=Shapes",
        f"digit={names[4].replace(' ', '-')}",
        "labelled=4",
        "verdict=right",
        "page=2",
    ):
        expect(page).to_have_url(re.compile(word))
    other = browser.new_context(viewport=VIEWPORTS["desktop"]).new_page()
    other.goto(page.url)
    expect(tile(other, names[4])).to_have_attribute("aria-pressed", "true")
    expect_tiles(other, names)
    expect(other.get_by_text("as one-hot")).to_be_visible()
    expect(option(other, "labelled", "4")).to_have_attribute("aria-pressed", "true")
    other.context.close()


def find_square(page: Page, chart: int) -> dict[str, Any]:
    """A square on a map: its middle x and y, half its side, and class and place of what is surely or perhaps inside."""
    plot = page.locator(".js-plotly-plot").nth(chart)
    plot.scroll_into_view_if_needed()
    return plot.evaluate(FIND_SQUARE)


def circle(page: Page, x: float, y: float, half: float) -> None:
    """Draw round a square with the mouse, or with a finger where there is a touch screen."""
    around = [(x + half * a, y + half * b) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))]
    hand.drag(page, hand.in_small_steps(around, 3), rest_milliseconds=10)


@pytest.mark.parametrize(
    ("page", "chart"),
    [("desktop", 0), ("phone", 1)],
    ids=["mouse, pixels", "finger, hidden layer"],
    indirect=["page"],
)
def test_the_grid_follows_a_lasso_on_the_map(page: Page, app: App, mnist: Mnist, chart: int) -> None:
    visit(page, app, f"?view=Map&model={MODEL}")
    expect(page.locator(".js-plotly-plot .modebar-btn").last).to_be_visible()
    settle(page)
    square = find_square(page, chart)

    def numbers(points: list[tuple[int, int]]) -> set[int]:
        return {int(np.flatnonzero(mnist.test.labels == digit)[place]) for digit, place in points}

    inside, perhaps = numbers(square["inside"]), numbers(square["perhaps"])
    circle(page, square["x"], square["y"], square["half"])
    heading = page.get_by_text(re.compile(r"^\d+ selected digits"))
    count = int((heading.text_content() or "").split()[0])
    assert 1 < len(inside) <= count <= len(perhaps)
    expect(page.locator(".tile")).to_have_count(min(count, 100))
    labels = page.locator(".tile").evaluate_all("tiles => tiles.map(tile => tile.getAttribute('aria-label'))")
    shown = [int(re.findall(r"^test (\d+):", label)[0]) for label in labels]
    assert shown == sorted(shown)
    assert {number for number in inside if number <= shown[-1]} <= set(shown) <= perhaps
    name = f"test {shown[1]}"
    press(tile(page, name))
    expect(tile(page, name)).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("heading", name=re.compile(rf"^Test {shown[1]}, labelled"))).to_be_visible()
    expect(page.locator(".tile")).to_have_count(min(count, 100))


def test_a_press_on_the_map_shows_that_digit(page: Page, app: App, mnist: Mnist) -> None:
    visit(page, app, f"?view=Map&model={MODEL}")
    expect(page.locator(".js-plotly-plot .modebar-btn").last).to_be_visible()
    settle(page)
    square = find_square(page, 0)
    hand.press_a_point(page, square["x"], square["y"])
    expect(page.get_by_text(re.compile("1 selected digits?"))).to_be_visible()
    expect(page.locator(".tile")).to_have_count(1)
    label = page.locator(".tile").get_attribute("aria-label") or ""
    number = int(label.removeprefix("test ").split(":")[0])
    assert mnist.test.labels[number] == 0


@ON_A_PHONE
def test_a_vote_is_counted_and_kept(page: Page, app: App, browser: Browser) -> None:
    visit(page, app, "?view=Labels in doubt")
    panel = page.get_by_test_id("stVerticalBlock").filter(has_text="Test digit 947 is labelled 8").last
    suggested = panel.get_by_role("button", name="9, as suggested")
    expect(suggested).to_be_enabled()
    press(suggested)
    mine = panel.locator(".votes .is-mine").last
    expect(mine).to_have_text(re.compile(r"^\d+ votes? · yours$"))
    before = int((mine.text_content() or "").split()[0])
    page.reload()
    expect(mine).to_have_text(re.compile(rf"^{before} votes? · yours$"))
    press(panel.get_by_role("button", name="Can't tell"))  # another press replaces it
    expect(panel.locator(".votes .is-mine").first).to_have_text("can't tell")
    visitor = browser.new_context().new_page()
    visit(visitor, app, "?view=Labels in doubt")
    theirs = visitor.get_by_test_id("stVerticalBlock").filter(has_text="Test digit 947 is labelled 8").last
    expect(theirs.locator(".votes")).to_contain_text(re.compile(r"can't tell[1-9]\d* vote"))
    expect(theirs.locator(".is-mine")).to_have_count(0)
    visitor.context.close()


def test_no_view_of_another_set_sticks_out_of_the_screen(page: Page, app: App) -> None:
    visit(page, app, "?set=scikit-learn")
    for view in VIEWS:
        press(option(page, "view", view))
        expect(option(page, "view", view)).to_be_checked()
        expect_to_fit(page)


def test_no_part_of_a_digit_sticks_out(page: Page, app: App) -> None:
    visit(page, app, "?digit=test-947")
    for part in PARTS:
        press(option(page, "part", part))
        expect(option(page, "part", part)).to_be_checked()
        expect_to_fit(page)
