"""Numbers composed of single digits, as people write them: with a pen, touching, broken, slanted, with where each digit is."""

from dataclasses import dataclass

import cv2
import numpy as np

from digit_core.digits import Digits, brief
from digit_core.preprocessing.normalization import box_of

# Pixels: digits are thinned at three times their size.
_FINE = 84
# Of full ink: what is stroke, before thinning; and by how much paler than the ink around it the inside of a small loop is, which
# would else fill. Chosen on training digits, by how many `cnn` reads when a thin pen has redrawn them.
_INK, _PALER = 0.55, 0.1
# Pixels: over how wide a place that is looked for, and what smooths the enlarged picture before.
_LOOP, _SMOOTHING = 9, 0.6
# Pixels of it: less is dust, of which a pen would make a dot.
_SPECK = 40
# Rounds: no stroke of MNIST is wider.
_MAX_THINNING = 12
# Of a digit's picture: its ink.
_BODY = 20 / 28


@dataclass(frozen=True)
class Hand:
    """How a number is written. Lengths are shares of the digits' height unless they say otherwise.

    Attributes:
        height: pixels, of a digit.
        pen: pixels, the width of the stroke.
        gap: between two digits, from ink to ink; below zero they overlap.
        unevenness: standard deviation of gap, size and height above the line.
        lean: degrees by which digits lean to the right, at most, either way.
        slant: degrees by which all of them lean to the right besides; where they do, `gap` is measured along the row, as
            slanted digits reach below and above each other.
        slope: degrees by which the row falls.
        breaks: share of the digits that are broken, or of which a part stands off.
        ties: share of the neighbours that are moved together until they touch.
    """

    height: float = 60.0
    pen: float = 5.0
    gap: float = 0.3
    unevenness: float = 0.08
    lean: float = 10.0
    slant: float = 0.0
    slope: float = 0.0
    breaks: float = 0.0
    ties: float = 0.0


@dataclass(frozen=True, eq=False)
class Part:
    """One digit of a number: uint8 (h, w), 255 is ink, and the place of its top left pixel."""

    ink: np.ndarray
    top: int
    left: int
    label: int

    __repr__ = brief


def skeletons(images: np.ndarray) -> np.ndarray:
    """How far each place of a digit is from the middle of its strokes.

    Thinned after T. Y. Zhang and C. Y. Suen, "A fast parallel algorithm for thinning digital patterns", CACM 1984.

    Args:
        images: uint8 array of shape (n, 28, 28), ink is 255.

    Returns:
        float32 array of shape (n, 84, 84), in pixels of 84.
    """
    fine = np.stack([cv2.resize(image, (_FINE, _FINE), interpolation=cv2.INTER_CUBIC) for image in images])
    smooth = np.stack([cv2.GaussianBlur(image, (0, 0), _SMOOTHING) for image in fine])
    loop = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_LOOP, _LOOP))
    filled = np.stack([cv2.morphologyEx(image, cv2.MORPH_CLOSE, loop) for image in smooth])
    is_ink = smooth > _INK * smooth.max(axis=(1, 2), keepdims=True)
    is_paler = filled - smooth > 255 * _PALER  # closing never darkens: no uint8 goes below 0
    skeleton = np.stack([_without_specks(one) for one in (is_ink & ~is_paler).astype(np.uint8)])
    skeleton[:, [0, -1]] = 0
    skeleton[:, :, [0, -1]] = 0
    for _ in range(_MAX_THINNING):
        before = int(skeleton.sum())
        for first in (True, False):
            skeleton[_removable(skeleton, first)] = 0
        if int(skeleton.sum()) == before:
            break
    return np.stack([cv2.distanceTransform(1 - one, cv2.DIST_L2, 5) for one in skeleton])


