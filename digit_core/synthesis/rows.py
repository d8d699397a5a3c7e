"""Rows of digits as the line reader sees them: composed fast and in great variety, with where each digit stands.

Every row has a hand of its own: pen, size, slant, stretch and spacing; digits that stand apart, touch, overlap or are tied by a
stroke; repeats; broken strokes; marks that are no digits; and what scans and photos leave of all that.
"""

import itertools
from dataclasses import dataclass

import cv2
import numpy as np

from digit_core.digits import CLASSES, Digits, brief
from digit_core.synthesis import numbers

HEIGHT = 40  # pixels, of a row
STRIDE = 2  # pixels to a column of the line reader
BLANK = CLASSES  # the label of a column without the middle of a digit

_SIDE = 56  # pixels: of a distance field
_STEPS = 16.0  # of a distance field to a pixel of it
_TILE = 64, 160  # pixels: height and width of what one digit is drawn on
_GAPS = (0.08, 0.5), (-0.05, 0.12), (-0.16, 0.02)  # apart, near, overlapping


@dataclass(frozen=True, eq=False)
class Material:
    """Digits to compose rows of.

    Attributes:
        images: uint8 array of shape (n, 28, 28), ink is 255.
        fields: uint8 array of shape (n, 56, 56), how far each place is from the middle of a stroke.
        labels: integer array of shape (n,).
    """

    images: np.ndarray
    fields: np.ndarray
    labels: np.ndarray

    __repr__ = brief


