"""The form of a training shows what it would train, whatever becomes of the messages that a run has sent.

A visitor's first run of the page is cut short by a second one, which begins when the browser has told who visits: Streamlit
then drops what the first had not sent yet.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from digit_core import settings
from digit_core.recipes.presets import PRESETS
from digit_core.storage import store as stores
from tests.browser.conftest import VIEWPORTS, App, serve
from tests.browser.looks import LIVE, of, press, settle
from tests.browser.slow_line import SlowLine
from tests.examples import others_long
from ui.train.setup import form

PRESET = PRESETS[form.FIRST_PRESET]
CONFIG = PRESET.configs[0]
CONVOLUTION = CONFIG.network.layers[0]
RECIPE = {
    "preset": PRESET.title,
    "network": CONFIG.network.title,
    "layer": "1 Convolution",
    "layer-convolution-filters": str(CONVOLUTION.filters),
    "layer-convolution-size": str(CONVOLUTION.size),
    "subset_size": "all 55,000",
    "learning_rate": f"{CONFIG.learning_rate:g}",
    "epochs": str(CONFIG.epochs),
    "batch_size": str(CONFIG.batch_size),
    "augmentation-rotation": f"{CONFIG.augmentation.rotation:g}",
    "seed": str(CONFIG.seed),
}
FIRST = ["preset", "network"]  # the others are folded away
# What the fields show by the rest of their key behind "setup-"; the fields that are folded away included.
SHOWN = """(names) => Object.fromEntries(names.map((name) => {
  const field = [...document.querySelectorAll(`[class*="st-key-setup-${name}"]LIVE`)].find((one) =>
    one.className.split(" ").some((word) => new RegExp(`^st-key-setup-${name}(-[0-9]+)?$`).test(word))
    && one.querySelector("input, button[role]"));
  if (!field) return [name, null];
  const input = field.querySelector("input"), chosen = field.querySelector("[aria-checked=true], [aria-pressed=true]");
  return [name, input ? input.getAttribute("aria-valuetext") ?? input.value : chosen ? chosen.textContent : null];
}))""".replace("LIVE", LIVE)
START = "setup-start"


def shown(page: Page) -> dict[str, str | None]:
    """What the form shows once it stands still, all of it."""
    expect(of(page, START).get_by_role("button")).to_be_enabled(timeout=90_000)
    settle(page)
    press(page.get_by_text("Change the settings"))
    page.wait_for_function(
        f"(names) => Object.values(({SHOWN})(names)).every((text) => text !== null)", arg=list(RECIPE)
    )
    settle(page)
    return page.evaluate(SHOWN, list(RECIPE))


def open_train(browser: Browser, app: App, elements: int | None = None) -> dict[str, str | None]:
    """A new visitor opens Train; of the first run only so many elements behind the visitor's arrive."""
    context = browser.new_context(viewport=VIEWPORTS["desktop"])
    page = context.new_page()
    line = SlowLine(page)
    if elements is not None:
        line.lose_first_run(elements)
        line.keep_answers()
    page.goto(f"{app.address}/Train")
    if elements is not None:
        line.give_answers(
            200
        )  # when the first run is over, so that what arrives of it is the same in each trial
    found = shown(page)
    context.close()
    return found


@pytest.mark.parametrize("opening", others_long(range(10), 0))
def test_the_first_opening_after_a_start_shows_the_recipe(
    opening: int, browser: Browser, tmp_path: Path
) -> None:
    variables = {"DIGIT_DATABASE_URL": f"sqlite:///{(tmp_path / 'digitlab.db').as_posix()}"}
    with serve(settings.PROJECT_FOLDER / "Home.py", variables) as fresh:
        assert open_train(browser, fresh) == RECIPE


@pytest.mark.parametrize("opening", others_long(range(10), 0))
def test_later_openings_show_the_recipe(opening: int, browser: Browser, app: App) -> None:
    assert open_train(browser, app) == RECIPE


@pytest.mark.parametrize("elements", others_long(range(0, 100, 5), 20, 60))
def test_the_recipe_is_shown_whatever_the_second_run_leaves_of_the_first(
    elements: int, browser: Browser, app: App
) -> None:
    assert open_train(browser, app, elements) == RECIPE


def test_the_recipe_is_shown_though_the_second_runs_messages_come_late(browser: Browser, app: App) -> None:
    """As long as they are on their way, the form shows nothing else either."""
    context = browser.new_context(viewport=VIEWPORTS["desktop"])
    page = context.new_page()
    line = SlowLine(page)
    line.keep_answers()
    page.goto(f"{app.address}/Train")
    expect(of(page, START)).to_be_visible(timeout=90_000)
    settle(page)
    line.hold()
    line.give_answers(0)
    page.wait_for_timeout(1_000)
    assert page.evaluate(SHOWN, FIRST) == {name: RECIPE[name] for name in FIRST}
    line.release()
    assert shown(page) == RECIPE
    context.close()


def test_start_trains_what_is_shown(browser: Browser, tmp_path: Path) -> None:
    url = f"sqlite:///{(tmp_path / 'digitlab.db').as_posix()}"
    context = browser.new_context(viewport=VIEWPORTS["desktop"])
    page = context.new_page()
    with serve(settings.PROJECT_FOLDER / "Home.py", {"DIGIT_DATABASE_URL": url}) as fresh:
        line = SlowLine(page)
        line.lose_first_run(20)
        page.goto(f"{fresh.address}/Train")
        assert shown(page) == RECIPE
        press(of(page, START).get_by_role("button"))
        stop = page.get_by_role("button", name="Stop", exact=True)
        expect(stop).to_be_visible(timeout=90_000)
        (record,) = stores.Store(url).runs.all()
        assert record.config == CONFIG
        press(stop)
        expect(page.get_by_role("button", name="Again with other settings")).to_be_visible(timeout=90_000)
    context.close()
