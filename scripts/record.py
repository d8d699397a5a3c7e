"""Record the README's moving picture from the real app: python scripts/record.py

A digit is drawn and its bars follow; then pupils hand in on their phones, the wall fills, and the answers are shown. The app, with an
empty database, and the browser are started here. Each frame is a photo of the page, which the recording waits for.
"""

import io
import sys
import time
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_FOLDER))
from benchmarks.server import Server, browse, serve
from tests.browser import hand
from tests.browser.conftest import VIEWPORTS
from tests.browser.pen import STROKES, place

TARGET = PROJECT_FOLDER / "docs" / "digit-lab.webp"
WIDTH, FRAME_MILLISECONDS, MAX_BYTES = 800, 100, 1_500_000
DIGIT = 3
# Nicknames, and the digits that they mean and draw: one draws a 1 as many do in Europe, which looks like a 7.
PUPILS = (("Ann", 7, 7), ("Ben", 2, 2), ("Cem", 3, 3), ("Dao", 1, 7), ("Eva", 5, 5), ("Finn", 0, 0))


class Film:
    """Frames, each shown for 100 ms."""

    def __init__(self) -> None:
        self.frames: list[Image.Image] = []

    def take(self, page: Page, times: int = 1) -> None:
        """Add what a page shows now, so many times."""
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        height = round(picture.height * WIDTH / picture.width)
        self.frames += [picture.resize((WIDTH, height), Image.Resampling.LANCZOS)] * times

    def follow(self, page: Page, seconds: float) -> None:
        """Add what a page shows in the next seconds, as it comes."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.take(page)
            page.wait_for_timeout(FRAME_MILLISECONDS)

    def save(self) -> None:
        """Write the film.

        Raises:
            SystemExit: it has become too large for a README.
        """
        first, *rest = self.frames
        first.save(
            TARGET,
            save_all=True,
            append_images=rest,
            duration=FRAME_MILLISECONDS,
            loop=0,
            quality=60,
            method=4,
        )
        size = TARGET.stat().st_size
        print(f"{TARGET.name}: {len(self.frames) * FRAME_MILLISECONDS / 1000:.1f} s, {size / 1e6:.2f} MB")
        if size > MAX_BYTES:
            raise SystemExit("That is too large: make it shorter or smaller.")


def draw(film: Film, server: Server, browser: Browser) -> None:
    """A digit grows under the pen; the bars change with it."""
    page = browser.new_page(viewport=VIEWPORTS["desktop"], color_scheme="light")
    page.goto(server.address("Draw"))
    on_screen = place(page)
    page.wait_for_timeout(3_000)  # until the network is in the browser
    film.take(page, 4)
    for stroke in STROKES[DIGIT]:
        path = [on_screen(x, y) for x, y in hand.in_small_steps(stroke, 3)]
        page.mouse.move(*path[0])
        page.mouse.down()
        for point in path:
            page.mouse.move(*point)
            page.wait_for_timeout(40)  # until the bars have followed
            film.take(page)
        page.mouse.up()
    expect(page.locator(".reading .digit")).to_have_text(str(DIGIT))
    page.wait_for_timeout(500)
    film.take(page, 12)
    page.close()


def join(server: Server, browser: Browser, code: str, name: str) -> Page:
    """A pupil's page, on a phone."""
    page = browser.new_page(viewport=VIEWPORTS["phone"])
    page.goto(server.address(f"join/{code}"))
    page.get_by_label("Nickname").fill(name)
    page.get_by_role("button", name="Join").click()
    expect(page.locator("#lobby")).to_be_visible()
    return page


def hand_in(page: Page, digit: int, meant: int) -> None:
    """Draw a digit on a pupil's paper, say which one it is meant to be, and hand it in."""
    expect(page.locator("#paper")).to_be_visible()
    box = page.locator("#paper").bounding_box()
    assert box is not None
    scale = box["width"] / 280
    for stroke in STROKES[digit]:
        steps = hand.in_small_steps(stroke, 6)
        hand.drag(page, [(box["x"] + scale * x, box["y"] + scale * y) for x, y in steps])
    page.locator("#meant").get_by_role("button", name=str(meant), exact=True).click()
    page.locator("[data-hand-in]").click()
    expect(page.locator("#handed-in")).to_contain_text("Handed in")


def teach(film: Film, server: Server, browser: Browser) -> None:
    """A class draws: the projector's wall fills, and then the answers are shown."""
    context = browser.new_context(viewport=VIEWPORTS["desktop"], color_scheme="light")
    teacher, projector = context.new_page(), context.new_page()
    teacher.goto(server.address("Class"))
    opening = teacher.get_by_role("button", name="Open a class")
    expect(opening).to_be_enabled(timeout=60_000)
    teacher.wait_for_timeout(1_000)
    opening.click()
    code = teacher.locator(".joining").get_attribute("data-class-code") or ""
    projector.goto(server.address("Class?class=Projector"))
    expect(projector.locator(".big .joining")).to_be_visible(timeout=60_000)
    film.take(projector, 8)
    pupils = [join(server, browser, code, name) for name, _, _ in PUPILS]
    teacher.get_by_role("button", name="Draw any digit", exact=True).click()
    for count, (pupil, (_, meant, drawn)) in enumerate(zip(pupils, PUPILS, strict=True), start=1):
        hand_in(pupil, drawn, meant)
        expect(projector.locator(f'[data-class-drawings="{count}"]')).to_be_visible(timeout=20_000)
        film.take(projector, 4)
    teacher.get_by_role("button", name="Show the answers", exact=True).click()
    film.follow(projector, 1.0)
    projector.wait_for_timeout(2_500)
    film.take(projector, 18)


def main() -> None:
    """Record, and write the file."""
    film = Film()
    with serve() as server, browse() as browser:
        draw(film, server, browser)
        teach(film, server, browser)
    film.save()


if __name__ == "__main__":
    main()
