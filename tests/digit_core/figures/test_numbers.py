import io

import numpy as np
from PIL import Image

from digit_core.figures.numbers import parts_png


def test_each_part_has_its_colour_and_its_ink_and_colours_begin_again_but_for_that_of_no_part() -> None:
    ink = np.array([[1.0, 1.0, 1.0, 1.0, 0.0, 0.6]])
    numbers = np.array([[0, 1, 2, 3, 1, 1]], np.uint8)
    png = parts_png(ink, numbers, ("#102030", "#405060", "#708090"))
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))[0]
    grey, first, second = (0x10, 0x20, 0x30), (0x40, 0x50, 0x60), (0x70, 0x80, 0x90)
    assert [tuple(pixel[:3]) for pixel in pixels[:4].tolist()] == [grey, first, second, first]
    assert pixels[:, 3].tolist() == [255, 255, 255, 255, 0, 153]
