"""The ink of a whole page: its digits are small, its background is wide, shaded and perhaps ruled."""

from collections.abc import Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace

import cv2
import numpy as np

from digit_core.digits import brief
from digit_core.errors import NoInkError
from digit_core.preprocessing import binarization, line_removal, pictures, sheets
from digit_core.preprocessing.binarization import Binarized

MAX_SIDE = 1600  # pixels: larger photos are reduced to this, which leaves 40 to each digit of a full page
_FIRST_REACH = 0.25  # of the shorter side: strokes are narrower than this, before their width is known
_REACH_IN_STROKES = 4.0  # widths of the strokes: what is darker over more than this is a shadow
_MIN_REACH = 9  # pixels
_SMALL_SIDE = 400  # pixels of the copy in which the polarity is looked for
_LINES_SIDE = 800  # pixels of the copy in which lines are looked for, before the width of strokes is known
_NEIGHBOURHOODS = 0.12, 0.3, 0.7  # of the shorter side
_SHARP = 0.35  # of the steepest steps from pixel to pixel: edges of ink
_GRAIN = 0.04  # brightness: less is the paper's grain
_MIN_CONTRAST = 0.06  # of full black on white: fainter marks are no ink
_MIN_SIGNAL = 5.0  # standard deviations of the paper's grain
_FAINT, _SURE = 0.35, 0.6  # of the contrast of full ink: ink beside sure ink, and sure ink
_NEIGHBOURHOOD = 6.0  # reaches: so far around the pen's pressure is compared
_MIN_LOCAL = 0.65  # of the darkest ink of the page: what is fainter everywhere is no writing
_UNIT = np.float32(1 / 255)  # brightness of a level of grey
_SMALL_DEVIATION = 8  # pixels: a blur that wide shows nothing that its reduced copy does not


@dataclass(frozen=True, eq=False)
class Page:
    """The ink of a page.

    Attributes:
        ink: float32 array of shape (h, w), 0.0 to 1.0, 1 is ink; ruled lines and table edges are gone.
        scale: pixels of the picture to one of `ink`; 1.0 unless a large photo was reduced.
        matrix: float64 array of shape (3, 3), from places (x, y, 1) of `ink` to those of the picture, for a sheet that was
            straightened; None where `scale` says it all.
        lines: bool array of shape (h, w), what was taken off as ruled lines, frames and edges; None for a drawing, which has none.
    """

    ink: np.ndarray
    scale: float
    matrix: np.ndarray | None = None
    lines: np.ndarray | None = None

    __repr__ = brief


def candidates(picture: pictures.Source) -> Iterator[Page]:
    """The ways to read a page: all that is in the picture, and the sheet alone that lies in it, if there is one.

    Args:
        picture: as for `read`.

    Raises:
        NoInkError: nothing stands out from the background.
        PictureError: it cannot be read; see `pictures.read`.
    """
    rgba, scale = _pixels(picture)
    corners = None if binarization.is_drawing(rgba) else sheets.find(rgba)
    with nullcontext() if corners is None else suppress(NoInkError):
        yield _read(rgba, scale)
    if corners is not None:
        sheet = _read(sheets.straightened(rgba, corners), scale)
        enlarging = np.diag([scale, scale, 1.0])
        yield replace(sheet, matrix=enlarging @ np.linalg.inv(sheets.flattening(corners)))


def read(picture: pictures.Source) -> Page:
    """Find the ink of all that is in a picture.

    Args:
        picture: a path, the bytes of a file, a binary file object, a PIL image, or an array as `pictures.from_array`
            takes it.

    Raises:
        NoInkError: nothing stands out from the background.
        PictureError: it cannot be read; see `pictures.read`.
    """
    return _read(*_pixels(picture))


def _read(rgba: np.ndarray, scale: float) -> Page:
    alpha = rgba[..., 3]
    if binarization.is_drawing(rgba):
        if alpha.max() < 128:
            raise NoInkError("Nothing is written here yet.")
        return Page(binarization.from_opacity(alpha).ink, scale)
    found, lines = _binarized(rgba)
    ink = line_removal.without_border(found.ink)
    return Page(ink, scale, lines=lines | ((found.ink > 0) & (ink == 0)))


