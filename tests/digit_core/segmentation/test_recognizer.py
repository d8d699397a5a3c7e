import contextlib
import dataclasses
import io
import time

import cv2
import numpy as np
import pytest
from PIL import Image

from digit_core import datasets, segmentation
from digit_core.digits import Digits
from digit_core.errors import NoDigitsError, NoInkError
from digit_core.inference import classifier
from digit_core.preprocessing import images
from digit_core.segmentation.recognizer import DigitBox
from digit_core.synthesis import numbers
from digit_core.synthesis import paper as papers
from digit_core.synthesis.numbers import Hand, Part

CANVAS = 280, 900


@pytest.fixture(scope="module")
def reader() -> classifier.Classifier:
    return classifier.load()


@pytest.fixture(scope="module")
def digits() -> Digits:
    """Six digits that the reader knows beyond doubt when a pen writes them."""
    validation = datasets.load_mnist().validation.take(np.arange(60))
    drawn = [
        images.from_ink(np.pad(numbers.draw(field, 100, 12), 4) / np.float32(255))
        for field in numbers.skeletons(validation.images)
    ]
    sure = classifier.load().predict(np.stack(drawn))[np.arange(60), validation.labels]
    return validation.take(np.argsort(-sure, kind="stable")[:6])


def canvas(parts: list[Part], top: float = 80, left: float = 40) -> tuple[np.ndarray, list[Part]]:
    """A wide canvas with these digits on it, and where they are."""
    ink = np.zeros(CANVAS, np.uint8)
    placed = numbers.paste(parts, ink, top, left)
    return np.dstack([np.zeros((*CANVAS, 3), np.uint8), ink]), placed


def page(digits: Digits, slope: float = 0.0) -> np.ndarray:
    """Ink of two lines: all digits, and below them the first three."""
    ink = np.zeros((420, 800), np.uint8)
    random = np.random.default_rng(0)
    hand = Hand(70, 6, 0.35, 0.04, slope=slope)
    numbers.paste(numbers.write(digits, hand, random), ink, 50, 60)
    numbers.paste(numbers.write(digits.take(np.arange(3)), hand, random), ink, 230, 80)
    return ink


def text(boxes: list[DigitBox]) -> list[str]:
    return [line.text for line in segmentation.number_lines(boxes)]


def spelt(digits: Digits) -> str:
    return "".join(map(str, digits.labels))


def test_a_number_on_the_canvas_is_read_and_each_box_sits_on_its_digit(
    reader: classifier.Classifier, digits: Digits
) -> None:
    drawing, placed = canvas(numbers.write(digits, Hand(100, 14, 0.25, 0.03), np.random.default_rng(0)))
    boxes = segmentation.find_digits(drawing, reader)
    assert text(boxes) == [spelt(digits)]
    for box, part in zip(boxes, placed, strict=True):
        corners = part.top, part.left, part.top + part.ink.shape[0], part.left + part.ink.shape[1]
        assert np.abs(np.subtract(box.box, corners)).max() <= 2
        assert box.image.shape == (28, 28)
        assert box.line == 0


@pytest.mark.parametrize("paper", ["plain", "squared", "chalk"])
def test_two_slanting_lines_are_read_in_order_on_any_paper(
    reader: classifier.Classifier, digits: Digits, paper: str
) -> None:
    random = np.random.default_rng(4)
    ink = page(digits, slope=4)
    background = papers.squared(ink.shape, 30) if paper == "squared" else papers.plain(ink.shape)
    photo = papers.photographed(
        papers.shaded(papers.dusty(papers.written(background, ink), 8, 6, random), 0.4, random), random
    )
    boxes = segmentation.find_digits(Image.fromarray(255 - photo if paper == "chalk" else photo), reader)
    assert text(boxes) == [spelt(digits), spelt(digits)[:3]]
    assert [box.line for box in boxes] == [0] * 6 + [1] * 3


def test_touching_digits_are_cut(reader: classifier.Classifier, digits: Digits) -> None:
    right = 0
    for seed in range(5):
        parts = numbers.write(
            digits.take(np.array([seed, seed + 1])),
            Hand(100, 12, 0.3, 0.03, ties=1.0),
            np.random.default_rng(seed),
        )
        right += text(segmentation.find_digits(canvas(parts)[0], reader)) == [spelt(digits)[seed : seed + 2]]
    assert right >= 4


def test_a_digit_in_two_parts_is_one(reader: classifier.Classifier, digits: Digits) -> None:
    right = 0
    for seed in range(5):
        parts = numbers.write(
            digits.take(np.arange(seed, seed + 2)), Hand(100, 12, 0.3, 0.03), np.random.default_rng(seed)
        )
        gap = parts[0].ink.copy()
        gap[48:54] = 0  # a pen that skipped
        parts[0] = dataclasses.replace(parts[0], ink=gap)
        with contextlib.suppress(NoDigitsError):  # a miss as any other
            right += len(segmentation.find_digits(canvas(parts)[0], reader)) == 2
    assert right >= 4


def test_the_upper_half_of_a_raised_digit_is_no_line_of_its_own(
    reader: classifier.Classifier, digits: Digits
) -> None:
    right = 0
    for seed in range(5):
        parts = numbers.write(
            digits.take(np.arange(seed - 2, seed + 1)), Hand(100, 12, 0.3, 0.03), np.random.default_rng(seed)
        )
        ink = parts[2].ink.copy()
        ink[44:60] = 0  # a pen that skipped
        parts[2] = dataclasses.replace(parts[2], ink=ink, top=parts[2].top - 45)
        found = segmentation.find_digits(canvas(parts, top=60)[0], reader)
        right += [box.line for box in found] == [0, 0, 0]
    assert right >= 4


