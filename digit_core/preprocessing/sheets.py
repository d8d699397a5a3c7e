"""The sheet of paper in a photo: where it lies on the desk, and what it looks like from straight above."""

from collections.abc import Iterator

import cv2
import numpy as np

_MIN_SIDE = 8  # pixels
_SMALL_SIDE = 320  # pixels of the copy in which the sheet is looked for
_LEVELS = 14  # thresholds of each channel
_MIN_SHARE, _MAX_SHARE = 0.05, 0.95  # of the picture: a sheet takes as much of it
_MIN_FILLED = 0.93  # of the quadrilateral: the sheet's own share
_BESIDE = 4  # pixels of the small copy: so far inside and outside an edge its two sides are compared
_MIN_STEP = 0.03  # brightness: a sheet is lighter by as much than what lies beside it
_CLEAR_STEP = 0.12  # brightness: a step that is larger says no more: the edge of a shadow may be as large
_MIN_EDGE = 0.85  # of the edge: where it is lighter
_AT_BORDER = 4  # pixels of the small copy: an edge so near the picture's is not one of the sheet
_MIN_PLACES = 15  # of 60 along an edge: with fewer within the picture nothing can be said of it
_EACH = 3  # of these points of an outline one is looked at when its sides are fitted
_STRAY = 0.15  # of a side's length: so far from it its own outline may run where a corner was cut off
_ON_SIDE, _MIN_ON_SIDES = (
    0.02,
    0.78,
)  # of a sheet's side, and of the outline: a light 0 bends away from the sides that fit it
_MIN_EDGES = 2  # of the four: that lie within the picture
_MIN_ANGLE, _MAX_ANGLE = 50, 130  # degrees, of a corner: a sheet seen from above
_MIN_AREA = 0.5  # of the sine between two sides that meet in a corner
_MAX_ASPECT = 3.5  # of the longer side to the shorter: a bold 1 in chalk is longer
_INSET = 0.015  # of a side: the sheet's rim, which is no longer looked at


def find(rgba: np.ndarray) -> np.ndarray | None:
    """Find a sheet that lies on something darker.

    Each channel is cut at several levels; of the bright areas that are quadrilaterals, the one with the clearest edges is taken.

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
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    best, clearest = None, 0.0
    for channel in (grey, small.min(axis=2), _paleness(small)):
        for corners in _quadrilaterals(channel):
            if (clear := _clearness(channel, corners)) > clearest:
                best, clearest = corners, clear
    return None if best is None else (best / scale).astype(np.float32)


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


def _quadrilaterals(channel: np.ndarray) -> Iterator[np.ndarray]:
    """The bright areas that have four corners and straight edges: float32 (4, 2), clockwise from the top left."""
    low, high = np.percentile(channel, [3, 97])
    for level in np.linspace(low, high, _LEVELS + 2)[1:-1]:
        mask = (channel > level).astype(np.uint8)
        outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        outline = max(outlines, key=cv2.contourArea, default=None)
        if outline is None or not _MIN_SHARE < cv2.contourArea(outline) / mask.size < _MAX_SHARE:
            continue
        if (corners := _four_corners(outline, mask.shape[1], mask.shape[0])) is not None:
            yield corners
            if (fitted := _fitted(corners, outline, mask.shape[1], mask.shape[0])) is not None:
                yield fitted


def _four_corners(outline: np.ndarray, width: int, height: int) -> np.ndarray | None:
    """The corners of what an outline shows of a sheet; those that the picture's border cuts off lie beyond it."""
    hull = cv2.convexHull(outline)
    length = cv2.arcLength(hull, True)
    for share in (0.015, 0.02, 0.03, 0.045, 0.065, 0.09):
        polygon = cv2.approxPolyDP(hull, share * length, True)[:, 0].astype(np.float32)
        if cv2.contourArea(outline) < _MIN_FILLED * cv2.contourArea(polygon):
            return None
        sides = list(zip(polygon, np.roll(polygon, -1, axis=0), strict=True))
        if len(sides) > 4:
            sides = [side for side in sides if not _lies_at_border(np.linspace(*side, 20), width, height)]
        if len(sides) == 4:
            corners = [
                _crossing(*one, *other) for one, other in zip(sides, sides[1:] + sides[:1], strict=True)
            ]
            if any(corner is None for corner in corners):
                return None
            ordered = _clockwise(np.array(corners, np.float32))
            return ordered if _is_sheet(ordered) else None
    return None


