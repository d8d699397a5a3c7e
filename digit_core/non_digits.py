"""What is no digit, made up: scribbles, letters, shapes, smears, clothes, and digits spoilt until they are none.

A network that is to refuse what is no digit has to see some. All of it goes through the one door, as a drawing does.
"""

from collections.abc import Callable

import cv2
import numpy as np

from digit_core import images as door
from digit_core import letters, pen
from digit_core.datasets import CLASSES, SIDE, Digits
from digit_core.errors import NoInkError

_ENLARGED = pen.SHEET // SIDE  # times that a digit is enlarged where it goes through the door again
_CRISP = 0.5  # the share that is drawn over with a clean edge, as a canvas draws it
_BAR = 0.33  # a mark that is narrower than this share of its length is a bar

Maker = Callable[[Digits, np.random.Generator], np.ndarray]
"""Digits to take apart and a source of chance in; ink out: float32 (h, w), 0.0 to 1.0."""


def _letter(digits: Digits, random: np.random.Generator) -> np.ndarray:
    return letters.write(str(random.choice(list(letters.LETTERS))), random)


def _scribble(digits: Digits, random: np.random.Generator) -> np.ndarray:
    """A smooth line to and fro through 7 to 18 places."""
    spread = np.array([1, random.uniform(0.4, 1)])[:: random.choice([-1, 1])]
    line = pen.smooth(random.uniform(-1, 1, (random.integers(7, 19), 2)) * spread)
    return pen.write([letters.on_sheet(line, random.uniform(60, 90))], random.uniform(3, 11))


def _crossed(digits: Digits, random: np.random.Generator) -> np.ndarray:
    """Three to eight bent strokes over each other."""
    strokes = []
    for _ in range(random.integers(3, 9)):
        start, end = random.uniform(14, 98, (2, 2))
        bent = (start + end) / 2 + random.normal(0, 10, 2)
        strokes.append(pen.smooth(np.stack([start, bent, end])))
    return pen.write(strokes, random.uniform(3, 11))


def _coil(digits: Digits, random: np.random.Generator) -> np.ndarray:
    """A line of loops, a spiral or a flower: a point going round on a wheel that rolls."""
    turns, kind = random.uniform(2.3, 6), random.integers(3)
    angle = np.linspace(0, 2 * np.pi * turns, 150) + random.uniform(0, 2 * np.pi)
    if kind == 0:  # a spiral
        radius = np.linspace(random.uniform(0, 0.2), 1, 150)
        line = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    elif kind == 1:  # loops or waves in a row
        step = random.uniform(0.1, 0.5)
        line = np.stack([np.cos(angle) * random.uniform(0, 1) + step * angle, np.sin(angle)], axis=1)
    else:  # a knot
        ratio = random.uniform(1.3, 3.5)
        line = np.stack([np.cos(angle), np.sin(ratio * angle)], axis=1)
    turned = line @ _turn(random.uniform(0, 2 * np.pi))
    return pen.write([letters.on_sheet(turned, random.uniform(60, 90))], random.uniform(3, 9))


def _zigzag(digits: Digits, random: np.random.Generator) -> np.ndarray:
    """A line with three to nine sharp turns."""
    corners = random.integers(5, 12)
    along = np.arange(corners) * random.uniform(0.15, 0.6)
    across = np.where(np.arange(corners) % 2, 1.0, -1.0) * random.uniform(0.6, 1, corners)
    line = np.stack([along, across], axis=1) @ _turn(random.uniform(0, 2 * np.pi))
    return pen.write([letters.on_sheet(line, random.uniform(60, 90))], random.uniform(3, 9))


def _polygon(digits: Digits, random: np.random.Generator) -> np.ndarray:
    """A filled shape with three to eight corners, or a net of its diagonals."""
    corners = random.integers(3, 9)
    angle = np.sort(random.uniform(0, 2 * np.pi, corners))
    radius = random.uniform(0.4, 1, corners)[:, None]
    outline = letters.on_sheet(
        radius * np.stack([np.cos(angle), np.sin(angle)], axis=1), random.uniform(60, 90)
    )
    if random.random() < 0.6:
        return pen.fill(outline) * np.float32(random.uniform(0.5, 1))
    closed = np.concatenate([outline, outline[:1]])
    diagonals = [outline[random.choice(corners, 2, replace=False)] for _ in range(random.integers(2, 5))]
    return pen.write([closed, *diagonals], random.uniform(3, 9))


