"""Take the README's screenshots: python scripts/screenshot.py ADDRESS (of the running app)."""

import sys
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_FOLDER))
from tests.browser import chromium
from tests.browser.conftest import VIEWPORTS
from tests.browser.pen import draw


def draw_a_three(page: Page) -> None:
    draw(page, 3)
    expect(page.locator(".reading .digit")).to_have_text("3")


def look_inside(page: Page) -> None:
    draw(page, 3)
    expect(page.locator(".inside")).to_have_attribute("data-digit", "3")


def choose_a_cell(page: Page) -> None:
    expect(page.get_by_role("button", name="read as 9")).not_to_have_count(0)


def see_the_curves(page: Page) -> None:
    expect(
        page.locator("[data-testid=stVegaLiteChart] svg, [data-testid=stVegaLiteChart] canvas")
    ).to_have_count(2)


PICTURES = {
    "draw": ("Draw", draw_a_three),
    "inside": ("Inside", look_inside),
    "train": ("Train?train=Watch&run=recorded-cnn-tutorial", see_the_curves),
    "evaluate": ("Evaluate?model=ann&cell=4-9", choose_a_cell),
}

with sync_playwright() as playwright:
    browser = chromium.launch(playwright)
    for name, (address, prepare) in PICTURES.items():
        page = browser.new_page(viewport=VIEWPORTS["desktop"], color_scheme="light")
        page.goto(f"{sys.argv[1]}/{address}")
        prepare(page)
        page.wait_for_timeout(1_500)
        page.screenshot(path=PROJECT_FOLDER / "docs" / f"{name}.png")
        page.close()
    browser.close()
