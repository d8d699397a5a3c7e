"""The sheet of paper in a photo: where it lies on the desk, and what it looks like from straight above."""

import itertools

import cv2
import numpy as np

_MIN_SIDE = 8  # pixels
_SMALL_SIDE = 320  # pixels of the copy in which the sheet is looked for: all that follows in pixels is of it
_BESIDE = 4  # pixels: so far inside and outside an edge its two sides are compared
_MIN_STEP = 0.03  # of its light: a sheet is lighter by as much than what lies beside it
_CLEAR_STEP = 0.2  # of its light: a step that is larger says no more: the edge of a shadow may be as large
_DARK = 0.15  # brightness: what is darker counts as this
_AT_BORDER = 4  # pixels: an edge so near the picture's is not one of the sheet
_EDGES = 16  # so many of the longest are looked at
# Pixels, of the distance, a cosine: pieces of one edge lie so near its line.
_NEAR, _ASTRAY, _ALIKE = 2.0, 0.01, 0.996
_MIN_TURN = 0.75  # the sine of the angle between two sides: a sheet seen from above
_MAX_BEYOND = 0.15  # of the picture's longer side: a corner lies no farther outside
_MIN_SEEN = 0.65  # of the sides: where there are edges
_MOST = 40  # quadrilaterals: so many of those with the longest edges are looked at
# Along each side; with fewer of them within the picture nothing can be said of it.
_PLACES, _MIN_PLACES = 60, 15
_MIN_CLEAR = 0.9  # of a side: where it is lighter inside
# The same where edges were seen along so much of the sides: something light beside it hides no more.
_WELL_SEEN, _MIN_CLEAR_SEEN = 0.8, 0.55
_MIN_SIDES = 2  # of the four: that lie within the picture
_MIN_SHARE, _MAX_SHARE = 0.02, 0.95  # of the picture: a sheet takes as much of it
# Exponents: a larger one is the likelier sheet, but far less so where a part of its sides is not clear.
_AREAS, _SIDES = 0.25, 4
_MAX_ASPECT = 8.0  # of the longer side to the shorter
_STRIP = 3.5  # a bold 1 in chalk may be as long
# Of a strip's shorter side, twice; of its light: writing on it is darker.
_RIM, _REACH, _MIN_INK = 0.1, 0.4, 0.1
_UNSURE = 1.0  # pixels: so far outside the sheet its sides may have been found, which is much of a small one
_INSET = 0.015  # of a side: the sheet's rim, which is no longer looked at


def find(rgba: np.ndarray) -> np.ndarray | None:
    """Find a sheet that lies on something darker.

    The straight edges of each channel, found by the line segment detector of R. Grompone von Gioi and others (2010), are joined to
    quadrilaterals; the one that is lighter than what lies beside it most clearly and all around is taken. A shadow that falls on
    sheet and desk takes the same share of the light of both, so their edge stays.

    Args:
        rgba: uint8 array of shape (h, w, 4).

    Returns:
        float32 array of shape (4, 2): x and y of its corners in pixels, clockwise from the top left one; None where there is no sheet,
        or it fills the picture.
    """
    scale = min(1.0, _SMALL_SIDE / max(rgba.shape[:2]))
    size = max(_MIN_SIDE, round(rgba.shape[1] * scale)), max(_MIN_SIDE, round(rgba.shape[0] * scale))
    small = cv2.resize(rgba[..., :3], size, interpolation=cv2.INTER_AREA)
    small = cv2.medianBlur(small, 3)
    best, clearest = None, 0.0
    for channel in (cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), small.min(axis=2), _paleness(small)):
        quadrilaterals, seen = _quadrilaterals(channel)
        clear = _clearness(channel, quadrilaterals, np.where(seen > _WELL_SEEN, _MIN_CLEAR_SEEN, _MIN_CLEAR))
        if clear.max(initial=0) > clearest:
            best, clearest = quadrilaterals[clear.argmax()], float(clear.max())
    if best is None:
        return None
    ways = np.stack([np.roll(best, turn, axis=0) - best for turn in (-1, 1)])  # to both neighbours
    best = best + _UNSURE * (ways / np.linalg.norm(ways, axis=2, keepdims=True)).sum(axis=0)
    corners = (np.roll(best, -int(best.sum(axis=1).argmin()), axis=0) / scale).astype(np.float32)
    is_strip = max(_sides(corners)) > _STRIP * min(_sides(corners))
    return None if is_strip and not _is_written(straightened(rgba, corners)) else corners


