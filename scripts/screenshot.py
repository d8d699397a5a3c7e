"""Take the README's screenshot of the Draw page: python scripts/screenshot.py ADDRESS (of the running app)."""

import sys
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_FOLDER))
from tests.browser import chromium
from tests.browser.conftest import VIEWPORTS
from tests.browser.pen import draw

with sync_playwright() as playwright:
    browser = chromium.launch(playwright)
    page = browser.new_page(viewport=VIEWPORTS["desktop"], color_scheme="light")
    page.goto(f"{sys.argv[1]}/Draw")
    draw(page, 3)
    expect(page.locator(".reading .digit")).to_have_text("3")
    page.mouse.move(5, 795)  # off the canvas, whose toolbar shows while the mouse is over it
    page.wait_for_timeout(500)
    page.screenshot(path=PROJECT_FOLDER / "docs" / "draw.png")
    browser.close()