def binarize(rgba: np.ndarray) -> Binarized:
    """Find the ink of a page; ruled lines are gone. `binarization.binarize` does it for a picture that a digit fills.

    Args:
        rgba: uint8 array of shape (h, w, 4).

    Raises:
        NoInkError: nothing stands out from the background.
    """
    return _binarized(rgba)[0]


def _binarized(rgba: np.ndarray) -> tuple[Binarized, np.ndarray]:
    """The ink of a page, and what was taken off as lines: bool (h, w)."""
    smooth = cv2.medianBlur((255 * binarization.brightness(rgba)).astype(np.uint8), 3)
    brightness = smooth * _UNIT
    is_dark = _is_dark_on_light(brightness)
    contrast, level, reach = _contrast(smooth if is_dark else 255 - smooth)
    ink, lines = _scaled(contrast, reach)
    return Binarized(brightness, level if is_dark else 1 - level, is_dark, ink), lines


def _pixels(picture: pictures.Source) -> tuple[np.ndarray, float]:
    """RGBA of uint8 (h, w, 4), the longer side at most MAX_SIDE, and by how much it was reduced."""
    if not isinstance(picture, np.ndarray):
        return pictures.read_scaled(picture, MAX_SIDE)
    picture = pictures.from_array(picture)
    scale = max(1.0, max(picture.shape[:2]) / MAX_SIDE)
    if scale == 1.0:
        return picture, scale
    height, width = (max(1, round(side / scale)) for side in picture.shape[:2])
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), scale


