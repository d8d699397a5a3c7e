"""The answer that follows the pen: from a move of the pen to the bars on the screen, and today's way beside it.

    python benchmarks/live.py [CASE ...] [--quick] [--set NAME=VALUE ...]

The browser shares the computer with the server. It draws without a graphics processor.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Page, expect

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks import harness
from benchmarks.harness import Case, Result, Series
from benchmarks.server import Server, browse, serve
from tests.browser import hand, pen
from tests.browser.conftest import VIEWPORTS
from tests.browser.looks import settle, visit

SLOWED = 4  # times: a phone's processor, as Chromium imitates it on the page's own thread
# Each question to the Worker takes the moves that it includes; they count from their events to the frame behind the one in
# which its answer was painted. The server's answer counts from the end of the stroke.
WATCH = """
window.followed = [];
window.judged = [];
const moves = [], asked = [], post = Worker.prototype.postMessage;
const painted = (then) => requestAnimationFrame(() => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => then(performance.now());
  channel.port2.postMessage(null);
});
addEventListener("pointermove", (event) => { if (event.buttons) moves.push(event.timeStamp); }, true);
addEventListener("pointerup", ({ timeStamp }) => {
  const live = document.querySelector(".live");
  if (!live?.classList.contains("is-on")) return;
  const observer = new MutationObserver(() => {
    if (live.classList.contains("is-on")) return;
    observer.disconnect();
    painted((now) => window.judged.push(now - timeStamp));
  });
  observer.observe(live, { attributes: true });
}, true);
Worker.prototype.postMessage = function (message, transferred) {
  if (message.rgba) {
    if (!this.isHeard) {
      this.isHeard = true;
      this.addEventListener("message", () => {
        const included = asked.shift();
        painted((now) => window.followed.push(...included.map((moved) => now - moved)));
      });
    }
    asked.push(moves.splice(0));
  }
  return post.call(this, message, transferred);
};
"""
DIGITS: Sequence[int] = [2, 3, 6, 8, 0, 7]  # in one stroke each


def follow(page: Page, strokes: int) -> tuple[list[float], list[float]]:
    """Draw so many digits; ms of each move, and of each stroke's end until the server's answer."""
    for number in range(strokes):
        place = pen.place(page)
        corners = pen.STROKES[DIGITS[number % len(DIGITS)]][0]
        hand.drag(page, [place(x, y) for x, y in hand.in_small_steps(corners, 8)])
        expect(page.locator(".live.is-on")).to_have_count(0)
        expect(page.locator(".reading")).to_be_visible()
        page.get_by_test_id("stBaseButton-secondary").filter(has_text="Clear").click()
        expect(page.get_by_text("Nothing drawn yet")).to_be_visible()
        settle(page)
    return page.evaluate("() => [window.followed, window.judged]")


def moves(server: Server, model: str, strokes: int, is_slowed: bool) -> list[Series]:
    found = []
    with browse() as browser:
        for name, viewport in VIEWPORTS.items():
            is_phone = name == "phone"
            context = browser.new_context(viewport=viewport, has_touch=is_phone, is_mobile=is_phone)
            page = context.new_page()
            page.add_init_script(WATCH)
            visit(page, f"{server.address('Draw')}?model={model}", "Draw")
            if is_slowed:
                context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
            followed, judged = follow(page, strokes)
            where = f"{model}, {viewport['width']} px{f', slowed {SLOWED} times' if is_slowed else ''}"
            title = f"{where}: end of stroke to the server's answer"
            found += [
                Series(f"{where}: pen moved to bars painted", followed, over=title),
                Series(title, judged),
            ]
            context.close()
    return found


def live(strokes: int) -> list[Result]:
    with serve() as server:
        return [
            series
            for model in ("cnn", "tiny")
            for is_slowed in (False, True)
            for series in moves(server, model, strokes, is_slowed)
        ]


GOAL = "median ≤ 33, 95th ≤ 60"
CASES = {
    "live": Case(
        "from a move of the pen to the bars on the screen",
        "the server's answer at the end of the stroke",
        live,
        {"strokes": 6},
        {"strokes": 1},
        {f"cnn, {viewport['width']} px: pen moved to bars painted": GOAL for viewport in VIEWPORTS.values()},
    )
}

if __name__ == "__main__":
    sys.exit(harness.run(__doc__, CASES))