def straightened(rgba: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """A sheet as it looks from straight above, without its rim.

    Args:
        rgba: uint8 array of shape (h, w, 4).
        corners: of the sheet, as `find` gives them.

    Returns:
        uint8 array of shape (height, width, 4).
    """
    return cv2.warpPerspective(
        rgba, flattening(corners), _size(corners), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


def flattening(corners: np.ndarray) -> np.ndarray:
    """The projection of a photo to its straightened sheet: float64 array of shape (3, 3), for (x, y, 1).

    Args:
        corners: of the sheet, as `find` gives them.
    """
    middle, (width, height) = corners.mean(axis=0), _size(corners)
    inner = (middle + (corners - middle) * (1 - 2 * _INSET)).astype(np.float32)
    upright = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(inner, upright))


def _size(corners: np.ndarray) -> tuple[int, int]:
    """Width and height of a sheet without its rim, in whole pixels."""
    width, height = (max(_MIN_SIDE, round(side * (1 - 2 * _INSET))) for side in _sides(corners))
    return width, height


def _sides(corners: np.ndarray) -> tuple[float, float]:
    """Width and height of a sheet, pixels: the means of opposite sides."""
    lengths = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    return float(lengths[0] + lengths[2]) / 2, float(lengths[1] + lengths[3]) / 2


def _paleness(small: np.ndarray) -> np.ndarray:
    """How little colour there is, uint8 (h, w): paper is paler than wood, in the shade as well."""
    most, least = small.max(axis=2).astype(np.float32), small.min(axis=2).astype(np.float32)
    return (255 * least / np.maximum(most, 24)).astype(np.uint8)


def _quadrilaterals(channel: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What four straight edges enclose that are lighter within, or three and the picture's border.

    Returns:
        float arrays of shape (n, 4, 2), the corners, clockwise, and (n,), the share of the sides where there are edges.
    """
    height, width = channel.shape
    places, ways, lengths = _edges(channel)
    places = np.concatenate([places, [(0, 0), (width - 1, 0), (width - 1, height - 1), (0, height - 1)]])
    ways = np.concatenate([ways, [(1, 0), (0, 1), (-1, 0), (0, -1)]])
    lengths = np.concatenate([lengths, np.zeros(4)])
    order = np.argsort(np.arctan2(ways[:, 1], ways[:, 0]))
    fours = order[np.array([*itertools.combinations(range(len(order)), 4)])]
    turns = _across(np.roll(ways[fours], 1, axis=1), ways[fours])
    fours = fours[(turns > _MIN_TURN).all(axis=1) & ((lengths[fours] == 0).sum(axis=1) <= 1)]
    places, ways, lengths = places[fours], ways[fours], lengths[fours]  # (n, 4, 2), (n, 4)
    before = np.roll(ways, 1, axis=1)
    along = _across(np.roll(places, 1, axis=1) - places, before) / _across(ways, before)
    corners = places + along[..., None] * ways  # where each side meets the one before
    sides = ((np.roll(corners, -1, axis=1) - corners) * ways).sum(axis=2)
    seen = np.minimum(lengths, sides).sum(axis=1) / np.where(lengths > 0, sides, 0).sum(axis=1)
    beyond = np.maximum(-corners, corners - [width, height]).max(axis=(1, 2))
    opposite = (sides + np.roll(sides, 2, axis=1)) / 2
    is_good = (sides.min(axis=1) > _MIN_SIDE) & (opposite.max(axis=1) < _MAX_ASPECT * opposite.min(axis=1))
    is_good &= (seen > _MIN_SEEN) & (beyond < _MAX_BEYOND * max(width, height))
    longest = np.argsort(-(lengths.sum(axis=1) * seen)[is_good])[:_MOST]
    return corners[is_good][longest], seen[is_good][longest]


def _across(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The cross product of vectors (..., 2): the sine from one to the other, clockwise on the screen, times their lengths."""
    return one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0]


def _edges(channel: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The longest straight edges: a place on each (n, 2), its direction (n, 2) with the lighter side to the right, its length (n,)."""
    found, *_ = cv2.createLineSegmentDetector().detect(channel)
    ends = np.zeros((0, 2, 2)) if found is None else found.reshape(-1, 2, 2).astype(float)
    ends = ends[np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1) > _MIN_SIDE]
    steps = np.median(_lighter(channel, ends[:, 0], ends[:, 1]), axis=1)
    ends[steps < 0] = ends[steps < 0, ::-1]
    is_edge = np.abs(steps) > _MIN_STEP
    ends, steps = ends[is_edge], np.minimum(np.abs(steps[is_edge]), _CLEAR_STEP)
    joined: list[tuple[float, ...]] = []
    while len(ends) and len(joined) < _EDGES:
        lengths = np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)
        ways = (ends[:, 1] - ends[:, 0]) / lengths[:, None]
        longest = (lengths * steps).argmax()
        away = ends - ends[longest].mean(axis=0)
        is_near = np.abs(_across(ways[longest], away)) < _NEAR + _ASTRAY * np.linalg.norm(away, axis=2)
        is_own = (ways @ ways[longest] > _ALIKE) & is_near.all(axis=1)
        joined.append((*_line(ends[is_own], ways[longest]), lengths[is_own].sum()))
        ends, steps = ends[~is_own], steps[~is_own]
    rows = np.array(joined).reshape(-1, 5)
    return rows[:, :2], rows[:, 2:4], rows[:, 4]


def _line(ends: np.ndarray, way: np.ndarray) -> tuple[float, float, float, float]:
    """A place on the line through segments (n, 2, 2), and its direction, which is about that way."""
    steps = np.linspace(0, 1, 10)[:, None, None]
    points = ends[:, 0] + steps * (ends[:, 1] - ends[:, 0])
    along_x, along_y, x, y = cv2.fitLine(
        points.reshape(-1, 2).astype(np.float32), cv2.DIST_L2, 0, 0.01, 0.01
    )[:, 0]
    sign = 1 if along_x * way[0] + along_y * way[1] > 0 else -1
    return x, y, sign * along_x, sign * along_y


def _is_written(sheet: np.ndarray) -> bool:
    """Whether there is something dark and narrow on a sheet, uint8 (h, w, 4): a bold 1 in chalk is as long as a strip of paper, and bare."""
    grey = cv2.cvtColor(sheet, cv2.COLOR_RGB2GRAY)
    rim = max(1, round(_RIM * min(grey.shape)))
    inside = cv2.blur(grey[rim:-rim, rim:-rim], (3, 3)).astype(np.float32)
    reach = 2 * max(1, round(_REACH * min(inside.shape) / 2)) + 1
    darker = cv2.morphologyEx(inside, cv2.MORPH_BLACKHAT, np.ones((reach, reach), np.uint8))
    return float(np.percentile(darker / np.maximum(inside + darker, 1), 99)) > _MIN_INK


def _clearness(channel: np.ndarray, corners: np.ndarray, least: np.ndarray) -> np.ndarray:
    """How clearly quadrilaterals, (n, 4, 2), are lighter than what lies beside them: float (n,), 0 for no sheet."""
    height, width = channel.shape
    ends = np.roll(corners, -1, axis=1)
    lighter = _lighter(channel, corners, ends)  # (n, 4, places)
    within = _is_within(_along(corners, ends), width, height)
    counts = within.sum(axis=2)
    is_seen = counts >= _MIN_PLACES
    shares = np.where(is_seen, (within & (lighter > _MIN_STEP)).sum(axis=2) / np.maximum(1, counts), 1)
    steps = np.where(is_seen, np.minimum(np.median(lighter, axis=2), _CLEAR_STEP), 0)
    areas = np.array([cv2.contourArea(one.astype(np.float32)) for one in corners]) / channel.size
    is_sheet = (is_seen.sum(axis=1) >= _MIN_SIDES) & (shares.min(axis=1) >= least)
    is_sheet &= (areas > _MIN_SHARE) & (areas < _MAX_SHARE)
    return np.where(is_sheet, steps.sum(axis=1) * areas**_AREAS * shares.prod(axis=1) ** _SIDES, 0)


def _along(starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Places along lines from (..., 2) to (..., 2), but for their ends: float (..., places, 2)."""
    return starts[..., None, :] + np.linspace(0.04, 0.96, _PLACES)[:, None] * (ends - starts)[..., None, :]


def _lighter(channel: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """By which share of its light it is lighter to the right of lines than to their left: float (..., places)."""
    ways = (ends - starts) / (np.linalg.norm(ends - starts, axis=-1, keepdims=True) + 1e-6)
    beside = _BESIDE * np.stack([-ways[..., 1], ways[..., 0]], axis=-1)[..., None, :]
    right, left = (_values(channel, _along(starts, ends) + sign * beside) for sign in (1, -1))
    return (right - left) / np.maximum(np.maximum(right, left), _DARK)


def _is_within(places: np.ndarray, width: int, height: int) -> np.ndarray:
    """Which places (..., 2) lie within the picture and not at its border: bool (...)."""
    x, y = places[..., 0], places[..., 1]
    return np.minimum.reduce([x, y, width - 1 - x, height - 1 - y]) >= _AT_BORDER


def _values(channel: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The brightness, 0.0 to 1.0, at places (..., 2)."""
    columns = np.clip(np.round(places[..., 0]).astype(int), 0, channel.shape[1] - 1)
    rows = np.clip(np.round(places[..., 1]).astype(int), 0, channel.shape[0] - 1)
    return channel[rows, columns] / np.float32(255)
