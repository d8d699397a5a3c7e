"""Preprocessing, the same for all images: whatever is written becomes a 28 x 28 digit made the way MNIST's were.

LeCun et al. (1998): the ink is cropped, its longer side fitted to 20 pixels with its aspect kept, and its centre of
mass moved to the centre of 28 x 28.
"""

from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace

import cv2
import numpy as np

from digit_core.digits import SIDE
from digit_core.errors import NoInkError
from digit_core.preprocessing import binarization, line_removal, page, pictures, sheets
from digit_core.preprocessing.binarization import Binarized

FITTED_SIDE = 20  # pixels
# Pixels of the 20: thinner strokes would fade when they are shrunk, so they are thickened.
MIN_STROKE = 1.5
_FINE_SIDE = 160  # pixels: smaller crops are enlarged before their strokes are thickened
_CORE_INK = 0.5  # what is surely ink
_EDGE_INK = 0.1  # what is ink where it touches what surely is
_MIN_SHARE = 0.04  # of the largest piece's ink: smaller pieces are specks
_JOINING_GAP = 0.02  # of the longer side: pieces nearer than this are one broken stroke
_MIN_PAGE_SIDE = 100  # pixels: a smaller picture shows no page
# Of the picture's shorter side, and of the digit's box: where only a page shows ink, as much of it is a digit.
_MIN_WRITTEN, _MIN_DENSITY = 0.1, 0.1
# A frame follows the border, and hardly leaves the rim.
_FRAME_CONTACT, _FRAME_SHARE, _RIM = 0.3, 0.7, 0.08


@dataclass(frozen=True)
class PreprocessingSteps:
    """Which steps of preprocessing are taken. All are; one that is left out shows what it is good for.

    Attributes:
        binarizes: tell ink from its background, light or dark; else what is light is ink, as in MNIST.
        drops_specks: leave out specks and frames; else all that is not bare background is the digit.
        crops: cut the ink out; else the whole paper is taken.
        keeps_aspect: shrink both sides alike; else it is stretched to a square.
        strengthens: thicken thin strokes and darken faint ones, so that they survive the shrinking.
        leaves_margin: shrink to 20 of the 28 pixels; else to all 28.
        centres_by_mass: put the centre of mass in the middle; else the middle of the cut-out.

    Example:
        >>> from digit_core import images
        >>> images.ALL_STEPS.without("crops").crops
        False
    """

    binarizes: bool = True
    drops_specks: bool = True
    crops: bool = True
    keeps_aspect: bool = True
    strengthens: bool = True
    leaves_margin: bool = True
    centres_by_mass: bool = True

    def without(self, step: str) -> "PreprocessingSteps":
        """These, but for one, such as "crops"."""
        return replace(self, **{step: False})


ALL_STEPS = PreprocessingSteps()
# What most programs do with a drawing: the whole paper, light or dark, squeezed into 28 x 28 pixels.
PLAIN_RESIZE = PreprocessingSteps(True, False, False, False, False, False, False)


@dataclass(frozen=True, repr=False)
class Stages(Binarized):
    """What each step of preprocessing made of a digit. All arrays are float32, 0.0 to 1.0.

    Attributes:
        box: top, left, bottom, right of the ink in pixels; bottom and right are the first ones outside.
        crop: the ink in its box, without specks.
        fitted: the crop with its longer side at 20 pixels.
        image: shape (28, 28), centred by mass: what a model sees.

    Where a step was left out, the arrays are as they were without it.

    Example:
        >>> from PIL import Image, ImageDraw
        >>> from digit_core import images
        >>> picture = Image.new("L", (100, 100), "white")
        >>> ImageDraw.Draw(picture).rectangle((45, 10, 54, 89), fill="black")  # a 1
        >>> stages = images.stages_of_picture(picture)
        >>> stages.box, stages.fitted.shape, stages.image.shape
        ((10, 45, 90, 55), (20, 2), (28, 28))
    """

    box: tuple[int, int, int, int]
    crop: np.ndarray
    fitted: np.ndarray
    image: np.ndarray


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
        return [_stages(binarization.binarize(rgba))]
    found: list[Stages] = []
    if (corners := sheets.find(rgba)) is not None:
        with suppress(NoInkError):
            found += _readings(sheets.straightened(rgba, corners), is_sheet=True)
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
        lined = _stages(replace(found, ink=line_removal.of_one_digit(found.ink)))
    try:
        whole = _stages(binarization.binarize(rgba))
    except NoInkError:
        if lined is None or not _is_written(lined):
            raise
        return [lined]
    if lined is None:
        return [whole]
    if is_sheet:
        return [lined]
    return [lined, whole] if _is_lined(whole, lined) else [whole, lined]


def _is_written(lined: Stages) -> bool:
    """Whether the ink of a page is of one place, and large: what is found in the grain of bare paper lies everywhere, or is a speck."""
    is_large = max(lined.crop.shape) > _MIN_WRITTEN * min(lined.ink.shape)
    return is_large and float(lined.crop.mean()) > _MIN_DENSITY and not _at_border(lined)


def _is_lined(whole: Stages, lined: Stages) -> bool:
    """Whether lines or shadows, which go on beyond the picture, are what was found there but for a page."""
    return whole.is_dark_on_light == lined.is_dark_on_light and _at_border(whole) and not _at_border(lined)


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
        return _stages(binarization.binarize(rgba))
    return _stages(binarization.from_opacity(rgba[..., 3]))


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
    return _stages(Binarized(1 - ink, np.ones_like(ink), True, ink))


