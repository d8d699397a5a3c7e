"""Photos of one digit on paper, as a phone takes them: the sheet fills the picture or lies on a desk, is plain, ruled or squared."""

import io
from collections.abc import Callable, Mapping
from functools import partial

import cv2
import numpy as np
from PIL import Image

from digit_core.synthesis import numbers, paper

Random = np.random.Generator
Paper = Callable[[tuple[int, int], Random], np.ndarray]
Desk = Callable[[tuple[int, int], Random], np.ndarray]
# Red, green and blue of ink, 0 to 1: ballpoints, a fibre pen, a pencil.
_PENS = ((0.1, 0.12, 0.2), (0.1, 0.2, 0.55), (0.05, 0.05, 0.05), (0.4, 0.4, 0.42), (0.65, 0.1, 0.15))
_LINES = ((0.6, 0.72, 0.85), (0.7, 0.7, 0.72), (0.62, 0.8, 0.68), (0.85, 0.68, 0.7), (0.45, 0.5, 0.62))
_MARGIN_LINE = (0.85, 0.45, 0.5)
_LENGTH = 900  # pixels: the longer side of a sheet
_TURNED = 12.0  # degrees, either way at most: of a sheet on a desk
_JPEG = 60, 95  # quality


def photo(digit: np.ndarray, kind: str, random: Random) -> np.ndarray:
    """A photo of a digit.

    Args:
        digit: uint8 array of shape (28, 28), ink is 255.
        kind: of `KINDS`.
        random: all else comes from it.

    Returns:
        uint8 array of shape (height, width, 3), some 500 to 1,600 pixels a side.
    """
    return KINDS[kind](digit, random)


def _plain(shape: tuple[int, int], random: Random) -> np.ndarray:
    tint = random.uniform(0.82, 0.98) - random.uniform(0, [0.02, 0.04, 0.12])
    return np.broadcast_to(tint.astype(np.float32), (*shape, 3)).copy()


def _ruled(shape: tuple[int, int], random: Random) -> np.ndarray:
    sheet, step = _plain(shape, random), float(random.uniform(28, 70))
    colour, width = _LINES[random.integers(len(_LINES))], int(random.integers(1, 4))
    for y in np.arange(random.uniform(0.5, 2) * step, shape[0], step):
        sheet[round(y) : round(y) + width] = colour
    if random.random() < 0.4:
        x = round(shape[1] * random.uniform(0.05, 0.2))
        sheet[:, x : x + 2] = _MARGIN_LINE
    return sheet


def _squared(shape: tuple[int, int], random: Random) -> np.ndarray:
    sheet, step = _plain(shape, random), float(random.uniform(22, 60))
    colour, width = _LINES[random.integers(len(_LINES))], int(random.integers(1, 3))
    for y in np.arange(random.uniform(0, 1) * step, shape[0], step):
        sheet[round(y) : round(y) + width] = colour
    for x in np.arange(random.uniform(0, 1) * step, shape[1], step):
        sheet[:, round(x) : round(x) + width] = colour
    return sheet


def _clouds(shape: tuple[int, int], random: Random, across: float, along: float) -> np.ndarray:
    """Soft noise of about unit deviation with features of so many pixels."""
    noise = random.standard_normal(shape).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), sigmaX=along, sigmaY=across)
    return soft / max(1e-6, float(soft.std()))


def _desk(shape: tuple[int, int], random: Random) -> np.ndarray:
    """Wood, cloth or a plain top, darker than paper."""
    base = random.uniform(0.25, 0.62) * np.array([1, random.uniform(0.7, 1), random.uniform(0.45, 1)])
    if random.random() < 0.6:  # wood: fine grain along one side
        grain = _clouds(shape, random, random.uniform(1, 4), random.uniform(60, 200))
        if random.random() < 0.5:
            grain = _clouds(shape[::-1], random, random.uniform(1, 4), random.uniform(60, 200)).T
        grain = random.uniform(0.03, 0.15) * grain
    else:
        grain = random.uniform(0.01, 0.1) * _clouds(shape, random, 2, 2)
    return np.clip(base * (1 + grain[..., None]), 0.02, 0.75).astype(np.float32)


