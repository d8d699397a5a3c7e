"""The browser's Back and Forward return to what one left: each view of each page, filters, and the ways between pages."""

import re
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote_plus

import pytest
from playwright.sync_api import Page, expect

from digit_core import settings
from tests.browser import looks
from tests.browser.conftest import App, serve
from tests.browser.looks import LIVE, go_to, of, option, press, settle, tile, visit
from tests.examples import others_long
from ui.frame import failures

VIEWS = {
    "Explore": ("view", ["Browse", "The whole set", "Map", "Labels in doubt", "Distort"]),
    "Train": ("train", ["Set up", "Your drawings", "Watch", "Runs", "Import a model"]),
    "Evaluate": (
        "evaluate",
        ["Errors", "Digit by digit", "ROC", "Certainty", "Two models", "Worse pictures", "Download"],
    ),
    "Draw": (
        "draw",
        ["One digit", "Pictures", "Whole numbers", "Why this answer?"],
    ),
    "Inside": ("inside", ["Layer by layer", "Where it looked", "Point by point"]),
}
# What is of the ways between the pages, the same on all of them: at once on the one with the fewest views.
ON_SOME = others_long(VIEWS, "Inside")
PARTS = ["Neighbours", "Where it looked", "Label wrong?", "Numbers", "Shapes", "Histogram"]
# Of the buttons of the views each is there once, and one alone is marked.
MARKED = """([word, live, views, view]) => {
  const buttons = [...document.querySelectorAll(`:is(.st-key-${word}, [class*="st-key-${word}-"])${live} button`)];
  const marked = buttons.filter((one) => one.getAttribute("aria-checked") === "true");
  return buttons.map((one) => one.textContent).join() === views.join()
    && marked.map((one) => one.textContent).join() === view;
}"""


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A server of which nobody has seen a page before."""
    variables = {
        "DIGIT_DATABASE_URL": f"sqlite:///{(tmp_path_factory.mktemp('store') / 'digitlab.db').as_posix()}"
    }
    with serve(settings.PROJECT_FOLDER / "Home.py", variables) as running:
        yield running


def expect_view(page: Page, word: str, views: list[str], view: str) -> None:
    """This view is marked, alone; the address names it, unless it is the first one; nothing was raised."""
    page.wait_for_function(MARKED, arg=[word, LIVE, views, view], polling=50)
    if view == views[0]:
        expect(page).not_to_have_url(re.compile(rf"[?&]{word}="))
    else:
        expect(page).to_have_url(re.compile(rf"[?&]{word}={re.escape(quote_plus(view))}(&|$)"))
    settle(page)
    expect(page.get_by_text(failures.WORDS)).to_have_count(0)


@pytest.mark.parametrize("name", VIEWS)
def test_back_goes_through_every_view_of_a_page_that_nobody_has_seen(
    name: str, desktop: Page, fresh: App
) -> None:
    word, views = VIEWS[name]
    visit(desktop, f"{fresh.address}/{name}?model=ann", name)  # it reads 40,000 worse pictures quickly
    expect_view(desktop, word, views, views[0])
    for view in views[1:]:
        press(option(desktop, word, view))
        expect_view(desktop, word, views, view)
    for view in views[-2::-1]:
        desktop.go_back()
        expect_view(desktop, word, views, view)


@pytest.mark.parametrize("name", ON_SOME)
def test_back_and_forward_go_through_every_view_and_return_from_another_page(
    name: str, desktop: Page, app: App
) -> None:
    word, views = VIEWS[name]
    visit(desktop, f"{app.address}/{name}?model=ann", name)
    for view in views:
        press(option(desktop, word, view))
        expect_view(desktop, word, views, view)
        go_to(desktop, "Home")
        settle(desktop)
        desktop.go_back()
        expect(desktop.get_by_role("heading", level=1)).to_have_text(name)
        expect_view(desktop, word, views, view)
        expect(desktop).to_have_url(re.compile("[?&]model=ann"))
    for view in views[-2::-1]:
        desktop.go_back()
        expect_view(desktop, word, views, view)
    for view in views[1:]:
        desktop.go_forward()
        expect_view(desktop, word, views, view)


def test_a_page_is_found_again_as_it_was_left_and_back_does_not_mind(desktop: Page, app: App) -> None:
    """The list of pages leads to the view that one left; that is one step for Back, like any other page."""
    word, views = VIEWS["Evaluate"]
    visit(desktop, f"{app.address}/Evaluate?model=ann", "Evaluate")
    press(option(desktop, word, "Certainty"))
    expect_view(desktop, word, views, "Certainty")
    go_to(desktop, "Explore")
    settle(desktop)
    go_to(desktop, "Evaluate")
    expect_view(desktop, word, views, "Certainty")
    press(option(desktop, word, "ROC"))
    expect_view(desktop, word, views, "ROC")
    desktop.go_back()
    expect_view(desktop, word, views, "Certainty")
    desktop.go_back()
    expect(desktop.get_by_role("heading", level=1)).to_have_text("Explore")
    settle(desktop)
    desktop.go_back()
    expect(desktop.get_by_role("heading", level=1)).to_have_text("Evaluate")
    expect_view(desktop, word, views, "Certainty")
    desktop.go_back()
    expect_view(desktop, word, views, "Errors")


def test_back_goes_through_the_parts_of_a_close_up(desktop: Page, app: App) -> None:
    visit(desktop, f"{app.address}/Explore?model=ann", "Explore")
    for part in PARTS[1:]:
        press(option(desktop, "part", part))
        expect_view(desktop, "part", PARTS, part)
    for part in PARTS[-2::-1]:
        desktop.go_back()
        expect_view(desktop, "part", PARTS, part)


def _choose(word: str, label: str) -> Callable[[Page], None]:
    return lambda page: press(option(page, word, label))


def _from_list(word: str, label: str) -> Callable[[Page], None]:
    return lambda page: looks.choose(page, word, label)


def _step(word: str) -> Callable[[Page], None]:
    """Move the first handle of a slider by one."""
    return lambda page: of(page, word).get_by_role("slider").first.press("ArrowRight")


def _switch(word: str) -> Callable[[Page], None]:
    return lambda page: press(of(page, word).locator("label").first)


# What can be chosen beside the views, in the order in which it is: where, how, and what the address then has more.
CHOICES = {
    "Explore?model=ann": [
        (_choose("labelled", "4"), "labelled=4"),
        (_choose("labelled", "9"), "labelled=9"),
        (_choose("read", "9"), "read=9"),
        (_choose("verdict", "wrong"), "verdict=wrong"),
        (_from_list("sort", "Hardest for the model"), "sort=Hardest"),
    ],
    "Explore?view=Map": [(_choose("method", "PCA"), "method=PCA")],
    "Explore?view=Distort": [
        (_step("rotation"), "rotation="),
        (_choose("amounts", "Gentle"), "amounts=Gentle"),
    ],
    "Evaluate?model=ann": [
        (_choose("scale", "% of the true digit"), "scale="),
        (_switch("diagonal"), "diagonal=true"),
        (_step("sure"), "sure=1"),
    ],
    "Evaluate?evaluate=Certainty": [
        (_choose("binning", "Equal mass"), "binning="),
        (_switch("tempered"), "tempered=true"),
        (_step("refuse"), "refuse=91"),
    ],
    "Evaluate?evaluate=ROC": [
        (_choose("lines", "4"), "lines=4"),
        (_switch("zoom"), "zoom=false"),
        (_step("threshold"), "threshold=51"),
    ],
    "Evaluate?evaluate=Two models": [(_from_list("against", "Tiny CNN"), "against=")],
    "Evaluate?evaluate=Digit by digit": [(_choose("figure", "Precision"), "figure=Precision")],
}


@pytest.mark.parametrize("place", CHOICES)
def test_back_takes_back_one_choice_after_the_other(place: str, desktop: Page, app: App) -> None:
    visit(desktop, f"{app.address}/{place}", place.partition("?")[0])
    addresses = [desktop.url]
    for choose, words in CHOICES[place]:
        choose(desktop)
        expect(desktop).to_have_url(re.compile(re.escape(words)))
        settle(desktop)
        addresses.append(desktop.url)
    shown = [_shown(desktop)]
    for address in addresses[-2::-1]:
        desktop.go_back()
        settle(desktop)
        assert desktop.url == address
        shown.append(_shown(desktop))
    assert len({str(one) for one in shown}) == len(shown)
    for before, address in zip(shown[-2::-1], addresses[1:], strict=True):
        desktop.go_forward()
        settle(desktop)
        assert desktop.url == address
        _expect_shown(desktop, before)


def _expect_shown(page: Page, wanted: list[str]) -> None:
    """The run that Forward starts may begin, on a busy machine, only after the page has stood still for a while."""
    deadline = time.monotonic() + 30
    while (shown := _shown(page)) != wanted:
        assert time.monotonic() < deadline, (shown, wanted)
        page.wait_for_timeout(50)


def _shown(page: Page) -> list[str]:
    """What the widgets of a page show."""
    return page.evaluate(
        """() => [...document.querySelectorAll("[data-testid=stMain] :is(input, [aria-checked], [aria-pressed])")]
        .map((one) => one.getAttribute("aria-checked") ?? one.getAttribute("aria-pressed")
          ?? (one.type === "checkbox" ? String(one.checked) : one.getAttribute("aria-valuetext") ?? one.value))"""
    )


def test_back_returns_over_the_buttons_that_lead_to_another_page(desktop: Page, app: App) -> None:
    """Each of them is one step: no address in between."""
    visit(desktop, f"{app.address}/Explore?model=ann&labelled=4", "Explore")
    press(tile(desktop, "train 9"))
    expect(tile(desktop, "train 9")).to_have_attribute("aria-pressed", "true")
    expect(desktop).to_have_url(re.compile("digit=train-9"))
    settle(desktop)
    left = desktop.url
    press(desktop.get_by_role("button", name="Open on the canvas"))
    expect(desktop.get_by_role("heading", level=1)).to_have_text("Draw")
    settle(desktop)
    desktop.go_back()
    expect(tile(desktop, "train 9")).to_have_attribute("aria-pressed", "true")
    expect(desktop).to_have_url(left)
    settle(desktop)
    desktop.go_forward()
    expect(desktop.get_by_role("heading", level=1)).to_have_text("Draw")


@pytest.mark.parametrize("name", ON_SOME)
def test_a_word_with_nonsense_behind_it_is_the_first_view(name: str, desktop: Page, app: App) -> None:
    """What else may stand there: tests/ui/frame/test_address.py."""
    word, views = VIEWS[name]
    visit(desktop, f"{app.address}/{name}?{word}=%00", name)
    expect(option(desktop, word, views[0])).to_be_checked()
    expect(desktop.get_by_text(failures.WORDS)).to_have_count(0)
