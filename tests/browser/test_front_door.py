"""The front door on a server that nobody has visited: every page by its address, the list of pages, the server's own routes."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

import digit_core
from digit_core import settings
from tests.browser import hand
from tests.browser.conftest import App, serve
from tests.browser.looks import go_to, settle, visit

PAGES = ["Home", "Explore", "Train", "Evaluate", "Draw", "Inside", "Class"]
# A program that starts Streamlit by itself: it runs a script, and looks for no server in it.
BOOTSTRAP = """
import sys
from streamlit.web import bootstrap

script, *options = sys.argv[1:]
values = [int(value) if value.isdigit() else value for value in options[1::2]]
flags = dict(zip((name.removeprefix("--").replace(".", "_") for name in options[::2]), values))
bootstrap.load_config_options(flags)
bootstrap.run(script, False, [], flags)
"""


@contextmanager
def fresh(store: Path, launcher: tuple[str, ...] = ("-m", "streamlit", "run")) -> Iterator[App]:
    variables = {"DIGIT_DATABASE_URL": f"sqlite:///{(store / 'digitlab.db').as_posix()}"}
    with serve(settings.PROJECT_FOLDER / "Home.py", variables, launcher) as running:
        yield running


def links(page: Page) -> Locator:
    return page.get_by_test_id("stSidebarNavLink")


def open_by_address(page: Page, app: App, name: str) -> None:
    """Open a page by a link that says which model reads: it is shown, called by its name, and all the others are listed."""
    title, path = ("Digit Lab", "") if name == "Home" else (name, name)
    visit(page, f"{app.address}/{path}?model=ann", title)
    expect(page).to_have_title(f"{title} · Digit Lab")
    expect(page).to_have_url(f"{app.address}/{path}?model=ann")
    expect(page.get_by_role("combobox", name="Model in use")).to_have_value(re.compile("^ANN"))
    expect(page.get_by_role("dialog")).to_have_count(0)  # such as "Page not found"
    expect(links(page)).to_have_count(len(PAGES))
    for link, listed in zip(links(page).all(), PAGES, strict=True):
        expect(link.get_by_text(listed, exact=True)).to_be_visible()


@pytest.mark.parametrize(
    "name",
    [name if name in ("Home", "Explore") else pytest.param(name, marks=pytest.mark.long) for name in PAGES],
)
def test_a_fresh_server_opens_a_page_by_its_address(name: str, desktop: Page, tmp_path: Path) -> None:
    with fresh(tmp_path) as app:
        open_by_address(desktop, app, name)
        # Only our own list has icons: the menu that Streamlit makes of the folder `pages` has none.
        expect(links(desktop).get_by_test_id("stIconMaterial")).to_have_count(len(PAGES))
        expect(links(desktop).and_(desktop.locator("[aria-current=page]"))).to_contain_text(name)


@pytest.mark.parametrize("name", [pytest.param("Home", marks=pytest.mark.long), "Draw"])
def test_a_launcher_that_runs_the_script_alone_serves_all_pages(
    name: str, desktop: Page, tmp_path: Path
) -> None:
    with fresh(tmp_path, ("-c", BOOTSTRAP)) as app:
        open_by_address(desktop, app, name)
        for other in ("Evaluate", *PAGES):
            go_to(desktop, other)
        open_by_address(desktop, app, name)


def test_the_list_leads_from_page_to_page(page: Page, app: App) -> None:
    visit(page, f"{app.address}/Explore", "Explore")
    for name in ("Home", "Train", "Evaluate", "Draw", "Explore"):
        go_to(page, name)
        expect(page).to_have_title(f"{'Digit Lab' if name == 'Home' else name} · Digit Lab")
        expect(page).to_have_url(f"{app.address}/{'' if name == 'Home' else name}")


def test_the_servers_own_routes_answer(app: App) -> None:
    with urllib.request.urlopen(f"{app.address}/lab/health") as answer:
        assert answer.headers["Content-Type"] == "application/json"
        found = json.load(answer)
    assert found == {"status": "ok", "version": digit_core.__version__}


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/metrics/", "/Draw/_stcore/metrics"])
def test_figures_of_the_servers_sessions_are_nobodys(app: App, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(app.address + path)


DOORS = {
    "Draw a digit and have it read": "Draw",
    "Train a network": "Train",
    "which digits": "Evaluate",
}


def test_a_door_opens_wherever_it_is_pressed(page: Page, app: App) -> None:
    visit(page, app.address, "Digit Lab")
    for promise, title in DOORS.items():
        door = page.locator("[class*=st-key-door-]").filter(has_text=promise)
        expect(door).to_be_in_viewport()
        box = door.bounding_box()
        assert box is not None
        hand.press(page, box["x"] + box["width"] - 12, box["y"] + box["height"] - 12)  # not on its words
        expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
        go_to(page, "Home")
        settle(page)


def test_a_card_takes_its_network_and_the_page_says_so(page: Page, app: App) -> None:
    visit(page, app.address, "Digit Lab")
    card = page.locator(".st-key-model-card-ann")
    card.scroll_into_view_if_needed()
    box = card.bounding_box()
    assert box is not None
    hand.press(page, box["x"] + 40, box["y"] + 30)  # on its heading
    expect(page.get_by_text("Now in use: ANN")).to_be_visible()
    expect(card.get_by_role("button", name="In use")).to_be_disabled()
    settle(page)
    go_to(page, "Draw")
    settle(page)
    if hand.has_touch(page):
        expect(page.locator(".reader")).to_have_text("In use: ANN")
    else:
        expect(page.get_by_role("combobox", name="Model in use")).to_have_value(re.compile("^ANN"))