def test_boxes_are_in_pixels_of_the_photo_and_a_large_one_takes_seconds(
    reader: classifier.Classifier, digits: Digits
) -> None:
    photo = papers.written(papers.plain((420, 800)), page(digits))
    large = cv2.resize((255 * photo).astype(np.uint8), (4000, 2100), interpolation=cv2.INTER_CUBIC)
    large = cv2.copyMakeBorder(large, 450, 450, 0, 0, cv2.BORDER_REPLICATE)  # 12 megapixels
    file = io.BytesIO()
    Image.fromarray(large).save(file, "JPEG")
    start = time.process_time()
    boxes = segmentation.find_digits(file.getvalue(), reader)
    assert time.process_time() - start < 10
    assert text(boxes) == [spelt(digits), spelt(digits)[:3]]
    first = boxes[0].box
    assert abs(first[1] - 5 * 60) < 25
    assert abs(first[2] - first[0] - 5 * 70) < 60


@pytest.mark.parametrize(
    "picture",
    [np.zeros((280, 900, 4), np.uint8), Image.new("L", (600, 400), 235)],
    ids=["clear canvas", "blank paper"],
)
def test_a_blank_picture_is_refused(picture: np.ndarray | Image.Image, reader: classifier.Classifier) -> None:
    with pytest.raises(NoInkError):
        segmentation.find_digits(picture, reader)


def test_a_photo_without_digits_is_refused(reader: classifier.Classifier) -> None:
    y, x = np.mgrid[0:1:300j, 0:1:400j]
    hills = (120 + 60 * np.sin(9 * x) * np.cos(7 * y)).astype(np.uint8)
    with pytest.raises(NoInkError):
        segmentation.find_digits(Image.fromarray(hills), reader)


def test_a_page_of_text_is_refused_in_a_sentence(reader: classifier.Classifier) -> None:
    sheet = np.full((600, 900), 240, np.uint8)
    words = "Whom the gods would destroy they first make", "mad with wrath and then with power, my friend"
    for row in range(8):
        cv2.putText(
            sheet,
            words[row % 2],
            (20, 60 + 65 * row),
            cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
            1.1,
            20,
            3,
            cv2.LINE_AA,
        )
    with pytest.raises(NoDigitsError, match="digits"):
        segmentation.find_digits(Image.fromarray(sheet), reader)


def test_a_page_of_dust_is_refused_before_it_is_read(reader: classifier.Classifier) -> None:
    dust = np.full((1000, 1000), 240, np.uint8)
    dust[5::16, 5::16] = dust[6::16, 5::16] = dust[5::16, 6::16] = dust[6::16, 6::16] = 10
    with pytest.raises(NoDigitsError, match="marks"):
        segmentation.find_digits(np.dstack([np.zeros((1000, 1000, 3), np.uint8), 255 - dust]), reader)


def test_a_box_that_is_split_and_merged_again_is_what_it_was(
    reader: classifier.Classifier, digits: Digits
) -> None:
    drawing, _ = canvas(
        numbers.write(digits.take(np.array([0, 1])), Hand(100, 12, 0.2, 0.03), np.random.default_rng(0))
    )
    first, second = segmentation.find_digits(drawing, reader)
    both = segmentation.merge(first, second, reader)
    assert both.box == (
        min(first.box[0], second.box[0]),
        first.box[1],
        max(first.box[2], second.box[2]),
        second.box[3],
    )
    left, right = segmentation.split(both, reader)
    assert (left.digit, right.digit) == (first.digit, second.digit)
    assert left.box == first.box
    assert right.box == second.box


def test_what_is_too_small_is_not_split(reader: classifier.Classifier) -> None:
    ink = np.ones((1, 1), np.float32)
    dot = DigitBox(np.zeros((28, 28), np.float32), (0, 0, 1, 1), 0, np.full(10, 0.1, np.float32), ink, 1.0)
    with pytest.raises(NoDigitsError, match="cut in two"):
        segmentation.split(dot, reader)


def box(line: int, left: int, digit: int, confidence: float) -> DigitBox:
    probabilities = np.full(10, (1 - confidence) / 9, np.float32)
    probabilities[digit] = confidence
    return DigitBox(
        np.zeros((28, 28), np.float32),
        (0, left, 20, left + 10),
        line,
        probabilities,
        np.ones((20, 10), np.float32),
        1.0,
    )


def test_lines_are_as_certain_as_all_their_digits_together() -> None:
    first, second = segmentation.number_lines([box(1, 0, 7, 0.9), box(0, 50, 2, 0.5), box(0, 0, 4, 0.8)])
    assert (first.line, first.text, second.line, second.text) == (0, "42", 1, "7")
    assert first.certainty == pytest.approx(0.4)
    assert second.certainty == pytest.approx(0.9)


def test_another_model_reads_the_same_boxes(reader: classifier.Classifier, digits: Digits) -> None:
    drawing, _ = canvas(numbers.write(digits, Hand(100, 14, 0.25, 0.03), np.random.default_rng(0)))
    boxes = segmentation.find_digits(drawing, reader)
    other = classifier.load("ann")
    for before, after in zip(boxes, segmentation.reread(boxes, other), strict=True):
        np.testing.assert_allclose(after.probabilities, other.predict(before.image[None])[0], atol=1e-6)
        assert after.box == before.box
    assert segmentation.reread([], other) == []


def test_a_box_is_plain_values() -> None:
    one = box(0, 3, 5, 0.7)
    again = DigitBox(**dataclasses.asdict(one))
    assert (again.digit, again.box, again.line) == (5, one.box, 0)
    assert again.confidence == pytest.approx(0.7)
