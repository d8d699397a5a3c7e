"""A misread drawing is kept with its label, found in Explore, taught to a model, drawn again and read."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from digit_core import settings
from tests.browser import pen
from tests.browser.conftest import App, serve
from tests.browser.looks import PAPER, expect_to_fit, press, settle, tile

_TAUGHT = 240_000  # milliseconds in which a worker starts and a small network is taught, with everything else that runs
ONE_WITH_A_FLAG = [(60, 170), (150, 45), (150, 240)]  # as many people write it; the ANN takes it for a 4
ADDRESS = "/Explore?set=✎+My+drawings"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The real app with a store of its own, so that no other test's runs are in the queue."""
    database = tmp_path_factory.mktemp("store") / "digitlab.db"
    with serve(
        settings.PROJECT_FOLDER / "Home.py", {"DIGIT_DATABASE_URL": f"sqlite:///{database.as_posix()}"}
    ) as running:
        yield running


def draw(page: Page) -> None:
    pen.draw_stroke(page, ONE_WITH_A_FLAG)
    settle(page)


def open_draw(page: Page, app: App) -> None:
    page.goto(f"{app.address}/Draw?model=ann")
    expect(page.locator(PAPER)).to_be_visible(timeout=90_000)
    settle(page)


def expect_reading(page: Page, digit: int) -> None:
    """It is read so, whether or not the model is sure: then a question mark follows."""
    expect(page.locator(".reading .digit").first).to_have_text(re.compile(rf"^{digit}\??$"))


def it_was(page: Page, digit: int) -> None:
    button = page.locator(f".st-key-it-was-{digit} button")
    expect(button).to_be_enabled()
    press(button)
    expect(page.get_by_text(f"Kept as a {digit}:")).to_be_visible()


def test_a_misread_drawing_is_kept_found_taught_and_then_read(desktop: Page, app: App) -> None:
    page = desktop
    open_draw(page, app)
    draw(page)
    expect_reading(page, 4)
    press(page.get_by_role("radio", name="Why this answer?", exact=True))
    expect(page.get_by_text("It is read as a 4. It was meant to be a …")).to_be_visible()
    press(page.get_by_role("radio", name="One digit", exact=True))
    it_was(page, 1)
    expect(page.get_by_text("“My drawings” has 1 drawing.")).to_be_visible()

    page.goto(f"{app.address}{ADDRESS}&model=ann")
    expect(tile(page, "digit 0")).to_have_accessible_name(re.compile("labelled 1, read as 4"))

    page.get_by_role("link", name="Train").click()
    page.get_by_text("Your drawings", exact=True).click()
    teach = page.get_by_role("button", name="Teach it", exact=True)
    expect(teach).to_be_enabled()
    teach.click()
    use = page.get_by_role("button", name="Use this model")
    expect(use).to_be_visible(timeout=_TAUGHT)
    expect(page.get_by_text("What learning the drawings did")).to_be_visible()
    effect = page.locator("table.effect")
    expect(effect.locator("tr").filter(has_text="MNIST, the 10,000 test digits")).to_have_count(1)
    expect(effect.locator("tr").filter(has_text="it learnt from").locator("td")).to_have_text(
        [re.compile("0 of 1"), re.compile("1 of 1")]
    )
    expect_to_fit(page)

    use.click()
    expect(page.get_by_role("combobox", name="Model in use")).to_have_value(re.compile("ANN, taught"))
    page.get_by_role("link", name="Draw").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Draw")
    expect_reading(page, 1)  # the drawing still lies there


def test_the_panel_and_the_set_fit_the_screen(page: Page, app: App) -> None:
    open_draw(page, app)
    draw(page)
    it_was(page, 1)
    expect_to_fit(page)
    page.goto(f"{app.address}{ADDRESS}")
    expect(tile(page, "digit 0")).to_be_visible()
    expect_to_fit(page)
    page.goto(f"{app.address}/Evaluate?digits=✎+My+drawings")
    expect(page.locator("dl.shares dt")).to_have_count(2, timeout=60_000)  # MNIST, and the drawings
    expect_to_fit(page)
