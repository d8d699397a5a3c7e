"""Digits that can be drawn in one stroke of the pen, and the message in which the canvas sends one."""

import base64
import io
import json

import numpy as np
from PIL import Image

from digit_core.preprocessing.strokes import Stroke, draw
from digit_core.settings import PEN_WIDTH

# Corners of each digit on a canvas of 280 x 280 pixels; a curve runs through them.
CORNERS: dict[int, list[tuple[int, int]]] = {
    0: [(140, 50), (95, 75), (80, 140), (95, 205), (140, 230), (185, 205), (200, 140), (185, 75), (140, 50)],
    1: [(140, 50), (140, 110), (140, 170), (140, 230)],
    2: [(90, 90), (105, 60), (140, 50), (180, 65), (190, 100), (165, 145), (90, 228), (145, 228), (200, 228)],
    3: [
        (90, 65),
        (140, 50),
        (182, 75),
        (178, 115),
        (135, 138),
        (185, 160),
        (195, 200),
        (150, 230),
        (90, 215),
    ],
    4: [(105, 55), (95, 105), (85, 155), (135, 155), (185, 155), (185, 90), (185, 160), (185, 230)],
    5: [
        (190, 55),
        (147, 55),
        (105, 55),
        (95, 130),
        (145, 120),
        (190, 150),
        (185, 205),
        (140, 230),
        (90, 215),
    ],
    6: [
        (170, 50),
        (115, 110),
        (90, 180),
        (115, 228),
        (165, 228),
        (185, 190),
        (160, 155),
        (115, 165),
        (95, 190),
    ],
    7: [(85, 55), (140, 55), (195, 55), (162, 142), (130, 230)],
    8: [
        (180, 80),
        (140, 50),
        (100, 80),
        (140, 135),
        (190, 185),
        (140, 232),
        (90, 185),
        (140, 135),
        (180, 80),
    ],
    9: [(185, 90), (150, 55), (105, 75), (105, 120), (145, 140), (185, 100), (180, 165), (165, 230)],
}
_UNSTEADINESS = 3  # pixels that a corner lies beside its place
_POINTS_PER_CORNER = 4


def stroke(digit: int, random: np.random.Generator) -> np.ndarray:
    """A digit in one stroke, each time a little different: float64 array of shape (points, 2), canvas pixels."""
    corners = np.array(CORNERS[digit], float)
    corners += random.normal(0, _UNSTEADINESS, corners.shape)
    places = np.arange(len(corners))
    finer = np.linspace(0, len(corners) - 1, _POINTS_PER_CORNER * (len(corners) - 1) + 1)
    return np.column_stack([np.interp(finer, places, corners[:, axis]) for axis in range(2)])


def message(points: np.ndarray) -> str:
    """What the canvas sends after this stroke: the value of its component, as JSON."""
    middles = (points[:-1] + points[1:]) / 2
    path: list[list[object]] = [["M", *points[0].tolist()]]
    path += [["Q", *near.tolist(), *far.tolist()] for near, far in zip(points[:-1], middles, strict=True)]
    path.append(["L", *points[-1].tolist()])
    low, size = points.min(axis=0), np.ptp(points, axis=0)
    drawn = {
        "type": "Path",
        "version": "7.4.0",
        "left": low[0],
        "top": low[1],
        "width": size[0],
        "height": size[1],
        "stroke": "#1c2326",
        "strokeWidth": PEN_WIDTH,
        "path": path,
    }
    png = io.BytesIO()
    Image.fromarray(draw([Stroke(points, PEN_WIDTH)])).save(png, "PNG")
    data = "data:image/png;base64," + base64.b64encode(png.getvalue()).decode()
    return json.dumps({"drawing": {"raw": {"version": "7.4.0", "objects": [drawn]}, "data": data}})
