"""Pictures of the stages of a whole number."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from digit_core.figures.base import as_png, rgb

_LEVELS = 16  # of ink


def parts_png(ink: np.ndarray, numbers: np.ndarray, colours: Sequence[str]) -> bytes:
    """Ink in the colours of its parts, on a clear ground, pixel by pixel.

    Args:
        ink: float array of shape (h, w), 0.0 to 1.0, 1.0 is a part's full colour.
        numbers: uint8 array of shape (h, w), the number of the part that each pixel belongs to.
        colours: such as "#1c2326", at most 16: of part 0, of part 1 and so on; the numbers after the last begin again at part 1.

    Example:
        >>> import io
        >>> import numpy as np
        >>> from PIL import Image
        >>> from digit_core.figures.numbers import parts_png
        >>> png = parts_png(np.ones((1, 2)), np.array([[0, 1]], np.uint8), ["#7d7f86", "#c9485b"])
        >>> picture = Image.open(io.BytesIO(png)).convert("RGBA")
        >>> picture.getpixel((0, 0)), picture.getpixel((1, 0))
        ((125, 127, 134, 255), (201, 72, 91, 255))
    """
    cycle = max(1, len(colours) - 1)
    which = np.where(numbers == 0, 0, (numbers.astype(int) - 1) % cycle + 1)
    levels = np.round(np.clip(ink, 0, 1) * (_LEVELS - 1)).astype(int)
    picture = Image.fromarray((_LEVELS * which + levels).astype(np.uint8), "L")
    picture.putpalette(b"".join(rgb(colour) * _LEVELS for colour in colours))
    opacities = bytes(round(255 * level / (_LEVELS - 1)) for level in range(_LEVELS)) * len(colours)
    return as_png(picture, transparency=opacities, compress_level=6)
