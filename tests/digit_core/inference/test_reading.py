from dataclasses import replace

import numpy as np
from PIL import Image

from digit_core.datasets import Mnist
from digit_core.inference.reading import read_digit
from tests.digit_core.test_digits import ink_of


def test_a_notebook_shows_what_the_network_sees_and_what_it_answers(mnist: Mnist) -> None:
    reading = read_digit(Image.fromarray(mnist.test.images[63]))
    html = reading._repr_html_()
    np.testing.assert_array_equal(ink_of(html), np.round(reading.image * 255))
    assert "<figcaption>It&#x27;s a 3. (&gt; 99.9%)</figcaption>" in html


def test_a_reading_says_that_it_is_not_sure(mnist: Mnist) -> None:
    reading = read_digit(Image.fromarray(mnist.test.images[63]))
    probabilities = np.full(10, 0.05, np.float32)
    probabilities[[4, 9]] = 0.35, 0.25
    doubtful = replace(reading, probabilities=probabilities, verdict="not sure")
    assert repr(doubtful) == 'Reading("I\'m not sure: a 4, perhaps a 9.", 35.0%)'
