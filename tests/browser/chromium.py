"""The browser of the tests and of the benchmarks: where it is found, and how it is started."""

import shutil
from functools import partial

from playwright.sync_api import Browser, Playwright

# The shell without a browser's own windows, which Playwright uses where it brings the browser: a page costs it half the time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch(playwright: Playwright, *flags: str) -> Browser:
    """Start this system's Chromium; where there is none, the one that Playwright installed for itself.

    Its visitors prefer reduced motion: what moves for ever costs a sixth of the browser's processor time.

    Args:
        flags: beside those that it always has.

    Raises:
        playwright.sync_api.Error: there is neither.
    """
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    browser = playwright.chromium.launch(executable_path=found, args=[*FLAGS, *flags])
    browser.new_context = partial(browser.new_context, reduced_motion="reduce")  # type: ignore[method-assign]
    return browser
