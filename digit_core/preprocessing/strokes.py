"""Pen strokes: as a canvas sends them, drawn as it draws them, and point by point."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from digit_core.digits import SIDE, brief
from digit_core.errors import NoInkError, PictureError
from digit_core.preprocessing import images
from digit_core.settings import CANVAS_SIDE

MAX_POINTS = 20_000  # of a drawing: a quick hand makes some 100 in a second
MAX_FRAMES = 300  # of a replay
MAX_PEN_WIDTH = 400.0  # pixels
MAX_SIDE = 4_096  # pixels of a canvas
_MAX_DISTANCE = 20_000.0  # pixels from a canvas's corner: what is beyond is no drawing
_FINER = 4  # drawn so many times larger, then reduced: smooth edges as a browser draws them
_SUBPIXEL_BITS = 4
_CURVE_STEPS = 8  # straight pieces of the curve from one point to the next
_TOO_MUCH = "This drawing has too many points: clear the canvas and draw again."


@dataclass(frozen=True, eq=False)
class Stroke:
    """One stroke of a pen.

    Attributes:
        points: float64 array of shape (n, 2), n at least 1: where the pen was, x to the right and y down, in pixels of
            the canvas, in the order of time.
        width: of the pen, pixels of the canvas.
    """

    points: np.ndarray
    width: float

    __repr__ = brief


@dataclass(frozen=True, eq=False)
class Replay:
    """A drawing at one moment after the other.

    Attributes:
        points: int64 array of shape (n,): how many points of the pen, of all strokes together, are drawn;
            ascending.
        strokes: int64 array of shape (n,): how many strokes are begun, at least 1.
        images: float32 array of shape (n, 28, 28), 0.0 to 1.0: what a model sees then; blank while there is no ink.
        total: how many points the whole drawing has.
    """

    points: np.ndarray
    strokes: np.ndarray
    images: np.ndarray
    total: int

    __repr__ = brief


@dataclass(frozen=True)
class Turn:
    """A while in which a model's answer stayed the same.

    Attributes:
        digit: the answer; None while there was nothing to read.
        first, last: how many points of the pen were drawn then.
    """

    digit: int | None
    first: int
    last: int


def from_canvas(objects: Sequence[Any]) -> tuple[Stroke, ...]:
    """The strokes among the objects that a canvas sent, which may come from anybody.

    A canvas (Fabric.js) draws straight to the middle between the first two points of the pen, then a quadratic curve
    around each further point to the next middle, then straight to the last one: the points are those that the curves
    bend around.

    Args:
        objects: Fabric.js objects; what is no stroke, such as a picture, is passed over.

    Raises:
        PictureError: there are more points than a drawing has.
    """
    strokes = [stroke for item in objects if (stroke := _stroke(item)) is not None]
    if sum(len(stroke.points) for stroke in strokes) > MAX_POINTS:
        raise PictureError(_TOO_MUCH)
    return tuple(strokes)


def holds_more(objects: Sequence[Any]) -> bool:
    """Whether there is anything on a canvas but strokes, such as a picture below them."""
    return any(_stroke(item) is None for item in objects)


def _stroke(item: Any) -> Stroke | None:
    if not isinstance(item, dict) or not isinstance(item.get("path"), list):
        return None
    if len(item["path"]) > MAX_POINTS:
        raise PictureError(_TOO_MUCH)
    width = item.get("strokeWidth")
    if not isinstance(width, int | float) or not 0 < width <= MAX_PEN_WIDTH:
        return None
    bends: list[tuple[float, float]] = []
    for command in item["path"]:
        if not isinstance(command, list) or len(command) < 3 or command[0] not in ("M", "L", "Q"):
            return None
        if not (_is_place(command[1]) and _is_place(command[2])):
            return None
        bends.append((float(command[1]), float(command[2])))
    if len(bends) > 1 and item["path"][1][0] == "Q":
        del bends[0]  # where the pen was set down is the first bend, too
    return Stroke(np.array(bends), float(width)) if bends else None


def _is_place(value: Any) -> bool:
    return isinstance(value, int | float) and abs(value) <= _MAX_DISTANCE  # NaN is not


def fitted(
    pen_strokes: Sequence[np.ndarray],
    width: float,
    size: tuple[int, int] = (CANVAS_SIDE, CANVAS_SIDE),
    room: tuple[float, float] = (200, 200),
) -> tuple[Stroke, ...]:
    """Strokes in any unit, such as a tablet's, as somebody would draw them in the middle of a canvas.

    Args:
        pen_strokes: arrays of shape (n, 2), x to the right and y down.
        width: of the pen, pixels of the canvas.
        size: height and width of the canvas, pixels.
        room: height and width that the drawing may take there at most, pixels; its aspect is kept.
    """
    points = np.concatenate(pen_strokes).astype(np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    extent = np.maximum(high - low, 1e-6)
    scale = float((np.array(room[::-1]) / extent).min())
    offset = np.array(size[::-1]) / 2 - (low + high) / 2 * scale
    return tuple(Stroke(np.asarray(points) * scale + offset, width) for points in pen_strokes)


def draw(strokes: Sequence[Stroke], size: tuple[int, int] = (CANVAS_SIDE, CANVAS_SIDE)) -> np.ndarray:
    """What a canvas shows of strokes: smooth curves with round ends and soft edges.

    Args:
        strokes: any number.
        size: height and width of the canvas, pixels.

    Returns:
        uint8 array of shape (height, width, 4): black ink on a transparent background.
    """
    fine = _fine(size)
    for stroke in strokes:
        _add(fine, curve(stroke.points), stroke.width)
    return _rgba(fine)


def curve(points: np.ndarray) -> np.ndarray:
    """The line that a canvas draws through a stroke's points, in short straight pieces: float64 (m, 2)."""
    if len(points) < 3:
        return points
    middles = (points[:-1] + points[1:]) / 2
    steps = np.linspace(0, 1, _CURVE_STEPS + 1)[1:, None]
    before, bend, behind = middles[:-1, None], points[1:-1, None], middles[1:, None]
    bent = (1 - steps) ** 2 * before + 2 * steps * (1 - steps) * bend + steps**2 * behind
    return np.concatenate([points[:1], middles[:1], bent.reshape(-1, 2), points[-1:]])


