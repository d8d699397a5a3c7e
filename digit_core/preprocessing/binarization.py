"""Tell ink from the background it is written on: light or dark, even or shaded, opaque or clear."""

from dataclasses import dataclass

import cv2
import numpy as np

from digit_core.digits import brief
from digit_core.errors import NoInkError

_SMALL_SIDE = 128  # pixels: the background is smooth, so it is looked for in a small copy of the picture
_RIM, _RIM_WEIGHT = 0.1, 3.0  # the outer tenth of a picture counts threefold: it is seldom written on
_SURFACE_ROUNDS = 12
_OUTLIER = 4.685  # in standard deviations: Tukey's biweight, 95% efficient on Gaussian noise
# So many times worse than ink is what is lighter than the background where ink is dark.
_WRONG_WAY_ROUND = 3.0
_SIGMAS = 0.02, 0.06  # brightness: paper is never smoother or rougher than this
_RIDGE = 0.005  # of the weight of all pixels
_MAX_STROKE = 0.5  # of the longer side: what is darker over more than this is a shadow, not ink
_MAX_WIDTH_IN_STROKES = 4.0  # widths of the strokes: nor is what is darker over more than this
_SURE = 0.6  # of the strongest contrast: surely ink
_NOISE_CUT = 3.0  # standard deviations of the background's grain that do not count as ink
_MIN_CONTRAST = 0.05  # of full black on white: fainter marks are no ink
_MIN_SIGNAL = 6.0  # standard deviations of the grain that ink stands out by at least
_EDGE_REACH = 0.02  # of the longer side: so far from ink its soft edge ends
_MIN_BARE = 0.1  # of the picture: with less bare background than this only the finest grain can be told
_CLEAR_SHARE = 0.25  # of the picture: at least so much is transparent where only the ink is opaque
_PLAIN_SPREAD = 0.15  # brightness range within which what is opaque is of one colour
_MAX_FRAME = 0.2  # of a side
_FRAME_GRAIN, _FRAME_PURITY, _FRAME_CONTRAST = 0.12, 0.97, 0.25  # brightness; share of a line; brightness
_LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601


@dataclass(frozen=True)
class Binarized:
    """A picture, its background and its ink. All arrays are float32 of shape (h, w), 0.0 to 1.0.

    Attributes:
        picture: brightness, 1 is white.
        background: the brightness that the background alone would have.
        is_dark_on_light: whether the ink is darker than the background.
        ink: 1 is ink.
    """

    picture: np.ndarray
    background: np.ndarray
    is_dark_on_light: bool
    ink: np.ndarray

    __repr__ = brief


def from_opacity(alpha: np.ndarray) -> Binarized:
    """Read a drawing on a transparent background: what is opaque is ink.

    Args:
        alpha: uint8 array of shape (h, w), 255 is opaque.
    """
    ink = alpha * np.float32(1 / 255)
    return Binarized(1 - ink, np.ones_like(ink), True, ink)


def binarize(rgba: np.ndarray) -> Binarized:
    """Find the ink of a picture.

    Args:
        rgba: uint8 array of shape (h, w, 4).

    Raises:
        NoInkError: nothing stands out from the background.
    """
    alpha = rgba[..., 3]
    if alpha.max() < 255 * _MIN_CONTRAST:
        raise NoInkError("The picture is completely transparent: nothing is drawn on it.")
    if is_drawing(rgba):
        return from_opacity(alpha)
    return _split(brightness(rgba[inside_frame(rgba)]))


def is_drawing(rgba: np.ndarray) -> bool:
    """Whether only the opacity of uint8 (h, w, 4) can show a shape: ink of one brightness on a transparent background."""
    if np.mean(rgba[..., 3] < 128) < _CLEAR_SHARE:
        return False
    opaque = rgba[rgba[..., 3] > 200][:, :3] @ _LUMINANCE / 255
    return opaque.size == 0 or float(np.ptp(np.percentile(opaque, [1, 99]))) < _PLAIN_SPREAD


def _on_paper(rgba: np.ndarray) -> np.ndarray:
    """The colours, float32 (h, w, 3), 0 to 1, with what is clear filled in the commonest colour of the rest."""
    colours = rgba[..., :3] * np.float32(1 / 255)
    alpha = rgba[..., 3:]
    if alpha.min() == 255:
        return colours
    paper = np.median(colours[alpha[..., 0] >= 128], axis=0) if (alpha >= 128).any() else np.float32(1)
    opacity = alpha * np.float32(1 / 255)
    return colours * opacity + paper * (1 - opacity)


