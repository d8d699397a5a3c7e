"""From ink to a digit made the way MNIST's were, and what each step of it makes.

LeCun et al. (1998): the ink is cropped, its longer side fitted to 20 pixels with its aspect kept, and its centre of
mass moved to the centre of 28 x 28.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from digit_core.digits import SIDE
from digit_core.errors import NoInkError
from digit_core.preprocessing import binarization
from digit_core.preprocessing.binarization import Binarized

FITTED_SIDE = 20  # pixels
# Pixels of the 20: thinner strokes would fade when they are shrunk, so they are thickened.
MIN_STROKE = 1.5
_FINE_SIDE = 160  # pixels: smaller crops are enlarged before their strokes are thickened
_CORE_INK = 0.5  # what is surely ink
_EDGE_INK = 0.1  # what is ink where it touches what surely is
_MIN_SHARE = 0.04  # of the largest piece's ink: smaller pieces are specks
_JOINING_GAP = 0.02  # of the longer side: pieces nearer than this are one broken stroke
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
        >>> from digit_core.preprocessing import normalization
        >>> normalization.ALL_STEPS.without("crops").crops
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
        >>> from digit_core.preprocessing import normalization
        >>> ink = np.zeros((100, 60), np.float32)
        >>> ink[10:90, 25:35] = 1
        >>> stages = images.stages_of_ink(ink)
        >>> normalization.again(stages, normalization.ALL_STEPS.without("leaves_margin")).fitted.shape  # 28 pixels high, not 20
        (28, 4)
    """
    if steps.binarizes:
        return normalize(stages, steps)
    return normalize(Binarized(stages.picture, np.zeros_like(stages.picture), False, stages.picture), steps)


def normalize(found: Binarized, steps: PreprocessingSteps = ALL_STEPS) -> Stages:
    """Make a digit of 28 x 28 pixels of ink.

    Args:
        found: the ink, told from its background.
        steps: to be taken.

    Raises:
        NoInkError: there is none.
    """
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
        >>> from digit_core.preprocessing import normalization
        >>> marked = np.zeros((10, 10), bool)
        >>> marked[2:5, 3] = True
        >>> normalization.box_of(marked)
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
