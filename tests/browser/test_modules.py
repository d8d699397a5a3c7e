"""A browser that has been here before an upgrade never has modules of two versions."""

import os
import time
from pathlib import Path

from playwright.sync_api import Browser, Page

from digit_core import settings
from tests.browser.conftest import App, serve
from tests.browser.looks import visit

# An app with modules of its own, which a test can change: Streamlit serves the folder beside the script.
APP = """
import streamlit as st

if __name__ == "__main__":
    st.title("Modules")
else:
    from starlette.middleware import Middleware

    from ui.frame import modules

    app = st.App(__file__, middleware=[Middleware(modules.Revalidation)])
"""
LOADED = "import('/app/static/first.js').then(({ first, second }) => [first, second])"
DAY = 24 * 3600.0


def install(folder: Path, version: int, days_ago: int) -> None:
    """Two modules, one of which imports the other. A browser would keep an old file for a tenth of its age."""
    folder.mkdir(exist_ok=True)
    first = f'export {{ second }} from "./second.js"; export const first = {version};'
    for name, text in (("first.js", first), ("second.js", f"export const second = {version};")):
        (folder / name).write_text(text, encoding="utf-8")
        then = time.time() - days_ago * DAY
        os.utime(folder / name, (then, then))


def test_after_an_upgrade_all_modules_are_the_new_ones(browser: Browser, tmp_path: Path) -> None:
    script = tmp_path / "app.py"
    script.write_text(APP, encoding="utf-8")
    install(tmp_path / "static", 1, days_ago=300)
    with serve(script) as app:
        context = browser.new_context()
        for version in (1, 2):
            install(tmp_path / "static", version, days_ago=300 - version)
            page = context.new_page()
            visit(page, app.address, "Modules")
            assert page.evaluate(LOADED) == [version, version]
            page.close()
        context.close()


def test_a_module_that_a_browser_has_is_not_sent_again(desktop: Page, app: App) -> None:
    for path in sorted((settings.PROJECT_FOLDER / "static" / "lab").glob("*.js")):
        address = f"{app.address}/app/static/lab/{path.name}"
        first = desktop.request.get(address)
        assert (first.status, first.headers["cache-control"]) == (200, "no-cache")
        assert first.text() == path.read_text(encoding="utf-8")
        again = desktop.request.get(address, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status, again.body()) == (304, b"")
        other = desktop.request.get(address, headers={"If-None-Match": '"another"'})
        assert other.status == 200


def test_what_a_full_storage_refuses_is_not_forgotten(desktop: Page, app: App) -> None:
    """A pupil's work that waits was read back as it stood before the storage was full: the latest drawing was lost."""
    visit(desktop, app.address, "Digit Lab")
    kept = desktop.evaluate(
        """async () => {
          const { read, write } = await import("/app/static/lab/pupil_outbox.js");
          write("waiting", ["first"]);
          Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
          write("waiting", ["first", "second"]);
          return read("waiting");
        }"""
    )
    assert kept == ["first", "second"]