@dataclass(frozen=True, eq=False)
class Row:
    """A row of digits.

    Attributes:
        ink: uint8 array of shape (40, width), 255 is ink.
        labels: its digits, from left to right.
        middles: pixels, the x of the middle of each digit's ink.
    """

    ink: np.ndarray
    labels: list[int]
    middles: list[float]

    __repr__ = brief

    def columns(self) -> np.ndarray:
        """What each column of the line reader should say: a digit around its middle, `BLANK` elsewhere; int32 (width / 2,)."""
        said = np.full(self.ink.shape[1] // STRIDE, BLANK, np.int32)
        places = [int(middle / STRIDE) for middle in self.middles]
        for place, label in zip(places, self.labels, strict=True):
            said[max(0, place - 1) : place + 2] = label
        for place, following in itertools.pairwise(places):
            if following - place > 1:
                said[(place + following) // 2] = BLANK
        return said


@dataclass(frozen=True)
class Hand:
    """How one row is written. Lengths are shares of the digits' height unless they say otherwise.

    Attributes:
        height: pixels, of a digit.
        pen: pixels, the width of the stroke; 0 keeps MNIST's own strokes.
        lean: degrees to the right.
        stretch: width by height of the digits, as a share of their own.
        gap: from ink to ink along the row; below zero the digits overlap.
        unevenness: standard deviation of size, gap and place.
        slope: by how much the row falls, pixels a pixel.
        breaks: share of the digits with a gap in a stroke.
        ties: share of the neighbours that a stroke ties together.
        marks: share of the neighbours with a dash, a dot, a comma or a colon between them.
        spaces: share of the neighbours with a wide gap between them.
    """

    height: float
    pen: float
    lean: float
    stretch: float
    gap: float
    unevenness: float
    slope: float
    breaks: float
    ties: float
    marks: float
    spaces: float


def material(digits: Digits) -> Material:
    """Digits made ready for many rows."""
    step = 200  # digits thinned at a time
    fields = []
    for start in range(0, len(digits), step):
        for field in numbers.skeletons(digits.images[start : start + step]):
            small = cv2.resize(field, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA) * (_SIDE / len(field))
            fields.append(np.clip(_STEPS * small, 0, 255).astype(np.uint8))
    return Material(digits.images, np.stack(fields), digits.labels)


def hand(random: np.random.Generator) -> Hand:
    """Any way to write."""
    is_slanted = random.random() < 0.45
    height = float(random.uniform(18, 33))
    thickest = np.log(0.19 * height)
    return Hand(
        height,
        pen=0.0 if random.random() < 0.2 else float(np.exp(random.uniform(0, thickest))),
        lean=random.uniform(-14, 38) if is_slanted else random.normal(3, 6),
        stretch=float(np.exp(random.uniform(np.log(0.6), np.log(1.4)))),
        gap=random.uniform(*_GAPS[random.integers(len(_GAPS))]),
        unevenness=random.uniform(0.02, 0.14),
        slope=random.normal(0, 0.025),
        breaks=random.choice([0, 0, 0.2, 0.5]),
        ties=random.choice([0, 0, 0.25, 0.7]),
        marks=random.choice([0, 0, 0, 0.15]),
        spaces=random.choice([0, 0, 0.2]),
    )


def compose(source: Material, width: int, most: int, way: Hand, random: np.random.Generator) -> Row:
    """Write a row of digits.

    Args:
        source: what to write with.
        width: pixels of the row; digits that find no room are left out.
        most: digits, at least 1.
        way: how.
        random: the same state writes the same row.
    """
    ink = np.zeros((HEIGHT, width), np.uint8)
    labels: list[int] = []
    middles: list[float] = []
    middle_row = HEIGHT / 2 + random.normal(0, 1.2)
    end = random.uniform(3, 14)  # of the ink so far
    last: tuple[np.ndarray, int, int] | None = None  # the digit before, and its top and left
    for number in _chosen(source, most, random):
        tile = _digit(source, number, way, random)
        if max(tile.shape) < way.height / 3:  # so faint that nothing is left of it
            continue
        top = middle_row - tile.shape[0] / 2 + way.slope * (end - width / 2)
        top = round(top + way.height * random.normal(0, way.unevenness / 2))
        left = round(end)
        if last is not None:
            left = _left_of(tile, top, last, way, random)
            if random.random() < way.marks and left + way.height < width:
                left += _mark(ink, end, middle_row, way, random)
        if left + tile.shape[1] > width - 2:
            break
        if last is not None and random.random() < way.ties:
            _tie(ink, last, (tile, top, left), way, random)
        _paste(ink, tile, top, left)
        weights = tile.sum(axis=0, dtype=float)
        middles.append(left + float(weights @ np.arange(len(weights)) / weights.sum()))
        labels.append(int(source.labels[number]))
        end = max(end, left + tile.shape[1])
        last = tile, top, left
    return Row(_worn(ink, random), labels, middles)


def _chosen(source: Material, most: int, random: np.random.Generator) -> np.ndarray:
    """Which digits a row has: some rows repeat a digit, as 1000 and 77 do."""
    chosen = random.integers(0, len(source.labels), most)
    kind = random.random()
    if kind < 0.3:
        repeats = random.random(most) < 0.5
        for place in range(1, most):
            if repeats[place]:
                chosen[place] = _another(source, int(source.labels[chosen[place - 1]]), random)
    elif kind < 0.42:
        zeros = np.arange(most) >= random.integers(0, most)
        chosen[zeros] = [_another(source, 0, random) for _ in range(int(zeros.sum()))]
    return chosen


def _another(source: Material, label: int, random: np.random.Generator) -> int:
    while True:  # a tenth of the digits has that label
        number = int(random.integers(len(source.labels)))
        if source.labels[number] == label:
            return number


def _digit(source: Material, number: int, way: Hand, random: np.random.Generator) -> np.ndarray:
    """One digit as the hand writes it: uint8, cut to its ink."""
    height = way.height * float(np.clip(random.normal(1, way.unevenness), 0.55, 1.45))
    picture = source.fields[number] if way.pen else source.images[number]
    scale = height / (len(picture) * 20 / 28)
    across = scale * way.stretch * float(np.exp(random.normal(0, 0.06)))
    lean = np.tan(np.deg2rad(np.clip(way.lean + random.normal(0, 3), -40, 40)))
    turn = np.deg2rad(random.normal(0, 3))
    shape = np.array([[across, -lean * scale], [0, scale]]) @ np.array(
        [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
    )
    middle = (len(picture) - 1) / 2
    offset = np.array([_TILE[1] / 2, _TILE[0] / 2]) - shape @ np.array([middle, middle])
    matrix = np.column_stack([shape, offset])
    drawn = cv2.warpAffine(
        picture, matrix, _TILE[::-1], flags=cv2.INTER_LINEAR, borderValue=255 if way.pen else 0
    )
    if way.pen:
        distances = np.arange(256) * (np.sqrt(across * scale) / _STEPS)
        drawn = cv2.LUT(drawn, (255 * np.clip(way.pen / 2 - distances + 0.5, 0, 1)).astype(np.uint8))
    if random.random() < way.breaks:
        _break(drawn, way, random)
    return numbers.trimmed(drawn)


def _break(drawn: np.ndarray, way: Hand, random: np.random.Generator) -> None:
    """Wipe a narrow strip out of a digit."""
    angle = random.uniform(0, np.pi)
    middle = np.array(_TILE[::-1]) / 2 + random.normal(0, 0.22 * way.height, 2)
    along = 100 * np.array([np.cos(angle), np.sin(angle)])
    start, end = (tuple(np.round(middle + sign * along).astype(int).tolist()) for sign in (1, -1))
    cv2.line(drawn, start, end, 0, int(random.integers(1, 4)), cv2.LINE_AA)


def _left_of(
    tile: np.ndarray, top: int, last: tuple[np.ndarray, int, int], way: Hand, random: np.random.Generator
) -> int:
    """Where a digit begins behind the last one: as far from its ink as the hand leaves."""
    before, before_top, before_left = last
    gap = way.height * random.normal(way.gap, way.unevenness / 2)
    if random.random() < way.spaces:
        gap += way.height * random.uniform(0.4, 1.6)
    right = _edge(before, before_top, is_right=True)
    left = _edge(tile, top, is_right=False)
    shared = (right >= 0) & (left >= 0)
    if not shared.any():
        return round(before_left + before.shape[1] + gap)
    nearest = float((left[shared] - right[shared]).min())
    # A little of the next digit never stands left of the last one's middle.
    return round(max(before_left + gap - nearest + 1, before_left + 0.3 * before.shape[1]))


def _edge(tile: np.ndarray, top: int, is_right: bool) -> np.ndarray:
    """The outermost column with ink around each row, -1 without: int array of shape (90,)."""
    marked = cv2.dilate((tile > 100).astype(np.uint8), np.ones((3, 1), np.uint8))
    columns = tile.shape[1] - 1 - marked[:, ::-1].argmax(axis=1) if is_right else marked.argmax(axis=1)
    found = np.full(90, -1)
    start = top + 25  # rows above the paper count, too
    found[start : start + len(tile)] = np.where(marked.any(axis=1), columns, -1)[: max(0, 90 - start)]
    return found


def _mark(ink: np.ndarray, end: float, middle_row: float, way: Hand, random: np.random.Generator) -> int:
    """Write a sign behind the ink so far, and say by how many pixels the next digit moves on."""
    size, pen = way.height, max(1, round(way.pen or 3))
    x = end + random.uniform(0.1, 0.3) * size
    kind = random.integers(4)
    if kind == 0:
        length, y = random.uniform(0.2, 0.5) * size, middle_row + random.normal(0, 0.08) * size
        _line(ink, (x, y), (x + length, y + random.normal(0, 0.05) * size), pen)
        return round(x + length - end + random.uniform(0.1, 0.3) * size)
    low = middle_row + 0.42 * size
    if kind == 1:
        _line(
            ink, (x, low), (x - random.uniform(0.05, 0.2) * size, low + random.uniform(0.1, 0.25) * size), pen
        )
    else:
        for y in (low,) if kind == 2 else (low - random.uniform(0, 0.2) * size, middle_row - 0.2 * size):
            _line(ink, (x, y), (x + 0.5, y), pen + 1)
    return round(x - end + random.uniform(0.15, 0.35) * size)


def _tie(
    ink: np.ndarray,
    last: tuple[np.ndarray, int, int],
    now: tuple[np.ndarray, int, int],
    way: Hand,
    random: np.random.Generator,
) -> None:
    """Draw a stroke from the last digit to this one."""
    start = _touch(last, random.random(), is_right=True)
    end = _touch(now, random.random(), is_right=False)
    if end[0] - start[0] > 0.7 * way.height:
        return
    bend = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + random.normal(0, 0.12) * way.height
    pen = max(1, round((way.pen or 3) * random.uniform(0.6, 1)))
    _line(ink, start, bend, pen)
    _line(ink, bend, end, pen)


def _touch(placed: tuple[np.ndarray, int, int], height: float, is_right: bool) -> tuple[float, float]:
    """Where a stroke leaves or meets a digit that far down: x and y."""
    tile, top, left = placed
    row = min(len(tile) - 1, int(height * len(tile)))
    marked = tile[row] > 100
    if not marked.any():
        return left + tile.shape[1] / 2, top + row
    column = len(marked) - 1 - marked[::-1].argmax() if is_right else marked.argmax()
    return left + float(column), top + row


def _line(ink: np.ndarray, start: tuple[float, float], end: tuple[float, float], pen: int) -> None:
    points = np.round(16 * np.array([start, end])).astype(int)
    cv2.line(ink, tuple(points[0].tolist()), tuple(points[1].tolist()), 255, pen, cv2.LINE_AA, 4)


def _paste(ink: np.ndarray, tile: np.ndarray, top: int, left: int) -> None:
    first, end = max(0, top), min(len(ink), top + len(tile))
    if first < end:
        under = ink[first:end, left : left + tile.shape[1]]
        np.maximum(under, tile[first - top : end - top, : under.shape[1]], out=under)


def _worn(ink: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """What pens, paper and cameras leave of a row."""
    happens = random.random(9) < (0.1, 0.1, 0.12, 0.25, 0.3, 0.1, 0.3, 0.06, 0.06)
    height, width = ink.shape
    if happens[0]:  # a neighbouring row
        row = -1 if random.random() < 0.5 else height
        for _ in range(int(random.integers(1, 6))):
            x = int(random.integers(width))
            reach = int(random.integers(1, 9))
            _line(
                ink,
                (x, row),
                (x + random.normal(0, 5), row + (reach if row < 0 else -reach)),
                int(random.integers(1, 4)),
            )
    if happens[1]:  # a line that was taken off, or left
        y, fall = random.uniform(0, height), random.normal(0, 2)
        tone = 0 if random.random() < 0.7 else int(random.integers(60, 200))
        cv2.line(ink, (0, round(y)), (width, round(y + fall)), tone, int(random.integers(1, 3)))
    if happens[2]:  # dust
        for _ in range(int(random.integers(1, 8))):
            place = int(random.integers(width)), int(random.integers(height))
            cv2.circle(ink, place, int(random.integers(0, 2)), int(random.integers(80, 256)), -1, cv2.LINE_AA)
    if happens[3]:  # few pixels
        share = random.uniform(0.35, 0.8)
        small = cv2.resize(ink, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        ink = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    if happens[4]:
        ink = cv2.GaussianBlur(ink, (0, 0), random.uniform(0.3, 1.1))
    seen: np.ndarray = ink.astype(np.float32)
    if happens[5]:  # faint or strong
        seen *= random.uniform(0.45, 1.6)
    if happens[6]:  # black and white
        seen = 255 * np.clip((seen / 255 - random.uniform(0.3, 0.6)) * random.uniform(3, 20) + 0.5, 0, 1)
    if happens[7]:
        seen += random.standard_normal(seen.shape, np.float32) * (255 * random.uniform(0, 0.12))
    if happens[8]:  # uneven ink
        grain = cv2.resize(random.random((5, max(2, width // 8)), np.float32), (width, height))
        seen *= 1 - random.uniform(0.2, 0.7) * grain
    return np.clip(seen, 0, 255).astype(np.uint8)
