"""Two web processes on one PostgreSQL serve one class: behind a balancer it goes from the first to the second when the first dies."""

import os
import signal
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.balancer import balancing
from tests.browser.conftest import App, serve
from tests.browser.pen import STROKES
from tests.browser.test_class import HOME, expect_count, join, open_class, press, reveal, stack

__all__ = ["stack"]  # a fixture


@pytest.mark.long
def test_a_class_goes_from_one_web_process_to_the_other(
    browser: Browser, postgresql_url: str, stack: ExitStack
) -> None:
    environment = {"DIGIT_DATABASE_URL": postgresql_url}
    first, second = (stack.enter_context(serve(HOME, environment)) for _ in range(2))
    ports = [urlsplit(one.address).port or 0 for one in (first, second)]
    address = stack.enter_context(balancing(ports))
    lesson = open_class(App(address, first.process_id), postgresql_url, browser, stack)
    pupils = [join(lesson, browser, stack, name, touch=True, dark=False) for name in ("Ann", "Ben", "Cat")]
    press(lesson.teacher, "Draw a 7")
    for pupil in pupils:
        pupil.expect_state("draw")
        pupil.draw(STROKES[7])
        pupil.expect_handed_in(1)
    expect_count(lesson, 3)
    os.kill(first.process_id, signal.SIGKILL)
    for pupil in pupils:
        pupil.draw(STROKES[7])
        pupil.expect_handed_in(2)
    for page in (lesson.teacher, lesson.projector):
        expect(page.locator('[data-class-drawings="6"]')).to_be_visible(timeout=90_000)
    assert lesson.look().drawings == 6
    reveal(lesson, pupils)
    expect(lesson.projector.locator("dl.shares")).to_contain_text("of 6; with others")
