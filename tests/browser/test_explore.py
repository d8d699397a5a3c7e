"""The Explore page as a class uses it: browse, take a digit apart, send it on, circle some on the map, and vote."""

import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from digit_core import maps, model_files
from digit_core.datasets import Mnist
from tests.browser.conftest import VIEWPORTS, App

MODEL = "ann"
WRONG_FOURS = f"?model={MODEL}&verdict=wrong&labelled=4&read=9"
VIEWS = ["Browse", "The whole set", "Map", "Labels in doubt", "Distort"]


@pytest.fixture(scope="module")
def wrong_fours(mnist: Mnist) -> list[str]:
    """What the fours that the model takes for nines are called: "train 1446"."""
    names = []
    with np.load(model_files.find(MODEL) / model_files.ANSWERS_FILE) as answers:
        for split in ("train", "validation", "test"):
            readings = answers[split].argmax(axis=1)
            found = np.flatnonzero((getattr(mnist, split).labels == 4) & (readings == 9))
            names += [f"{split} {number}" for number in found]
    return names


def visit(page: Page, app: App, address: str = "") -> None:
    page.goto(f"{app.address}/Explore{address}")
    expect(page.get_by_role("heading", name="Explore", level=1)).to_be_visible(timeout=30_000)
    settle(page)


def settle(page: Page) -> None:
    """Until nothing runs any more."""
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"
    )


def press(target: Locator) -> None:
    """One click, or one tap where there is a touch screen."""
    if target.page.evaluate("navigator.maxTouchPoints > 0"):
        target.tap()
    else:
        target.click()


def option(page: Page, group: str, name: str) -> Locator:
    """One of the pills, or of the parts of a segmented control."""
    of_group = page.locator(f".st-key-{group}")
    return of_group.locator("button").filter(has_text=re.compile(rf"^{re.escape(name)}$"))


def tile(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=re.compile(rf"^{name}: labelled"))


def names_of_tiles(page: Page) -> list[str]:
    return page.locator(".tile").evaluate_all(
        "tiles => tiles.map(tile => tile.getAttribute('aria-label').split(':')[0])"
    )


def expect_digits(page: Page, count: int) -> None:
    expect(page.get_by_text(re.compile(rf"^{count:,} of 70,000 digits$"))).to_be_visible()


def test_wrong_fours_are_found_opened_and_read_on_the_canvas(
    page: Page, app: App, wrong_fours: list[str]
) -> None:
    visit(page, app, WRONG_FOURS)
    expect_digits(page, len(wrong_fours))
    assert names_of_tiles(page) == wrong_fours[:100]
    name = wrong_fours[3]
    press(tile(page, name))
    expect(tile(page, name)).to_have_attribute("aria-pressed", "true")
    split, number = name.split(" ")
    expect(
        page.get_by_role("heading", name=f"{split.capitalize()} {int(number):,}, labelled 4")
    ).to_be_visible()
    expect(page.locator(".reading .digit")).to_have_text("9")
    expect(page).to_have_url(re.compile(f"digit={split}-{number}"))
    press(option(page, "part", "Numbers"))
    numbers = page.get_by_role("table", name="The pixels' numbers")
    expect(numbers.locator("td")).to_have_count(784)
    assert "255" in numbers.inner_text() or "254" in numbers.inner_text()
    press(page.get_by_role("button", name="Open on the canvas"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Draw")
    expect(page.locator(".reading .digit")).to_have_text("9", timeout=15_000)
    ink = page.locator("canvas.dc-canvas.lower-canvas")
    page.wait_for_function("document.querySelector('[data-testid=stApp]')", timeout=5_000)
    expect.poll = None  # the picture is loaded by the browser: look until it is there
    for _ in range(50):
        painted = ink.evaluate(
            "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((v, i) => i % 4 === 3 && v > 128).length"
        )
        if painted:
            break
        page.wait_for_timeout(100)
    assert painted > 1_000
