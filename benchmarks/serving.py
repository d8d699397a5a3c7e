"""The app as visitors find it: its start, its memory, the way from a stroke to its answer, and a class that works at once.

    python benchmarks/serving.py [CASE ...] [--quick] [--set NAME=VALUE ...]

The visitors share the computer with the server. Files were read before (a warm disk).
"""

import asyncio
import re
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks import harness
from benchmarks.harness import Case, Claim, Result, Series
from benchmarks.server import HOME, browse, serve
from benchmarks.visitors import Run, Visitor, all_at_once, message, open_once, strokes, visit
from tests.browser import hand

BARE = 'import streamlit as st\n\nst.title("Hello")\n'


def start(starts: int) -> list[Series]:
    """Start one server after the other, and open a page of each as its first visitor.

    A page is served when GET answers it. It has run when its script has finished, which a WebSocket client sees.
    """
    pages = {"Home": (HOME, ""), "Draw by its address": (HOME, "Draw"), "one-line app": (BARE, "")}
    seconds: dict[str, list[float]] = defaultdict(list)
    for _ in range(starts):
        for title, (app, page) in pages.items():
            with serve(app) as server:
                seconds[f"{title}: the server answers"].append(server.seconds())
                server.get(page)
                seconds[f"{title}: page served"].append(server.seconds())
                asyncio.run(open_once(server.port, page))
                seconds[f"{title}: page has run"].append(server.seconds())
    return [Series(title, values, "s") for title, values in seconds.items()]


async def open_every_page(port: int) -> None:
    """Open all pages in turn as one visitor, and draw a digit on Draw."""
    async with visit(port) as visitor:
        (await visitor.open("")).check()
        for page in filter(None, list(visitor.pages)):
            (await visitor.open(page)).check()
            if page == "Draw":
                (await visitor.draw(message(strokes(1)[0][1]))).check()


def memory() -> list[Series]:
    found = []
    for title, app in {"every page opened": HOME, "one-line app": BARE}.items():
        with serve(app) as server:
            asyncio.run(open_every_page(server.port))
            found.append(Series(title, [server.anonymous_megabytes()], "MB"))
    return found


