"""The Draw page as people use it: with mouse and finger, on a desktop and on a phone."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from digit_core import settings
from tests.browser import hand
from tests.browser.conftest import ON_A_PHONE, App, serve
from tests.browser.looks import INK, PAINTED, PAPER, expect_to_fit, go_to, settle
from tests.browser.pen import STROKES, draw, draw_stroke


def open_draw(page: Page, app: App) -> None:
    page.goto(f"{app.address}/Draw")
    expect(page.get_by_text("Nothing drawn yet")).to_be_visible(timeout=90_000)


def expect_reading(page: Page, digit: int) -> None:
    expect(page.locator(".reading .digit")).to_have_text(str(digit))


def button(page: Page, name: str) -> Locator:
    """One of the page's own buttons: the canvas has a toolbar with the same names, which is never shown."""
    return page.get_by_test_id("stBaseButton-secondary").filter(has_text=re.compile(rf"{name}$"))


def press(page: Page, name: str) -> None:
    button(page, name).click()


def test_every_digit_is_read_as_it_is_drawn(page: Page, app: App) -> None:
    open_draw(page, app)
    for digit in STROKES:
        draw(page, digit)
        expect_reading(page, digit)
        expect(page.locator(".reading .digit")).to_be_in_viewport(ratio=1)  # nobody has to scroll for it
        expect(page.locator(".bars .share")).to_have_count(10)
        press(page, "Clear")
        expect(page.get_by_text("Nothing drawn yet")).to_be_visible()


def test_the_paper_is_whole_and_on_a_phone_as_wide_as_the_screen(page: Page, app: App) -> None:
    open_draw(page, app)
    settle(page)
    paper = page.locator(PAPER)
    column = page.get_by_test_id("stMainBlockContainer")
    room = column.evaluate("one => one.clientWidth - 2 * parseFloat(getComputedStyle(one).paddingLeft)")
    shown = page.locator(".st-key-square-place").evaluate("one => one.getBoundingClientRect().width")
    box = paper.bounding_box()
    assert box is not None
    assert box["width"] == pytest.approx(box["height"])
    assert box["width"] <= shown
    if hand.has_touch(page):
        assert room - 8 <= box["width"] <= room
    else:
        assert box["width"] == 280
    expect_to_fit(page)


def test_the_test_digit_stays_where_it_stands_while_one_draws(page: Page, app: App) -> None:
    """On a desktop it once went from beside the paper to below it, and back."""
    open_draw(page, app)
    settle(page)
    heading = page.get_by_role("heading", name="Or a test digit")
    before = heading.bounding_box()
    paper = page.locator(PAPER).bounding_box()
    draw(page, 3)
    expect_reading(page, 3)
    settle(page)
    after = heading.bounding_box()
    assert before is not None and after is not None and paper is not None
    if hand.has_touch(page):  # one column: it comes after the answer
        assert before["x"] == after["x"]
    else:
        assert before == after
        assert before["x"] > paper["x"] + paper["width"]


@ON_A_PHONE
def test_undo_redo_and_clear_work_without_hovering(page: Page, app: App) -> None:
    open_draw(page, app)
    draw(page, 1)
    expect_reading(page, 1)
    draw(page, 0)
    expect(page.locator(".reading .digit")).not_to_have_text("1")
    press(page, "Undo")
    expect_reading(page, 1)
    press(page, "Undo")
    expect(page.get_by_text("Nothing drawn yet")).to_be_visible()
    press(page, "Redo")
    expect_reading(page, 1)
    press(page, "Clear")
    expect(page.get_by_text("Nothing drawn yet")).to_be_visible()
    press(page, "Undo")
    expect_reading(page, 1)


def test_a_stroke_after_undo_joins_what_is_shown(page: Page, app: App) -> None:
    open_draw(page, app)
    draw(page, 4)
    expect_reading(page, 4)
    press(page, "Undo")
    expect(page.locator(".reading .digit")).not_to_have_text("4")
    draw_stroke(page, STROKES[4][1])
    expect_reading(page, 4)
    expect(button(page, "Redo")).to_be_disabled()


