"""The grid of digits as people use it: by mouse, by finger and by keyboard."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, WebSocket, expect

from tests.browser.conftest import VIEWPORTS, App, serve
from tests.browser.looks import settle

# Three pages of 100 tiles and one of 37. Every seventh tile of a page is misread; tile n of page p is digit 100 p + n.
SCRIPT = """
import io

import numpy as np
import streamlit as st
from PIL import Image

from ui.components import grid

st.session_state.setdefault("runs", 0)
st.session_state.runs += 1
page = st.segmented_control("Page", [0, 1, 2, 3], default=0, required=True)
count = 37 if page == 3 else 100
# Each tile is of one grey of its own, with a clear corner: its place in the picture can be told from its pixels.
tiles = np.zeros((10, 10, 28, 28, 4), np.uint8)
tiles[..., :3] = (np.arange(100).reshape(10, 10, 1, 1, 1) * 2 + page)
tiles[:, :, 8:20, 8:20, 3] = 255
buffer = io.BytesIO()
Image.fromarray(tiles.swapaxes(1, 2).reshape(280, 280, 4)).save(buffer, "PNG")
wrong = [n % 7 == 0 for n in range(count)]
labels = [f"test {100 * page + n}: labelled 8, read as {9 if wrong[n] else 8}" for n in range(count)]
st.session_state.setdefault("digit", None)
st.session_state.setdefault("fired", [])
digit = st.session_state.digit
chosen = digit - 100 * page if digit is not None and 0 <= digit - 100 * page < count else None
picked = grid.choose(
    buffer.getvalue(), 10, labels, chosen, "grid", marks=["#c9485b" if w else None for w in wrong],
    captions=["8→9" if w else None for w in wrong] if st.toggle("Captions") else None,
)
if picked is not None:
    st.session_state.digit = 100 * page + picked
    st.session_state.fired.append(st.session_state.digit)
st.button("Rerun")
st.text_input("Something else")
st.write(f"chosen: {st.session_state.digit}")
st.write(f"fired: {st.session_state.fired}")
st.write(f"runs: {st.session_state.runs}")
"""


@pytest.fixture(scope="module")
def small_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    script = tmp_path_factory.mktemp("grid") / "app.py"
    script.write_text(SCRIPT, encoding="utf-8")
    with serve(script) as running:
        yield running


def open_grid(page: Page, app: App) -> None:
    page.goto(app.address)
    expect(page.locator(".tile")).to_have_count(100)


def tile(page: Page, number: int) -> Locator:
    return page.get_by_role("button", name=re.compile(rf"^test {number}:"))


def expect_chosen(page: Page, number: int) -> None:
    expect(page.get_by_text(f"chosen: {number}", exact=True)).to_be_visible()
    expect(page.locator(".tile[aria-pressed=true]")).to_have_count(1)
    expect(tile(page, number)).to_have_attribute("aria-pressed", "true")


def choose(page: Page, number: int) -> None:
    """One click, or one tap where there is a touch screen."""
    if page.evaluate("navigator.maxTouchPoints > 0"):
        tile(page, number).tap()
    else:
        tile(page, number).click()


def edge(page: Page, number: int) -> str:
    """The colour of a tile's lower edge."""
    return tile(page, number).evaluate("tile => getComputedStyle(tile, '::before').backgroundColor")


def turn_to(page: Page, number: int) -> None:
    page.get_by_role("radio", name=str(number), exact=True).click()
    expect(tile(page, 100 * number)).to_be_visible()


def runs(page: Page) -> int:
    return int((page.get_by_text(re.compile(r"^runs: \d+$")).text_content() or "").removeprefix("runs: "))


def test_one_click_or_tap_chooses_and_outlines(page: Page, small_app: App) -> None:
    open_grid(page, small_app)
    expect(page.locator(".tile[aria-pressed=true]")).to_have_count(0)
    for number in (0, 42, 99):
        choose(page, number)
        expect_chosen(page, number)
    expect(page.get_by_text("fired: [0, 42, 99]")).to_be_visible()


def test_a_choice_fires_once_however_often_the_page_runs_again(page: Page, small_app: App) -> None:
    open_grid(page, small_app)
    choose(page, 5)
    expect_chosen(page, 5)
    for _ in range(2):
        before = runs(page)
        page.get_by_role("button", name="Rerun").click()
        expect(page.get_by_text(f"runs: {before + 1}", exact=True)).to_be_visible()
    turn_to(page, 1)
    expect(page.get_by_text("fired: [5]")).to_be_visible()
    expect(page.locator(".tile[aria-pressed=true]")).to_have_count(0)
    turn_to(page, 0)
    expect_chosen(page, 5)
    choose(page, 5)
    expect(page.get_by_text("fired: [5, 5]")).to_be_visible()


def test_a_choice_is_one_message_and_one_run(page: Page, small_app: App) -> None:
    sent: list[str | bytes] = []

    def keep(message: str | bytes) -> None:
        sent.append(message)

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", keep)

    page.on("websocket", listen)
    open_grid(page, small_app)
    settle(page)
    before = runs(page)
    sent.clear()
    choose(page, 31)
    expect_chosen(page, 31)
    settle(page)
    assert len(sent) == 1
    assert runs(page) == before + 1


