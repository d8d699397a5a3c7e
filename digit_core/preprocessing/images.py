"""The ways in: whatever is drawn, photographed or stored becomes a 28 x 28 digit, always by the same preprocessing."""

from contextlib import nullcontext, suppress
from dataclasses import replace

import cv2
import numpy as np

from digit_core.errors import NoInkError
from digit_core.preprocessing import binarization, line_removal, page, pictures, sheets
from digit_core.preprocessing.binarization import Binarized
from digit_core.preprocessing.normalization import Stages, normalize

_MIN_PAGE_SIDE = 100  # pixels: a smaller picture shows no page
# Of the picture's shorter side, and of the digit's box: where only a page shows ink, as much of it is a digit.
_MIN_WRITTEN, _MIN_DENSITY = 0.1, 0.1
# Of the picture's shorter side; and of a thing's contrast, from pixel to pixel at its edge: a shadow's edge is softer.
_MIN_THING, _MIN_STEP = 0.03, 0.035


def from_canvas(rgba: np.ndarray) -> np.ndarray:
    """Turn a canvas drawing into one model-ready digit.

    Args:
        rgba: uint8 array of shape (height, width, 4). On a transparent background what is opaque is ink, whatever its
            colour; an opaque canvas is read as a picture.

    Returns:
        float32 array of shape (28, 28), 0.0 to 1.0, ink is 1.0, centred by centre of mass as MNIST is
        (LeCun et al., 1998).

    Raises:
        NoInkError: nothing was drawn.
        PictureError: not such an array.

    Example:
        >>> import numpy as np
        >>> from digit_core import images
        >>> canvas = np.zeros((280, 280, 4), np.uint8)
        >>> canvas[40:240, 130:150] = 255  # a 1, 20 pixels wide
        >>> image = images.from_canvas(canvas)
        >>> image.shape, int((image > 0.5).sum())  # 20 pixels high, 2 wide
        ((28, 28), 40)
    """
    return stages_of_canvas(rgba).image


def from_picture(source: pictures.Source) -> np.ndarray:
    """Turn a picture of one digit, dark on light or light on dark, into a model-ready one.

    Args:
        source: a path, the bytes of a file, a binary file object, a PIL image, or an array: uint8, 0 to 255, or floats,
            0.0 to 1.0, grey (height, width) or colour (height, width, 3 or 4).

    Returns:
        float32 array of shape (28, 28), 0.0 to 1.0, ink is 1.0, centred by centre of mass as MNIST is.

    Raises:
        NoInkError: nothing is written on the picture.
        PictureError: it cannot be read; see `pictures.read`.

    Example:
        >>> from PIL import Image, ImageDraw
        >>> from digit_core import images, load_model
        >>> picture = Image.new("L", (100, 100), "white")
        >>> ImageDraw.Draw(picture).text((30, 5), "5", font_size=80)
        >>> load_model().predict_digit(images.from_picture(picture))[0]
        5
    """
    return stages_of_picture(source).image


def candidates(source: pictures.Source) -> list[Stages]:
    """The ways to read a picture of one digit, the likeliest by geometry first: who reads takes the likeliest of all.

    A picture is read as what the digit fills; a photo as a page, too, with its lines taken off, and as the sheet that lies in it.

    Args:
        source: as for `from_picture`.

    Raises:
        NoInkError: nothing is written on the picture.
        PictureError: it cannot be read; see `pictures.read`.

    Example:
        >>> from PIL import Image, ImageDraw
        >>> from digit_core import images
        >>> picture = Image.new("L", (200, 200), "white")
        >>> ImageDraw.Draw(picture).line((0, 60, 199, 60), "gray", 2)  # ruled paper
        >>> ImageDraw.Draw(picture).rectangle((90, 80, 99, 159), fill="black")  # a 1
        >>> [stages.box for stages in images.candidates(picture)]  # as what the digit fills, and as a page
        [(80, 90, 160, 100), (80, 90, 160, 100)]
    """
    rgba = pictures.read(source)
    if max(rgba.shape[:2]) < _MIN_PAGE_SIDE or binarization.is_drawing(rgba):
        return [normalize(binarization.binarize(rgba))]
    found: list[Stages] = []
    if (corners := sheets.find(rgba)) is not None:
        with suppress(NoInkError):
            # A gap between two legs reaches the border of what was taken for a sheet: writing does not.
            found += [
                lined
                for lined in _readings(sheets.straightened(rgba, corners), is_sheet=True)
                if not _at_border(lined)
            ]
    with suppress(NoInkError) if found else nullcontext():
        found += _readings(rgba)
    return found


def _readings(rgba: np.ndarray, *, is_sheet: bool = False) -> list[Stages]:
    """A picture as what the digit fills and as a page; of a sheet, which is known to be one, only as a page.

    Raises:
        NoInkError: nothing is written on it.
    """
    lined = None
    with suppress(NoInkError):
        found = page.binarize(rgba)
        lined = normalize(replace(found, ink=line_removal.of_one_digit(found.ink)))
    try:
        whole = normalize(binarization.binarize(rgba))
    except NoInkError:
        if lined is None or not _is_written(lined):
            raise
        return [lined]
    if lined is None:
        return [whole]
    if is_sheet:
        return [lined]
    is_page = _is_lined(whole, lined) and not _is_thing(whole, lined, binarization.inside_frame(rgba))
    return [lined, whole] if is_page else [whole, lined]


