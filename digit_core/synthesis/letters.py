"""Letters and signs as pen strokes made up for this project: what people write that is no digit.

Left out are those that a digit may look like when it is written fast: O and Q (0), I, J, i, j and l (1), Z (2), Y and y
(4, with an open top), S (5), b and G (6), T with a slant (7), B (8), g and q (9).
"""

import numpy as np

from digit_core.synthesis import pen

# Each stroke is a run of points on a square of 10 by 10, x right, y down, with a smooth curve through them; a point
# that stands twice is a corner. "|" parts strokes.
_SHAPES = {
    "A": ("0,10 5,0 5,0 10,10 | 2,6 8,6",),
    "A round": ("0,10 1,4 5,0 9,4 10,10 | 0,6 10,6",),
    "C": ("9,2 6,0 2,1 0,5 2,9 6,10 9,8",),
    "E": ("9,0 0,0 0,0 0,10 0,10 9,10 | 0,5 7,5", "9,1 5,0 1,2 4,5 4,5 0,7 2,10 6,10 9,9"),
    "F": ("9,0 0,0 0,0 0,10 | 0,5 7,5",),
    "H": ("0,0 0,10 | 9,0 9,10 | 0,5 9,5",),
    "K": ("0,0 0,10 | 8,0 0,6 | 3,4 9,10", "0,0 0,10 | 8,0 1,5 1,5 9,10"),
    "L": ("0,0 0,10 0,10 8,10",),
    "M": ("0,10 1,0 1,0 5,7 5,7 9,0 9,0 10,10", "0,10 1,2 2,1 5,9 5,9 8,1 9,2 10,10"),
    "N": ("0,10 0,0 0,0 9,10 9,10 9,0",),
    "P": ("0,10 0,0 0,0 6,0 8,3 6,5 0,5", "1,10 1,0 | 0,1 4,0 8,1 7,5 1,5"),
    "R": ("0,10 0,0 0,0 6,0 8,3 6,5 0,5 0,5 9,10", "1,0 1,10 | 0,1 5,0 8,2 6,5 1,5 1,5 5,7 9,10"),
    "T": ("0,0 10,0 | 5,0 5,10",),
    "U": ("0,0 0,7 4,10 8,7 8,0", "0,0 0,7 4,10 8,7 8,0 8,0 8,10"),
    "V": ("0,0 5,10 5,10 10,0",),
    "W": ("0,0 2,10 2,10 5,3 5,3 8,10 8,10 10,0", "0,1 1,9 4,9 5,3 6,9 9,9 10,0"),
    "X": ("0,0 10,10 | 10,0 0,10", "0,0 4,3 4,7 0,10 | 9,0 5,3 5,7 9,10"),
    "a": ("8,3 4,2 0,5 2,9 6,9 8,4 8,4 8,8 10,10",),
    "d": ("7,6 4,4 0,7 2,10 6,9 8,5 8,0 8,0 8,9 10,10",),
    "e": ("0,6 8,5 8,2 4,0 0,4 1,9 5,10 10,8", "1,7 6,4 6,1 3,1 1,6 3,10 9,8"),
    "f": ("8,1 5,0 4,3 4,10 | 0,5 8,5", "0,6 5,4 7,1 5,0 4,4 4,12 2,14 2,11 8,6"),
    "h": ("0,0 0,10 0,10 1,6 4,4 7,6 7,10", "0,7 4,3 4,0 2,1 1,10 1,10 3,5 6,5 6,9 8,10"),
    "k": ("0,0 0,10 | 6,4 0,7 0,7 7,10", "0,0 0,10 0,10 1,6 5,4 5,6 1,7 1,7 4,8 7,10"),
    "m": ("0,10 0,4 0,10 1,5 4,4 5,10 5,10 6,5 9,4 10,10",),
    "n": ("0,3 0,10 0,10 1,5 4,3 7,5 7,10", "0,6 2,3 2,10 2,10 4,4 7,4 7,9 9,10"),
    "p": ("0,3 0,13 | 0,5 4,3 7,5 6,8 3,9 0,7",),
    "r": ("0,3 0,10 0,10 1,5 4,3 6,4",),
    "t": ("4,0 4,8 6,10 8,9 | 0,3 8,3", "4,0 4,10 | 0,4 8,3"),
    "u": ("0,3 0,8 3,10 7,8 8,3 8,3 8,9 10,10",),
    "v": ("0,3 4,10 4,10 8,3", "0,4 2,3 4,10 7,5 6,3 9,4"),
    "w": ("0,3 2,10 2,10 4,4 4,4 6,10 6,10 9,3", "0,3 0,8 2,10 4,8 4,3 4,8 6,10 8,8 8,3 10,4"),
    "x": ("0,3 8,10 | 8,3 0,10", "0,4 2,3 5,9 8,10 | 8,3 0,10"),
    "double": ("0,3 0,10 0,10 2,4 4,4 4,10 | 6,3 6,8 8,10 10,8 10,3",),
    "plus": ("5,0 5,10 | 0,5 10,5",),
    "hash": ("3,0 2,10 | 7,0 6,10 | 0,3 10,3 | 0,7 10,7",),
    "question": ("0,2 3,0 6,2 4,5 3,7 | 3,9 3,10",),
    "ampersand": ("9,10 2,3 3,0 6,1 5,4 0,7 2,10 6,9 9,5",),
    "at": ("7,3 4,3 3,6 6,7 7,3 7,7 9,7 10,3 6,0 1,2 0,7 4,10 9,9",),
    "star": ("0,4 10,4 10,4 2,10 2,10 5,0 5,0 8,10 8,10 0,4",),
    "asterisk": ("5,0 5,10 | 0,2 10,8 | 10,2 0,8",),
    "heart": ("5,10 0,4 1,0 4,0 5,3 5,3 6,0 9,0 10,4 5,10",),
    "arrow": ("0,5 10,5 | 6,1 10,5 10,5 6,9",),
    "house": ("0,10 0,4 0,4 5,0 5,0 10,4 10,4 10,10 10,10 0,10 | 4,10 4,6 4,6 6,6 6,6 6,10",),
    "face": ("5,0 1,1 0,5 1,9 5,10 9,9 10,5 9,1 5,0 | 3,3 3,4 | 7,3 7,4 | 2,7 5,8 8,7",),
    "tick": ("0,6 3,10 3,10 10,0",),
    "triangle": ("5,0 0,10 0,10 10,10 10,10 5,0",),
    "square with a cross": ("0,0 10,0 10,0 10,10 10,10 0,10 0,10 0,0 | 0,0 10,10 | 10,0 0,10",),
    "two lines": ("0,2 10,2 | 0,8 10,8", "2,0 2,10 | 8,0 8,10"),
    "wave": ("0,5 2,2 5,5 8,8 10,5",),
    "fish": ("10,1 4,9 0,5 4,1 10,9",),
    "stick man": ("5,0 4,1 5,3 6,1 5,0 | 5,3 5,7 | 1,4 9,4 | 5,7 2,11 | 5,7 8,11",),
    "flower": ("5,4 3,2 5,0 7,2 5,4 8,4 8,7 5,4 3,7 2,4 5,4 | 5,4 5,12",),
    "music": ("2,10 0,9 1,8 2,9 2,9 2,1 2,1 8,0 8,0 8,8 6,9 7,7 8,8",),
    "pi": ("0,1 10,0 | 3,1 2,10 | 7,1 7,9 9,10",),
    "lightning": ("6,0 2,5 2,5 7,5 7,5 2,11",),
    "gamma": ("0,0 5,8 4,12 3,8 9,0",),
    "omega": ("0,10 3,10 3,10 0,5 3,0 7,0 10,5 7,10 7,10 10,10",),
    "equals not": ("0,3 10,3 | 0,7 10,7 | 8,0 2,10",),
    "percent": ("9,0 1,10 | 2,0 0,2 2,3 3,2 2,0 | 8,7 6,9 8,10 10,9 8,7",),
}


