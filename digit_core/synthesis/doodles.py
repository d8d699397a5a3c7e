"""What people draw for fun where a digit is asked for: faces, shapes and things, by many made-up hands.

A figure is a list of strokes, float arrays of shape (points, 2): x right, y down, about -1 to 1. No figure is a plain circle,
square or line, which are read as 0 and 1.
"""

import itertools
from collections.abc import Callable

import numpy as np

from digit_core.synthesis import letters, pen

Figure = Callable[[np.random.Generator], list[np.ndarray]]


def doodle(name: str, random: np.random.Generator) -> np.ndarray:
    """Draw one figure by a hand of its own: how steady, how slanted, how closed, with which pen.

    Args:
        name: a key of `FIGURES`.
        random: the same state draws the same.

    Returns:
        float32 array of shape (112, 112), 0.0 to 1.0, ink is 1.0.
    """
    unsteadiness, looseness = random.uniform(0, 0.05), random.uniform(0, 0.06)
    angle, lean = random.normal(0, 0.15), random.normal(0, 0.12)
    size = random.uniform(0.7, 1.2, 2)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    hand = np.diag(size) @ np.array([[1, 0], [lean, 1]]) @ turn
    strokes = []
    for stroke in FIGURES[name](random):
        shaken = stroke + random.normal(0, looseness, 2) + _wobble(len(stroke), unsteadiness, random)
        strokes.append(shaken @ hand)
    ends = np.cumsum([len(stroke) for stroke in strokes])[:-1]
    placed = letters.on_sheet(np.concatenate(strokes), random.uniform(60, 92))
    return pen.write(np.split(placed, ends), random.uniform(2.5, 9))


def _wobble(n: int, amount: float, random: np.random.Generator) -> np.ndarray:
    """How far a shaking hand is off, (n, 2): a smooth curve, so that short strokes and corners stay what they are."""
    knots = pen.smooth(random.normal(0, amount, (6, 2)))
    return knots[np.linspace(0, len(knots) - 1, n).astype(int)]


def _arc(
    x: float, y: float, width: float, height: float, start: float = 0.0, end: float = 1.0, points: int = 24
) -> np.ndarray:
    """A part of an oval about x, y; `start` and `end` are turns, clockwise from the right."""
    angle = 2 * np.pi * np.linspace(start, end, points)
    return np.stack([x + width * np.cos(angle), y + height * np.sin(angle)], axis=1)


def _round(random: np.random.Generator, x: float, y: float, width: float, height: float) -> np.ndarray:
    """A closed oval that does not quite close, or overshoots, and begins anywhere."""
    start = random.random()
    return _arc(x, y, width, height, start, start + random.uniform(0.94, 1.08))


def _corners(*places: tuple[float, float]) -> np.ndarray:
    """Straight lines from place to place, as points that lie close."""
    pairs = itertools.pairwise(places)
    return np.concatenate([np.linspace(start, end, 8) for start, end in pairs])


def _shaken(random: np.random.Generator, amount: float, *places: tuple[float, float]) -> np.ndarray:
    """As `_corners`, each place off by chance; where the last is the first, the line nearly closes."""
    off = np.array(places) + random.normal(0, amount, (len(places), 2))
    if places[0] == places[-1]:
        off[-1] = off[0] + random.normal(0, amount / 2, 2)
    return _corners(*map(tuple, off))


def _features(random: np.random.Generator) -> list[np.ndarray]:
    """Eyes, a mouth, and a nose in some."""
    apart, level = random.uniform(0.25, 0.45), random.uniform(-0.5, -0.15)
    kind, size = random.integers(3), random.uniform(0.03, 0.14)
    strokes = []
    for x in (-apart, apart):
        if kind == 0:  # dots
            strokes.append(_corners((x, level), (x + 0.03, level + 0.03)))
        elif kind == 1:  # strokes
            strokes.append(_corners((x, level - size), (x, level + size)))
        else:
            strokes.append(_round(random, x, level, size, size))
    width, low, curve = random.uniform(0.3, 0.6), random.uniform(0.25, 0.5), random.uniform(-0.3, 0.4)
    along = np.linspace(-1, 1, 16)
    strokes.append(np.stack([width * along, low + curve * (0.5 - along**2)], axis=1))
    nose = random.integers(4)
    if nose == 0:
        strokes.append(_corners((0, -0.15), (0, 0.12)))
    elif nose == 1:
        strokes.append(_corners((0, -0.2), (-0.12, 0.1), (0.06, 0.1)))
    return strokes


def _face(random: np.random.Generator) -> list[np.ndarray]:
    width = random.uniform(0.75, 1.05)
    strokes = [_round(random, 0, 0, width, 1), *_features(random)]
    if random.random() < 0.25:
        strokes += [_arc(side * width, 0, 0.15, 0.25, points=12) for side in (-1, 1)]
    return strokes


