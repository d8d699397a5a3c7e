"""The app as visitors find it: its start, its memory, the way from a stroke to its answer, and a class that works at once.

    python benchmarks/serving.py [CASE ...] [--quick] [--set NAME=VALUE ...]

The visitors share the computer with the server. Files were read before (a warm disk).
"""

import asyncio
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, expect

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks import harness
from benchmarks.harness import Case, Claim, Result, Series
from benchmarks.server import HOME, browse, serve
from benchmarks.visitors import Run, Visitor, all_at_once, drawings, state_of, stroke, visit
from digit_core.storage.store import Store
from tests.browser import hand

BARE = 'import streamlit as st\n\nst.title("Hello")\n'


async def open_page(port: int, page: str, heading: str) -> None:
    """Open one page as a new visitor.

    Raises:
        RuntimeError: it shows an error, or another title.
    """
    async with visit(port) as visitor:
        run = await visitor.open(page)
    run.check(heading)
    if heading not in run.texts("heading"):
        raise RuntimeError(f"The page {heading!r} did not open.")


def start(starts: int) -> list[Series]:
    """Start one server after the other, and open a page of each as its first visitor.

    A page is served when GET answers it. It has run when its script has finished, which a WebSocket client sees.
    """
    moments = "the server answers", "page served", "page has run"
    kinds = {
        "Home": (HOME, "", "Digit Lab"),
        "Draw by its address": (HOME, "Draw", "Draw"),
        "one-line app": (BARE, "", "Hello"),
    }
    seconds: dict[str, list[float]] = {f"{title}: {moment}": [] for title in kinds for moment in moments}
    for _ in range(starts):
        for title, (app, page, heading) in kinds.items():
            with serve(app) as server:
                seconds[f"{title}: {moments[0]}"].append(server.seconds())
                server.get(page)
                seconds[f"{title}: {moments[1]}"].append(server.seconds())
                asyncio.run(open_page(server.port, page, heading))
                seconds[f"{title}: {moments[2]}"].append(server.seconds())
    return [Series(title, values, "s") for title, values in seconds.items()]


async def open_every_page(port: int) -> None:
    """Open all pages in turn as one visitor, and draw a digit on Draw."""
    async with visit(port) as visitor:
        (await visitor.open("")).check("Home")
        for page in filter(None, list(visitor.pages)):
            (await visitor.open(page)).check(page)
            if page == "Draw":
                (await visitor.draw(drawings(1)[0][1])).check("a stroke")


def memory() -> list[Series]:
    """Anonymous memory when every page was opened."""
    found = []
    for title, app in {"every page opened": HOME, "one-line app": BARE}.items():
        with serve(app) as server:
            asyncio.run(open_every_page(server.port))
            found.append(Series(title, [server.anonymous_megabytes()], "MB"))
    return found


REST = 200  # ms that the canvas waits after a stroke
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


@dataclass
class Tab:
    """A page to draw on, and what was measured there in ms.

    Attributes:
        page: in the browser.
        answer: the selector of the element that holds the answer, and the pattern whose first group is it.
        blank: what stands on the page while nothing is drawn.
    """

    page: Page
    answer: tuple[str, str]
    blank: str
    arrived: list[float] = field(default_factory=list)
    painted: list[float] = field(default_factory=list)


def open_tab(browser: Browser, address: str, answer: tuple[str, str], blank: str) -> Tab:
    """A page with its canvas ready."""
    tab = Tab(browser.new_page(viewport={"width": 1280, "height": 800}), answer, blank)
    tab.page.goto(address)
    tab.page.locator("canvas.upper-canvas").wait_for(timeout=30_000)
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
    if tab.page.evaluate(WATCH, tab.answer):
        raise RuntimeError("An answer stood on the page before the stroke.")
    corner = tab.page.locator("canvas.upper-canvas").bounding_box()
    hand.drag(tab.page, points + np.array([corner["x"], corner["y"]]))
    arrived, painted, text = tab.page.evaluate("() => window.painted")
    tab.arrived.append(arrived)
    tab.painted.append(painted)
    tab.page.get_by_role("button", name="Clear").click()
    settle(tab)
    return text


