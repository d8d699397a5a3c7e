import time
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from benchmarks import non_numbers as pictures_without
from benchmarks import whole_numbers
from digit_core import datasets, segmentation
from digit_core.errors import NoDigitsError, PictureError
from digit_core.inference import classifier
from digit_core.preprocessing import images
from digit_core.segmentation import non_numbers
from digit_core.segmentation.lines import Piece
from digit_core.synthesis import numbers
from digit_core.synthesis import paper as papers
from digit_core.synthesis.numbers import Hand


def is_refused(picture: Image.Image | np.ndarray, reader: classifier.Classifier) -> bool:
    """Whether a sentence comes instead of digits, within two seconds of processor time."""
    start = time.process_time()
    try:
        segmentation.find_digits(picture, reader)
    except PictureError as error:
        assert str(error).endswith(".")
        assert time.process_time() - start < 2
        return True
    return False


def test_pages_of_text_are_refused_at_once(reader: classifier.Classifier) -> None:
    assert all(is_refused(page, reader) for page in pictures_without.text_pages(3, seed=31))


def test_photos_of_things_are_refused_at_once(reader: classifier.Classifier) -> None:
    refused = [is_refused(photo, reader) for photo in pictures_without.photos(10, seed=32)]
    assert sum(refused) >= 9  # a bent twig may look like a 1


@pytest.mark.parametrize(("seed", "number"), [(22, 4), (33, 4), (33, 17)])
def test_a_thing_that_looks_like_a_1_is_refused_for_what_lies_about(
    seed: int, number: int, reader: classifier.Classifier
) -> None:
    """In two photos most of the ink is no digit, in the third most of what looks like digits runs off."""
    *_, photo = pictures_without.photos(number + 1, seed)
    assert is_refused(photo, reader)


@pytest.mark.parametrize("kind", ["drawings, touching", "drawings, broken", "pages, squared"])
def test_numbers_are_not_refused(kind: str, reader: classifier.Classifier) -> None:
    make, _ = whole_numbers.MADE[f"made {kind}"]
    assert not any(is_refused(picture, reader) for picture, _ in make(10, 0))


def test_a_full_page_of_digits_is_not_taken_for_text() -> None:
    digits = datasets.load_mnist().validation.images[:120] / np.float32(255)
    pieces = [Piece(digit, 40 * (place // 12), 30 * (place % 12)) for place, digit in enumerate(digits)]
    non_numbers.check_marks(pieces, 28.0)


def bars(count: int) -> Iterator[np.ndarray]:
    """Level bars, which are no digits."""
    for _ in range(count):
        yield images.from_ink(np.pad(np.ones((8, 40), np.float32), 10))


def test_most_of_what_was_found_is_to_look_like_digits() -> None:
    digits = list(images.from_dataset(datasets.load_mnist().validation.images[:4]))
    non_numbers.check_digits(np.stack([*digits, *bars(1)]), share=0.9)
    with pytest.raises(NoDigitsError, match="cut out the part"):
        non_numbers.check_digits(np.stack([*digits[:1], *bars(4)]), share=0.9)
    with pytest.raises(NoDigitsError, match="text"):
        non_numbers.check_digits(np.stack(digits), share=0.1)
    with pytest.raises(NoDigitsError, match="text"):
        non_numbers.check_digits(np.stack(digits[:1]), share=0.9, share_of_all=0.1)


def test_small_print_beside_a_number_is_left_out_and_a_small_number_is_not() -> None:
    """An envelope was read as seven lines of nonsense."""
    validation, random = datasets.load_mnist().validation, np.random.default_rng(0)
    own = validation.take(np.arange(5))

    def texts(small: str) -> tuple[list[str], int]:
        ink = np.zeros((420, 900), np.uint8)
        numbers.paste(numbers.write(own, Hand(90, 8, 0.3, 0.04), random), ink, 260, 80)
        if small:
            printed = Image.fromarray(ink)
            font = ImageFont.load_default(44.0)
            ImageDraw.Draw(printed).text((60, 60), small, fill=255, font=font)
            ImageDraw.Draw(printed).text((60, 120), "Please return to sender", fill=255, font=font)
            ink = np.array(printed)
        else:
            numbers.paste(numbers.write(own, Hand(40, 4, 0.3, 0.04), random), ink, 90, 80)
        sheet = papers.photographed(papers.written(papers.plain(ink.shape), ink), random)
        found = segmentation.find_digits(sheet, classifier.load())
        return [line.text for line in segmentation.number_lines(found)], len(found.left_out)

    number = "".join(map(str, own.labels))
    assert texts("Max Mustermann, Hauptstrasse") == ([number], 2)
    assert texts("") == ([number, number], 0)