def _cat(random: np.random.Generator) -> list[np.ndarray]:
    ears = [_shaken(random, 0.05, (s * 0.8, -0.6), (s * 0.8, -1.3), (s * 0.25, -0.95)) for s in (-1, 1)]
    whiskers = [_corners((s * 0.4, y), (s * 1.2, 1.6 * y - 0.1)) for s in (-1, 1) for y in (0.1, 0.3)]
    return [_round(random, 0, 0, 1, 0.95), *ears, *_features(random), *whiskers]


def _triangle(random: np.random.Generator) -> list[np.ndarray]:
    top = random.uniform(-0.6, 0.6)
    outline = _shaken(random, 0.08, (top, -1), (1, 0.8), (-1, 0.8), (top, -1))
    return [outline * np.array([random.uniform(0.6, 1), random.choice([1, 1, 1, -1])])]


def _house(random: np.random.Generator) -> list[np.ndarray]:
    eaves, wide = random.uniform(-0.4, 0), random.uniform(0.8, 1.1)
    walls = _shaken(random, 0.04, (-0.8, eaves), (-0.8, 1), (0.8, 1), (0.8, eaves))
    roof = _shaken(random, 0.05, (-wide, eaves), (0, -1), (wide, eaves))
    strokes = [walls, roof]
    if random.random() < 0.7:
        strokes.append(_corners((-wide, eaves), (wide, eaves)))
    if random.random() < 0.4:  # nothing in it, which is the hardest to tell from a digit
        return strokes
    if random.random() < 0.6:
        x = random.uniform(-0.5, 0.2)
        strokes.append(_shaken(random, 0.03, (x, 1), (x, 0.4), (x + 0.35, 0.4), (x + 0.35, 1)))
    if random.random() < 0.4:
        x, y = random.uniform(-0.5, 0.3), random.uniform(0.1, 0.3)
        corners = (x, y), (x + 0.25, y), (x + 0.25, y + 0.25), (x, y + 0.25), (x, y)
        strokes.append(_shaken(random, 0.03, *corners))
    return strokes


def _heart(random: np.random.Generator) -> list[np.ndarray]:
    along = np.linspace(0, 2 * np.pi, 50) + random.choice([0.0, np.pi])
    cleft, width = random.uniform(3, 6), random.uniform(12, 17)
    y = -(13 * np.cos(along) - cleft * np.cos(2 * along) - 2 * np.cos(3 * along) - np.cos(4 * along))
    return [np.stack([width * np.sin(along) ** 3, y], axis=1) / 16]


def _star(random: np.random.Generator) -> list[np.ndarray]:
    points = int(random.choice([5, 5, 5, 6]))
    if points == 5 and random.random() < 0.5:  # in one go, its lines crossing
        angle = 2 * np.pi * np.arange(6) * 2 / 5 - np.pi / 2
        outline = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    else:
        angle = np.pi * np.arange(2 * points + 1) / points - np.pi / 2
        radius = np.where(np.arange(2 * points + 1) % 2, random.uniform(0.3, 0.55), 1)[:, None]
        outline = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return [_shaken(random, 0.06, *map(tuple, outline))]


def _rays(random: np.random.Generator, inner: float, outer: float) -> list[np.ndarray]:
    angles = 2 * np.pi * (np.arange(count := int(random.integers(5, 11))) / count + random.random())
    return [_corners(*((r * np.cos(a), r * np.sin(a)) for r in (inner, outer))) for a in angles]


def _sun(random: np.random.Generator) -> list[np.ndarray]:
    radius = random.uniform(0.35, 0.55)
    return [_round(random, 0, 0, radius, radius), *_rays(random, radius + random.uniform(0, 0.15), 1)]


def _flower(random: np.random.Generator) -> list[np.ndarray]:
    petals = int(random.integers(4, 8))
    angles = 2 * np.pi * np.arange(petals) / petals + random.random()
    radius = np.pi * 0.5 / petals * random.uniform(0.8, 1.2)
    strokes = [_round(random, 0, 0, 0.25, 0.25)]
    strokes += [_round(random, 0.55 * np.cos(a), 0.55 * np.sin(a), radius, radius) for a in angles]
    if random.random() < 0.6:
        strokes.append(_corners((0, 0.9), (random.normal(0, 0.1), 2)))
    return strokes


def _tree(random: np.random.Generator) -> list[np.ndarray]:
    trunk = random.uniform(0.1, 0.25)
    stem = [_corners((side * trunk, 0.3), (side * trunk, 1.2)) for side in (-1, 1)]
    if random.random() < 0.5:
        return [*stem, _shaken(random, 0.05, (0, -1.2), (0.8, 0.3), (-0.8, 0.3), (0, -1.2))]
    return [*stem, _round(random, 0, -0.4, 0.8, 0.75)]


