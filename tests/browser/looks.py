"""What browser tests of several pages do and look for."""

import re
import time

from playwright.sync_api import Locator, Page, expect

from tests.browser.hand import has_touch

# Of an element container: the run that goes has come to it, or none goes. Until then an old widget stands beside the new one.
LIVE = '[data-stale="false"]:not([data-retained])'
PAPER = f"{LIVE} canvas.upper-canvas"  # after "Clear" another one comes
INK = f"{LIVE} canvas.dc-canvas.lower-canvas"
# The digit is on the canvas: the browser loads it as a picture, which takes a moment.
PAINTED = """() => {
  const find = (root) => root.querySelector("canvas.dc-canvas.lower-canvas")
    ?? [...root.querySelectorAll("*")].map((one) => one.shadowRoot && find(one.shadowRoot)).find(Boolean);
  const canvas = find(document);
  const pixels = canvas?.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data ?? [];
  let dark = 0;
  for (let index = 3; index < pixels.length; index += 4) dark += pixels[index] > 128;
  return dark > 1000;
}"""
TILES_ARE = """(names) => {
  const tiles = [...document.querySelectorAll("*")].flatMap(
    (one) => [...(one.shadowRoot?.querySelectorAll(".tile") ?? [])]);
  return tiles.length === names.length
    && tiles.every((tile, index) => tile.getAttribute("aria-label").startsWith(`${names[index]}:`));
}"""
# A press starts a run only a moment later, and what a run has sent is drawn after it: still is what has not changed for a while.
# Grey bars stand where a part of Streamlit, or a style sheet, is still on its way.
STANDS_STILL = """() => {
  const app = document.querySelector("[data-testid=stApp]");
  if (app?.dataset.testScriptState !== "notRunning" || document.querySelector("[data-testid=stSkeleton]")) { delete window.still; return false; }
  if (!window.still) {
    const still = { since: performance.now() };
    const watch = new MutationObserver(() => {
      if (window.still === still) still.since = performance.now(); else watch.disconnect();
    });
    watch.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    window.still = still;
  }
  return performance.now() - window.still.since > 250;
}"""
STICKING_OUT = """(width) => [...document.querySelectorAll('[data-testid="stMain"] *')].filter((one) => {
  const box = one.getBoundingClientRect();
  if (!box.width || !box.height || box.right <= width + 1) return false;
  for (let above = one.parentElement; above; above = above.parentElement) {
    if (/auto|scroll|hidden|clip/.test(getComputedStyle(above).overflowX) && above.dataset.testid !== "stMain"
        && above.getBoundingClientRect().right <= width + 1) return false;
  }
  return true;
}).map((one) => `${one.tagName} ${one.className} ${one.textContent.slice(0, 40)}`)"""

# Choices of a group that a phone's user would have to find by wiping, with nothing that says so.
CUT_OFF = """() => [...document.querySelectorAll('[data-testid="stButtonGroup"] button')].filter((one) => {
  const box = one.getBoundingClientRect();
  for (let above = one.parentElement; box.width && above; above = above.parentElement) {
    const frame = above.getBoundingClientRect();
    if (getComputedStyle(above).overflowX !== "visible" && (box.right > frame.right + 1 || box.left < frame.left - 1)) return true;
  }
  return false;
}).map((one) => one.textContent)"""


def settle(page: Page) -> None:
    """Until nothing runs any more and the page stands still."""
    page.evaluate("() => { delete window.still; }")
    page.wait_for_function(STANDS_STILL, timeout=120_000, polling=50)  # by itself it looks at each frame


def visit(page: Page, address: str, title: str) -> None:
    """Open a page by a link, until it stands still."""
    page.goto(address)
    heading = page.get_by_role("heading", name=title, level=1)
    expect(heading).to_be_visible(timeout=90_000)  # a server's first visitor waits for all that it loads
    settle(page)


def go_to(page: Page, name: str) -> None:
    """Choose a page in the sidebar, which a phone keeps folded."""
    link = page.get_by_test_id("stSidebarNavLink").filter(has=page.get_by_text(name, exact=True))
    if not link.is_visible() or (link.bounding_box() or {"x": -1})["x"] < 0:
        page.get_by_test_id("stExpandSidebarButton").click()
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Digit Lab" if name == "Home" else name)


def press(target: Locator) -> None:
    """One click, or one tap where there is a touch screen."""
    if has_touch(target.page):
        target.tap()
    else:
        target.click()


def of(page: Page, name: str) -> Locator:
    """The widget of a name, whichever its key has become (see ui/frame/held.py), once a run has come to it."""
    return page.locator(f':is(.st-key-{name}, [class*="st-key-{name}-"]){LIVE}')


def option(page: Page, group: str, name: str) -> Locator:
    """One of the pills, or of the parts of a segmented control."""
    return of(page, group).locator("button").filter(has_text=re.compile(rf"^{re.escape(name)}$"))


def choose(page: Page, name: str, label: str) -> None:
    """Choose one of a select box's options. A list that is open while the page scrolls closes: so it is scrolled to before."""
    box = of(page, name).get_by_role("combobox")
    box.scroll_into_view_if_needed()
    settle(page)
    for _ in range(3):
        press(box)
        settle(page)
        if box.get_attribute("aria-expanded") == "true":
            break
        page.keyboard.press("Escape")
        settle(page)
    press(page.get_by_role("option", name=label, exact=True))


def tile(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=re.compile(rf"^{name}: labelled"))


def expect_tiles(page: Page, names: list[str]) -> None:
    """The grid shows these, in this order; a new picture is decoded before it is shown, which takes a moment."""
    expect(page.locator(".tile")).to_have_count(len(names))
    page.wait_for_function(TILES_ARE, arg=names)


def expect_to_fit(page: Page) -> None:
    """Nothing reaches beyond the screen's right edge, unless it can be scrolled to within a part of the page; of the choices
    of a group all are seen."""
    settle(page)
    width = (page.viewport_size or {})["width"]
    deadline = time.monotonic() + 30  # for a moment a page may lie there without its style sheet
    while (found := page.evaluate(STICKING_OUT, width)) and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert found == [], page.url
    assert page.evaluate(CUT_OFF) == [], page.url
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    # Streamlit's page scrolls in a part of its own.
    assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth - main.clientWidth") == 0