def _black_desk(shape: tuple[int, int], random: Random) -> np.ndarray:
    level = random.uniform(0.02, 0.14) + random.uniform(0.005, 0.02) * _clouds(shape, random, 3, 3)
    return np.repeat(np.clip(level, 0, 1)[..., None], 3, axis=2).astype(np.float32)


def _written(digit: np.ndarray, sheet: np.ndarray, random: Random, middle: float) -> np.ndarray:
    """The sheet with a digit on it, somewhere in the middle part of that share of its sides."""
    height, width = sheet.shape[:2]
    tall = min(height, width) * middle * random.uniform(0.3, 0.95)
    pen = max(3.0, tall * random.uniform(0.035, 0.13))
    ink = numbers.draw(numbers.skeletons(digit[None])[0], tall, pen, random.normal(0, 5))
    high, wide = ink.shape
    top = round(height / 2 - high / 2 + random.uniform(-0.5, 0.5) * max(0, height * middle - high))
    left = round(width / 2 - wide / 2 + random.uniform(-0.5, 0.5) * max(0, width * middle - wide))
    pressure = 1 - random.uniform(0, 0.25) * np.clip(_clouds(ink.shape, random, 6, 6), -1, 1) ** 2
    share = (ink / np.float32(255) * pressure)[..., None]
    colour = np.array(_PENS[random.integers(len(_PENS))], np.float32)
    place = sheet[top : top + high, left : left + wide]
    place[:] = place * (1 - share) + np.minimum(place, colour) * share
    return sheet


def _lit(picture: np.ndarray, random: Random) -> np.ndarray:
    """In light that falls off, with a soft shadow, of a warm or a cold colour."""
    light = paper.shaded(np.ones(picture.shape[:2], np.float32), random.uniform(0.05, 0.5), random)
    colour = np.array([1, random.uniform(0.93, 1), random.uniform(0.8, 1.0)], np.float32)
    return picture * light[..., None] * colour


def _taken(picture: np.ndarray, random: Random) -> np.ndarray:
    """What a camera makes of it, saved as JPEG."""
    longer = int(random.integers(500, 1600))
    scale = longer / max(picture.shape[:2])
    size = round(picture.shape[1] * scale), round(picture.shape[0] * scale)
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    seen = paper.photographed(small, random, random.uniform(0.3, 1.4), random.uniform(0.004, 0.025))
    file = io.BytesIO()
    Image.fromarray(seen).save(file, "JPEG", quality=int(random.integers(*_JPEG)))
    return np.asarray(Image.open(file))


def _size(random: Random) -> tuple[int, int]:
    shorter = round(_LENGTH * random.uniform(0.6, 0.95))
    return (_LENGTH, shorter) if random.random() < 0.5 else (shorter, _LENGTH)


def _filling(digit: np.ndarray, random: Random, *, sheet: Paper, degrees: float = 0.0) -> np.ndarray:
    """A sheet that fills the picture, perhaps turned."""
    shape = _size(random)
    margin = round(0.15 * _LENGTH) if degrees else 0  # so much more of the sheet lies around
    whole = sheet((shape[0] + 2 * margin, shape[1] + 2 * margin), random)
    whole = _written(digit, whole, random, 0.6 if degrees else 0.8)
    if degrees:
        whole = paper.turned(whole, random.uniform(-degrees, degrees))
        whole = whole[margin : margin + shape[0], margin : margin + shape[1]]
    return _taken(_lit(whole, random), random)


def _lying(digit: np.ndarray, random: Random, *, sheet: Paper, desk: Desk) -> np.ndarray:
    """A sheet with a digit that lies on a desk."""
    page = _written(digit, sheet(_size(random), random), random, 0.75)
    return _taken(_lit(on_a_desk(page, random, desk), random), random)


def on_a_desk(page: np.ndarray, random: Random, desk: Desk | None = None) -> np.ndarray:
    """A sheet that lies on a desk, turned and in perspective, with the shadow of its edge.

    Args:
        page: the sheet; float32 array of shape (h, w, 3), 0.0 to 1.0.
        random: all else comes from it.
        desk: what it lies on; wood, cloth or a plain top if None.

    Returns:
        float32 array of shape (height, width, 3).
    """
    return laid_on_a_desk(page, random, desk)[0]