def stroke_to_answer(strokes: int) -> list[Result]:
    """Draw with the mouse in Chromium, the same strokes on both pages; the first one on each does not count.

    The page itself takes the time, from the event `mouseup` to the frame behind the one in which the answer was painted. The
    canvas was cleared before, so that an answer where none was is this stroke's.
    """
    random = np.random.default_rng(0)
    drawn = [(digit, stroke(digit, random)) for digit, _ in drawings(strokes)]
    right = 0
    with serve() as server, serve(COUNTER) as bare, browse() as browser:
        reading, text = (".reading .digit", r"(\d)"), ('[data-testid="stText"]', r"strokes: (\d+)")
        ours = open_tab(browser, server.address("Draw"), reading, "Nothing drawn yet")
        peer = open_tab(browser, bare.address(), text, "blank")
        for tab in (ours, peer):
            draw(tab, drawn[0][1])
        for first in range(0, strokes, BLOCK):
            for tab in (ours, peer):
                tab.page.bring_to_front()
                for digit, points in drawn[first : first + BLOCK]:
                    right += draw(tab, points) == str(digit) and tab is ours
    found: list[Result] = []
    for title, tab in {"Draw": ours, "canvas and st.text": peer}.items():
        painted = tab.painted[1:]
        found.append(Series(f"{title}: stroke to answer painted", painted))
        found.append(Series(f"{title}: stroke to answer in the page", tab.arrived[1:]))
        found.append(Series(f"{title}: painted, without the canvas's rest", [ms - REST for ms in painted]))
    return [*found, f"{right} of {strokes} strokes read as drawn."]


STROKE_SECONDS = 2.0  # from one stroke of a session to its next
_READING = re.compile(r'class="digit"[^>]*>([\d?])')  # "?" where it says that this is no digit


@dataclass
class Answers:
    """What a number of sessions saw. Times in ms."""

    openings: list[float] = field(default_factory=list)
    strokes: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    read_as_drawn: int = 0

    def take_in(self, run: Run, digit: int) -> None:
        """Count an answer, or the lack of one."""
        found = _READING.search("".join(run.texts("html")))
        self.errors += run.errors
        if found is None:
            self.errors.append("a stroke without an answer")
            return
        self.strokes.append(run.seconds * 1000)
        self.read_as_drawn += found[1] == str(digit)


async def draw_together(port: int, sessions: int, seconds: float) -> Answers:
    """So many sessions open Draw, wait for each other, and then draw for so long, a stroke every 2 s each."""
    answers, everyone_is_in = Answers(), asyncio.Barrier(sessions)
    strokes = drawings(sessions * max(1, round(seconds / STROKE_SECONDS)))
    waits = np.random.default_rng(1).uniform(0, STROKE_SECONDS, sessions)

    async def session(visitor: Visitor, number: int) -> None:
        opened = await visitor.open("Draw")
        answers.openings.append(opened.seconds * 1000)
        answers.errors += opened.errors
        await everyone_is_in.wait()
        clock = asyncio.get_running_loop()
        due = clock.time() + waits[number]
        for digit, drawing in strokes[number::sessions]:
            await asyncio.sleep(max(0.0, due - clock.time()))
            answers.take_in(await visitor.draw(drawing), digit)
            due += STROKE_SECONDS

    async with asyncio.timeout(seconds * 3 + 120):
        await all_at_once(port, sessions, session)
    return answers


def sessions_at_once(sessions: int, seconds: float) -> list[Result]:
    """A stroke is timed from the message that the canvas sends to the end of the script's run."""
    with serve() as server:
        asyncio.run(draw_together(server.port, 1, STROKE_SECONDS))  # the first visitor loads what all share
        alone = asyncio.run(draw_together(server.port, 1, seconds))
        together = asyncio.run(draw_together(server.port, sessions, seconds))
        megabytes = server.anonymous_megabytes()
    errors = alone.errors + together.errors
    total = len(alone.strokes) + len(together.strokes)
    read = alone.read_as_drawn + together.read_as_drawn
    return [
        Series("a stroke of one session alone", alone.strokes),
        Series("a stroke, all at once", together.strokes, over="a stroke of one session alone"),
        Series("opening Draw alone", alone.openings),
        Series("opening Draw, all at once", together.openings),
        Series("anonymous memory of the server behind it", [megabytes], "MB"),
        Claim(f"{len(errors)} errors {sorted(set(errors))[:5]}, none wanted", not errors),
        f"{read:,} of {total:,} strokes read as drawn.",
    ]