BLOCK = 10  # strokes on one page before it is the other's turn
COUNTER = """import streamlit as st
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
WATCH = """([selector, pattern]) => {
  const answer = () => document.querySelector(selector)?.textContent.match(pattern);
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
        channel.port1.onmessage = () => resolve([arrived, performance.now() - released, found[1]]);
        channel.port2.postMessage(null);
      });
    });
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
    setTimeout(() => { observer.disconnect(); reject(new Error("no answer within 10 s")); }, 10000);
  });
  window.painted.catch(() => {});
  return Boolean(answer());
}"""


@dataclass(frozen=True)
class Tab:
    """A page to draw on.

    Attributes:
        page: in the browser.
        answer: the selector of the element that holds the answer, and the pattern whose first group is it.
        blank: what stands on the page while nothing is drawn.
    """

    page: Page
    answer: tuple[str, str]
    blank: str

    def settle(self) -> None:
        """Wait until the page is blank and nothing is under way."""
        expect(self.page.get_by_text(self.blank)).to_be_visible(timeout=30_000)
        expect(self.page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=10_000)
        expect(self.page.locator("canvas.upper-canvas")).to_have_count(1, timeout=10_000)
        self.page.wait_for_timeout(250)

    def draw(self, points: np.ndarray) -> tuple[float, float, str]:
        """Draw one stroke with the mouse, and clear the canvas.

        Returns:
            ms until the answer stood in the page, and until it was painted; and the answer.
        """
        if self.page.evaluate(WATCH, self.answer):
            raise RuntimeError("An answer stood on the page before the stroke.")
        corner = self.page.locator("canvas.upper-canvas").bounding_box()
        hand.drag(self.page, points + np.array([corner["x"], corner["y"]]))
        arrived, painted, text = self.page.evaluate("() => window.painted")
        self.page.get_by_role("button", name="Clear").click()
        self.settle()
        return arrived, painted, text


def stroke_to_answer(count: int) -> list[Series | str]:
    """Draw with the mouse in Chromium, the same strokes on both pages; the first one on each does not count.

    The page itself takes the time, from the event `mouseup` to the frame behind the one in which the answer was painted; the
    canvas rests for 200 ms of it. It was cleared before, so that an answer where none was is this stroke's.
    """
    drawn = strokes(count + 1)
    measured: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
    with serve() as server, serve(COUNTER) as bare, browse() as browser:
        tabs = {
            "Draw": Tab(browser.new_page(), (".reading .digit", r"(\d)"), "Nothing drawn yet"),
            "peer": Tab(browser.new_page(), ('[data-testid="stText"]', r"strokes: (\d+)"), "blank"),
        }
        tabs["Draw"].page.goto(server.address("Draw"))
        tabs["peer"].page.goto(bare.address())
        for first in range(0, len(drawn), BLOCK):
            for title, tab in tabs.items():
                tab.page.bring_to_front()
                tab.settle()
                measured[title] += [tab.draw(points) for _, points in drawn[first : first + BLOCK]]
    found: list[Series | str] = []
    for title, times in measured.items():
        arrived, painted, _ = zip(*times[1:], strict=True)
        found.append(Series(f"{title}: stroke to answer painted", painted))
        found.append(Series(f"{title}: stroke to answer in the page", arrived))
    right = sum(text == str(digit) for (digit, _), (*_, text) in zip(drawn[1:], measured["Draw"][1:]))
    return [*found, f"{right} of {count} strokes read as drawn."]


STROKE_SECONDS = 2.0  # from one stroke of a session to its next
_READING = re.compile(r'class="digit[^"]*"[^>]*>([\d?])')  # "?" where it says that this is no digit


async def draw_together(port: int, sessions: int, seconds: float) -> tuple[list[Run], list[tuple[int, Run]]]:
    """So many sessions open Draw, wait for each other, and then draw for so long, a stroke every 2 s each.

    Returns:
        The openings, and the strokes with the digits that were drawn.
    """
    openings: list[Run] = []
    answers: list[tuple[int, Run]] = []
    everyone_is_in = asyncio.Barrier(sessions)
    drawn = strokes(sessions * max(1, round(seconds / STROKE_SECONDS)))
    messages = [(digit, message(points)) for digit, points in drawn]
    waits = np.random.default_rng(1).uniform(0, STROKE_SECONDS, sessions)

    async def session(visitor: Visitor, number: int) -> None:
        openings.append(await visitor.open("Draw"))
        await everyone_is_in.wait()
        clock = asyncio.get_running_loop()
        due = clock.time() + waits[number]
        for digit, drawing in messages[number::sessions]:
            await asyncio.sleep(max(0.0, due - clock.time()))
            answers.append((digit, await visitor.draw(drawing)))
            due += STROKE_SECONDS

    async with asyncio.timeout(seconds * 3 + 120):
        await all_at_once(port, sessions, session)
    return openings, answers


def sessions_at_once(sessions: int, seconds: float) -> list[Result]:
    """A stroke is timed from the message that the canvas sends to the end of the script's run.

    It counts as an error unless it is answered with a reading.
    """
    found: list[Result] = []
    errors: list[str] = []
    read: list[bool] = []
    with serve() as server:
        asyncio.run(draw_together(server.port, 1, STROKE_SECONDS))  # the first visitor loads what all share
        for title, count in (("one alone", 1), ("all at once", sessions)):
            openings, answers = asyncio.run(draw_together(server.port, count, seconds))
            found.append(Series(f"opening Draw, {title}", [run.seconds * 1000 for run in openings]))
            found.append(Series(f"a stroke, {title}", [run.seconds * 1000 for _, run in answers]))
            errors += [error for run in (*openings, *(run for _, run in answers)) for error in run.errors]
            for digit, run in answers:
                reading = _READING.search("".join(run.texts("html")))
                errors += [] if reading else ["a stroke without an answer"]
                read.append(bool(reading) and reading[1] == str(digit))
        found.append(Series("anonymous memory of the server", [server.anonymous_megabytes()], "MB"))
    found.append(Claim(f"{len(errors)} errors {sorted(set(errors))[:5]}, none wanted", not errors))
    return [*found, f"{sum(read):,} of {len(read):,} strokes read as drawn."]


CASES = {
    "start": Case(
        "from the start of the server to a page, by its first visitor",
        "an app of one line",
        start,
        {"starts": 5},
        {"starts": 1},
        {
            f"{page}: {moment}": "median ≤ 5"
            for page in ("Home", "Draw by its address")
            for moment in ("page served", "page has run")
        },
    ),
    "memory": Case(
        "anonymous memory of the web process",
        "an app of one line",
        memory,
        goals={"every page opened": "median ≤ 300"},
    ),
    "stroke": Case(
        "end of a stroke to its answer on the screen",
        "a canvas with the number of strokes below it",
        stroke_to_answer,
        {"count": 50},
        {"count": 3},
        {"Draw: stroke to answer painted": "median ≤ 270, 95th ≤ 350"},
    ),
    "sessions": Case(
        "a stroke at the server, while a class draws",
        "one session alone",
        sessions_at_once,
        {"sessions": 30, "seconds": 20.0},
        {"sessions": 3, "seconds": 2.0},
        {"a stroke, all at once": "median ≤ 30, 95th ≤ 100"},
    ),
}

if __name__ == "__main__":
    sys.exit(harness.run(__doc__, CASES))
