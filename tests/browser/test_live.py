"""The answer that follows the pen, and the server's that takes its place."""

from contextlib import AbstractContextManager

import pytest
from playwright.sync_api import Page, Route, expect

from digit_core import settings
from tests.browser import hand, pen
from tests.browser.conftest import ON_A_PHONE, App, serve
from tests.browser.looks import settle, visit

LIVE = ".live.is-on"
JUDGED = '[data-testid="stHtml"] .bars'
INK_SEEN = """canvas => canvas.getContext("2d").getImageData(0, 0, 28, 28).data.filter((_, at) => at % 4 === 3 && _ > 128).length"""


def pen_down(page: Page, stroke: list[pen.Point]) -> AbstractContextManager[hand.Move]:
    """A stroke on the page's canvas whose pen is not lifted until the end."""
    place = pen.place(page)
    return hand.pen_down(page, [place(x, y) for x, y in hand.in_small_steps(stroke, 6)])


def open_draw(page: Page, address: str) -> None:
    visit(page, f"{address}/Draw", "Draw")
    expect(page.get_by_text("Nothing drawn yet")).to_be_visible()


def test_the_bars_follow_the_pen_and_the_servers_answer_takes_their_place(page: Page, app: App) -> None:
    open_draw(page, app.address)
    for digit in (3, 7):
        with pen_down(page, pen.STROKES[digit][0]):
            live = page.locator(LIVE)
            expect(live).to_have_attribute("data-live-digit", str(digit))
            assert 0.1 < float(live.get_attribute("data-live-confidence") or 0) <= 1
            expect(live.locator(".share.is-answer")).to_have_count(1)
            assert live.locator("canvas").evaluate(INK_SEEN) > 20
            expect(page.get_by_text("Nothing drawn yet")).to_be_hidden()
            expect(page.locator(".reading")).to_be_hidden()
            before = [live.locator(part).bounding_box() for part in (".bars", "canvas", ".digit")]
        expect(page.locator(LIVE)).to_have_count(0)  # the server has answered
        expect(page.locator(".reading .digit")).to_have_text(str(digit))
        settle(page)
        after = [page.locator(part).bounding_box() for part in (JUDGED, ".reading .seen", ".reading .digit")]
        assert before == after
        page.get_by_test_id("stBaseButton-secondary").filter(has_text="Clear").click()
        expect(page.get_by_text("Nothing drawn yet")).to_be_visible()


def test_it_stays_live_from_one_stroke_to_the_next(page: Page, app: App) -> None:
    """Where the second stroke begins before the server has answered, its older answer does not flash up in between."""
    open_draw(page, app.address)
    first, second = pen.STROKES[4]
    with pen_down(page, first):
        expect(page.locator(LIVE)).to_be_visible()
        seen = page.locator(f"{LIVE} canvas").evaluate(INK_SEEN)
    with pen_down(page, second):
        expect(page.locator(LIVE)).to_have_attribute("data-live-digit", "4")
        assert page.locator(f"{LIVE} canvas").evaluate(INK_SEEN) != seen
        page.wait_for_timeout(500)
        expect(page.locator(LIVE)).to_be_visible()
    expect(page.locator(".reading .digit")).to_have_text("4")
    expect(page.locator(LIVE)).to_have_count(0)


@ON_A_PHONE
def test_a_stroke_begun_before_the_network_is_there_is_followed_from_then_on(page: Page, app: App) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/app/static/lab/live.js", hold)
    open_draw(page, app.address)
    place = pen.place(page)
    path = [place(x, y) for x, y in hand.in_small_steps(pen.STROKES[3][0], 6)]
    half = len(path) // 2
    with hand.pen_down(page, path[:half]) as move:
        assert held
        expect(page.locator(LIVE)).to_have_count(0)
        with page.expect_response("**/media/*.bin"):
            held[0].continue_()
        for one in path[half:]:
            move(one)
            page.wait_for_timeout(20)
        expect(page.locator(LIVE)).to_have_attribute("data-live-digit", "3")
    expect(page.locator(LIVE)).to_have_count(0)
    expect(page.locator(".reading .digit")).to_have_text("3")


@ON_A_PHONE
@pytest.mark.parametrize(
    "lost", ["**/app/static/lab/live.js", "**/app/static/lab/network.js", "**/media/*.bin"]
)
def test_without_a_module_or_the_file_all_is_as_before(page: Page, app: App, lost: str) -> None:
    def refuse(route: Route) -> None:
        route.abort()

    page.route(lost, refuse)
    open_draw(page, app.address)
    with pen_down(page, pen.STROKES[3][0]):
        page.wait_for_timeout(300)
        expect(page.locator(LIVE)).to_have_count(0)
        expect(page.get_by_text("Nothing drawn yet")).to_be_visible()
    expect(page.locator(".reading .digit")).to_have_text("3")


@ON_A_PHONE
def test_another_model_and_an_undone_stroke_are_followed_too(page: Page, app: App) -> None:
    visit(page, f"{app.address}/Draw?model=tiny", "Draw")
    with pen_down(page, pen.STROKES[0][0]):
        expect(page.locator(LIVE)).to_have_attribute("data-live-digit", "0")
    expect(page.locator(".reading .digit")).to_have_text("0")
    page.get_by_test_id("stBaseButton-secondary").filter(has_text="Undo").click()
    expect(page.get_by_text("Nothing drawn yet")).to_be_visible()
    settle(page)
    with pen_down(page, pen.STROKES[1][0]):
        expect(page.locator(LIVE)).to_have_attribute("data-live-digit", "1")
    expect(page.locator(".reading .digit")).to_have_text("1")


def test_it_works_below_a_path_of_the_servers(desktop: Page, app: App) -> None:
    with serve(settings.PROJECT_FOLDER / "Home.py", base_path="school/lab") as below:
        open_draw(desktop, below.address)
        with pen_down(desktop, pen.STROKES[3][0]):
            expect(desktop.locator(LIVE)).to_have_attribute("data-live-digit", "3")


@ON_A_PHONE
def test_it_leads_to_the_inside_of_the_network_with_the_same_drawing(page: Page, app: App) -> None:
    open_draw(page, app.address)
    pen.draw(page, 3)
    expect(page.locator(".reading .digit")).to_have_text("3")
    page.get_by_text("What is happening here?").tap()
    page.get_by_role("button", name="See it happen inside the network").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Inside")
    expect(page.locator(".inside")).to_have_attribute("data-digit", "3")


def test_the_papers_canvases_are_called_as_the_modules_call_them(desktop: Page, app: App) -> None:
    open_draw(desktop, app.address)
    canvases = desktop.locator(".st-key-square-paper canvas.dc-canvas")
    names = canvases.evaluate_all("all => all.map((one) => one.className)")
    assert names == ["dc-canvas lower-canvas", "dc-canvas upper-canvas"]