def _fitted(corners: np.ndarray, outline: np.ndarray, width: int, height: int) -> np.ndarray | None:
    """The corners where straight lines through most of each side meet: the border or a shadow may have cut a corner off.

    Args:
        corners: of the sheet, about.
        outline: of what is bright, int32 array of shape (n, 1, 2).
        width, height: of the picture.
    """
    points = outline[::_EACH, 0].astype(np.float32)
    points = points[_is_within(points, width, height)]
    distances = _distances(points, corners)
    lengths = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    nearest = distances.argmin(axis=1)
    sides = []
    for side in range(4):
        own = points[(nearest == side) & (distances[:, side] < _STRAY * lengths[side])]
        if len(own) < _MIN_PLACES / _EACH:
            return None
        along_x, along_y, x, y = cv2.fitLine(own, cv2.DIST_WELSCH, 0, 0.01, 0.01)[:, 0]
        sides.append((np.array([x, y]), np.array([x + along_x, y + along_y])))
    crossings = [_crossing(*sides[side - 1], *sides[side]) for side in range(4)]
    if any(corner is None for corner in crossings):
        return None
    ordered = _clockwise(np.array(crossings, np.float32))
    near = _ON_SIDE * np.mean(_sides(ordered))
    is_straight = np.mean(_distances(points, ordered).min(axis=1) < near) > _MIN_ON_SIDES
    return ordered if is_straight and _is_sheet(ordered) else None


def _distances(points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """How far points (n, 2) are from the lines through the four sides, pixels: float (n, 4)."""
    ways = np.roll(corners, -1, axis=0) - corners
    normals = np.stack([ways[:, 1], -ways[:, 0]], axis=1) / (np.linalg.norm(ways, axis=1)[:, None] + 1e-6)
    return np.abs(((points[:, None] - corners) * normals).sum(axis=2))


def _crossing(
    start: np.ndarray, end: np.ndarray, other_start: np.ndarray, other_end: np.ndarray
) -> np.ndarray | None:
    """Where two sides meet when they are drawn on; None for nearly parallel ones."""
    along, across = end - start, other_end - other_start
    area = along[0] * across[1] - along[1] * across[0]
    if abs(area) < _MIN_AREA * np.linalg.norm(along) * np.linalg.norm(across):
        return None
    way = other_start - start
    return start + along * (way[0] * across[1] - way[1] * across[0]) / area


def _clockwise(corners: np.ndarray) -> np.ndarray:
    """The corners in their order on the screen, the one nearest the top left first."""
    around = corners - corners.mean(axis=0)
    ordered = corners[np.argsort(np.arctan2(around[:, 1], around[:, 0]))]
    return np.roll(ordered, -int(np.argmin(ordered.sum(axis=1))), axis=0)


def _is_sheet(corners: np.ndarray) -> bool:
    """Whether all angles are near right ones, as seen from above, and the sides those of a sheet."""
    if max(_sides(corners)) > _MAX_ASPECT * min(_sides(corners)):
        return False
    ahead, behind = np.roll(corners, -1, axis=0) - corners, np.roll(corners, 1, axis=0) - corners
    cosines = (ahead * behind).sum(axis=1) / (
        np.linalg.norm(ahead, axis=1) * np.linalg.norm(behind, axis=1) + 1e-6
    )
    angles = np.rad2deg(np.arccos(np.clip(cosines, -1, 1)))
    return bool(((angles > _MIN_ANGLE) & (angles < _MAX_ANGLE)).all())


def _clearness(channel: np.ndarray, corners: np.ndarray) -> float:
    """How much of the edges is lighter inside than outside, times the step between them; 0 for no sheet."""
    bright = channel.astype(np.float32) / 255
    height, width = bright.shape
    shares, steps = [], []
    middle = corners.mean(axis=0)
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        along = start + np.linspace(0.08, 0.92, 60)[:, None] * (end - start)
        normal = np.array([end[1] - start[1], start[0] - end[0]]) / (np.linalg.norm(end - start) + 1e-6)
        if np.dot(normal, along.mean(axis=0) - middle) < 0:
            normal = -normal
        along = along[_is_within(along, width, height)]
        if len(along) < _MIN_PLACES:
            continue
        inside, outside = (_values(bright, along + sign * _BESIDE * normal) for sign in (-1, 1))
        lighter = inside - outside
        shares.append(float(np.mean(lighter > _MIN_STEP)))
        steps.append(float(np.median(lighter)))
    if len(shares) < _MIN_EDGES or min(shares) < _MIN_EDGE:
        return 0.0
    return float(np.mean(np.minimum(steps, _CLEAR_STEP)) * len(shares) * np.sqrt(cv2.contourArea(corners)))


def _lies_at_border(along: np.ndarray, width: int, height: int) -> bool:
    return bool(_is_within(along, width, height).mean() < 0.3)


def _is_within(places: np.ndarray, width: int, height: int) -> np.ndarray:
    """Which places (n, 2) lie within the picture and not at its border: bool (n,)."""
    x, y = places[:, 0], places[:, 1]
    return np.minimum.reduce([x, y, width - 1 - x, height - 1 - y]) >= _AT_BORDER


def _values(bright: np.ndarray, places: np.ndarray) -> np.ndarray:
    columns = np.clip(np.round(places[:, 0]).astype(int), 0, bright.shape[1] - 1)
    rows = np.clip(np.round(places[:, 1]).astype(int), 0, bright.shape[0] - 1)
    return bright[rows, columns]
