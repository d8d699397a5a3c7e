"""The sample pictures are what they say, each time the same."""

import io

import pytest
from PIL import Image

from digit_core import segmentation
from digit_core.inference import classifier
from digit_core.preprocessing import images
from digit_core.synthesis import samples

DIGITS = dict(zip(samples.DIGITS, (2, 3, 7, 5, 8), strict=True))
TEXTS = {"ZIP code": "90210", "Check amount": "1749", "Two rows on squared paper": "314159\n27182"}


@pytest.mark.parametrize("name", samples.DIGITS)
def test_a_sample_of_a_digit_is_read_right(name: str) -> None:
    make = samples.DIGITS[name]
    content = make()
    assert content == make()
    digit, confidence = classifier.load().predict_digit(images.from_picture(content))
    assert (digit, confidence > 0.9) == (DIGITS[name], True)


@pytest.mark.parametrize("name", samples.NUMBERS)
def test_a_sample_of_a_number_is_a_picture_and_each_time_the_same(name: str) -> None:
    content = samples.NUMBERS[name]()
    assert content == samples.NUMBERS[name]()
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.format == "PNG"
        assert min(picture.size) >= 200


@pytest.mark.parametrize("name", TEXTS)
def test_the_samples_of_numbers_are_read_right(name: str) -> None:
    lines = segmentation.number_lines(segmentation.find_digits(samples.NUMBERS[name](), classifier.load()))
    assert "\n".join(line.text for line in lines) == TEXTS[name]