def _blob(digits: Digits, random: np.random.Generator) -> np.ndarray:
    """One to four filled spots with wobbly edges."""
    ink = np.zeros((pen.SHEET, pen.SHEET), np.float32)
    for _ in range(random.integers(1, 5)):
        angle = np.linspace(0, 2 * np.pi, 9)[:-1]
        radius = random.uniform(10, 32) * random.uniform(0.6, 1.2, 8)[:, None]
        spot = radius * np.stack([np.cos(angle), random.uniform(0.4, 1) * np.sin(angle)], axis=1)
        outline = pen.smooth(spot @ _turn(random.uniform(0, np.pi)), is_closed=True)
        ink = np.maximum(ink, pen.fill(outline + random.uniform(36, 76, 2)))
    return ink


def _smear(digits: Digits, random: np.random.Generator) -> np.ndarray:
    """Soft spots and wiped ink."""
    ink = _blob(digits, random) if random.random() < 0.5 else _crossed(digits, random)
    along, across = random.uniform(4, 16), random.uniform(2, 8)
    wiped = cv2.GaussianBlur(ink, (0, 0), along, sigmaY=across)
    return np.clip(wiped / max(float(wiped.max()), 1e-6), 0, 1)


def _texture(digits: Digits, random: np.random.Generator) -> np.ndarray:
    """A cloud, stripes or a gradient in a window."""
    y, x = np.mgrid[-1 : 1 : pen.SHEET * 1j, -1 : 1 : pen.SHEET * 1j].astype(np.float32)
    return _window(x, y, random) * _pattern(x, y, random)