def laid_on_a_desk(
    page: np.ndarray, random: Random, desk: Desk | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """As `on_a_desk`, and where each place of the sheet lies in it.

    Returns:
        float32 array of shape (height, width, 3), and float64 array of shape (3, 3), from places (x, y, 1) of the sheet to those
        of the picture.
    """
    height, width = page.shape[:2]
    share = random.uniform(0.5, 0.9)  # of the picture's sides
    shape = round(height / share), round(width / share * random.uniform(1, 1.3))
    corners = _corners(width, height)
    around = (corners - [width / 2, height / 2]) @ _turn(random.uniform(-_TURNED, _TURNED)).T
    around *= 1 + random.uniform(-0.06, 0.06, (4, 1))  # perspective
    return _laid(page, around, shape, desk or _desk, random)


def _corners(width: int, height: int) -> np.ndarray:
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)


def _turn(degrees: float) -> np.ndarray:
    angle = np.deg2rad(degrees)
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _laid(
    page: np.ndarray, around: np.ndarray, shape: tuple[int, int], desk: Desk, random: Random
) -> tuple[np.ndarray, np.ndarray]:
    """A sheet in a picture of that shape, with its corners around some place in it; as `laid_on_a_desk` gives it."""
    height, width = page.shape[:2]
    free = np.maximum(0, np.array(shape[::-1]) - np.ptp(around, axis=0)) / 2
    middle = np.array(shape[::-1]) / 2 + free * random.uniform(-0.8, 0.8, 2)
    matrix = cv2.getPerspectiveTransform(_corners(width, height), (around + middle).astype(np.float32))
    covered = cv2.warpPerspective(np.ones((height, width), np.float32), matrix, shape[::-1])[..., None]
    lying = cv2.warpPerspective(page, matrix, shape[::-1])
    shadow = cv2.GaussianBlur(np.roll(covered[..., 0], (6, 6), (0, 1)), (0, 0), random.uniform(3, 12))
    ground = desk(shape, random) * (1 - random.uniform(0.1, 0.5) * shadow[..., None])
    return (ground * (1 - covered) + lying * covered).astype(np.float32), np.asarray(matrix)


def laid_in_a_scene(page: np.ndarray, random: Random) -> tuple[np.ndarray, np.ndarray]:
    """As `laid_on_a_desk`, more widely: paper of any tint on wood, planks, cloth, light and black tops with things on them, taken
    askew, under a shadow whose edge may be sharp.
    """
    height, width = page.shape[:2]
    tinted = page * random.uniform(0.8, 1.05) * random.uniform([0.9, 0.88, 0.72], 1.0)
    away = random.uniform(0, 0.25) * np.array([[np.cos(angle := random.uniform(0, 7)), np.sin(angle)]])
    around = (_corners(width, height) - [width / 2, height / 2]) @ _turn(random.uniform(-25, 25)).T
    around /= 1 + around @ away.T / np.abs(around).max()  # what is farther away is smaller
    around -= (around.max(axis=0) + around.min(axis=0)) / 2
    sides = np.ptp(around, axis=0) / random.uniform(0.4, 0.95)  # of the picture
    sides = np.maximum(sides, sides.max() * random.uniform(0.5, 0.8))  # no picture is a strip
    shape = round(float(sides[1])), round(float(sides[0]))
    desk = DESKS[random.integers(len(DESKS))]
    picture, matrix = _laid(
        tinted, around, shape, lambda size, own: _with_things(desk(size, own), own), random
    )
    return picture * _cast(shape, random)[..., None], matrix


def _planks(shape: tuple[int, int], random: Random) -> np.ndarray:
    """Wooden planks with dark joints."""
    desk, step = _desk(shape, random), int(random.integers(60, 260))
    for left in range(int(random.integers(step)), shape[1], step):
        desk[:, left : left + step] *= random.uniform(0.85, 1.15)
        desk[:, left : left + int(random.integers(2, 7))] *= random.uniform(0.3, 0.7)
    return desk if random.random() < 0.5 else cv2.resize(np.rot90(desk), shape[::-1])