def brightness(rgba: np.ndarray) -> np.ndarray:
    """One channel of a picture: luminance, or the colour channel in which ink stands out far better.

    Args:
        rgba: uint8 array of shape (h, w, 4); what is clear takes the commonest colour of the rest.

    Returns:
        float32 array of shape (h, w), 0.0 to 1.0, 1 is white.
    """
    colours = _on_paper(rgba)
    channels = [colours @ _LUMINANCE, *np.moveaxis(colours, 2, 0)]
    contrasts = [
        float(np.percentile(np.abs(channel[::2, ::2] - np.median(channel)), 99)) for channel in channels
    ]
    best = int(np.argmax(contrasts))
    return channels[0] if contrasts[0] >= 0.6 * contrasts[best] else np.ascontiguousarray(channels[best])


def _split(picture: np.ndarray) -> Binarized:
    """Tell ink from background in brightness."""
    height, width = picture.shape
    small_background, is_dark_on_light = _read_both_ways(picture)
    background = cv2.resize(small_background, (width, height), interpolation=cv2.INTER_LINEAR)
    contrast = background - picture if is_dark_on_light else picture - background
    return Binarized(
        picture, np.clip(background, 0, 1), is_dark_on_light, _scaled(contrast, background, is_dark_on_light)
    )


def _read_both_ways(picture: np.ndarray) -> tuple[np.ndarray, bool]:
    """The background of a small copy, read as dark and as light ink: the true reading calls less of the picture ink."""
    height, width = picture.shape
    scale = min(1.0, _SMALL_SIDE / max(height, width))
    size = max(3, round(width * scale)), max(3, round(height * scale))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA) if scale < 1 else picture
    threshold = _otsu(small)
    light_background, dark_background = (
        _background(small, True, threshold),
        _background(small, False, threshold),
    )
    is_dark = _cost(light_background - small) <= _cost(small - dark_background)
    return (light_background if is_dark else dark_background), is_dark


def _cost(contrast: np.ndarray) -> float:
    """How much a reading of a picture has to explain: the ink it sees, and what is the wrong way round for ink."""
    explained = np.where(contrast > 0, contrast, -_WRONG_WAY_ROUND * contrast)
    return float((_rim_weights(contrast.shape) * explained).sum())


def _rim_weights(shape: tuple[int, ...]) -> np.ndarray:
    weights = np.full(shape, _RIM_WEIGHT, np.float32)
    rim = max(1, round(_RIM * min(shape)))
    weights[rim:-rim, rim:-rim] = 1
    return weights


def _background(small: np.ndarray, is_light: bool, threshold: float) -> np.ndarray:
    """The brightness of the background, if it is the lighter (or the darker) part: float32 (h, w)."""
    sign = np.float32(1 if is_light else -1)
    surface = _surface(small, small > threshold if is_light else small <= threshold)
    fall = sign * (small - surface)  # ink lies below zero
    widest = _MAX_STROKE * max(small.shape)
    background = _over_strokes(fall, widest, cv2.BORDER_CONSTANT)
    strokes = background - fall
    full = float(np.percentile(strokes, 99))
    if full > _MIN_CONTRAST:
        # Now that the strokes' width is known, shadows narrower than half the picture can be told from them; those at
        # the border go on beyond it, where no stroke touches it.
        sure = strokes > _SURE * full
        touches = sure[0].any() or sure[-1].any() or sure[:, 0].any() or sure[:, -1].any()
        beyond = cv2.BORDER_CONSTANT if touches else cv2.BORDER_REPLICATE
        background = _over_strokes(fall, min(widest, _MAX_WIDTH_IN_STROKES * stroke_width(sure)), beyond)
    return surface + sign * background


def _surface(small: np.ndarray, is_background: np.ndarray) -> np.ndarray:
    """The even light on the background: a plane through most of its pixels, float32 (h, w).

    Fitted by iteratively reweighted least squares with Tukey's biweight, so that ink does not count.
    """
    y, x = np.mgrid[-1 : 1 : small.shape[0] * 1j, -1 : 1 : small.shape[1] * 1j]
    terms = np.stack([np.ones_like(x), x, y], axis=-1).reshape(-1, 3)
    values = small.ravel().astype(np.float64)
    residual = values - np.median(small[is_background] if is_background.any() else small)
    fitted = np.zeros_like(values)
    near = is_background.ravel()
    for _ in range(_SURFACE_ROUNDS):
        spread = 1.4826 * float(np.median(np.abs(residual[near]))) if near.any() else 0.0
        sigma = float(np.clip(spread, *_SIGMAS))
        weights = np.clip(1 - (residual / (_OUTLIER * sigma)) ** 2, 0, None) ** 2
        # A little ridge: where nearly all pixels are outliers the plane stays level.
        normal = terms.T @ (weights[:, None] * terms) + _RIDGE * (weights.sum() + 1) * np.diag([0, 1, 1])
        fitted = terms @ np.linalg.solve(normal + 1e-9 * np.eye(3), terms.T @ (weights * values))
        residual = values - fitted
        near = np.abs(residual) < _OUTLIER * sigma
    return np.clip(fitted.reshape(small.shape), small.min(), small.max()).astype(np.float32)