@ON_A_PHONE
def test_a_drawing_outlasts_a_change_of_page_and_of_model(page: Page, app: App) -> None:
    open_draw(page, app)
    draw(page, 2)
    expect_reading(page, 2)
    page.get_by_role("spinbutton", name="Number").fill("1234")
    page.get_by_role("spinbutton", name="Number").press("Enter")
    expect(page.locator(".verdict")).not_to_contain_text("actual 3")
    go_to(page, "Home")
    go_to(page, "Draw")
    expect_reading(page, 2)
    expect(page.get_by_role("spinbutton", name="Number")).to_have_value("1234")
    if page.get_by_test_id("stExpandSidebarButton").is_visible():
        page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("combobox", name=re.compile("Model in use")).click()
    page.get_by_role("option", name=re.compile("^CNN 32-64-64")).click()
    expect_reading(page, 2)
    go_to(page, "Home")
    go_to(page, "Draw")
    expect(page.get_by_role("combobox", name=re.compile("Model in use"))).to_have_value(re.compile("^CNN 32"))
    draw(page, 2)  # the strokes are on the canvas again, and it can be drawn on
    expect(button(page, "Undo")).to_be_enabled()


def test_the_63rd_test_digit_is_a_three_and_read_as_one(page: Page, app: App) -> None:
    open_draw(page, app)
    number = page.get_by_role("spinbutton", name="Number")
    number.fill("63")
    number.press("Enter")
    expect(page.locator(".verdict")).to_contain_text("AI guess 3 | actual 3")
    expect(page.locator(".verdict")).to_contain_text("right")


def test_a_random_test_digit_is_guessed(page: Page, app: App) -> None:
    open_draw(page, app)
    before = page.get_by_role("spinbutton", name="Number").input_value()
    press(page, "Random digit")
    expect(page.get_by_role("spinbutton", name="Number")).not_to_have_value(before)
    expect(page.locator(".verdict")).to_contain_text(re.compile(r"AI guess \d \| actual \d"))


@ON_A_PHONE
def test_two_digits_on_the_paper_for_one_are_read_as_a_number(page: Page, app: App) -> None:
    open_draw(page, app)
    for place, digit in enumerate((4, 7)):
        for stroke in STROKES[digit]:
            draw_stroke(page, [(x // 2 + 130 * place, y // 2 + 70) for x, y in stroke])
    expect(page.get_by_text("This looks like two digits.")).to_be_visible()
    offer = page.get_by_role("button", name="Read it as a number")
    expect(offer).to_be_in_viewport(ratio=1)
    offer.click()
    expect(page.locator(".number-lines b")).to_have_text("47")
    expect(page).to_have_url(re.compile("draw=Whole"))
    # It lies on the wide paper as it was drawn, and another stroke joins it.
    page.wait_for_function(PAINTED)
    draw_stroke(page, [(620, 100), (618, 150), (616, 200)])
    expect(page.locator(".number-lines b")).to_have_text("471")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_ink_stands_out_in_both_themes(browser: Browser, app: App, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    open_draw(page, app)
    draw(page, 7)
    expect_reading(page, 7)
    brightness = page.locator(INK).evaluate(
        """canvas => { const pixel = canvas.getContext('2d').getImageData(
             canvas.width / 2, canvas.height * 53 / 280, 1, 1).data; return pixel[0]; }"""
    )
    assert (brightness > 200) == (scheme == "dark")
    context.close()


def test_the_web_process_stays_small_and_without_tensorflow(desktop: Page, tmp_path: Path) -> None:
    """Every page opened, the default model and MNIST loaded: no TensorFlow, and 300 MB at the most.

    On a server of its own: what other tests have left in caches that are bounded by themselves would count as well.
    """
    variables = {"DIGIT_DATABASE_URL": f"sqlite:///{(tmp_path / 'digitlab.db').as_posix()}"}
    with serve(settings.PROJECT_FOLDER / "Home.py", variables) as app:
        maps, status = Path(f"/proc/{app.process_id}/maps"), Path(f"/proc/{app.process_id}/status")
        if not maps.exists():
            pytest.skip("this system has no /proc to look into a process with")
        open_draw(desktop, app)
        for name in ("Explore", "Train", "Evaluate", "Home"):
            go_to(desktop, name)
            settle(desktop)
        assert "tensorflow/python" not in maps.read_text()
        assert "libtensorflow" not in maps.read_text()
        (anonymous,) = re.findall(r"RssAnon:\s+(\d+) kB", status.read_text())
    assert int(anonymous) < 300_000
