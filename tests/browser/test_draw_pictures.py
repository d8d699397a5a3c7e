"""What people bring to the Draw page, in a real browser: pictures, whole numbers, keys instead of a pen, a reload."""

import base64
import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from digit_core.datasets.mnist import Mnist
from digit_core.synthesis import samples
from tests.browser import hand
from tests.browser.conftest import App
from tests.browser.looks import PAPER, expect_to_fit, press, settle
from tests.browser.pen import STROKES, draw
from tests.browser.test_draw import button, expect_reading, open_draw
from tests.browser.test_draw import press as press_button

# The ink of a stroke through the middle of the square paper: bright on dark paper, dark on bright paper.
_INK_IS_BRIGHT = """(isBright) => {
  const canvas = document.querySelector("canvas.dc-canvas.lower-canvas")
    ?? [...document.querySelectorAll("*")].map((one) => one.shadowRoot?.querySelector("canvas.dc-canvas.lower-canvas"))
      .find(Boolean);
  if (!canvas) return false;
  const pixel = canvas.getContext("2d").getImageData(canvas.width * 135 / 280, canvas.height / 2, 1, 1).data;
  return pixel[3] > 200 && (pixel[0] > 200) === isBright;
}"""
_PASTE = """(text) => {
  const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0)), clipboard = new DataTransfer();
  clipboard.items.add(new File([bytes], "image.png", { type: "image/png" }));
  document.body.dispatchEvent(
    new ClipboardEvent("paste", { clipboardData: clipboard, bubbles: true, cancelable: true }));
}"""


def photo_of_two_rows(mnist: Mnist) -> tuple[bytes, list[str]]:
    """Test digits in dark ink on a sheet with a shadow, and what stands there."""
    numbers = ((0, 1, 2), (3, 4, 5, 10))
    ink = np.zeros((400, 640), np.float32)
    for row, places in enumerate(numbers):
        for column, place in enumerate(places):
            digit = Image.fromarray(mnist.test.images[place]).resize((112, 112), Image.Resampling.BICUBIC)
            top, left = 50 + 180 * row, 60 + 140 * column
            ink[top : top + 112, left : left + 112] = np.asarray(digit) / 255
    paper = np.linspace(235, 150, 640)[None, :, None] * np.array([1, 0.98, 0.93])
    pixels = paper * (1 - 0.8 * ink[..., None])
    buffer = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(buffer, "JPEG", quality=90)
    texts = ["".join(str(mnist.test.labels[place]) for place in places) for places in numbers]
    return buffer.getvalue(), texts


def choose(page: Page, name: str) -> None:
    press(page.get_by_role("radio", name=name, exact=True))


