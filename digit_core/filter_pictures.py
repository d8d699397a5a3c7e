"""Weights as pictures: what adds to a unit's answer in one colour, what takes from it in another."""

import io

import numpy as np
from PIL import Image

ADDS, TAKES = "#3b8ed0", "#d0662f"  # the colour-blind can tell them apart, and both from light paper and dark
_GAP = 6  # pixels of the PNG between two filters
_HALF = 120  # steps of either colour
_GROUND = 26  # of 255: a hint of grey, so that a filter of zeros has a shape, too


def sprite_png(filters: np.ndarray, columns: int, scale: int) -> bytes:
    """Filters as one PNG on a clear ground, row by row; a weight of zero is clear, the largest of all is full colour.

    Args:
        filters: float array of shape (n, side, side), at least one.
        columns: filters in a row, at least 1.
        scale: pixels of the PNG for a weight, at least 1.
    """
    count, height, width = filters.shape
    largest = float(np.abs(filters).max()) or 1.0
    steps = np.round(filters / largest * _HALF).astype(np.int16) + _HALF + 1  # 0 is the gap
    tile_height, tile_width = height * scale + _GAP, width * scale + _GAP
    rows = -(-count // columns)
    tiles = np.zeros((rows * columns, tile_height, tile_width), np.uint8)
    tiles[:count, :-_GAP, :-_GAP] = steps.repeat(scale, axis=1).repeat(scale, axis=2)
    grid = tiles.reshape(rows, columns, tile_height, tile_width).swapaxes(1, 2)
    page = Image.fromarray(grid.reshape(rows * tile_height, columns * tile_width), "L")
    page.putpalette(_palette())
    buffer = io.BytesIO()
    page.save(buffer, "PNG", transparency=_opacities(), compress_level=1)
    return buffer.getvalue()


def _palette() -> bytes:
    takes, adds = (bytes.fromhex(colour.removeprefix("#")) for colour in (TAKES, ADDS))
    grey = bytes([128, 128, 128])
    return grey + takes * _HALF + grey + adds * _HALF


def _opacities() -> bytes:
    """How opaque each step is: the gap not at all, then from full to the ground's and back to full."""
    rising = [round(_GROUND + (255 - _GROUND) * step / _HALF) for step in range(_HALF + 1)]
    return bytes([0, *rising[:0:-1], *rising])
