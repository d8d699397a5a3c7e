"""A drawing's replay, played and pulled to any moment in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, serve
from tests.browser.looks import expect_to_fit

MESSAGE = Path(__file__).parents[1] / "canvas_message.json"
SCRIPT = f"""
import json
from pathlib import Path
from ui.inside import replay
from ui.frame import layout
model = layout.start("Replay", "A 4 in two strokes.")
replay.show(model, json.loads(Path({str(MESSAGE)!r}).read_text(encoding="utf-8"))["objects"])
"""


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    script = tmp_path_factory.mktemp("page") / "replay.py"
    script.write_text(SCRIPT, encoding="utf-8")
    with serve(script) as running:
        yield running


def test_a_drawing_is_played_and_pulled_to_any_moment(page: Page, replayed: App) -> None:
    page.goto(replayed.address)
    words, digit = page.locator(".said .words"), page.locator(".said .digit")
    expect(words).to_contain_text("after point 36 of 36, stroke 2 of 2", timeout=120_000)
    expect(digit).to_have_text("4")
    moment = page.get_by_role("slider", name="Moment of the drawing")
    moment.focus()
    moment.press("Home")
    expect(words).to_contain_text("after point 1 of 36, stroke 1 of 2")
    moment.press("ArrowRight")
    expect(words).to_contain_text("after point 2 of 36, stroke 1 of 2")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Halt")).to_be_visible()
    expect(words).to_contain_text("after point 36 of 36")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    expect(digit).to_have_text("4")
    expect(page.locator(".bar")).to_have_count(10)
    expect_to_fit(page)