def _pattern(x: np.ndarray, y: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Clouds, stripes or a gradient over coordinates (112, 112) from -1 to 1: float32, 0.0 to 1.0."""
    kind, angle = random.integers(3), random.uniform(0, np.pi)
    along = np.cos(angle) * x + np.sin(angle) * y
    if kind == 0:
        field = cv2.GaussianBlur(random.standard_normal(x.shape, np.float32), (0, 0), random.uniform(2, 14))
    elif kind == 1:
        field = np.sin(along * random.uniform(6, 25) + random.uniform(0, 6))
    else:
        field = along
    field = (field - field.min()) / max(float(np.ptp(field)), 1e-6)
    return (field > random.uniform(0.3, 0.7)).astype(np.float32) if random.random() < 0.4 else field


def _window(x: np.ndarray, y: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Where a texture lies: a box or an oval, bool (112, 112)."""
    width, height = random.uniform(0.35, 0.85, 2)
    if random.random() < 0.5:
        return (np.abs(x) < width) & (np.abs(y) < height)
    return (x / width) ** 2 + (y / height) ** 2 < 1


def _silhouette(digits: Digits, random: np.random.Generator) -> np.ndarray:
    """A filled outline like clothes or a shoe, plain or with a pattern: its width swells and shrinks on its way."""
    knots = random.integers(3, 8)
    along = np.linspace(-1, 1, knots)
    side = random.uniform(0.15, 1, knots)
    other = side if random.random() < 0.6 else random.uniform(0, 0.4, knots)  # as a shirt, or flat as a sole
    right, left = (
        pen.smooth(np.stack([sign * half, along * random.uniform(0.95, 1.05)], axis=1))
        for sign, half in ((1, side), (-1, other))
    )
    shape = np.concatenate([right, left[::-1]]) * np.array([random.uniform(0.4, 1.1), 1])
    if random.random() < 0.4:
        shape = shape[:, ::-1] * random.choice([-1, 1], 2)
    ink = pen.fill(letters.on_sheet(shape, random.uniform(70, 96)))
    if random.random() < 0.5:
        ink = np.maximum(ink, _limbs(random))
    y, x = np.mgrid[-1 : 1 : pen.SHEET * 1j, -1 : 1 : pen.SHEET * 1j].astype(np.float32)
    pattern = _pattern(x, y, random) if random.random() < 0.6 else np.ones_like(ink)
    low = np.float32(random.uniform(0.3, 0.9))
    return ink * (low + (1 - low) * pattern)


def _limbs(random: np.random.Generator) -> np.ndarray:
    """Two sleeves, legs or straps, each the other's mirror image."""
    top, bottom = random.uniform([20, 12], [50, 45]), random.uniform([6, 40], [48, 100])
    limb = np.stack([top, bottom])
    mirrored = np.array([pen.SHEET, 0]) + limb * np.array([-1, 1])
    return pen.write([limb, mirrored], random.uniform(5, 24))


def _turn(angle: float) -> np.ndarray:
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def _one(digits: Digits, random: np.random.Generator, labels: str = "0123456789") -> tuple[np.ndarray, int]:
    """A digit of one of the labels, float32 (28, 28), 0.0 to 1.0, and its label."""
    while True:  # `make` has seen to it that there is one
        row = int(random.integers(len(digits)))
        if str(digits.labels[row]) in labels:
            return door.from_dataset(digits.images[row]), int(digits.labels[row])


def _two(digits: Digits, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two digits that are not the same, none of them a 1: a 0 under a 1 is a 0 with a slash, a 7 on a 1 a 7."""
    first, label = _one(digits, random, "023456789")
    second, _ = _one(digits, random, "023456789".replace(str(label), ""))
    return first, second


def _joined(digits: Digits, random: np.random.Generator) -> np.ndarray:
    """The upper (or left) half of one digit on the lower (or right) half of another, out of step."""
    first, second = _two(digits, random)
    second = np.roll(second, random.choice([-6, -5, 5, 6]), axis=1)
    whole = np.concatenate([first[: SIDE // 2], second[SIDE // 2 :]])
    return whole if random.random() < 0.5 else whole.T


def _mirrored(digits: Digits, random: np.random.Generator) -> np.ndarray:
    """A digit mirrored or turned where that gives none. A 5 mirrored is a 2, a 2 on its head a 2, a 6 a 9."""
    how = random.integers(4)
    if how == 0:
        return _one(digits, random, "34679")[0][:, ::-1]
    if how == 1:  # a 3 on its head is mirrored from top to bottom nearly the same as left to right
        return _one(digits, random, "347")[0][::-1, ::-1]
    return np.rot90(_one(digits, random, "234569")[0], 1 if how == 2 else 3)


def _overlaid(digits: Digits, random: np.random.Generator) -> np.ndarray:
    """Two digits over each other."""
    first, second = _two(digits, random)
    moved = np.roll(second, random.integers(-5, 6, 2), axis=(0, 1))
    turned = np.rot90(moved) if random.random() < 0.5 else moved
    return np.maximum(first, turned)


def _side_by_side(digits: Digits, random: np.random.Generator) -> np.ndarray:
    """Two digits beside each other, or one above the other: a number is no digit."""
    first, second = _two(digits, random)
    axis = 1 if random.random() < 0.8 else 0
    near = random.integers(2, 5)  # pixels of blank paper that fall away at each edge
    halves = [
        np.delete(digit, [*range(near), *range(SIDE - near, SIDE)], axis=axis) for digit in (first, second)
    ]
    return np.concatenate(halves, axis=axis)


def _shuffled(digits: Digits, random: np.random.Generator) -> np.ndarray:
    """The four quarters of a digit, each where another was."""
    digit, half = _one(digits, random, "2345689")[0], SIDE // 2
    quarters = [digit[:half, :half], digit[:half, half:], digit[half:, :half], digit[half:, half:]]
    order = np.roll(np.arange(4), random.integers(1, 4)) if random.random() < 0.5 else np.array([3, 2, 1, 0])
    return np.block([[quarters[order[0]], quarters[order[1]]], [quarters[order[2]], quarters[order[3]]]])


def _cut(digits: Digits, random: np.random.Generator) -> np.ndarray:
    """Half a digit that is none by itself: the foot of a 2, the fork of a 4, the head of a 5."""
    digit, label = _one(digits, random, "245")
    half = digit[SIDE // 2 :] if label == 2 else digit[: SIDE // 2]
    return np.pad(half, 7)


MAKERS: dict[str, Maker] = {
    "letters": _letter,
    "scribbles": _scribble,
    "crossed strokes": _crossed,
    "coils": _coil,
    "zigzags": _zigzag,
    "polygons": _polygon,
    "blobs": _blob,
    "smears": _smear,
    "textures": _texture,
    "silhouettes": _silhouette,
    "joined halves": _joined,
    "mirrored and turned": _mirrored,
    "two digits over each other": _overlaid,
    "two digits side by side": _side_by_side,
    "shuffled quarters": _shuffled,
    "half digits": _cut,
}


def make(kind: str, n: int, digits: Digits, random: np.random.Generator) -> np.ndarray:
    """Make up some non-digits of one kind.

    Args:
        kind: a key of `MAKERS`.
        n: how many.
        digits: to take apart, where the kind is made of digits; some of each of the ten.
        random: the same state makes the same.

    Returns:
        uint8 array of shape (n, 28, 28), ink is 255, as the door makes them.

    Raises:
        ValueError: one of the ten digits is missing.
    """
    if len(np.unique(digits.labels)) < CLASSES:
        raise ValueError("Non-digits are made of all ten digits: some of each are needed.")
    made = np.empty((n, SIDE, SIDE), np.uint8)
    count = 0
    while count < n:
        ink = MAKERS[kind](digits, random)
        try:
            image = _through_the_door(ink, random, may_be_crisp=kind != "smears")
        except NoInkError:  # so faint that nothing is left of it: make another
            continue
        if not is_a_bar(image):  # which is a 1
            made[count] = image
            count += 1
    return made


def is_a_bar(image: np.ndarray) -> bool:
    """Whether ink (28, 28) is long, narrow and more upright than lying: such a mark is read as a 1."""
    y, x = np.nonzero(image > 100)
    if len(x) < 3:
        return True
    spread, axes = np.linalg.eigh(np.cov(x, y))
    return bool(spread[0] < _BAR**2 * spread[1] and abs(axes[1, 1]) > abs(axes[0, 1]))


def rewrite(images: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Digits as if they had been drawn on a canvas: another pen, clean edges, and through the door again.

    What is told from non-digits must not be told by how its ink looks, which is not the same in MNIST and on a canvas.

    Args:
        images: uint8 array of shape (n, 28, 28), ink is 255; each has ink.
        random: the same state makes the same.

    Returns:
        uint8 array of shape (n, 28, 28).
    """
    return np.stack([_through_the_door(door.from_dataset(image), random, share=0.8) for image in images])


def _through_the_door(
    ink: np.ndarray, random: np.random.Generator, may_be_crisp: bool = True, share: float = _CRISP
) -> np.ndarray:
    """Ink as uint8 (28, 28), a share of it with another pen on the way.

    Raises:
        NoInkError: nothing is left of it.
    """
    if max(ink.shape) < pen.SHEET:
        ink = cv2.resize(ink, None, fx=_ENLARGED, fy=_ENLARGED, interpolation=cv2.INTER_CUBIC)
        ink = np.clip(ink, 0, 1)
    if may_be_crisp and random.random() < share:
        ink = _crisp(ink, random)
    elif random.random() < 0.5:
        ink = cv2.GaussianBlur(ink, (0, 0), random.uniform(1, 2.5))
    return np.round(door.from_ink(ink) * 255).astype(np.uint8)


def _crisp(ink: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Ink with a clean edge, from a thinner or a broader pen."""
    marked: np.ndarray = (ink > random.uniform(0.3, 0.6)).astype(np.uint8)
    radius = int(random.integers(-2, 4))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * abs(radius) + 1,) * 2)
    if radius > 0:
        marked = cv2.dilate(np.pad(marked, radius), disc)
    elif (thinner := cv2.erode(marked, disc)).sum() > 0.35 * marked.sum():
        marked = thinner
    return cv2.GaussianBlur(marked.astype(np.float32), (0, 0), 0.7)
