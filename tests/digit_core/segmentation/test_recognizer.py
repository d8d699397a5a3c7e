import dataclasses
import io
import time

import cv2
import numpy as np
import pytest
from PIL import Image

from benchmarks.stages import PAPERS
from benchmarks.whole_numbers import composed_pages
from digit_core import datasets, segmentation
from digit_core.digits import Digits
from digit_core.errors import NoDigitsError, NoInkError
from digit_core.inference import classifier
from digit_core.inference.rejection import NO_DIGIT
from digit_core.preprocessing import images
from digit_core.segmentation import decoder
from digit_core.segmentation.boxes import DigitBox, DigitBoxes, SignBox
from digit_core.synthesis import numbers
from digit_core.synthesis import paper as papers
from digit_core.synthesis.numbers import Hand, Part
from tests.digit_core.test_digits import ink_of, words_of

CANVAS = 280, 900


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


@pytest.fixture(scope="module")
def sheet_on_a_desk(digits: Digits) -> tuple[np.ndarray, np.ndarray]:
    """A photo of a ruled page on a desk, uint8 (h, w, 3), and the place of each digit's middle in it, x and y: (9, 2)."""
    ink = page(digits)
    brightness = papers.written(papers.ruled(ink.shape, 60), ink)
    height, width = brightness.shape
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    seen = np.array([(150, 90), (930, 190), (880, 640), (100, 500)], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, seen)
    desk = np.full((720, 1080), 0.4, np.float32)
    desk += 0.05 * np.sin(np.arange(1080) / 3)  # the grain of wood
    covered = cv2.warpPerspective(np.ones_like(brightness), matrix, (1080, 720))
    lying = desk * (1 - covered) + cv2.warpPerspective(brightness, matrix, (1080, 720)) * covered
    pieces = cv2.connectedComponentsWithStats((ink > 128).astype(np.uint8))[2][1:]
    middles = (pieces[:, :2] + pieces[:, 2:4] / 2)[pieces[:, 4] > 100].astype(np.float64)
    middles = middles[np.lexsort((middles[:, 0], middles[:, 1] > 200))]
    photo = papers.photographed(lying, np.random.default_rng(0))
    return np.repeat(photo[..., None], 3, axis=2), cv2.perspectiveTransform(middles[None], matrix)[0]


def test_a_page_on_a_desk_is_read_and_each_box_sits_on_its_digit(
    reader: classifier.Classifier, digits: Digits, sheet_on_a_desk: tuple[np.ndarray, np.ndarray]
) -> None:
    photo, middles = sheet_on_a_desk
    boxes = segmentation.find_digits(photo, reader)
    assert text(boxes) == [spelt(digits), spelt(digits)[:3]]
    for box, (x, y) in zip(boxes, middles, strict=True):
        top, left, bottom, right = box.box
        assert (left + right) / 2 == pytest.approx(x, abs=8)
        assert (top + bottom) / 2 == pytest.approx(y, abs=8)


@pytest.mark.parametrize("between", [70, 120])
def test_the_joints_of_a_desk_are_no_ones(
    between: int, reader: classifier.Classifier, digits: Digits
) -> None:
    """Rows of ones were read where planks meet, and were preferred to the sheet."""
    random, ink = np.random.default_rng(0), np.zeros((260, 700), np.uint8)
    own = digits.take(np.flatnonzero(digits.labels != 1)[:5])
    numbers.paste(numbers.write(own, Hand(80, 7, 0.35, 0.04), random), ink, 80, 80)
    desk = np.full((760, 1000), 0.5, np.float32)
    for left in range(30, 1000, between):
        desk[30:600, left : left + 5] = 0.25
    desk[250:510, 150:850] = papers.written(papers.plain(ink.shape), ink)
    photo = papers.photographed(papers.shaded(desk, 0.2, random), random)
    assert text(segmentation.find_digits(photo, reader)) == [spelt(own)]


def test_ones_alone_are_no_better_a_reading_than_a_number(reader: classifier.Classifier) -> None:
    """Of a ruled sheet on a desk its lines were read, as twelve ones, instead of its digits."""
    made = composed_pages(8, PAPERS["ruled"], 501, on_a_desk=True)
    *_, page = made
    found = text(segmentation.find_digits(page.picture, reader))
    assert found[0] == "".join(str(part.label) for part in page.rows[0])
    assert len(found) == len(page.rows)