def _strokes(text: str) -> tuple[np.ndarray, ...]:
    """The strokes of a shape, float64 (points, 2)."""
    return tuple(
        np.array([[float(number) for number in point.split(",")] for point in stroke.split()])
        for stroke in text.split("|")
    )


LETTERS: dict[str, tuple[tuple[np.ndarray, ...], ...]] = {
    name: tuple(_strokes(text) for text in ways) for name, ways in _SHAPES.items()
}
"""Name to the ways of writing it, each some strokes: float64 arrays of shape (points, 2)."""

# Of the letter's size: the standard deviation by which a point is off.
_UNSTEADY = 0.045
# How far it leans at most, x by y; degrees.
_SLANT, _TURN = 0.35, 14.0


def write(name: str, random: np.random.Generator) -> np.ndarray:
    """One letter or sign by an unsteady hand, its width, slant and pen drawn anew.

    Args:
        name: a key of `LETTERS`.
        random: the same state writes the same.

    Returns:
        float32 array of shape (112, 112), 0.0 to 1.0, ink is 1.0.
    """
    ways = LETTERS[name]
    strokes = ways[random.integers(len(ways))]
    points = np.concatenate(strokes)
    size = np.ptp(points, axis=0).max()
    points = points + random.normal(0, _UNSTEADY * size, points.shape)
    angle = np.deg2rad(random.uniform(-_TURN, _TURN))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    lean = np.array([[1, random.uniform(-_SLANT, _SLANT)], [0, 1]])
    points = points @ (turn @ lean @ np.diag([random.uniform(0.55, 1.35), 1])).T
    placed = on_sheet(points, random.uniform(60, 84))
    ends = np.cumsum([len(stroke) for stroke in strokes])[:-1]
    return pen.write([pen.smooth(stroke) for stroke in np.split(placed, ends)], random.uniform(3.5, 13))


def on_sheet(points: np.ndarray, side: float) -> np.ndarray:
    """Points (n, 2) moved to the middle of the sheet, the longer side of their box `side` pixels."""
    low, high = points.min(axis=0), points.max(axis=0)
    return (points - (low + high) / 2) * (side / max(float((high - low).max()), 1e-6)) + pen.SHEET / 2
