"""The sample pictures are what they say, each time the same."""

import pytest

from digit_core import classifier, images, sample_digits

DIGITS = dict(zip(sample_digits.SAMPLES, (2, 7, 5, 8), strict=True))


@pytest.mark.parametrize("name", sample_digits.SAMPLES)
def test_a_sample_is_read_right(name: str) -> None:
    make = sample_digits.SAMPLES[name]
    content = make()
    assert content == make()
    digit, confidence = classifier.load().predict_digit(images.from_picture(content))
    assert (digit, confidence > 0.9) == (DIGITS[name], True)