def _over_strokes(fall: np.ndarray, widest: float, beyond: int) -> np.ndarray:
    """A morphological closing: fills what lies below its surroundings and is narrower than `widest` pixels.

    `beyond` says what lies outside the picture, as OpenCV's border type: constant is bare background.
    """
    smooth = cv2.GaussianBlur(fall, (0, 0), 0.7)
    side = max(3, round(widest))
    padded = cv2.copyMakeBorder(smooth, side, side, side, side, beyond, value=0.0)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    return np.minimum(cv2.GaussianBlur(closed, (0, 0), 1.0)[side:-side, side:-side], 0)


def stroke_width(mask: np.ndarray) -> float:
    """The mean width of strokes, in pixels: four times the mean distance of their pixels from their edge.

    Args:
        mask: bool array of shape (h, w), True is ink.
    """
    distances = cv2.distanceTransform(np.pad(mask.astype(np.uint8), 1), cv2.DIST_L2, 5)[1:-1, 1:-1][mask]
    # A pixel's centre is half a pixel inside the edge that the transform measures from.
    return max(1.0, 4 * (float(distances.mean()) - 0.5)) if distances.size else 1.0


def inside_frame(rgba: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns of a picture but for plain bands along its sides: the table that the paper lies on, a screenshot's bars.

    Args:
        rgba: uint8 array of shape (h, w, 4).
    """
    grey = rgba[..., :3] @ _LUMINANCE / 255
    middle = float(np.median(grey))
    most = [round(_MAX_FRAME * side) for side in grey.shape]
    edges = [0, 0]
    ends = list(grey.shape)
    for axis in (0, 1, 0, 1):  # twice: a band along one side may hide that the next is plain, too
        inner = grey[edges[0] : ends[0], edges[1] : ends[1]]
        band = _plain_lines(inner if axis == 0 else inner.T, middle)
        edges[axis] = min(edges[axis] + band[0], most[axis])
        ends[axis] = max(ends[axis] - band[1], grey.shape[axis] - most[axis])
    return slice(edges[0], ends[0]), slice(edges[1], ends[1])


def _plain_lines(grey: np.ndarray, middle: float) -> tuple[int, int]:
    """How many of the first and of the last rows are of one brightness that is not that of the picture's middle."""
    levels = np.median(grey, axis=1)
    is_plain = np.mean(np.abs(grey - levels[:, None]) < _FRAME_GRAIN, axis=1) > _FRAME_PURITY
    is_frame = is_plain & (np.abs(levels - middle) > _FRAME_CONTRAST)
    if is_frame.all():
        return 0, 0
    first, last = int(np.argmin(is_frame)), int(np.argmin(is_frame[::-1]))
    # One more line where there is a frame: its edge is blurred.
    return first + (first > 0), last + (last > 0)


def _scaled(contrast: np.ndarray, background: np.ndarray, is_dark_on_light: bool) -> np.ndarray:
    """Contrast to ink, 0 to 1: the grain of the background becomes 0, full strokes 1."""
    if is_dark_on_light:
        # In the shade ink loses as much light as its paper does.
        contrast = contrast / np.clip(background, 0.2, 1)
    threshold = max(_otsu(contrast), _MIN_CONTRAST)
    marked = contrast > threshold
    full = float(np.percentile(contrast[marked], 90)) if marked.any() else 0.0
    level, grain = _quiet(contrast, marked)
    if full <= level + _MIN_SIGNAL * grain:
        raise NoInkError("Nothing stands out from the background of this picture: try more contrast.")
    lowest = level + _NOISE_CUT * grain
    return np.clip((contrast - lowest) / (full - lowest), 0, 1).astype(np.float32)


def _quiet(contrast: np.ndarray, marked: np.ndarray) -> tuple[float, float]:
    """The level of the bare background and the standard deviation of its grain, both as contrast."""
    # Immerkaer (1996): the Laplacians' difference sees only grain; a low quantile of it passes over edges.
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    grain = float(np.percentile(np.abs(cv2.filter2D(contrast, -1, kernel)), 10)) / (0.1257 * 6)
    reach = 2 * max(1, round(_EDGE_REACH * max(contrast.shape))) + 1
    bare = contrast[cv2.dilate(marked.astype(np.uint8), np.ones((reach, reach), np.uint8)) == 0]
    if bare.size < _MIN_BARE * contrast.size:
        return 0.0, grain
    level = float(np.median(bare))
    return max(0.0, level), max(grain, 1.4826 * float(np.median(np.abs(bare - level))))


def _otsu(contrast: np.ndarray) -> float:
    """Otsu's threshold (1979) between background and ink."""
    top = float(contrast.max())
    if top <= 0:
        return 0.0
    levels = np.clip(contrast * (255 / top), 0, 255).astype(np.uint8)
    threshold, _ = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return float(threshold) * top / 255