def again(stages: Stages, steps: PreprocessingSteps) -> Stages:
    """Preprocess the same drawing or picture once more, with these steps alone.

    Args:
        stages: what all steps made of it.
        steps: to be taken this time.

    Raises:
        NoInkError: without a step nothing is left to see.

    Example:
        >>> import numpy as np
        >>> from digit_core import images
        >>> ink = np.zeros((100, 60), np.float32)
        >>> ink[10:90, 25:35] = 1
        >>> stages = images.stages_of_ink(ink)
        >>> images.again(stages, images.ALL_STEPS.without("leaves_margin")).fitted.shape  # 28 pixels high, not 20
        (28, 4)
    """
    if steps.binarizes:
        return _stages(stages, steps)
    return _stages(Binarized(stages.picture, np.zeros_like(stages.picture), False, stages.picture), steps)


def _stages(found: Binarized, steps: PreprocessingSteps = ALL_STEPS) -> Stages:
    kept = _without_specks(found.ink) if steps.drops_specks else found.ink
    if not kept.any():
        raise NoInkError("Nothing is written here yet.")
    box = box_of(kept) if steps.crops else (0, 0, *kept.shape)
    crop = kept[box[0] : box[2], box[1] : box[3]]
    fitted = _fit(crop, steps)
    image = _centre(fitted, steps.centres_by_mass)
    return Stages(
        found.picture, found.background, found.is_dark_on_light, found.ink, box, crop, fitted, image
    )


def box_of(marked: np.ndarray) -> tuple[int, int, int, int]:
    """Top, left, bottom, right of what is not 0 in an array (h, w); bottom and right are the first ones outside.

    There must be something.

    Example:
        >>> import numpy as np
        >>> from digit_core import images
        >>> marked = np.zeros((10, 10), bool)
        >>> marked[2:5, 3] = True
        >>> images.box_of(marked)
        (2, 3, 5, 4)
    """
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


def _without_specks(ink: np.ndarray) -> np.ndarray:
    """The ink of the pieces that belong to the digit; specks and frames around the picture are gone."""
    marked = (ink > _EDGE_INK).astype(np.uint8)
    gap = round(_JOINING_GAP * max(ink.shape))
    joined = cv2.dilate(marked, np.ones((2 * gap + 1, 2 * gap + 1), np.uint8)) if gap else marked
    count, pieces = cv2.connectedComponents(joined, connectivity=8)
    core = np.bincount(pieces[ink > _CORE_INK], minlength=count)
    mass = np.bincount(pieces.ravel(), ink.ravel(), minlength=count) * (core > 0)
    mass[0] = 0
    for piece in np.flatnonzero(mass):
        if np.count_nonzero(mass) > 1 and _is_frame(np.where(pieces == piece, ink, 0)):
            mass[piece] = 0
    if not mass.any():
        raise NoInkError("Nothing is written here yet.")
    return ink * ((mass >= _MIN_SHARE * mass.max())[pieces] & (marked > 0))


def _is_frame(ink: np.ndarray) -> bool:
    """Whether the ink is the edge of the paper or a frame: along much of the border, and hardly anywhere else."""
    border = np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]])
    if np.mean(border > _EDGE_INK) < _FRAME_CONTACT:
        return False
    rim = max(1, round(_RIM * min(ink.shape)))
    return float(ink[rim:-rim, rim:-rim].sum()) < (1 - _FRAME_SHARE) * float(ink.sum())


def _fit(crop: np.ndarray, steps: PreprocessingSteps) -> np.ndarray:
    """Scale a crop so that its longer side is 20 pixels, or 28 without a margin."""
    longer = FITTED_SIDE if steps.leaves_margin else SIDE
    stroke = binarization.stroke_width(crop > _CORE_INK) * FITTED_SIDE / max(crop.shape)  # pixels of the 20
    if steps.strengthens and stroke < MIN_STROKE:
        crop = _thicken(crop)
    scale = longer / max(crop.shape)
    height, width = longer, longer
    if steps.keeps_aspect:
        height, width = (max(1, round(side * scale)) for side in crop.shape)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    fitted = np.clip(cv2.resize(crop, (width, height), interpolation=how), 0, 1)
    if not steps.strengthens:
        return fitted
    # Strokes thinner than a pixel of the 20 come out grey: MNIST's darkest ink is black in every digit.
    return np.clip(fitted / max(float(fitted.max()), 0.25), 0, 1)


def _thicken(crop: np.ndarray) -> np.ndarray:
    """Make thin strokes so wide that they survive being fitted; the crop grows with them."""
    if max(crop.shape) < _FINE_SIDE:
        enlarged = tuple(round(side * _FINE_SIDE / max(crop.shape)) for side in crop.shape[::-1])
        crop = np.clip(cv2.resize(crop, enlarged, interpolation=cv2.INTER_CUBIC), 0, 1)
    wanted = MIN_STROKE * max(crop.shape) / FITTED_SIDE  # pixels
    missing = wanted - binarization.stroke_width(crop > _CORE_INK)
    radius = max(1, round(missing / 2))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return cv2.dilate(np.pad(crop, radius), disc)


def _centre(fitted: np.ndarray, is_by_mass: bool) -> np.ndarray:
    """Put a fitted crop on 28 x 28 with its centre, of mass or of its box, at the centre, by whole pixels as in MNIST."""
    height, width = fitted.shape
    centre_y, centre_x = height / 2, width / 2
    if is_by_mass and (total := float(fitted.sum())) > 0:
        centre_y = float(fitted.sum(axis=1) @ np.arange(height)) / total
        centre_x = float(fitted.sum(axis=0) @ np.arange(width)) / total
    top = int(np.clip(round(SIDE / 2 - centre_y), 0, SIDE - height))
    left = int(np.clip(round(SIDE / 2 - centre_x), 0, SIDE - width))
    image = np.zeros((SIDE, SIDE), np.float32)
    image[top : top + height, left : left + width] = fitted
    return image