def _without_specks(mask: np.ndarray) -> np.ndarray:
    """A mask of uint8 (h, w) without pieces that are too small for a stroke; the largest one stays."""
    _, numbers, figures, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    areas = figures[1:, cv2.CC_STAT_AREA]
    kept = np.append(False, areas >= min(_SPECK, areas.max(initial=0)))
    return kept[numbers].astype(np.uint8)


def _removable(skeleton: np.ndarray, first: bool) -> np.ndarray:
    """Which pixels one half round of Zhang and Suen takes away: bool of the same shape (n, h, w)."""
    steps = [(-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1)]
    around = [np.roll(skeleton, (-y, -x), axis=(1, 2)) for y, x in steps]
    north, _, east, _, south, _, west, _ = around
    count = np.sum(around, axis=0, dtype=np.uint8)
    turns = np.sum(
        [(now == 0) & (after == 1) for now, after in zip(around, around[1:] + around[:1], strict=True)],
        axis=0,
        dtype=np.uint8,
    )
    if first:
        sides = (north * east * south == 0) & (east * south * west == 0)
    else:
        sides = (north * east * west == 0) & (north * south * west == 0)
    return (skeleton == 1) & (count >= 2) & (count <= 6) & (turns == 1) & sides


def draw(distances: np.ndarray, height: float, pen: float, lean: float = 0.0) -> np.ndarray:
    """A digit as a pen draws it.

    Args:
        distances: float32 (84, 84), one of `skeletons`.
        height: pixels, of the digit's longer side.
        pen: pixels, the width of the stroke.
        lean: degrees to the right.

    Returns:
        uint8 (h, w), 255 is ink, cut to the ink.
    """
    scale = height / (_FINE * _BODY)
    margin = int(pen) + 3
    side = round(_FINE * scale) + 2 * margin
    shear = float(np.tan(np.deg2rad(lean)))
    middle = _FINE / 2
    beside = int(np.ceil(abs(shear) * scale * middle))  # so far the digit reaches beyond its square
    matrix = np.array(
        [[scale, -shear * scale, margin + beside + shear * scale * middle], [0, scale, margin]], np.float32
    )
    far = float(distances.max())
    field = cv2.warpAffine(
        distances,
        matrix,
        (side + 2 * beside, side),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=far,
    )
    return trimmed((255 * np.clip(pen / 2 - field * scale + 0.5, 0, 1)).astype(np.uint8))


def trimmed(ink: np.ndarray) -> np.ndarray:
    """Ink of uint8 (h, w), cut to what is not bare."""
    marked = ink > 60
    if not marked.any():
        return ink[:1, :1]
    top, left, bottom, right = box_of(marked)
    return ink[top:bottom, left:right]


def broken(ink: np.ndarray, pen: float, random: np.random.Generator) -> np.ndarray:
    """A digit of uint8 (h, w) in two parts: cut along a line, the parts a little off each other."""
    height, width = ink.shape
    angle = random.uniform(0, np.pi)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    side = (x - width * random.uniform(0.25, 0.75)) * np.cos(angle) + (
        y - height * random.uniform(0.15, 0.85)
    ) * np.sin(angle)
    away = pen * random.uniform(0.3, 1.6) + 1
    along = random.normal(0, 0.04 * height)
    reach = int(2 * pen + 0.15 * height) + 3
    whole = np.zeros((height + 2 * reach, width + 2 * reach), np.uint8)
    for sign in (1, -1):
        half = np.where(sign * side > 0, ink, 0).astype(np.uint8)
        dy = sign * (away * np.sin(angle) + along * np.cos(angle)) / 2
        dx = sign * (away * np.cos(angle) - along * np.sin(angle)) / 2
        moved = cv2.warpAffine(
            half, np.array([[1, 0, reach + dx], [0, 1, reach + dy]], np.float32), whole.shape[::-1]
        )
        np.maximum(whole, moved, out=whole)
    return trimmed(whole)