def _person(random: np.random.Generator) -> list[np.ndarray]:
    hip, reach = random.uniform(0.2, 0.5), random.uniform(-0.5, 0.3)
    limbs = [_corners((0, hip), (s * random.uniform(0.3, 0.6), 1.1)) for s in (-1, 1)]
    arms = _corners((-0.6, reach), (0, -0.2), (0.6, reach))
    return [_round(random, 0, -0.8, 0.3, 0.3), _corners((0, -0.5), (0, hip)), arms, *limbs]


def _envelope(random: np.random.Generator) -> list[np.ndarray]:
    high = random.uniform(0.5, 0.9)
    outline = _shaken(random, 0.04, (-1, -high), (1, -high), (1, high), (-1, high), (-1, -high))
    fold = _corners((-1, -high), (0, random.uniform(0, 0.3)), (1, -high))
    return [outline, fold]


def _car(random: np.random.Generator) -> list[np.ndarray]:
    body = _shaken(random, 0.04, (-1, 0.4), (-1, 0), (1, 0), (1, 0.4), (-1, 0.4))
    cabin, wheel = random.uniform(0.4, 0.7), random.uniform(0.18, 0.3)
    roof = _shaken(random, 0.04, (-cabin, 0), (-cabin + 0.15, -0.5), (cabin - 0.15, -0.5), (cabin, 0))
    return [body, roof, *(_round(random, x, 0.4 + wheel / 2, wheel, wheel) for x in (-0.55, 0.55))]


def _cup(random: np.random.Generator) -> list[np.ndarray]:
    foot = random.uniform(0.4, 0.8)
    mug = _shaken(random, 0.04, (-0.7, -0.8), (-foot, 0.9), (foot, 0.9), (0.7, -0.8), (-0.7, -0.8))
    return [mug, _arc(foot, 0, 0.45, random.uniform(0.3, 0.5), -0.25, 0.25)]


def _kite(random: np.random.Generator) -> list[np.ndarray]:
    low = random.uniform(0.4, 0.9)
    outline = _shaken(random, 0.05, (0, -1), (0.7, -0.3), (0, low), (-0.7, -0.3), (0, -1))
    strokes = [outline, _corners((0, -1), (0, low)), _corners((-0.7, -0.3), (0.7, -0.3))]
    return [*strokes[: int(random.integers(2, 4))], _corners((0, low), (0.2, low + 0.3), (0, low + 0.6))]


def _mushroom(random: np.random.Generator) -> list[np.ndarray]:
    stem = random.uniform(0.2, 0.4)
    cap = np.concatenate([_arc(0, 0, 1, random.uniform(0.6, 1), 0.5, 1), _corners((1, 0), (-1, 0))])
    return [cap, _corners((-stem, 0), (-stem, 0.9), (stem, 0.9), (stem, 0))]


def _robot(random: np.random.Generator) -> list[np.ndarray]:
    high = random.uniform(0.7, 1)
    head = _shaken(random, 0.04, (-0.9, -high), (0.9, -high), (0.9, high), (-0.9, high), (-0.9, -high))
    return [head, *_features(random)]


def _fish(random: np.random.Generator) -> list[np.ndarray]:
    tail = random.uniform(0.3, 0.55)
    strokes = [_round(random, 0, 0, 0.8, 0.5), _corners((0.75, 0), (1.3, -tail), (1.3, tail), (0.75, 0))]
    return [*strokes, _corners((-0.45, -0.12), (-0.42, -0.1))]


def _boat(random: np.random.Generator) -> list[np.ndarray]:
    hull = _shaken(random, 0.04, (-1, 0.3), (-0.6, 0.9), (0.6, 0.9), (1, 0.3), (-1, 0.3))
    return [hull, _corners((0, 0.3), (0, -1)), _corners((0, -1), (0.7, 0.1), (0, 0.1))]


def _arrow(random: np.random.Generator) -> list[np.ndarray]:
    head, turn = random.uniform(0.3, 0.6), random.integers(4)
    strokes = [_corners((-1, 0), (1, 0)), _corners((1 - head, -head), (1, 0), (1 - head, head))]
    return [stroke @ np.linalg.matrix_power(np.array([[0, 1], [-1, 0]]), int(turn)) for stroke in strokes]


def _plus(random: np.random.Generator) -> list[np.ndarray]:
    x, y = random.normal(0, 0.1, 2)
    return [_corners((x, -1), (x, 1)), _corners((-1, y), (1, y))]


FIGURES: dict[str, Figure] = {
    "face": _face,
    "triangle": _triangle,
    "house": _house,
    "heart": _heart,
    "star": _star,
    "sun": _sun,
    "flower": _flower,
    "tree": _tree,
    "person": _person,
    "envelope": _envelope,
    "plus": _plus,
    "car": _car,
    "cup": _cup,
    "kite": _kite,
    "mushroom": _mushroom,
    "robot": _robot,
    "cat": _cat,
    "fish": _fish,
    "boat": _boat,
    "arrow": _arrow,
}