def bar_on_a_wall(top: int, height: int, of: int) -> np.ndarray:
    """A photo of a dark bar, which looks like a 1, before a light wall that is `of` pixels high."""
    wall = np.full((of, 640), 0.75, np.float32)
    wall[top : top + height, 300 : 300 + height // 10] = 0.25
    return papers.photographed(wall, np.random.default_rng(0))


def test_what_runs_off_the_picture_is_no_digit_but_in_a_close_cut_out(reader: classifier.Classifier) -> None:
    assert text(segmentation.find_digits(bar_on_a_wall(60, 150, of=480), reader)) == ["1"]
    for top in (0, 330):
        with pytest.raises(NoDigitsError):
            segmentation.find_digits(bar_on_a_wall(top, 150, of=480), reader)
    assert text(segmentation.find_digits(bar_on_a_wall(20, 150, of=170), reader)) == ["1"]


def test_boxes_of_a_sheet_can_be_merged_and_split(
    reader: classifier.Classifier, sheet_on_a_desk: tuple[np.ndarray, np.ndarray]
) -> None:
    first, second = segmentation.find_digits(sheet_on_a_desk[0], reader)[:2]
    left, right = segmentation.split(segmentation.merge(first, second, reader), reader)
    assert [left.digit, right.digit] == [first.digit, second.digit]
    assert np.abs(np.subtract(left.box + right.box, first.box + second.box)).max() <= 2


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


def test_zeros_that_touch_are_zeros(reader: classifier.Classifier) -> None:
    validation = datasets.load_mnist().validation
    zeros, right = np.flatnonzero(validation.labels == 0)[:3], 0
    for first in (1, 2, 5):
        chosen = validation.take(np.append(np.flatnonzero(validation.labels == first)[1], zeros))
        for gap in (-0.06, 0.0, 0.1):  # pixels, of a digit 100 high: -6 to 10
            parts = numbers.write(chosen, Hand(100, 14, gap, 0.01), np.random.default_rng(0))
            right += text(segmentation.find_digits(canvas(parts)[0], reader)) == [f"{first}000"]
    assert right >= 8


def test_a_digit_in_two_parts_is_one(reader: classifier.Classifier, digits: Digits) -> None:
    """But for a 0: its two bows are no digits, and half of the time they are refused, else made up."""
    for seed in np.flatnonzero(digits.labels[:5] != 0).tolist():
        pair = digits.take(np.arange(seed, seed + 2))
        parts = numbers.write(pair, Hand(100, 12, 0.3, 0.03), np.random.default_rng(seed))
        gap = parts[0].ink.copy()
        gap[48:54] = 0  # a pen that skipped
        parts[0] = dataclasses.replace(parts[0], ink=gap)
        assert text(segmentation.find_digits(canvas(parts)[0], reader)) == [spelt(pair)]


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


def test_boxes_are_in_pixels_of_the_photo_and_a_large_one_takes_as_long_as_its_pixels(
    reader: classifier.Classifier, digits: Digits
) -> None:
    photo = (255 * papers.written(papers.plain((420, 800)), page(digits))).astype(np.uint8)
    photo = cv2.copyMakeBorder(photo, 90, 90, 0, 0, cv2.BORDER_REPLICATE)
    large = cv2.resize(photo, (4000, 3000), interpolation=cv2.INTER_CUBIC)  # 12 megapixels

    def read(picture: np.ndarray) -> tuple[list[DigitBox], float]:
        """The boxes, and the processor's seconds."""
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "JPEG")
        start = time.process_time()
        boxes = segmentation.find_digits(file.getvalue(), reader)
        return boxes, time.process_time() - start

    small_seconds = float(np.median([read(photo)[1] for _ in range(3)]))
    boxes, seconds = read(large)
    assert seconds < 40 * small_seconds  # a fraction of a second, and the large one has 25 times the pixels
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
    with pytest.raises(NoDigitsError, match="too little ink in this box"):
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


def test_a_line_with_signs_is_as_certain_as_these_are_too() -> None:
    digits = [box(0, 0, 4, 0.8), box(0, 50, 2, 0.5)]
    signs = [SignBox(":", (0, 30, 20, 34), 0, 0.9), SignBox("-", (0, 0, 5, 9), 1, 0.1)]
    (line,) = segmentation.number_lines(digits, signs)
    assert line.text == "4:2" and line.certainty == pytest.approx(0.36)


def test_another_model_reads_the_same_boxes(reader: classifier.Classifier, digits: Digits) -> None:
    drawing, _ = canvas(numbers.write(digits, Hand(100, 14, 0.25, 0.03), np.random.default_rng(0)))
    boxes = segmentation.find_digits(drawing, reader)
    other = classifier.load("ann")
    for before, after in zip(boxes, segmentation.reread(boxes, other), strict=True):
        answer = decoder.weighed(other.predict(before.image[None])[0], before.evidence, before.certainty)
        np.testing.assert_allclose(after.probabilities, answer, atol=1e-6)
        assert after.box == before.box
    assert segmentation.reread([], other) == []


def test_a_box_is_plain_values() -> None:
    one = box(0, 3, 5, 0.7)
    again = DigitBox(**dataclasses.asdict(one))
    assert (again.digit, again.box, again.line) == (5, one.box, 0)
    assert again.confidence == pytest.approx(0.7)


def drawing(digits: Digits, side: int) -> np.ndarray:
    """Digits beside each other on the paper for one, each as high and wide as `side`."""
    alpha = np.zeros((280, 280), np.uint8)
    for place, image in enumerate(digits.images):
        alpha[(280 - side) // 2 :, 8 + side * place :][:side, :side] = cv2.resize(
            image, (side, side), interpolation=cv2.INTER_CUBIC
        )
    return np.dstack([np.zeros((280, 280, 3), np.uint8), alpha])


