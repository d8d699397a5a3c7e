"""A page that opens stays, whatever the timers of the page before it ask for."""

from pathlib import Path

from playwright.sync_api import Page, expect

from digit_core import settings
from tests.browser.conftest import serve
from tests.browser.slow_line import SlowLine

# Two pages: one with a timer and a way out, and one that takes a while.
SCRIPT = """
import time

import streamlit as st

from ui.frame import late_runs


def clock() -> None:
    st.write(f"It is {time.time():.1f}")
    if st.button("Go on"):
        st.switch_page(second)


def show() -> None:
    st.write("Here it begins")
    time.sleep(2)
    st.write("Here it ends")


first = st.Page(lambda: st.fragment(clock, run_every=0.2)(), title="First", url_path="first", default=True)
second = st.Page(show, title="Second")
late_runs.run(st.navigation([first, second]))
"""


def test_a_page_that_opens_is_not_cleared_by_a_timer_of_the_one_before(page: Page, tmp_path: Path) -> None:
    """Pressed on a slow line, "See its sums inside the network" led to an empty page."""
    script = tmp_path / "app.py"
    script.write_text(SCRIPT, encoding="utf-8")
    with serve(script) as app:
        line = SlowLine(page)
        page.goto(app.address)
        button = page.get_by_role("button", name="Go on")
        expect(button).to_be_visible()
        line.hold()
        button.click()
        page.wait_for_timeout(1_000)  # the timer asks on, since the browser has not heard of the other page
        line.release()
        expect(page.get_by_text("Here it ends")).to_be_visible()
        page.wait_for_timeout(1_000)  # a run of a part that is gone takes a moment
        expect(page.get_by_text("Here it begins")).to_be_visible()
        expect(page.get_by_text("Here it ends")).to_be_visible()


def test_the_pages_are_run_in_this_way() -> None:
    assert "late_runs.run(pages)" in (settings.PROJECT_FOLDER / "Home.py").read_text(encoding="utf-8")
