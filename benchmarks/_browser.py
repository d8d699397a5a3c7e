"""A real Chromium for a benchmark: the one that the browser tests use."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tests.browser import chromium


@contextmanager
def browse() -> Iterator[Browser]:
    """A browser without a window, with an empty profile of its own."""
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        try:
            yield browser
        finally:
            browser.close()
