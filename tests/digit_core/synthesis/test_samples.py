import io

import pytest
from PIL import Image

from digit_core import segmentation
from digit_core.inference import classifier
from digit_core.synthesis import samples


@pytest.mark.parametrize("name", samples.NUMBERS)
def test_a_sample_is_a_picture_and_each_time_the_same(name: str) -> None:
    content = samples.picture(name)
    assert content == samples.picture(name)
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.format == "PNG"
        assert min(picture.size) >= 200


@pytest.mark.parametrize("name", ["ZIP code", "Check amount", "Two rows on squared paper"])
def test_the_samples_are_read_right(name: str) -> None:
    lines = segmentation.number_lines(segmentation.find_digits(samples.picture(name), classifier.load()))
    assert "\n".join(line.text for line in lines) == samples.text(name)