def test_digits_that_are_refused_as_one_are_known_for_several(reader: classifier.Classifier) -> None:
    validation = datasets.load_mnist().validation
    refused = found = right = 0
    for first in range(0, 80, 2):
        pair = validation.take(np.arange(first, first + 2))
        paper = drawing(pair, 130)
        if reader.judge(images.from_canvas(paper)[None])[0].verdict != NO_DIGIT:
            continue
        refused += 1
        several = segmentation.several_digits(paper, reader)
        found += len(several) == 2
        right += [box.digit for box in several] == pair.labels.tolist()
    assert refused >= 30
    assert found >= 0.95 * refused
    assert right >= 0.95 * found


def test_two_digits_that_pass_for_one_stand_beside_each_other_and_single_ones_do_not(
    reader: classifier.Classifier,
) -> None:
    """41 in one frame was read as a 4, "99.9%"."""
    validation, random = datasets.load_mnist().validation, np.random.default_rng(0)
    fours, ones = (np.flatnonzero(validation.labels == label)[:25] for label in (4, 1))
    passed = told = 0
    for four, one in zip(fours, ones, strict=True):
        pair = validation.take(np.array([four, one]))
        paper, _ = canvas(numbers.write(pair, Hand(130, 14, 0.15, 0.03), random), 60, 30)
        paper = np.ascontiguousarray(paper[:, :280])
        if reader.judge(images.from_canvas(paper)[None])[0].verdict == NO_DIGIT:
            continue
        passed += 1
        told += segmentation.stand_beside(paper) and len(segmentation.several_digits(paper, reader)) == 2
    assert passed >= 8 and told >= 0.9 * passed
    for row in range(60):
        assert not segmentation.stand_beside(drawing(validation.take(np.array([row])), 240))


def test_one_digit_a_face_and_two_lines_are_not_several(
    reader: classifier.Classifier, digits: Digits
) -> None:
    for digit in range(6):
        assert segmentation.several_digits(drawing(digits.take(np.array([digit])), 240), reader) == []
    face = cv2.circle(np.zeros((280, 280), np.uint8), (140, 140), 100, 255, 14)
    for eye in (110, 170):
        cv2.circle(face, (eye, 110), 8, 255, -1)
    cv2.ellipse(face, (140, 150), (55, 45), 0, 20, 160, 255, 12)
    assert segmentation.several_digits(np.dstack([np.zeros((280, 280, 3), np.uint8), face]), reader) == []
    stacked = np.concatenate([drawing(digits.take(np.arange(2)), 130)] * 2)
    assert len(segmentation.find_digits(stacked, reader)) == 4
    assert segmentation.several_digits(stacked, reader) == []
    assert segmentation.several_digits(np.zeros((280, 280, 4), np.uint8), reader) == []


def _found() -> DigitBoxes:
    """Two boxes of a large photo, half as large in ink, the second one lower and to the left."""
    image = np.zeros((28, 28), np.float32)
    answers = np.eye(10, dtype=np.float32)
    ink = np.full((20, 10), 0.5, np.float32)
    return DigitBoxes(
        [
            DigitBox(image, (100, 200, 140, 220), 0, answers[4], ink, 2.0),
            DigitBox(image, (180, 160, 220, 180), 1, answers[2], 2 * ink, 2.0),
        ]
    )


def test_a_notebook_shows_the_ink_of_all_boxes_in_its_place_with_frames_and_answers() -> None:
    html = _found()._repr_html_()
    ink = ink_of(html)
    tops, lefts = (np.flatnonzero((ink == grey).any(axis=axis)) for grey, axis in ((128, 1), (128, 0)))
    below, beside = np.flatnonzero((ink == 255).any(axis=1)), np.flatnonzero((ink == 255).any(axis=0))
    assert (len(tops), len(lefts), len(below), len(beside)) == (20, 10, 20, 10)
    assert (below[0] - tops[0], lefts[0] - beside[0]) == (40, 20)  # pixels of ink, half of the photo's
    assert words_of(html) == ["4", "2"]
    for top, left in ((tops[0], lefts[0]), (below[0], beside[0])):
        assert f'<rect x="{left}" y="{top}" width="10" height="20" ' in html
    assert "<figcaption>4; 2</figcaption>" in html


def test_one_box_shows_its_digit_and_no_boxes_show_a_list() -> None:
    box = _found()[1]
    assert repr(box) == "DigitBox(2, > 99.9%, line 1, box (180, 160, 220, 180))"
    assert ink_of(box._repr_html_()).shape == (28, 28)
    assert DigitBoxes()._repr_html_() == "[]"


def test_what_is_found_is_a_list_that_a_notebook_shows(reader: classifier.Classifier, digits: Digits) -> None:
    parts = numbers.write(digits.take(np.arange(3)), Hand(100, 14, 0.25, 0.03), np.random.default_rng(0))
    rgba, _ = canvas(parts)
    found = segmentation.find_digits(rgba, reader)
    assert isinstance(found, list) and len(found) == 3
    html = found._repr_html_()
    assert words_of(html) == [str(box.digit) for box in found]
    assert html.count("<rect") == 3
