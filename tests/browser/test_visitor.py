"""A visitor is known again by the browser: after a reload, in a second tab, and nowhere else."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from digit_core.storage.visitors import is_visitor
from tests.browser.conftest import App, serve
from tests.browser.looks import settle

_APP = """
import streamlit as st

from ui.components import visitor

st.session_state["runs"] = st.session_state.get("runs", 0) + 1
st.text("above")
if WITH_VISITOR:
    st.text(f"visitor {visitor.identity()}")
else:
    st.text("visitor nobody")
st.text(f"run {st.session_state['runs']}")
st.button("Run again")
"""
_BLOCKED = """
Object.defineProperty(window, "localStorage", { get() { throw new DOMException("blocked", "SecurityError"); } });
"""


@pytest.fixture(scope="module")
def tiny_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A page that says who visits and how often it ran."""
    script = tmp_path_factory.mktemp("visitor") / "app.py"
    script.write_text(_APP.replace("WITH_VISITOR", "'nobody' not in st.query_params"))
    with serve(script) as running:
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    yield context
    context.close()


def identity(page: Page) -> str:
    """What the page calls its visitor, once the browser has answered."""
    text = page.get_by_test_id("stText").filter(has_text="visitor ")
    expect(text).not_to_have_text("visitor None")
    return text.inner_text().removeprefix("visitor ")


def visit(context: BrowserContext, app: App) -> Page:
    page = context.new_page()
    page.goto(app.address)
    expect(page.get_by_test_id("stText").first).to_be_visible()
    return page


def run_again(page: Page, run: int) -> None:
    page.get_by_role("button", name="Run again").click()
    expect(page.get_by_text(f"run {run}", exact=True)).to_be_visible()


def test_a_visitor_is_the_same_after_a_reload_and_in_a_second_tab(
    context: BrowserContext, tiny_app: App
) -> None:
    page = visit(context, tiny_app)
    first = identity(page)
    assert is_visitor(first)
    page.reload()
    assert identity(page) == first
    assert identity(visit(context, tiny_app)) == first


def test_another_browser_is_another_visitor(browser: Browser, context: BrowserContext, tiny_app: App) -> None:
    other = browser.new_context()
    first, second = identity(visit(context, tiny_app)), identity(visit(other, tiny_app))
    other.close()
    assert is_visitor(second)
    assert first != second


def test_the_browsers_answer_costs_one_run_and_no_more(context: BrowserContext, tiny_app: App) -> None:
    page = visit(context, tiny_app)
    first = identity(page)
    page.wait_for_timeout(1_500)
    expect(page.get_by_text("run 2", exact=True)).to_be_visible()
    for run in (3, 4, 5):
        run_again(page, run)
    page.wait_for_timeout(1_500)
    expect(page.get_by_text("run 5", exact=True)).to_be_visible()
    assert identity(page) == first


def test_the_id_is_not_in_the_address(context: BrowserContext, tiny_app: App) -> None:
    page = visit(context, tiny_app)
    assert identity(page) not in page.url
    assert page.url.rstrip("/") == tiny_app.address


def test_an_id_that_was_tampered_with_is_made_anew(context: BrowserContext, tiny_app: App) -> None:
    page = visit(context, tiny_app)
    first = identity(page)
    page.evaluate("localStorage.setItem('digit-lab visitor', '<b>anybody</b>')")
    page.reload()
    second = identity(page)
    assert is_visitor(second)
    assert second != first


def test_blocked_local_storage_gives_an_id_for_the_session(browser: Browser, tiny_app: App) -> None:
    context = browser.new_context()
    context.add_init_script(_BLOCKED)
    page = visit(context, tiny_app)
    first = identity(page)
    assert is_visitor(first)
    for run in (3, 4):
        run_again(page, run)
    page.wait_for_timeout(1_500)
    assert identity(page) == first
    expect(page.get_by_text("run 4", exact=True)).to_be_visible()
    context.close()


def test_asking_moves_nothing_on_the_page(context: BrowserContext, tiny_app: App) -> None:
    def tops(query: str) -> list[float]:
        page = context.new_page()
        page.goto(tiny_app.address + query)
        identity(page)
        expect(page.get_by_role("button", name="Run again")).to_be_visible()
        settle(page)
        texts = page.get_by_test_id("stText").all()
        return [box["y"] for text in texts if (box := text.bounding_box())]

    with_visitor = tops("")
    assert len(with_visitor) == 3
    assert with_visitor == tops("?nobody=1")