def write(
    digits: Digits, hand: Hand, random: np.random.Generator, fields: np.ndarray | None = None
) -> list[Part]:
    """Write digits beside each other in one row.

    Args:
        digits: the digits, left to right.
        hand: how.
        random: where the unevenness comes from.
        fields: their `skeletons`, if they are known already.

    Returns:
        One part a digit, left to right; the first starts near 0, 0 and places may be below zero.
    """
    fields = skeletons(digits.images) if fields is None else fields
    parts: list[Part] = []
    lean = hand.slant + random.uniform(-hand.lean, hand.lean)
    for distances, label in zip(fields, digits.labels, strict=True):
        height = hand.height * float(np.clip(random.normal(1, hand.unevenness), 0.6, 1.4))
        ink = draw(distances, height, hand.pen, lean + random.normal(0, 3))
        if random.random() < hand.breaks:
            ink = broken(ink, hand.pen, random)
        fall = float(np.tan(np.deg2rad(hand.slope)))
        left = _place(parts, hand, random)
        top = left * fall - ink.shape[0] + hand.height * random.normal(0, hand.unevenness / 2)
        part = Part(ink, round(top), round(left), int(label))
        if parts and hand.slant:
            part = _tied(parts[-1], part, -round(hand.height * random.normal(hand.gap, hand.unevenness / 2)))
        if parts and random.random() < hand.ties:
            part = _tied(parts[-1], part, round(0.4 * hand.pen))
        parts.append(part)
    return parts


def _place(parts: list[Part], hand: Hand, random: np.random.Generator) -> float:
    if not parts:
        return 0.0
    last = parts[-1]
    return last.left + last.ink.shape[1] + hand.height * random.normal(hand.gap, hand.unevenness)


def _tied(last: Part, part: Part, overlap: int) -> Part:
    """The part moved to the left until its ink overlaps the last one's by that many pixels."""
    low, high = min(last.top, part.top), max(last.top + last.ink.shape[0], part.top + part.ink.shape[0])
    right = _profile(last.ink, last.top - low, high - low, last=True)
    left = _profile(part.ink, part.top - low, high - low, last=False)
    both = (right >= 0) & (left >= 0)
    if not both.any():
        return part
    gap = int((part.left + left[both] - last.left - right[both]).min()) - 1
    return Part(part.ink, part.top, part.left - gap - overlap, part.label)


def _profile(ink: np.ndarray, top: int, height: int, last: bool) -> np.ndarray:
    """The last or first column with ink of each row, -1 where there is none: int array of shape (height,)."""
    marked = ink > 128
    columns = ink.shape[1] - 1 - marked[:, ::-1].argmax(axis=1) if last else marked.argmax(axis=1)
    profile = np.full(height, -1)
    profile[top : top + len(ink)] = np.where(marked.any(axis=1), columns, -1)
    return profile


def paste(parts: list[Part], canvas: np.ndarray, top: float, left: float) -> list[Part]:
    """Put parts onto a canvas of uint8 (h, w), the ink's top left corner at `top`, `left`; what lies outside is cut off.

    Returns:
        The parts with their places on the canvas.
    """
    dy, dx = round(top - min(part.top for part in parts)), round(left - min(part.left for part in parts))
    placed = [Part(part.ink, part.top + dy, part.left + dx, part.label) for part in parts]
    for part in placed:
        y, x = max(0, part.top), max(0, part.left)
        under = canvas[y : part.top + part.ink.shape[0], x : part.left + part.ink.shape[1]]
        over = part.ink[
            y - part.top : y - part.top + under.shape[0], x - part.left : x - part.left + under.shape[1]
        ]
        np.maximum(under, over, out=under)
    return placed


def extent(parts: list[Part]) -> tuple[int, int]:
    """Height and width of parts together, pixels."""
    bottom = max(part.top + part.ink.shape[0] for part in parts)
    right = max(part.left + part.ink.shape[1] for part in parts)
    return bottom - min(part.top for part in parts), right - min(part.left for part in parts)
