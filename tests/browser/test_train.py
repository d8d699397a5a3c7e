"""The Train page as a class uses it: start, watch, leave and come back, a second browser, a queue, stop, draw with it."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from digit_core import settings
from tests.browser import looks
from tests.browser.conftest import ON_A_PHONE, VIEWPORTS, App, serve
from tests.browser.looks import expect_to_fit, option, press, settle

ANN = "One hidden layer, 5 epochs"
SHORT = {"architecture": "ann", "epochs": 3, "subset_size": 2_000, "batch_size": 32}
_START = 90_000  # milliseconds in which a worker starts, with everything else that runs here
STEP = re.compile(r"step [\d,]+ of")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The real app with a store of its own, so that no other test's runs are in the queue."""
    database = tmp_path_factory.mktemp("store") / "digitlab.db"
    variables = {"DIGIT_DATABASE_URL": f"sqlite:///{database.as_posix()}", "DIGIT_TEACHER_CODE": "chalk"}
    with serve(settings.PROJECT_FOLDER / "Home.py", variables) as running:
        yield running


@pytest.fixture
def contexts(browser: Browser) -> Iterator[list[BrowserContext]]:
    """Two browsers: what one keeps in its local storage the other does not know."""
    made = [browser.new_context(viewport=VIEWPORTS["desktop"]) for _ in range(2)]
    yield made
    for context in made:
        context.close()


def visit(page: Page, app: App, address: str = "") -> None:
    looks.visit(page, f"{app.address}/Train{address}", "Train")


def start(page: Page, name: str) -> None:
    page.get_by_placeholder("Name").fill(name)
    page.get_by_placeholder("Name").press("Tab")
    settle(page)
    button = page.get_by_role("button", name="Start", exact=True)
    expect(button).to_be_enabled()
    button.click()


def set_up_short(page: Page, app: App) -> None:
    """Set up a run of a few seconds, its settings pasted as text."""
    visit(page, app)
    page.get_by_text("Change the settings").click()
    page.get_by_role("tab", name="As text").click()
    page.get_by_role("textbox", name="Other settings, as text").fill(json.dumps(SHORT))
    page.get_by_role("button", name="Use this text").click()
    expect(page.get_by_text("training digits: 2,000")).to_be_visible()


def test_a_run_goes_on_whatever_the_visitor_does_and_its_best_weights_are_drawn_with(
    contexts: list[BrowserContext], app: App
) -> None:
    page = contexts[0].new_page()
    visit(page, app)
    looks.choose(page, "setup-preset", ANN)
    expect(page.get_by_text("101,770 parameters")).to_be_visible()
    start(page, "My first run")
    expect(page.get_by_text(STEP).first).to_be_visible(timeout=_START)
    expect(
        page.locator("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg").first
    ).to_be_visible()
    # The numbers move by themselves.
    before = page.get_by_text(STEP).first.inner_text()
    expect(page.get_by_text(STEP).first).not_to_have_text(before)
    address = page.url

    # To another page and back.
    page.get_by_role("link", name="Draw").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Draw")
    page.get_by_role("link", name="Train").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Train")
    option(page, "train", "Watch").click()
    expect(page.get_by_text(STEP).first).to_be_visible()

    # A reload, and a second browser: the same run; but that one's visitor cannot steer it without the teacher's code.
    page.goto(address)
    expect(page.get_by_role("combobox", name="Run")).to_have_value(re.compile("My first run"))
    other = contexts[1].new_page()
    other.goto(address)
    expect(other.get_by_role("combobox", name="Run")).to_have_value(re.compile("My first run"))
    expect(other.get_by_text(re.compile("or a teacher, can")).first).to_be_visible()
    expect(other.get_by_role("button", name="Stop", exact=True)).to_have_count(0)

    # Stop: the best weights are there, and Draw uses them.
    page.get_by_role("button", name="Stop", exact=True).click()
    use = page.get_by_role("button", name="Use this model")
    expect(use).to_be_visible(timeout=60_000)
    expect(page.get_by_role("combobox", name="Run")).to_have_value(re.compile("stopped"))
    use.click()
    # The sidebar follows at once, though the button stands in a part of the page that is redrawn alone.
    expect(page.get_by_role("combobox", name="Model in use")).to_have_value(re.compile("My first run"))
    page.get_by_role("link", name="Draw").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Draw")
    expect(page.get_by_role("combobox", name="Model in use")).to_have_value(
        re.compile(r"My first run · \d\d\.\d% of validation digits")
    )
    expect(page.get_by_text("AI guess")).to_be_visible()


def test_of_two_browsers_runs_one_waits_with_its_place_and_both_finish(
    contexts: list[BrowserContext], app: App
) -> None:
    """Then the settings of a run are taken up again with one press."""
    first, second = (context.new_page() for context in contexts)
    for page in (first, second):  # both before the first one starts: it might end meanwhile
        set_up_short(page, app)
    start(first, "One")
    start(second, "Two")
    expect(second.get_by_text(re.compile("You are next")).first).to_be_visible()
    for page in (first, second):
        expect(page.get_by_role("button", name="Use this model")).to_be_visible(timeout=_START)
        expect(page.get_by_text("All 3 epochs are done.").first).to_be_visible()
    second.get_by_role("button", name="Again with other settings").click()
    expect(second.get_by_role("radio", name="Set up")).to_be_checked()
    expect(second.get_by_text("training digits: 2,000")).to_be_visible()


@ON_A_PHONE
def test_ann_against_cnn_is_one_press(page: Page, app: App) -> None:
    visit(page, app, "?train=Runs")
    press(page.get_by_role("button", name="ANN against CNN"))
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    expect_to_fit(page)
