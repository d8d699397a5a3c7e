"""A network as one file, opened from the disk with the network cut."""

import itertools
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from digit_core import figures
from digit_core.inference import browser as packing
from digit_core.inference import model_files
from tests.browser import axe, hand, pen
from tests.browser.conftest import VIEWPORTS
from tests.examples import others_long


@pytest.fixture(scope="module")
def file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = model_files.find(request.param)
    network = packing.packed(model_files.read_card(folder), (folder / model_files.LAYERS_FILE).read_bytes())
    path = tmp_path_factory.mktemp("home") / "network.html"
    path.write_text(packing.web_page("My <b>network</b>", network, figures.CLASS_COLOURS), encoding="utf-8")
    return path


def draw(page: Page, digit: int) -> None:
    paper = page.locator(".paper")
    box = paper.bounding_box()
    assert box is not None
    scale = box["width"] / 280
    for stroke in pen.STROKES[digit]:
        hand.drag(
            page,
            [(box["x"] + scale * x, box["y"] + scale * y) for x, y in hand.in_small_steps(stroke, 4)],
        )


# Each model, theme and screen once.
@pytest.mark.parametrize(
    ("file", "size", "scheme"),
    others_long(
        itertools.product(("default", "tiny"), VIEWPORTS, ("light", "dark")),
        ("default", "desktop", "dark"),
        ("tiny", "phone", "light"),
    ),
    indirect=["file"],
)
def test_it_opens_from_the_disk_without_network_and_reads(
    browser: Browser, file: Path, size: str, scheme: str
) -> None:
    is_phone = size == "phone"
    context = browser.new_context(
        viewport=VIEWPORTS[size], has_touch=is_phone, is_mobile=is_phone, color_scheme=scheme
    )
    context.set_offline(True)
    page, faults, asked = context.new_page(), [], []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    expect(page.get_by_role("heading", level=1)).to_have_text("My <b>network</b>")
    for digit in (3, 4):
        draw(page, digit)
        expect(page.locator("[data-live-digit]")).to_have_attribute("data-live-digit", str(digit))
        expect(page.locator(".digit")).to_have_text(str(digit))
        axe.expect_no_fault_of_ours(page)
        page.get_by_role("button", name="Clear").click()
        expect(page.get_by_text("Nothing drawn yet.")).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= VIEWPORTS[size]["width"]
    assert faults == []
    assert asked == [file.as_uri()]
    context.close()
