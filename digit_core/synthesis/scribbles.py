"""Scribbles and shapes made up from nothing: each function draws one, float32 (112, 112), 0.0 to 1.0, ink is 1.0."""

import cv2
import numpy as np

from digit_core.synthesis import letters, pen


def scribble(random: np.random.Generator) -> np.ndarray:
    """A smooth line to and fro through 7 to 18 places."""
    spread = np.array([1, random.uniform(0.4, 1)])[:: random.choice([-1, 1])]
    line = pen.smooth(random.uniform(-1, 1, (random.integers(7, 19), 2)) * spread)
    return pen.write([letters.on_sheet(line, random.uniform(60, 90))], random.uniform(3, 11))


def crossed(random: np.random.Generator) -> np.ndarray:
    """Three to eight bent strokes over each other."""
    strokes = []
    for _ in range(random.integers(3, 9)):
        start, end = random.uniform(14, 98, (2, 2))
        bent = (start + end) / 2 + random.normal(0, 10, 2)
        strokes.append(pen.smooth(np.stack([start, bent, end])))
    return pen.write(strokes, random.uniform(3, 11))


def coil(random: np.random.Generator) -> np.ndarray:
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


def zigzag(random: np.random.Generator) -> np.ndarray:
    """A line with three to nine sharp turns."""
    corners = random.integers(5, 12)
    along = np.arange(corners) * random.uniform(0.15, 0.6)
    across = np.where(np.arange(corners) % 2, 1.0, -1.0) * random.uniform(0.6, 1, corners)
    line = np.stack([along, across], axis=1) @ _turn(random.uniform(0, 2 * np.pi))
    return pen.write([letters.on_sheet(line, random.uniform(60, 90))], random.uniform(3, 9))


def polygon(random: np.random.Generator) -> np.ndarray:
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


def blob(random: np.random.Generator) -> np.ndarray:
    """One to four filled spots with wobbly edges."""
    ink = np.zeros((pen.SHEET, pen.SHEET), np.float32)
    for _ in range(random.integers(1, 5)):
        angle = np.linspace(0, 2 * np.pi, 9)[:-1]
        radius = random.uniform(10, 32) * random.uniform(0.6, 1.2, 8)[:, None]
        spot = radius * np.stack([np.cos(angle), random.uniform(0.4, 1) * np.sin(angle)], axis=1)
        outline = pen.smooth(spot @ _turn(random.uniform(0, np.pi)), is_closed=True)
        ink = np.maximum(ink, pen.fill(outline + random.uniform(36, 76, 2)))
    return ink


def smear(random: np.random.Generator) -> np.ndarray:
    """Soft spots and wiped ink."""
    ink = blob(random) if random.random() < 0.5 else crossed(random)
    along, across = random.uniform(4, 16), random.uniform(2, 8)
    wiped = cv2.GaussianBlur(ink, (0, 0), along, sigmaY=across)
    return np.clip(wiped / max(float(wiped.max()), 1e-6), 0, 1)


def texture(random: np.random.Generator) -> np.ndarray:
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


def silhouette(random: np.random.Generator) -> np.ndarray:
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
