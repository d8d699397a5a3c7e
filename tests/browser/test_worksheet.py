"""A worksheet photographed with a phone: six kinds of paper and light, read as whole numbers, and one digit overruled by a tap."""

import io
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from digit_core.datasets.mnist import Mnist
from digit_core.inference.classifier import Classifier
from digit_core.inference.classifier import load as load_model
from digit_core.preprocessing import images
from digit_core.synthesis import numbers, photos
from digit_core.synthesis import paper as papers
from digit_core.synthesis.numbers import Hand
from tests.browser.conftest import ON_A_PHONE, App
from tests.browser.looks import expect_to_fit, press
from tests.examples import others_long

ROWS = ("2047", "318")
Brightness = np.ndarray


def _ink(mnist: Mnist, reader: Classifier, rows: tuple[str, ...]) -> np.ndarray:
    """Numbers in validation digits that the reader is sure of as a pen draws them: uint8 (h, w)."""
    validation = mnist.validation.take(np.arange(300))
    drawn = [numbers.draw(field, 100, 12) / np.float32(255) for field in numbers.skeletons(validation.images)]
    sure = reader.predict(np.stack([images.from_ink(np.pad(ink, 4)) for ink in drawn]))
    ink, random = np.zeros((120 + 150 * len(rows), 640), np.uint8), np.random.default_rng(1)
    for place, row in enumerate(rows):
        chosen = [
            max(np.flatnonzero(validation.labels == digit), key=lambda one, d=digit: sure[one, d])
            for digit in map(int, row)
        ]
        parts = numbers.write(validation.take(np.array(chosen)), Hand(80, 7, 0.35, 0.04), random)
        numbers.paste(parts, ink, 70 + 150 * place, 90)
    return ink


def _on_a_desk(sheet: Brightness) -> Brightness:
    photo = photos.on_a_desk(np.repeat(sheet[..., None], 3, axis=2), np.random.default_rng(5))
    return cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)


KINDS: dict[str, tuple[tuple[str, ...], Callable[[np.ndarray], Brightness]]] = {
    "ruled": (ROWS, lambda ink: papers.written(papers.ruled(ink.shape, 60), ink)),
    "squared": (ROWS, lambda ink: papers.written(papers.squared(ink.shape, 40), ink)),
    "on a desk": (ROWS, lambda ink: _on_a_desk(papers.written(papers.ruled(ink.shape, 60), ink))),
    "turned": (ROWS, lambda ink: papers.turned(papers.written(papers.squared(ink.shape, 40), ink), 3.0)),
    "pencil": (ROWS, lambda ink: papers.written(papers.plain(ink.shape, 0.88), ink, 0.5)),
    "several rows": ((*ROWS, "965"), lambda ink: papers.written(papers.plain(ink.shape), ink)),
}


def _photo(brightness: Brightness) -> bytes:
    random, file = np.random.default_rng(2), io.BytesIO()
    Image.fromarray(papers.photographed(papers.shaded(brightness, 0.35, random), random)).save(
        file, "JPEG", quality=88
    )
    return file.getvalue()


@pytest.fixture(scope="module")
def reader() -> Classifier:
    return load_model()


@ON_A_PHONE
@pytest.mark.parametrize("kind", others_long(KINDS, "on a desk", "turned", "several rows"))
def test_a_worksheet_is_read_and_a_digit_overruled_by_a_tap(
    page: Page, app: App, mnist: Mnist, reader: Classifier, kind: str
) -> None:
    rows, paper = KINDS[kind]
    photo = _photo(paper(_ink(mnist, reader, rows)))
    page.goto(f"{app.address}/Draw?draw=Whole+numbers")
    press(page.get_by_role("radio", name="Picture or photo", exact=True))
    page.locator("input[type=file]").set_input_files(
        [{"name": "sheet.jpg", "mimeType": "image/jpeg", "buffer": photo}]
    )
    lines = page.locator(".number-lines b")
    expect(lines).to_have_text(list(rows))
    expect(page.locator("button.box")).to_have_count(len("".join(rows)))
    names = page.locator("button.box").evaluate_all(
        "boxes => boxes.map(box => box.getAttribute('aria-label'))"
    )
    in_order = [
        f"line {line}, digit {place}:" for line, row in enumerate(rows, 1) for place in range(1, len(row) + 1)
    ]
    assert [name.partition(":")[0] + ":" for name in names] == in_order
    press(page.locator("button.box").nth(1))
    press(page.get_by_role("radio", name="9", exact=True))
    expect(lines).to_have_text([rows[0][0] + "9" + rows[0][2:], *rows[1:]])
    expect_to_fit(page)
