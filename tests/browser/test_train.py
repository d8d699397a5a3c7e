"""The Train page as a class uses it: start, watch, leave and come back, a second browser, a queue, stop, draw with it."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from digit_core import settings
from tests.browser.conftest import VIEWPORTS, App, serve

ANN = "Tutorial 2: ANN in 5 epochs"
_START = 60_000  # milliseconds in which a worker starts, with everything else that runs here


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
    page.goto(f"{app.address}/Train{address}")
    expect(page.get_by_role("heading", name="Train", level=1)).to_be_visible(timeout=30_000)


def start(page: Page, app: App, preset: str, name: str, settings_text: str = "") -> None:
    """Set a run up and start it."""
    visit(page, app)
    page.get_by_role("button", name=preset).click()
    expect(page.get_by_role("button", name=preset)).to_have_attribute("aria-checked", "true")
    page.get_by_placeholder("Name").fill(name)
    page.get_by_placeholder("Name").press("Tab")
    button = page.get_by_role("button", name="Start", exact=True)
    expect(button).to_be_enabled(timeout=20_000)
    button.click()


def moves(page: Page) -> str:
    """The words below the bar: step, images a second."""
    return page.locator("text=/step [\\d,]+ of/").first.inner_text()


def test_a_run_goes_on_whatever_the_visitor_does_and_its_best_weights_are_drawn_with(
    contexts: list[BrowserContext], app: App
) -> None:
    page = contexts[0].new_page()
    start(page, app, ANN, "My first run")
    expect(page.get_by_text(re.compile(r"step [\d,]+ of")).first).to_be_visible(timeout=_START)
    seen = time.monotonic()
    expect(page.locator("[data-testid=stVegaLiteChart]").first).to_be_visible(timeout=3_000)
    assert time.monotonic() - seen < 3
    # The curve moves by itself.
    before = moves(page)
    page.wait_for_function(
        "(before) => !document.body.innerText.includes(before)", arg=before, timeout=10_000
    )
    address = page.url

    # To another page and back.
    page.get_by_role("link", name="Draw").click()
    expect(page.get_by_role("heading", name="Draw", level=1)).to_be_visible(timeout=20_000)
    page.get_by_role("link", name="Train").click()
    page.get_by_role("radio", name="Watch").or_(page.get_by_role("button", name="Watch")).first.click()
    expect(page.get_by_text(re.compile(r"Epoch \d of 5|step")).first).to_be_visible(timeout=20_000)

    # A reload, and a second browser: the same run; but that one's visitor cannot steer it.
    page.goto(address)
    expect(page.get_by_text("My first run").first).to_be_visible(timeout=20_000)
    other = contexts[1].new_page()
    other.goto(address)
    expect(other.get_by_text("My first run").first).to_be_visible(timeout=20_000)
    expect(other.get_by_text(re.compile("teacher")).first).to_be_visible(timeout=20_000)
    expect(other.get_by_role("button", name="Stop", exact=True)).to_have_count(0)

    # Stop: the best weights are there, and Draw uses them.
    page.get_by_role("button", name="Stop", exact=True).click()
    use = page.get_by_role("button", name=re.compile("^Use this model|^Draw with it"))
    expect(use.first).to_be_visible(timeout=60_000)
    page.get_by_role("button", name=re.compile("^Use this model")).click()
    page.get_by_role("link", name="Draw").click()
    expect(page.get_by_role("heading", name="Draw", level=1)).to_be_visible(timeout=20_000)
    expect(page.get_by_text(re.compile(r"My first run · \d\d\.\d% of validation digits"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"AI guess"))).to_be_visible(timeout=20_000)