def test_a_photo_of_two_rows_is_read_and_one_digit_overruled(page: Page, app: App, mnist: Mnist) -> None:
    photo, texts = photo_of_two_rows(mnist)
    page.goto(f"{app.address}/Draw?draw=Whole+numbers")
    choose(page, "Picture or photo")
    page.locator("input[type=file]").set_input_files(
        [{"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photo}]
    )
    expect(page.locator(".number-lines b")).to_have_text(texts)
    press(page.locator("button.box").nth(1))
    expect(page.get_by_text("Read as 2")).to_be_visible()
    choose(page, "8")
    overruled = [texts[0][0] + "8" + texts[0][2:], texts[1]]
    expect(page.locator(".number-lines b")).to_have_text(overruled)
    page.locator("button.box").nth(1).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Read as 1")).to_be_visible()
    press(page.locator("summary", has_text="Why this answer?"))
    expect(page.locator(".number-stages figure")).to_have_count(5)
    expect(page.locator(".number-stages .row")).to_have_count(2)
    expect_to_fit(page)
    choose(page, "Pictures")
    expect(page.get_by_text("No picture yet")).to_be_visible()
    choose(page, "Whole numbers")
    expect(page.locator(".number-lines b")).to_have_text(overruled)
    settle(page)  # the address names the view when the run has ended
    page.reload()
    expect(page.locator(".number-lines b")).to_have_text(overruled)
    expect(page.get_by_role("button", name="Undo the correction")).to_be_enabled()


def test_a_number_below_zero_is_drawn(page: Page, app: App) -> None:
    page.goto(f"{app.address}/Draw?draw=Whole numbers")
    expect(page.get_by_text("Nothing drawn yet")).to_be_visible(timeout=90_000)
    settle(page)
    box = page.locator(PAPER).bounding_box()
    assert box is not None
    scale = box["width"] / 900  # to the wide paper's pixels
    dash = [[(0, 150), (120, 148)]]
    for strokes, left in ((dash, 100), (STROKES[4], 190), (STROKES[2], 370)):
        for stroke in strokes:
            places = [(left + 0.65 * x, 40 + 0.75 * y) for x, y in stroke]
            hand.drag(page, [(box["x"] + scale * x, box["y"] + scale * y) for x, y in places])
    expect(page.locator(".number-lines b")).to_have_text(["-42"])
    expect(page.locator("button.box")).to_have_count(3)  # of both digits and of the dash
    press(page.locator("button.box").nth(0))
    press(page.get_by_role("button", name="Remove the sign"))
    expect(page.locator(".number-lines b")).to_have_text(["42"])
    press(page.get_by_role("button", name="Undo the correction"))
    expect(page.locator(".number-lines b")).to_have_text(["-42"])


def test_a_picture_is_pasted(desktop: Page, app: App) -> None:
    desktop.goto(f"{app.address}/Draw?draw=Pictures")
    expect(desktop.get_by_role("textbox", name="Paste a picture here")).to_be_visible()
    picture = base64.b64encode(samples.DIGITS["Blackboard"]()).decode()
    desktop.evaluate(_PASTE, picture)
    expect(desktop.locator(".read-pictures .answer")).to_have_text("7")
    desktop.evaluate(_PASTE, picture)
    expect(desktop.locator(".read-pictures .answer")).to_have_text(["7", "7"])
    settle(desktop)
    desktop.reload()
    expect(desktop.locator(".read-pictures .answer")).to_have_text(["7", "7"])


def test_a_reload_keeps_the_drawing(desktop: Page, app: App) -> None:
    open_draw(desktop, app)
    draw(desktop, 4)
    expect_reading(desktop, 4)
    settle(desktop)  # the browser keeps the last stroke a moment after it is read
    desktop.reload()
    expect_reading(desktop, 4)
    press_button(desktop, "Clear")
    expect(desktop.get_by_text("Nothing drawn yet")).to_be_visible()
    settle(desktop)
    desktop.reload()
    expect(desktop.get_by_text("Nothing drawn yet")).to_be_visible()
    expect(button(desktop, "Undo")).to_be_disabled()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_digit_is_painted_with_the_keys_alone(desktop: Page, app: App, scheme: str) -> None:
    desktop.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    open_draw(desktop, app)
    choose(desktop, "Squares and keys")
    paper = desktop.get_by_role("application")
    paper.focus()
    for key in ["ArrowUp"] * 8 + ["Enter"] + ["ArrowDown"] * 17 + ["Enter"]:
        desktop.keyboard.press(key)
    expect(desktop.locator(".said")).to_contain_text("Row 23, column 14: ink")
    expect_reading(desktop, 1)
    desktop.keyboard.press("ArrowLeft")  # the paper still has the keys
    expect(desktop.locator(".said")).to_contain_text("Row 23, column 13")
    choose(desktop, "Pen")
    expect_reading(desktop, 1)
    desktop.wait_for_function(_INK_IS_BRIGHT, arg=scheme == "dark")
    desktop.emulate_media(
        color_scheme="light" if scheme == "dark" else "dark"
    )  # the ink follows, nobody presses anything
    desktop.wait_for_function(_INK_IS_BRIGHT, arg=scheme == "light")
    expect_reading(desktop, 1)
    expect(button(desktop, "Redo")).to_be_disabled()
