"""What the browser computes while a pen moves: the answer on Draw, all maps on Inside, and the picture that both start from.

    python benchmarks/live.py [CASE ...] [--quick] [--set NAME=VALUE ...]

The browser shares the computer with the server. It draws without a graphics processor.
"""

import itertools
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, expect

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks import foreign, harness
from benchmarks.harness import Case, Claim, Result, Series
from benchmarks.server import Server, browse, serve
from digit_core import load_model
from digit_core.preprocessing import images, strokes
from digit_core.settings import PEN_WIDTH
from tests.browser import hand, pen
from tests.browser.conftest import VIEWPORTS
from tests.browser.looks import settle, visit
from tests.browser.test_lab import preprocess

# Milliseconds between two places of a finger, as a touch screen tells them. Told one right behind the other, each waits in the browser
# for the frame after next: on a page where nothing else happens, a move takes 29 ms to its listener instead of 14.
REST = 1000 / 60
SLOWED = 4  # times: a phone's processor, as Chromium imitates it on the page's own thread
# Each look at the paper takes the moves that it includes, and is answered before the next; they count from their events to the end of
# the picture of the screen that shows its answer. A browser tells moves at the beginning of such a picture; what is answered at once is
# seen in the same one, and asking for another would make the next move of a finger wait. The server's answer counts from the end of
# the stroke.
WATCH = """
window.followed = [];
window.judged = [];
window.shown = [];
const moves = [], looked = [], getImageData = CanvasRenderingContext2D.prototype.getImageData;
const afterwards = (then) => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => then(performance.now());
  channel.port2.postMessage(null);
};
let isInMove = false;
const painted = (then) => (isInMove ? afterwards(then) : requestAnimationFrame(() => afterwards(then)));
addEventListener("pointermove", (event) => {
  if (event.buttons) moves.push(event.timeStamp);
  isInMove = true;
  afterwards(() => { isInMove = false; });
}, true);
CanvasRenderingContext2D.prototype.getImageData = function (...box) {
  if (box[2] === 280) looked.push(...moves.splice(0));
  return getImageData.apply(this, box);
};
const find = (root) => root.querySelector(".live, .inside")
  ?? [...root.querySelectorAll("*")].map((one) => one.shadowRoot && find(one.shadowRoot)).find(Boolean);
const answered = () => {
  const included = looked.splice(0);
  painted((now) => {
    window.shown.push(now);
    window.followed.push(...included.map((moved) => now - moved));
  });
};
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
addEventListener("pointerdown", () => {
  const place = find(document);
  looked.length = moves.length = 0;
  if (place.isWatched) return;
  place.isWatched = true;
  new MutationObserver(answered).observe(place, { attributeFilter: ["data-live-confidence", "data-confidence"] });
}, true);
"""
DIGITS: Sequence[int] = [2, 3, 6, 8, 0, 7]  # in one stroke each


def follow(page: Page, count: int) -> tuple[list[float], list[float]]:
    """Draw so many digits; ms of each move, and of each stroke's end until the server's answer."""
    for number in range(count):
        place = pen.place(page)
        corners = pen.STROKES[DIGITS[number % len(DIGITS)]][0]
        hand.drag(page, [place(x, y) for x, y in hand.in_small_steps(corners, 8)], REST)
        expect(page.locator(".live.is-on")).to_have_count(0)
        expect(page.locator(".reading")).to_be_visible()
        page.get_by_test_id("stBaseButton-secondary").filter(has_text="Clear").click()
        expect(page.get_by_text("Nothing drawn yet")).to_be_visible()
        settle(page)
    return page.evaluate("() => [window.followed, window.judged]")


def moves(server: Server, model: str, count: int, is_slowed: bool) -> list[Series]:
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
            followed, judged = follow(page, count)
            where = f"{model}, {viewport['width']} px{f', slowed {SLOWED} times' if is_slowed else ''}"
            title = f"{where}: end of stroke to the server's answer"
            found += [
                Series(f"{where}: pen moved to bars painted", followed, over=title),
                Series(title, judged),
            ]
            context.close()
            if model == "tiny" and not is_slowed:
                found.append(
                    Series(
                        f"{viewport['width']} px: pen moved to a bare page's listener", bare(browser, name)
                    )
                )
    return found


BARE = """<div style="width: 280px; height: 280px; touch-action: none"></div><script>
window.heard = [];
addEventListener("pointermove", ({ buttons, timeStamp }) => { if (buttons) window.heard.push(performance.now() - timeStamp); });
addEventListener("touchmove", (event) => event.preventDefault(), { passive: false });
</script>"""


