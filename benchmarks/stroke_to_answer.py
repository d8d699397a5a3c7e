"""How long a person waits: from the end of a stroke to the answer on the screen, in a real Chromium.

    python benchmarks/stroke_to_answer.py [--strokes N]

Each stroke is one digit, drawn with the mouse on a canvas that was cleared before, so that an answer where none was is this stroke's.
The page itself takes the time, from the event `mouseup` to the frame behind the one in which the answer was painted. The peer, in the
same run and by turns, is the same canvas with nothing but an `st.text` of the number of strokes: what the canvas, which rests for
200 ms after a stroke, and Streamlit take without us.
"""

import argparse
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, expect

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from _browser import browse
from _server import HOME, app, serve
from _strokes import stroke
from _table import Series, print_series

GOAL, GOAL_95, REST = 270, 350, 200  # ms
BLOCK = 10  # strokes on one page before it is the other's turn
PEER = """import streamlit as st
from streamlit_drawable_canvas import st_canvas

generation = st.session_state.setdefault("generation", 0)


def clear():
    st.session_state.generation += 1


result = st_canvas(
    stroke_width=20, stroke_color="#1c2326", width=280, height=280, return_image_data=True, key=f"canvas {generation}"
)
st.button("Clear", on_click=clear)
strokes = len((result.json_data or {}).get("objects", []))
st.text(f"strokes: {strokes}" if strokes else "blank")
"""
# Counts from the event itself. An observer sees the answer enter the page; the next frame paints it, and a message sent from
# within that frame arrives when it was painted.
WATCH = """() => {
  const answer = () => document.querySelector(SELECTOR)?.textContent.match(/PATTERN/);
  window.painted = new Promise((resolve, reject) => {
    let released = null;
    window.addEventListener("mouseup", (event) => { released = event.timeStamp; }, { capture: true, once: true });
    const observer = new MutationObserver(() => {
      const found = answer();
      if (released === null || !found) return;
      observer.disconnect();
      const arrived = performance.now() - released;
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () =>
          resolve({ arrived, painted: performance.now() - released, text: found[1] });
        channel.port2.postMessage(null);
      });
    });
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
    setTimeout(() => { observer.disconnect(); reject(new Error("no answer within 10 s")); }, 10000);
  });
  window.painted.catch(() => {});
  return answer() !== null && answer() !== undefined;
}"""


@dataclass
class Tab:
    """A page to draw on, and what was measured there in ms.

    Attributes:
        page: in the browser.
        watch: the script that takes the time of the next stroke.
        blank: what stands on the page while nothing is drawn.
    """

    page: Page
    watch: str
    blank: str
    arrived: list[float] = field(default_factory=list)
    painted: list[float] = field(default_factory=list)
    right: int = 0


def watch(selector: str, pattern: str) -> str:
    """The script for an answer that is the first group of `pattern` in the text of the element."""
    return WATCH.replace("SELECTOR", repr(selector)).replace("PATTERN", pattern)


def open_tab(browser: Browser, address: str, script: str, blank: str) -> Tab:
    """A page with its canvas ready."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(address)
    page.locator("canvas.upper-canvas").wait_for(timeout=30_000)
    tab = Tab(page, script, blank)
    settle(tab)
    return tab


def settle(tab: Tab) -> None:
    """Wait until the page is blank and nothing is under way."""
    expect(tab.page.get_by_text(tab.blank)).to_be_visible(timeout=10_000)
    expect(tab.page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=10_000)
    expect(tab.page.locator("canvas.upper-canvas")).to_have_count(1, timeout=10_000)
    tab.page.wait_for_timeout(250)


def draw(tab: Tab, points: np.ndarray) -> str:
    """Draw one stroke with the mouse, take the times, clear the canvas, and return the answer."""
    if tab.page.evaluate(tab.watch):
        raise RuntimeError("An answer stood on the page before the stroke.")
    corner = tab.page.locator("canvas.upper-canvas").bounding_box()
    mouse = tab.page.mouse
    mouse.move(corner["x"] + points[0, 0], corner["y"] + points[0, 1])
    mouse.down()
    for x, y in points[1:]:
        mouse.move(corner["x"] + x, corner["y"] + y)
    mouse.up()
    result = tab.page.evaluate("() => window.painted")
    tab.arrived.append(result["arrived"])
    tab.painted.append(result["painted"])
    tab.page.get_by_role("button", name="Clear").click()
    settle(tab)
    return result["text"]


def measure(ours: Tab, peer: Tab, strokes: int) -> None:
    """Draw on both pages by turns, the same strokes on each; the first stroke on each does not count."""
    random = np.random.default_rng(0)
    drawn = [(number % 10, stroke(number % 10, random)) for number in range(strokes)]
    for tab in (ours, peer):
        draw(tab, drawn[0][1])
        tab.arrived.clear()
        tab.painted.clear()
    for start in range(0, strokes, BLOCK):
        for tab in (ours, peer):
            tab.page.bring_to_front()
            for digit, points in drawn[start : start + BLOCK]:
                tab.right += draw(tab, points) == str(digit)


def main(strokes: int) -> int:
    with app(PEER) as script, serve(HOME) as server, serve(script) as bare, browse() as browser:
        ours = open_tab(
            browser, server.address("Draw"), watch(".reading .digit", "(\\d)"), "Nothing drawn yet"
        )
        peer = open_tab(browser, bare.address(), watch('[data-testid="stText"]', "strokes: (\\d+)"), "blank")
        measure(ours, peer, strokes)
    print_series(
        [
            Series("Draw: stroke to answer painted", ours.painted, "ms", GOAL, GOAL_95),
            Series("Draw: stroke to answer in the page", ours.arrived, "ms"),
            Series("canvas and st.text: stroke to count painted", peer.painted, "ms"),
            Series("canvas and st.text: stroke to count in the page", peer.arrived, "ms"),
            Series("Draw, without the canvas's rest", [time - REST for time in ours.painted], "ms"),
            Series("canvas and st.text, without it", [time - REST for time in peer.painted], "ms"),
        ]
    )
    print(f"{ours.right} of {strokes} strokes read as drawn.")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--strokes", type=int, default=50, help="on each page (%(default)s)")
    sys.exit(main(parser.parse_args().strokes))
