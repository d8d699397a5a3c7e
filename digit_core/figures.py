"""Arrays in, figures out. Nothing is computed here but pixels."""

import io

import numpy as np
from PIL import Image

# One colour a digit, the same on every page. After P. Tol's "muted" scheme (2021), which the colour-blind can tell
# apart, darkened or lightened a little so that each stands out from light paper and from dark.
CLASS_COLOURS = (
    "#5d55c4",
    "#3d9ccf",
    "#2f9e86",
    "#3a8a3f",
    "#9a9a2e",
    "#c79a2b",
    "#d0662f",
    "#c9485b",
    "#9b3f86",
    "#7d7f86",
)


def digit_png(image: np.ndarray, ink: str) -> bytes:
    """A digit as a PNG of its own few pixels: ink of one colour on a clear ground.

    Args:
        image: float32 array of shape (h, w), 0.0 to 1.0, ink is 1.0.
        ink: the colour of full ink, such as "#1c2326".
    """
    colour = tuple(bytes.fromhex(ink.removeprefix("#")))
    pixels = np.empty((*image.shape, 4), np.uint8)
    pixels[..., :3] = colour
    pixels[..., 3] = np.round(image * 255)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def percent(share: float) -> str:
    """A share in words that claim no more than it does: 97.4%, or more than 99.9%."""
    if share > 0.999:
        return "> 99.9%"
    if share < 0.001:
        return "< 0.1%"
    return f"{share:.1%}"
