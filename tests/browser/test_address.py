"""The address holds all that is chosen, however slow the line to the server is."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import App
from tests.browser.looks import of, option, press, settle, tile
from tests.browser.slow_line import SlowLine


def test_what_is_chosen_before_the_server_has_answered_stays_in_the_address(desktop: Page, app: App) -> None:
    line = SlowLine(desktop)
    desktop.goto(f"{app.address}/Explore?model=ann")
    expect(tile(desktop, "train 2")).to_be_visible(timeout=90_000)
    settle(desktop)
    line.hold()
    press(tile(desktop, "train 2"))
    press(option(desktop, "labelled", "4"))
    # The server's word on the tile may be from before the 4 was pressed.
    line.let_pass_until_address("digit=train-2")
    press(option(desktop, "verdict", "wrong"))
    line.release()
    for word in ("model=ann", "digit=train-2", "labelled=4", "verdict=wrong"):
        expect(desktop).to_have_url(re.compile(word))


def test_going_back_takes_back_the_choice_of_a_tile(desktop: Page, app: App) -> None:
    desktop.goto(f"{app.address}/Explore?model=ann&labelled=4")
    for name in ("train 2", "train 9"):
        press(tile(desktop, name))
        expect(desktop).to_have_url(re.compile(f"digit={name.replace(' ', '-')}"))
        expect(tile(desktop, name)).to_have_attribute("aria-pressed", "true")
    desktop.go_back()
    expect(tile(desktop, "train 2")).to_have_attribute("aria-pressed", "true")
    expect(desktop).to_have_url(re.compile("digit=train-2"))
    expect(desktop).to_have_url(re.compile("labelled=4"))


def test_a_link_with_an_earlier_word_opens_what_it_opened_then(desktop: Page, app: App) -> None:
    desktop.goto(f"{app.address}/Explore?view=Distort&calm=0.35")
    expect(desktop.get_by_text("sixteen of its distortions")).to_be_visible(timeout=90_000)
    settle(desktop)
    expect(desktop).to_have_url(re.compile("clean_share=0.35"))
    assert "calm" not in desktop.url
    slider = of(desktop, "clean_share").get_by_role("slider")
    expect(slider).to_have_value("0.35")