def _is_written(lined: Stages) -> bool:
    """Whether the ink of a page is of one place, and large: what is found in the grain of bare paper lies everywhere, or is a speck."""
    is_large = max(lined.crop.shape) > _MIN_WRITTEN * min(lined.ink.shape)
    return is_large and float(lined.crop.mean()) > _MIN_DENSITY and not _at_border(lined)


def _is_lined(whole: Stages, lined: Stages) -> bool:
    """Whether lines or shadows, which go on beyond the picture, are what was found there but for a page."""
    return whole.is_dark_on_light == lined.is_dark_on_light and _at_border(whole) and not _at_border(lined)


def _is_thing(whole: Stages, lined: Stages, inside: tuple[slice, slice]) -> bool:
    """Whether what a page lacks inside its frame is wider than lines, with sharper edges than a shadow, as clothes have."""
    ink, kept = whole.ink > 0.5, lined.ink[inside] > 0.5
    lacking = ink & (cv2.dilate(kept.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0)
    if binarization.stroke_width(lacking) < _MIN_THING * min(ink.shape):
        return False
    edge = cv2.morphologyEx(lacking.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    steps = np.hypot(*np.gradient(cv2.GaussianBlur(whole.picture, (0, 0), 1.0)))
    contrast = abs(float(np.median(whole.picture[ink])) - float(np.median(whole.picture[~ink])))
    return bool(edge.any()) and float(np.median(steps[edge])) > _MIN_STEP * contrast


def _at_border(stages: Stages) -> bool:
    top, left, bottom, right = stages.box
    height, width = stages.ink.shape
    return min(top, left, height - bottom, width - right) <= 1


def from_dataset(images: np.ndarray) -> np.ndarray:
    """Digits of a dataset, which were made as MNIST's were, as a model takes them.

    Args:
        images: uint8 array of shape (n, 28, 28) or (28, 28), ink is 255.

    Returns:
        float32 array of the same shape, 0.0 to 1.0.

    Example:
        >>> import numpy as np
        >>> from digit_core import images
        >>> ink = images.from_dataset(np.full((28, 28), 255, np.uint8))
        >>> ink.dtype, ink.max().item()
        (dtype('float32'), 1.0)
    """
    return images * np.float32(1 / 255)


def to_dataset(images: np.ndarray) -> np.ndarray:
    """What a model sees, float32 of any shape, 0.0 to 1.0, as a dataset has it: uint8 of the same shape, ink is 255.

    Example:
        >>> import numpy as np
        >>> from digit_core import images
        >>> images.to_dataset(np.array([0.0, 0.5, 1.0], np.float32))
        array([  0, 128, 255], dtype=uint8)
    """
    return np.round(images * 255).astype(np.uint8)


def stages_of_canvas(rgba: np.ndarray) -> Stages:
    """As `from_canvas`, with every stage kept.

    Example:
        >>> import numpy as np
        >>> from digit_core import images
        >>> canvas = np.zeros((280, 280, 4), np.uint8)
        >>> canvas[40:240, 130:150] = 255
        >>> images.stages_of_canvas(canvas).box  # top, left, bottom, right of the ink
        (40, 130, 240, 150)
    """
    pictures.check_rgba(rgba)
    if rgba[..., 3].min() == 255:
        return normalize(binarization.binarize(rgba))
    return normalize(binarization.from_opacity(rgba[..., 3]))


def stages_of_picture(source: pictures.Source) -> Stages:
    """As `from_picture`, with every stage kept.

    Example:
        >>> from PIL import Image, ImageDraw
        >>> from digit_core import images
        >>> blackboard = Image.new("L", (100, 100), "black")
        >>> ImageDraw.Draw(blackboard).rectangle((45, 10, 54, 89), fill="white")
        >>> images.stages_of_picture(blackboard).is_dark_on_light
        False
    """
    return candidates(source)[0]


def from_ink(ink: np.ndarray) -> np.ndarray:
    """Turn ink that was already told from its background into a model-ready digit.

    Args:
        ink: float32 array of shape (height, width), 0.0 to 1.0, ink is 1.0.

    Returns:
        float32 array of shape (28, 28), 0.0 to 1.0.

    Raises:
        NoInkError: nothing is written on it.

    Example:
        >>> import numpy as np
        >>> from digit_core import images
        >>> ink = np.zeros((100, 60), np.float32)
        >>> ink[10:90, 25:35] = 1
        >>> images.from_ink(ink).shape
        (28, 28)
    """
    return stages_of_ink(ink).image


def stages_of_ink(ink: np.ndarray) -> Stages:
    """As `from_ink`, with every stage kept.

    Example:
        >>> import numpy as np
        >>> from digit_core import images
        >>> ink = np.zeros((100, 60), np.float32)
        >>> ink[10:90, 25:35] = 1
        >>> images.stages_of_ink(ink).crop.shape
        (80, 10)
    """
    return normalize(Binarized(1 - ink, np.ones_like(ink), True, ink))
