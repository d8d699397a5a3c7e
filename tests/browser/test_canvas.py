"""The paper under a pen: on the real component every place of it draws, whatever points there."""

import itertools
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import hand, pen
from tests.browser.conftest import VIEWPORTS, App
from tests.browser.looks import INK, settle
from tests.examples import others_long

PAPERS = {"square": ("One digit", 280), "wide": ("Whole numbers", 900)}
HEIGHT = 280  # pixels of either paper
# Of a stroke, in pixels of the paper: so short that no pen's ink reaches the next start, which is 18 pixels away or more.
LENGTH = 3
EDGE = 2
STROKES = 100  # at most on one paper, which is drawn anew with each of them
WITHOUT_INK = """(canvas, starts) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return starts.filter(([x, y]) => data[4 * (y * canvas.width + x) + 3] < 128);
}"""


def grid(width: int) -> list[tuple[pen.Point, bool]]:
    """Where pens touch the paper, and whether they move on from there or make a dot: every 20 pixels along the edges, and within
    them at every other place of such a grid, as on a chessboard, which no square of 40 pixels slips through.

    A dot is the shortest stroke. A move takes the browser one picture of the screen, 17 ms: too long for every place.
    """
    columns, rows = ([EDGE, *range(20, side, 20), side - EDGE] for side in (width, HEIGHT))
    return [
        ((x, y), column % 3 == 1 and row % 3 == 0)
        for column, x in enumerate(columns)
        for row, y in enumerate(rows)
        if x in (EDGE, width - EDGE) or y in (EDGE, HEIGHT - EDGE) or (column + row) % 2 == 0
    ]


@pytest.fixture
def paper_page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """Either screen with either pointer: there are large screens to touch, and small windows with a mouse."""
    size, pointer = request.param.split()
    context = browser.new_context(viewport=VIEWPORTS[size], has_touch=pointer == "touch")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    ("paper_page", "paper"),
    others_long(
        itertools.product(
            (f"{size} {pointer}" for size in VIEWPORTS for pointer in ("touch", "mouse")), PAPERS
        ),
        ("phone touch", "wide"),
        ("desktop mouse", "square"),
    ),
    indirect=["paper_page"],
)
def test_a_stroke_draws_wherever_it_starts(paper_page: Page, app: App, paper: str) -> None:
    """The component's own toolbar, which it shows on hovering alone, once lay over the top right and took strokes there."""
    view, width = PAPERS[paper]
    paper_page.goto(f"{app.address}/Draw?draw={view}")
    expect(paper_page.get_by_text("Nothing drawn yet")).to_be_visible(timeout=90_000)
    settle(paper_page)
    places = grid(width)
    for first in range(0, len(places), STROKES):
        part, place = places[first : first + STROKES], pen.place(paper_page)
        for (x, y), moves in part:
            if moves:
                paper_page.mouse.move(1, 1)  # from elsewhere, and draws at once, as a quick hand does
                hand.drag(paper_page, [place(x, y), place(x + (LENGTH if x < width / 2 else -LENGTH), y)])
            else:
                hand.press(paper_page, *place(x, y))
        settle(paper_page)
        ink = paper_page.locator(INK)
        assert ink.evaluate(WITHOUT_INK, [list(start) for start, _ in part]) == []
        paper_page.get_by_test_id("stBaseButton-secondary").filter(has_text="Clear").click()
        expect(paper_page.get_by_text("Nothing drawn yet")).to_be_visible()
        settle(paper_page)


def test_large_digits_keep_all_their_strokes(browser: Browser, app: App) -> None:
    """A 4 that filled the paper lost its second stroke under a finger, and was read as a 6 with 97.7%."""
    context = browser.new_context(viewport=VIEWPORTS["phone"], has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{app.address}/Draw")
    expect(page.get_by_text("Nothing drawn yet")).to_be_visible(timeout=90_000)
    lost, misread = {}, {}
    for digit in pen.STROKES:
        strokes = pen.enlarged(digit)
        for stroke in strokes:
            pen.draw_stroke(page, stroke)
        settle(page)
        corners = [list(corner) for stroke in strokes for corner in stroke]
        if without := page.locator(INK).evaluate(WITHOUT_INK, corners):
            lost[digit] = without
        reading = page.locator(".reading .digit").all_text_contents()
        if reading != [str(digit)]:
            misread[digit] = reading
        page.get_by_test_id("stBaseButton-secondary").filter(has_text="Clear").tap()
        expect(page.get_by_text("Nothing drawn yet")).to_be_visible()
    assert (lost, misread) == ({}, {})
    context.close()
