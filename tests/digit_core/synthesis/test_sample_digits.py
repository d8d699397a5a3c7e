"""The sample pictures are what they say, each time the same."""

import pytest

from digit_core.inference import classifier
from digit_core.preprocessing import images
from digit_core.synthesis import samples

DIGITS = dict(zip(samples.DIGITS, (2, 7, 5, 8), strict=True))


@pytest.mark.parametrize("name", samples.DIGITS)
def test_a_sample_is_read_right(name: str) -> None:
    make = samples.DIGITS[name]
    content = make()
    assert content == make()
    digit, confidence = classifier.load().predict_digit(images.from_picture(content))
    assert (digit, confidence > 0.9) == (DIGITS[name], True)