def _fine(size: tuple[int, int]) -> np.ndarray:
    if not all(1 <= side <= MAX_SIDE for side in size):
        raise PictureError(f"A canvas has sides of 1 to {MAX_SIDE:,} pixels, not {size[1]} x {size[0]}.")
    return np.zeros((size[0] * _FINER, size[1] * _FINER), np.uint8)


def _add(fine: np.ndarray, line: np.ndarray, width: float) -> None:
    """Draw a line with round ends and joints."""
    # The middle of pixel (0, 0) is at 0.5, 0.5 of a canvas and at 0, 0 of OpenCV.
    places = (line * _FINER - 0.5) * 2**_SUBPIXEL_BITS
    thickness = max(1, round(width * _FINER))
    pixels = np.round(places).astype(np.int32)[:, None]
    if len(line) == 1:
        pixels = np.concatenate([pixels, pixels])
    cv2.polylines(fine, [pixels], False, 255, thickness, cv2.LINE_8, _SUBPIXEL_BITS)


def _rgba(fine: np.ndarray) -> np.ndarray:
    height, width = fine.shape[0] // _FINER, fine.shape[1] // _FINER
    rgba = np.zeros((height, width, 4), np.uint8)
    rgba[..., 3] = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)
    return rgba


def replay(
    strokes: Sequence[Stroke],
    size: tuple[int, int] = (CANVAS_SIDE, CANVAS_SIDE),
    max_frames: int = MAX_FRAMES,
) -> Replay:
    """What a model saw after each point of the pen.

    Args:
        strokes: at least one.
        size: height and width of the canvas, pixels.
        max_frames: of a drawing with more points some moments are left out, evenly, but never the end of a stroke as
            long as there are fewer strokes than that.

    Returns:
        The moments in order; the last one is the whole drawing.

    Raises:
        NoInkError: there is no stroke.
    """
    if not strokes:
        raise NoInkError("There are no strokes here to replay.")
    lengths = [len(stroke.points) for stroke in strokes]
    ends = np.cumsum(lengths)
    moments = _moments(ends, max_frames)
    done, seen = _fine(size), []
    index = 0  # of the stroke that is being drawn; those before it are in `done`
    for moment in moments:
        while moment > ends[index]:
            _add(done, curve(strokes[index].points), strokes[index].width)
            index += 1
        now, begun = done.copy(), int(ends[index]) - lengths[index]
        _add(now, curve(strokes[index].points[: moment - begun]), strokes[index].width)
        seen.append(_seen(now))
    begun_strokes = np.searchsorted(ends, moments) + 1
    return Replay(moments, begun_strokes, np.stack(seen), int(ends[-1]))


def _moments(ends: np.ndarray, max_frames: int) -> np.ndarray:
    """After how many points to look: after each, or evenly and at the strokes' ends."""
    total = int(ends[-1])
    if total <= max_frames:
        return np.arange(1, total + 1)
    kept = ends if len(ends) < max_frames else ends[-1:]
    evenly = np.linspace(1, total, max(1, max_frames - len(kept))).round().astype(np.int64)
    return np.unique(np.concatenate([evenly, kept]))


def _seen(fine: np.ndarray) -> np.ndarray:
    try:
        return images.from_canvas(_rgba(fine))
    except NoInkError:  # the pen is still outside the canvas
        return np.zeros((SIDE, SIDE), np.float32)


def stroke_ends(strokes: Sequence[Stroke]) -> tuple[int, ...]:
    """After how many points of the pen each stroke was done."""
    return tuple(itertools.accumulate(len(stroke.points) for stroke in strokes))


def turns(points: np.ndarray, probabilities: np.ndarray) -> tuple[Turn, ...]:
    """What was answered, one after the other.

    Args:
        points: as in `Replay`.
        probabilities: float array of shape (n, 10); NaN where there was nothing to read.
    """
    found: list[Turn] = []
    for point, row in zip(points.tolist(), probabilities, strict=True):
        digit = None if np.isnan(row).any() else int(row.argmax())
        if found and found[-1].digit == digit:
            found[-1] = Turn(digit, found[-1].first, point)
        else:
            found.append(Turn(digit, point, point))
    return tuple(found)
