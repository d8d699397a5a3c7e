"""Weights as colours around zero."""

import io

import numpy as np
from PIL import Image

from digit_core.figures import explanations


def _pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))


def _rgb(colour: str) -> list[int]:
    return list(bytes.fromhex(colour.removeprefix("#")))


def test_what_adds_and_what_takes_have_their_colours_and_zero_is_nearly_clear() -> None:
    pixels = _pixels(explanations.filters_png(np.array([[[1.0, -1.0], [0.0, 0.5]]]), 1, 1))
    assert pixels[0, 0].tolist() == [*_rgb(explanations.ADDS), 255]
    assert pixels[0, 1].tolist() == [*_rgb(explanations.TAKES), 255]
    assert pixels[1, 0, 3] < 30
    assert pixels[1, 1, :3].tolist() == _rgb(explanations.ADDS) and 120 < pixels[1, 1, 3] < 160


def test_filters_stand_row_by_row_with_clear_gaps() -> None:
    filters = np.stack([np.full((2, 2), value) for value in (1.0, -1.0, 1.0)])
    pixels = _pixels(explanations.filters_png(filters, 2, 3))
    side = 2 * 3
    step = pixels.shape[1] // 2
    assert pixels.shape[0] == pixels.shape[1] and step > side
    assert (pixels[:side, :side, 3] == 255).all() and (pixels[:, side:step, 3] == 0).all()
    assert pixels[0, step, :3].tolist() == _rgb(explanations.TAKES)
    assert pixels[step, 0, :3].tolist() == _rgb(explanations.ADDS)
    assert (pixels[step:, step:, 3] == 0).all()


def test_filters_of_zeros_are_shown_as_zeros() -> None:
    pixels = _pixels(explanations.filters_png(np.zeros((2, 5, 5), np.float32), 2, 2))
    assert 0 < pixels[0, 0, 3] < 30