MAKER, STRANGER, NAME = "f" * 32, "e" * 32, "Class 7b"


async def become(visitor: Visitor, who: str, run: Run, *, is_by_canvas: bool) -> Run:
    """Answer as the browser does that is asked who it is."""
    (asked,) = run.components("visitor")
    return await visitor.set([state_of(asked, {"id": who})], is_by_canvas=is_by_canvas)


async def fill_set(port: int, code: str, sessions: int, each: int) -> list[Run]:
    """Each session joins by the code and says of each of its drawings twice what it was: one run a press."""
    presses: list[Run] = []
    drawn = drawings(sessions * each)

    async def pupil(visitor: Visitor, number: int) -> None:
        mine = drawn[number::sessions]
        await visitor.open("Draw")
        shown = await become(visitor, f"{number:032x}", await visitor.draw(mine[0][1]), is_by_canvas=True)
        widgets = shown.widgets()
        join = next(widget for key, widget in widgets.items() if key.startswith("FormSubmitter:join a set"))
        states = [state_of(widgets["code typed"], code), state_of(join, True)]
        await visitor.set(states, is_by_canvas=True)
        for digit, drawing in mine:
            button = (await visitor.draw(drawing)).widgets()[f"it was {digit}"]
            for _ in range(2):
                presses.append(await visitor.set([state_of(button, True)], is_by_canvas=True))

    async with asyncio.timeout(sessions * each * 5 + 300):
        await all_at_once(port, sessions, pupil)
    return presses


async def sees_set(port: int) -> bool:
    """Whether somebody without the code, who asks for the set by its name, sees anything of it."""
    async with visit(port) as visitor:
        opened = await visitor.open("Explore", f"set=✎+{NAME.replace(' ', '+')}")
        run = await become(visitor, STRANGER, opened, is_by_canvas=False)
    return any(NAME in text for text in [*run.widgets()["set"].selectbox.options, *run.texts("html")])


def drawings_in_one_set(sessions: int, drawings: int) -> list[Result]:
    """Fill one set at once, and ask the store what is there. Each drawing is kept twice: that must change nothing."""
    with serve() as server:
        store = Store(server.store)
        made, other = store.drawing_sets.make(MAKER, NAME), store.drawing_sets.make(MAKER, "Another")
        presses = asyncio.run(fill_set(server.port, made.code, sessions, drawings))
        was_seen = asyncio.run(sees_set(server.port))
        _, kept = store.drawings.read(MAKER, made.id)
        elsewhere = store.drawing_sets.get(MAKER, other.id).count
        store.close()
    errors = [error for press in presses for error in press.errors]
    per_visitor = Counter(drawing.visitor for drawing in kept)
    is_whole = len(per_visitor) == sessions and set(per_visitor.values()) == {drawings}
    return [
        Series("a press to its end", [press.seconds * 1000 for press in presses]),
        Claim(
            f"{len(kept):,} of {sessions * drawings:,} drawings are there, {drawings} of each session",
            is_whole,
        ),
        Claim("none is there twice", len({drawing.digest for drawing in kept}) == len(kept)),
        Claim("none is in another set, and none is seen without the code", not elsewhere and not was_seen),
        Claim(f"{len(errors)} errors {sorted(set(errors))[:5]}, none wanted", not errors),
    ]


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
        {"strokes": 50},
        {"strokes": 3},
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
    "set": Case(
        "a class that keeps its drawings in one set",
        "a stranger",
        drawings_in_one_set,
        {"sessions": 30, "drawings": 20},
        {"sessions": 2, "drawings": 2},
    ),
}

if __name__ == "__main__":
    sys.exit(harness.run(__doc__, CASES))
