"""What holds on every view of every page, in both themes, on a desktop's screen and on a phone's."""

from collections.abc import Callable
from typing import Literal
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from digit_core.datasets.label_errors import LABEL_ERRORS
from digit_core.datasets.mnist import Mnist
from digit_core.evaluation import reports
from digit_core.inference import model_files
from tests.browser import axe, looks, pen
from tests.browser.conftest import VIEWPORTS, App, visitor

# What stands behind a page's address; a view that has parts shows another one in each place. The model that reads 40,000 worse
# pictures for Evaluate is a quick one.
VIEWS = {
    "": [""],
    "Explore": [
        "view=Browse&part=Numbers",
        "view=The whole set",
        "view=Map",
        "view=Labels in doubt",
        "view=Distort",
    ],
    "Train": [
        "train=Set up",
        "train=Your drawings",
        "train=Watch&run=recorded-ann",
        "train=Runs",
        "train=Import a model",
    ],
    "Evaluate": [
        "evaluate=Errors&model=ann&cell=4-9&scale=%25 of the true digit&diagonal=true&part=Label wrong?",
        "evaluate=Digit by digit",
        "evaluate=ROC",
        "evaluate=Certainty",
        "evaluate=Two models&model=ann&part=Where it looked",
        "evaluate=Worse pictures",
        "evaluate=Download",
    ],
    "Draw": [
        "draw=One digit",
        "draw=Pictures",
        "draw=Whole numbers",
        "draw=Why this answer?",
    ],
    "Inside": ["inside=Layer by layer", "inside=Where it looked", "inside=Point by point"],
    "Class": ["class=Control", "class=Projector"],
}
# What stands there only after some seconds.
COMPUTED = {"evaluate=Worse pictures": "Mean over the five strengths"}


# What is pressed on a view for more to be seen there, and what of it: nothing is pressed where a digit is drawn.
FILLED = {
    "train=Watch&run=recorded-ann": (("Mix-ups",), ".mix-ups"),
    "train=Runs": (("ANN against CNN",), ".run-measures"),
    "draw=One digit": ((), ".bars .share"),  # the tab keeps the drawing for the views behind this one
    "inside=Layer by layer": ((), ".layers .maps"),
    "draw=Pictures": (("Samples", "Blackboard"), ".read-pictures .answer"),
    "draw=Whole numbers": (("Picture or photo", "Samples", "ZIP code"), ".box"),
    "draw=Why this answer?": (("Your hand",), ".plain-table"),
}


def _fill(screen: Page, presses: tuple[str, ...], content: str) -> None:
    if not presses:
        pen.draw(screen, 4)
    for name in presses:
        buttons = (screen.get_by_role(role, name=name, exact=True) for role in ("radio", "button"))
        looks.press(next(buttons).or_(next(buttons)))
    expect(screen.locator(content).first).to_be_visible()


@pytest.fixture(scope="module")
def others_faults() -> dict[tuple[str, str], set[int]]:
    """The rows of `axe.NOT_OURS` that were found, by the screen and the page: those of this file's tests, in their order."""
    return {}


@pytest.mark.parametrize("page", VIEWS, ids=lambda page: page or "Home")
@pytest.mark.parametrize(
    ("size", "is_looked_into"),
    [("desktop", True), ("phone", False), pytest.param("phone", True, marks=pytest.mark.long)],
    ids=["desktop", "phone", "phone looked into"],
)
def test_every_view_fits_hinders_nobody_and_asks_no_other_server(
    profiles: Callable[[str], BrowserContext],
    app: App,
    size: str,
    is_looked_into: bool,
    page: str,
    others_faults: dict[tuple[str, str], set[int]],
) -> None:
    """Each view is opened in one theme, in turns, and then changes to the other, as a system does in the evening: on a desktop,
    for a phone has the same colours. What hinders people is looked for there as well; on a phone it is mostly the same.
    """
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    profile = profiles(size)
    profile.on("request", note)
    with visitor(profile) as screen:
        found = _look_through(screen, app, page, is_phone=size == "phone", is_looked_into=is_looked_into)
        others_faults.setdefault((size, page), set()).update(found)
    profile.remove_listener("request", note)
    home = urlsplit(app.address).netloc
    assert {url for url in asked if urlsplit(url).netloc not in (home, "")} == set()


def _look_through(screen: Page, app: App, page: str, *, is_phone: bool, is_looked_into: bool) -> set[int]:
    """All views of a page: the rows of `axe.NOT_OURS` that were found.

    The first one is opened by its link, and those whose link says more than their name; the others from the view before.
    """
    themes: list[Literal["light", "dark"]] = ["light", "dark"]
    found: set[int] = set()

    def look(*, colours_alone: bool = False) -> None:
        looks.expect_to_fit(screen)
        if is_looked_into:
            found.update(axe.expect_no_fault_of_ours(screen, colours_alone=colours_alone))

    for view in VIEWS[page]:
        screen.emulate_media(color_scheme=themes[0])
        name = view.partition("&")[0].partition("=")[2]
        choice = screen.get_by_role("radio", name=name, exact=True)
        if view == VIEWS[page][0] or "&" in view:
            looks.visit(screen, f"{app.address}/{page}?{view}", page or "Digit Lab")
        else:
            looks.press(choice)
        if view:
            expect(choice).to_be_checked()
        if view in COMPUTED:
            expect(screen.get_by_text(COMPUTED[view])).to_be_visible(timeout=60_000)
        look()
        if view in FILLED:
            _fill(screen, *FILLED[view])
            look()
        themes.reverse()
        if not is_phone:
            screen.emulate_media(color_scheme=themes[0])
            look(colours_alone=True)
    return found


@pytest.mark.parametrize("size", VIEWPORTS)
def test_the_report_hinders_nobody(browser: Browser, mnist: Mnist, size: str) -> None:
    report = reports.html_report(
        "ann",
        "MNIST test",
        mnist.test.images,
        mnist.test.labels,
        model_files.shipped_answers("ann")[60_000:],
        card=model_files.read_card("ann"),
        without=np.array([label.number for label in LABEL_ERRORS]),
    )
    screen = browser.new_page(viewport=VIEWPORTS[size])
    screen.set_content(report)
    assert axe.expect_no_fault_of_ours(screen) == set()
    screen.close()


def test_what_is_said_to_be_anothers_fault_is_still_there(
    others_faults: dict[tuple[str, str], set[int]],
) -> None:
    if len(others_faults) < len(VIEWPORTS) * len(VIEWS):
        pytest.skip("only some of the views were opened")
    found = set().union(*others_faults.values())
    assert [row for place, row in enumerate(axe.NOT_OURS) if place not in found] == []