def bare(browser: Browser, name: str) -> list[float]:
    """What of it is the browser's own: from a move to the listener of a page where nothing else happens."""
    is_phone = name == "phone"
    context = browser.new_context(viewport=VIEWPORTS[name], has_touch=is_phone, is_mobile=is_phone)
    page = context.new_page()
    page.set_content(BARE)
    for digit in DIGITS[:3]:
        hand.drag(page, hand.in_small_steps(pen.STROKES[digit][0], 8), REST)
    heard = page.evaluate("() => window.heard")
    context.close()
    return heard


def live(count: int) -> list[Result]:
    with serve() as server:
        return [
            series
            for model in ("cnn", "tiny")
            for is_slowed in (False, True)
            for series in moves(server, model, count, is_slowed)
        ]


def maps(count: int) -> list[Result]:
    """A frame lasts from one showing of all maps to the next while the pen moves."""
    found: list[Result] = []
    with serve() as server, browse() as browser:
        for model in ("cnn", "tiny"):
            for name, viewport in VIEWPORTS.items():
                is_phone = name == "phone"
                context = browser.new_context(viewport=viewport, has_touch=is_phone, is_mobile=is_phone)
                page = context.new_page()
                page.add_init_script(WATCH)
                visit(page, f"{server.address('Inside')}?model={model}", "Inside")
                frames: list[float] = []
                for number in range(count):
                    place = pen.place(page)
                    corners = pen.STROKES[DIGITS[number % len(DIGITS)]][0]
                    page.evaluate("() => { window.shown.length = 0; }")
                    hand.drag(page, [place(x, y) for x, y in hand.in_small_steps(corners, 12)], REST)
                    shown = page.evaluate("() => window.shown")
                    frames += [after - before for before, after in itertools.pairwise(shown)]
                    settle(page)
                found.append(Series(f"{model}, {viewport['width']} px: from maps to maps", frames))
                context.close()
    return found


def pictures(drawings: int) -> list[Result]:
    """UNIPEN's digits on the canvas with three pens, every so many of them: the browser's 28 x 28 pixels beside the server's."""
    path = foreign.DATA_FOLDER / "unipen_digits.npz"
    if not path.exists():
        return [f"Left out, for it is absent: {path.name}"]
    model, found = load_model(), []
    written = list(foreign.strokes(path))
    with serve() as server, browse() as browser:
        page = browser.new_page()
        page.goto(server.address("lab/health"))
        for width in (PEN_WIDTH / 2, PEN_WIDTH, 1.5 * PEN_WIDTH):
            chosen = written[:: max(1, len(written) // drawings)]
            drawn = [strokes.draw(strokes.fitted(one, width)) for one, _ in chosen]
            ours = np.stack([images.from_canvas(one) for one in drawn])
            theirs = np.array(
                [
                    image
                    for start in range(0, len(drawn), 50)
                    for image in preprocess(page, drawn[start : start + 50])
                ],
                np.float32,
            ).reshape(ours.shape)
            same = np.mean(model.predict(ours).argmax(axis=1) == model.predict(theirs).argmax(axis=1))
            apart = np.abs(ours - theirs)
            found.append(
                Claim(
                    f"pen of {width:.0f} pixels, {len(drawn):,} drawings: {same:.2%} read as the same digit, pixels differ by "
                    f"{np.median(apart):.1g} at the median and {apart.max():.1g} at the most",
                    bool(same >= 0.999 and np.median(apart) < 0.01),
                )
            )
    return found


GOAL = "median ≤ 33, 95th ≤ 60"
CASES = {
    "maps": Case(
        "all maps of Inside while a pen moves",
        "",
        maps,
        {"count": 4},
        {"count": 1},
        {
            "tiny, 390 px: from maps to maps": "median ≤ 33.4",
            "cnn, 390 px: from maps to maps": "median ≤ 66.7",
        },
    ),
    "pictures": Case(
        "the picture of a drawing in the browser",
        "the server's",
        pictures,
        {"drawings": 500},
        {"drawings": 100},
    ),
    "live": Case(
        "from a move of the pen to the bars on the screen",
        "the server's answer at the end of the stroke",
        live,
        {"count": 6},
        {"count": 1},
        {f"cnn, {viewport['width']} px: pen moved to bars painted": GOAL for viewport in VIEWPORTS.values()},
    ),
}

if __name__ == "__main__":
    sys.exit(harness.run(__doc__, CASES))