def test_a_thumb_can_hit_every_tile_and_nothing_is_cut_off(page: Page, small_app: App) -> None:
    open_grid(page, small_app)
    boxes = page.locator(".tile").evaluate_all(
        "tiles => tiles.map(t => { const b = t.getBoundingClientRect(); return [b.x, b.y, b.width, b.height]; })"
    )
    assert min(min(width, height) for _, _, width, height in boxes) >= 44
    screen = page.viewport_size or {}
    assert max(x + width for x, _, width, _ in boxes) <= screen["width"]
    columns = len({x for x, *_ in boxes})
    assert columns == 5 if screen["width"] == 390 else columns > 10
    assert page.evaluate("document.documentElement.scrollWidth") <= screen["width"]


def test_every_tile_shows_its_own_part_of_the_picture(desktop: Page, small_app: App) -> None:
    import io

    from PIL import Image

    def greys() -> list[int]:
        picture = Image.open(io.BytesIO(desktop.screenshot(full_page=True))).convert("RGB")
        centres = desktop.locator(".tile .digit").evaluate_all(
            "tiles => tiles.map(t => { const b = t.getBoundingClientRect();"
            " return [b.x + b.width / 2 + window.scrollX, b.y + b.height / 2 + window.scrollY]; })"
        )
        return [picture.getpixel((int(x), int(y)))[0] for x, y in centres]

    desktop.set_viewport_size({"width": 1280, "height": 1400})
    open_grid(desktop, small_app)
    assert greys() == [2 * n for n in range(100)]
    turn_to(desktop, 3)
    assert greys() == [2 * n + 3 for n in range(37)]


def test_another_page_keeps_the_same_buttons(page: Page, small_app: App) -> None:
    open_grid(page, small_app)
    page.locator(".tile").evaluate_all("tiles => tiles.forEach((tile, n) => { tile.isTheSame = n; })")
    turn_to(page, 2)
    assert page.locator(".tile").evaluate_all("tiles => tiles.every((tile, n) => tile.isTheSame === n)")
    turn_to(page, 3)
    expect(page.locator(".tile")).to_have_count(37)
    choose(page, 336)
    expect_chosen(page, 336)
    turn_to(page, 0)
    expect(page.locator(".tile")).to_have_count(100)


def test_the_keyboard_moves_and_chooses(desktop: Page, small_app: App) -> None:
    open_grid(desktop, small_app)
    columns = len(
        set(desktop.locator(".tile").evaluate_all("tiles => tiles.map(t => t.getBoundingClientRect().x)"))
    )
    desktop.get_by_text("Captions").click()
    desktop.keyboard.press("Tab")  # from the toggle above into the grid, which is one stop for all its tiles
    expect(tile(desktop, 0)).to_be_focused()
    for key, number in (
        ("ArrowRight", 1),
        ("ArrowDown", 1 + columns),
        ("ArrowLeft", columns),
        ("ArrowUp", 0),
        ("ArrowUp", 0),
        ("ArrowLeft", 0),
        ("End", 99),
        ("ArrowRight", 99),
        ("ArrowDown", 99),
        ("Home", 0),
        ("ArrowRight", 1),
    ):
        desktop.keyboard.press(key)
        expect(tile(desktop, number)).to_be_focused()
    expect(desktop.locator(".tile[aria-pressed=true]")).to_have_count(0)
    desktop.keyboard.press("Enter")
    expect_chosen(desktop, 1)
    expect(tile(desktop, 1)).to_be_focused()  # the answer takes nobody's place away
    desktop.keyboard.press("ArrowRight")
    desktop.keyboard.press("Space")
    expect_chosen(desktop, 2)
    expect(desktop.locator(".tile[tabindex='0']")).to_have_count(1)
    desktop.keyboard.press("Tab")
    expect(desktop.locator(".tile:focus")).to_have_count(0)


def test_a_misread_digit_is_marked_and_said_in_words(page: Page, small_app: App) -> None:
    open_grid(page, small_app)
    expect(page.locator(".tile.marked")).to_have_count(15)
    expect(tile(page, 7)).to_have_accessible_name("test 7: labelled 8, read as 9")
    assert edge(page, 7) == "rgb(201, 72, 91)"
    assert edge(page, 8) == "rgba(0, 0, 0, 0)"
    page.get_by_text("Captions").click()
    expect(tile(page, 7)).to_contain_text("8→9")
    expect(tile(page, 8)).to_have_text("")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_tiles_follow_the_theme(browser: Browser, small_app: App, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme, viewport=VIEWPORTS["desktop"])
    page = context.new_page()
    open_grid(page, small_app)
    colour = tile(page, 3).evaluate("tile => getComputedStyle(tile).backgroundColor")
    brightness = float(re.findall(r"[\d.]+", colour)[0])
    assert (brightness > 0.5) == (scheme == "light"), colour
    context.close()


def test_a_click_on_a_page_that_has_gone_chooses_nothing(desktop: Page, small_app: App) -> None:
    """The server shows page 1 by the time the click on page 0 arrives."""
    open_grid(desktop, small_app)
    before = runs(desktop)
    tile(desktop, 9).evaluate(
        """tile => { document.querySelectorAll('[data-testid="stButtonGroup"] button')[1].click();
                     setTimeout(() => tile.click(), 0); }"""
    )
    expect(tile(desktop, 109)).to_be_visible()
    settle(desktop)
    assert runs(desktop) > before
    fired = desktop.get_by_text(re.compile(r"^fired: ")).text_content()
    assert fired in ("fired: []", "fired: [9]")  # never 109
    expect(tile(desktop, 109)).to_have_attribute("aria-pressed", "false")