def _is_dark_on_light(brightness: np.ndarray) -> bool:
    """Whether what stands out is darker than the background: ink is the lesser part of its neighbourhood.

    How wide a neighbourhood must be depends on the pen, so several are tried, and the one in which the fewest pixels
    stand out the farthest decides: the skewness of what is above and below the median. The median keeps the edges of
    shadows where they are, so that they stand out on neither side.
    """
    scale = min(1.0, _SMALL_SIDE / max(brightness.shape))
    size = tuple(max(3, round(side * scale)) for side in brightness.shape[::-1])
    small = cv2.resize((255 * brightness).astype(np.uint8), size, interpolation=cv2.INTER_AREA)
    steps = cv2.morphologyEx(small, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    # The light on a page falls off gently, ink does not.
    is_edge = steps >= _SHARP * float(np.percentile(steps, 99.5))
    skews = [_skewness(small, is_edge, min(255, _odd(share * min(small.shape)))) for share in _NEIGHBOURHOODS]
    return max(skews, key=abs) < 0


def _skewness(small: np.ndarray, counts: np.ndarray, side: int) -> float:
    """The skewness of brightness, uint8 (h, w), where it counts, about the median of neighbourhoods of that side."""
    above = np.where(counts, small.astype(np.float64) - cv2.medianBlur(small, side), 0) / 255
    above[np.abs(above) < _GRAIN] = 0
    return float(np.sum(above**3) / max(1e-9, float(np.sum(above**2))) ** 1.5)


def _contrast(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """How much darker each pixel, uint8, is than its background, as a share of its light; the background; the reach of strokes.

    The background is a morphological closing over a little more than the strokes' width, so that the edge of a shadow,
    which is wider, is background.
    """
    reach = _odd(_FIRST_REACH * min(grey.shape))
    contrast, level = _below_background(grey, reach)
    least_width = _width_beside_lines(contrast)
    for _ in range(3):
        top = float(np.percentile(contrast, 99.5))
        sure = contrast > max(_SURE * top, _MIN_CONTRAST)
        if not sure.any():
            break
        width = max(least_width, binarization.stroke_width(sure))
        narrower = max(_MIN_REACH, _odd(_REACH_IN_STROKES * width))
        if narrower >= reach:
            break
        reach = narrower
        contrast, level = _below_background(grey, reach)
    return contrast, level, reach


def _width_beside_lines(contrast: np.ndarray) -> float:
    """Pixels, of the strokes between ruled lines; 0.0 where there are no lines.

    Those of fine squares are more than a bold digit, whose strokes would be wider than any and taken for a shadow.
    """
    factor = max(1, round(max(contrast.shape) / _LINES_SIDE))
    height, width = contrast.shape
    size = max(1, width // factor), max(1, height // factor)
    small = cv2.resize(contrast, size, interpolation=cv2.INTER_AREA)
    written = line_removal.without_lines(small, _least(small))
    sure = written > max(_SURE * float(np.percentile(small, 99.5)), _MIN_CONTRAST)
    return factor * binarization.stroke_width(sure) if sure.any() and (written != small).any() else 0.0


def _odd(length: float) -> int:
    return 2 * max(1, round(length / 2)) + 1


def _below_background(grey: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray]:
    # Four times as quick as on floats, and the same.
    closed = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    brightness, level = grey * _UNIT, _smooth(closed * _UNIT, max(1.0, reach / 6))
    return np.clip((level - brightness) / np.clip(level, 0.2, 1), 0, 1), level


def _smooth(values: np.ndarray, deviation: float) -> np.ndarray:
    """A Gaussian blur over so many pixels; a wide one is made on a reduced copy, where it costs little and is the same."""
    factor = max(1, int(deviation / _SMALL_DEVIATION))
    if factor == 1:
        return cv2.GaussianBlur(values, (0, 0), deviation)
    height, width = values.shape
    size = max(1, width // factor), max(1, height // factor)
    small = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
    return cv2.resize(
        cv2.GaussianBlur(small, (0, 0), deviation / factor), (width, height), interpolation=cv2.INTER_LINEAR
    )


def _scaled(contrast: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """Contrast to ink, 0 to 1: the grain of the paper becomes 0, full strokes 1, wherever the pen pressed more or less.

    And what was taken off as lines, bool.
    """
    least = _least(contrast)
    # Lines are taken out while they are whole: full ink, below, is judged place by place.
    whole, contrast = contrast, line_removal.without_lines(contrast, least)
    lines = (whole > least) & (contrast == 0)
    marked = contrast > least
    if not marked.any():
        raise NoInkError("Nothing stands out from the background of this picture: try more contrast.")
    full = float(np.percentile(contrast[marked], 95))
    # Light falls differently on each part of a page, and pens press unevenly: full ink is what is darkest around.
    size = _odd(_NEIGHBOURHOOD * reach)
    grey = (255 * cv2.GaussianBlur(contrast, (0, 0), 1.0) + 0.5).astype(np.uint8)  # far quicker than floats
    darkest = _smooth(cv2.dilate(grey, np.ones((size, size), np.uint8)) * _UNIT, size / 4)
    local = np.clip(darkest, max(_MIN_LOCAL * full, least), full)
    ink = np.clip((contrast - 0.5 * least) / np.maximum(0.9 * local - 0.5 * least, 1e-3), 0, 1).astype(
        np.float32
    )
    return _beside_sure(np.where(ink > _FAINT / 2, ink, 0), ink), lines


def _least(contrast: np.ndarray) -> float:
    """The contrast that ink has at the least: the grain of the paper has less."""
    grain_level = float(np.median(contrast))
    grain = max(1e-3, 1.4826 * float(np.median(np.abs(contrast - grain_level))))
    return max(_MIN_CONTRAST, grain_level + _MIN_SIGNAL * grain)


def _beside_sure(kept: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """Ink connected to sure ink (Canny's hysteresis, 1986)."""
    _, pieces = cv2.connectedComponents((ink > _FAINT).astype(np.uint8), connectivity=8)
    sure = np.zeros(int(pieces.max()) + 1, bool)
    sure[pieces[ink > _SURE]] = True
    near = cv2.dilate(sure[pieces].astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.where(near, kept, 0).astype(np.float32)