def _cloth(shape: tuple[int, int], random: Random) -> np.ndarray:
    """Cloth with stripes, squares or dots of another colour."""
    ground, other = random.uniform(0.1, 0.7, (2, 3)).astype(np.float32)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    turn, step = _turn(random.uniform(0, 90)), random.uniform(8, 70)
    waves = np.sin((x * turn[0, 0] + y * turn[0, 1]) / step), np.sin((x * turn[1, 0] + y * turn[1, 1]) / step)
    kind = random.integers(3)
    pattern = waves[0] > 0 if kind == 0 else waves[0] * waves[1] > (0 if kind == 1 else 0.5)
    cloth = np.where(pattern[..., None], ground, other)
    return np.clip(cloth * (1 + 0.04 * _clouds(shape, random, 2, 2)[..., None]), 0.02, 0.8).astype(np.float32)


def _light_desk(shape: tuple[int, int], random: Random) -> np.ndarray:
    """A top that is little darker than paper."""
    level = random.uniform(0.5, 0.75) * random.uniform(0.85, 1, 3)
    return (level * (1 + 0.015 * _clouds(shape, random, 3, 3)[..., None])).astype(np.float32)


def _with_things(desk: np.ndarray, random: Random) -> np.ndarray:
    """A desk with up to three pens, books, phones or cups on it."""
    desk, (high, wide) = np.ascontiguousarray(desk), desk.shape[:2]
    for _ in range(random.integers(4)):
        colour = tuple(map(float, random.uniform(0.02, 0.7, 3)))
        place, size = random.uniform(0, 1, 2) * [wide, high], random.uniform(0.05, 0.3) * max(high, wide)
        kind, degrees = random.integers(3), float(random.uniform(0, 180))
        if kind == 0:
            cv2.circle(desk, tuple(map(int, place)), int(size / 2), colour, -1, cv2.LINE_AA)
            continue
        sides = (size, 0.07 * size) if kind == 1 else (size, random.uniform(0.4, 0.8) * size)
        box = cv2.boxPoints((tuple(map(float, place)), tuple(map(float, sides)), degrees))
        cv2.fillConvexPoly(desk, box.astype(np.int32), colour, cv2.LINE_AA)
    return desk


def _cast(shape: tuple[int, int], random: Random) -> np.ndarray:
    """Light that falls off, and the shadows of up to two things with edges from sharp to soft: float32 (h, w)."""
    light = paper.shaded(np.ones(shape, np.float32), random.uniform(0.05, 0.45), random)
    for _ in range(random.integers(3)):
        place = random.uniform(-0.1, 1.1, 2) * shape[::-1]
        angles = np.sort(random.uniform(0, 2 * np.pi, random.integers(3, 7)))
        around = np.stack([np.cos(angles), np.sin(angles)], axis=1) * random.uniform(0.15, 0.9) * max(shape)
        covered = np.zeros(shape, np.float32)
        cv2.fillPoly(covered, [(place + around).astype(np.int32)], 1.0)
        soft = cv2.GaussianBlur(covered, (0, 0), random.uniform(0.8, 20))
        light *= 1 - random.uniform(0.15, 0.6) * soft
    return light


DESKS: tuple[Desk, ...] = (_desk, _desk, _planks, _cloth, _light_desk, _black_desk)


def _anywhere(digit: np.ndarray, random: Random) -> np.ndarray:
    """A sheet of any kind and proportions with a digit, in a scene."""
    height, width = round(_LENGTH * random.uniform(0.25, 0.95)), _LENGTH
    shape = (height, width) if random.random() < 0.7 else (width, height)
    page = _written(digit, (_plain, _ruled, _squared)[random.integers(3)](shape, random), random, 0.75)
    return _taken(laid_in_a_scene(page, random)[0], random)


# A sheet that fills the picture; on a desk, and on a black one; ruled and squared paper, and these on desks.
KINDS: Mapping[str, Callable[[np.ndarray, Random], np.ndarray]] = {
    "plain paper": partial(_filling, sheet=_plain),
    "on a desk": partial(_lying, sheet=_plain, desk=_desk),
    "on a black desk": partial(_lying, sheet=_plain, desk=_black_desk),
    "ruled paper": partial(_filling, sheet=_ruled),
    "squared paper": partial(_filling, sheet=_squared),
    "ruled paper on a desk": partial(_lying, sheet=_ruled, desk=_desk),
    "squared paper, turned": partial(_filling, sheet=_squared, degrees=7.0),
    "squared paper on a desk": partial(_lying, sheet=_squared, desk=_desk),
    "paper in a scene": _anywhere,
}
