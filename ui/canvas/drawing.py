"""A visitor's drawings, whatever they are drawn with: plain values in the session, with their steps to undo.

A drawing is a list of steps and the position among them. A step is what is on the paper: the Fabric.js objects, which a
canvas is filled with, as JSON, which takes a fifth of their room, and their PNG. The first step is blank paper. Undo and redo
move the position; a new step cuts off what lies behind it. A new generation tells the browser that the paper was changed from
here.
"""

import base64
import copy
import io
import json
from contextlib import suppress
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from digit_core import figures
from digit_core.digits import SIDE
from digit_core.errors import PictureError
from digit_core.preprocessing import pictures
from digit_core.settings import CANVAS_SIDE
from ui.frame import data_url

# A screen with four pixels to the point, the finest there is, sends 16 pixels for each of the paper.
_FINEST = 16
_MAX_BYTES = 1_000_000  # of a drawing, its PNG and its objects as JSON: a real one has some 20,000
_MAX_TEXT = 2 * _MAX_BYTES  # characters of a drawing that a browser had kept
_MAX_STEPS, _MAX_BYTES_OF_STEPS = 100, 3_000_000  # that can be undone


def of(key: str) -> dict[str, Any]:
    """The drawing under a key of the session; blank paper at first. Not to be changed but by this module."""
    blank = {"steps": [{"objects": "[]", "png": None}], "position": 0, "generation": 0, "mounted": []}
    return st.session_state.setdefault(key, blank)


def step(key: str) -> dict[str, Any]:
    """What is on the paper now: "objects", a list, and "png", bytes or None."""
    drawing = of(key)
    kept = drawing["steps"][drawing["position"]]
    return {"objects": json.loads(kept["objects"]), "png": kept["png"]}


def objects(key: str) -> list[dict[str, Any]]:
    """What is on the paper now as Fabric.js objects, oldest first: strokes have a "path", pictures a "src"."""
    return [item for item in step(key)["objects"] if isinstance(item, dict)]


def pixels(key: str, width: int = CANVAS_SIDE, height: int = CANVAS_SIDE) -> np.ndarray | None:
    """What is on the paper now, as pixels.

    Args:
        key: of the drawing.
        width, height: of its paper, in pixels of the page.

    Returns:
        uint8 array of shape (height, width, 4), or finer where the screen is; ink on a transparent background. None when nothing
        is drawn.

    Raises:
        PictureError: what the browser sent is no drawing.
    """
    png = step(key)["png"]
    return None if png is None else pictures.read(png, _FINEST * width * height)


def add(key: str, new_objects: list[Any], png: bytes | None) -> None:
    """Put a step behind the present one, in place of those that were undone. The oldest steps go when there are too many.

    Raises:
        PictureError: it is larger than a drawing is.
    """
    drawing, text = of(key), json.dumps(new_objects, separators=(",", ":"))
    new = {"objects": text, "png": png if new_objects else None}
    if _bytes(new) > _MAX_BYTES:
        raise PictureError("The drawing is too large: clear the canvas and draw again.")
    steps = [*drawing["steps"][: drawing["position"] + 1], new]
    while len(steps) > _MAX_STEPS + 1 or (len(steps) > 2 and sum(map(_bytes, steps)) > _MAX_BYTES_OF_STEPS):
        del steps[1]
    drawing["steps"], drawing["position"] = steps, len(steps) - 1


def _bytes(kept: dict[str, Any]) -> int:
    return len(kept["objects"]) + len(kept["png"] or b"")


def move(key: str, steps: int) -> None:
    """Undo (-1) or redo (1); beyond the first and the last step there is nothing."""
    drawing = of(key)
    drawing["position"] = int(np.clip(drawing["position"] + steps, 0, len(drawing["steps"]) - 1))
    drawing["generation"] += 1


def clear(key: str) -> None:
    """Blank paper, as one more step."""
    add(key, [], None)
    of(key)["generation"] += 1


def put(image: np.ndarray, key: str, ink: str) -> None:
    """Put a digit on the paper, in place of what is there; undo brings that back. The browser does not have it yet.

    Args:
        image: uint8 array of shape (28, 28), 255 is ink.
        key: of a drawing on square paper.
        ink: the colour of full ink, such as "#1c2326".
    """
    paint(image, key, ink)
    of(key)["generation"] += 1


def paint(image: np.ndarray, key: str, ink: str) -> None:
    """As `put`, of a digit that the browser has already, because it was painted there."""
    # Each pixel becomes a square: preprocessing finds nearly the same digit again.
    png = _in_ink(np.kron(image, np.ones((CANVAS_SIDE // SIDE,) * 2, np.uint8)), ink)
    half, whole = CANVAS_SIDE / 2, CANVAS_SIDE
    picture = {
        "type": "Image",
        "src": data_url.of(png),
        "left": half,
        "top": half,
        "width": whole,
        "height": whole,
    }
    is_blank = not image.any()
    add(key, [] if is_blank else [picture | {"originX": "center", "originY": "center"}], png)


def widen(key: str, width: int, to: str, to_width: int) -> None:
    """Put what is on one paper in the middle of a wider one, in place of what is there; undo brings that back.

    Args:
        key, width: of the drawing, and of its paper in pixels of the page.
        to, to_width: of the other, whose paper is as high.

    Raises:
        PictureError: what the browser sent is no drawing.
    """
    if (found := pixels(key, width)) is None:
        return
    margin = (to_width - width) / 2
    moved = copy.deepcopy(objects(key))
    for item in moved:
        left = item.get("left")
        item["left"] = margin + (left if isinstance(left, int | float) else 0)
    side = round(margin * found.shape[1] / width)
    png = io.BytesIO()
    Image.fromarray(np.pad(found, ((0, 0), (side, side), (0, 0)))).save(png, "PNG")
    add(to, moved, png.getvalue())
    of(to)["generation"] += 1


def in_ink(drawn: list[Any], ink: str) -> list[Any]:
    """Objects in the theme's ink, whatever the theme was when they were drawn or painted."""
    recoloured = copy.deepcopy(drawn)
    for item in recoloured:
        if isinstance(item, dict) and "stroke" in item:
            item["stroke"] = ink
        if isinstance(item, dict) and "src" in item:
            item["src"] = _source_in_ink(item["src"], ink)
    return recoloured


def _source_in_ink(source: Any, ink: str) -> Any:
    """The address of a picture that `paint` made, in this ink; any other, which may be anybody's, is left as it is."""
    if not isinstance(source, str) or not source.startswith(data_url.PNG) or len(source) > _MAX_BYTES:
        return source
    try:
        found = pictures.read(
            base64.b64decode(source.removeprefix(data_url.PNG), validate=True), CANVAS_SIDE**2
        )
    except (PictureError, ValueError):
        return source
    return address(found, ink)


def address(drawn: np.ndarray, ink: str) -> str:
    """A drawing as the address of a picture in this ink.

    Args:
        drawn: uint8 array of shape (height, width, 4), as `pixels` gives it.
        ink: a colour, such as "#1c2326".
    """
    return data_url.of(_in_ink(drawn[..., 3], ink))


def _in_ink(shades: np.ndarray, ink: str) -> bytes:
    return figures.digit_png(shades / np.float32(255), ink)


def squares(key: str) -> np.ndarray:
    """What is on square paper now, as 28 x 28 squares with the mean ink of each, neither cropped nor centred.

    Returns:
        uint8 array of shape (28, 28), 255 is ink; all 0 where there is no drawing that can be read.
    """
    try:
        found = pixels(key)
    except PictureError:
        found = None
    if found is None:
        return np.zeros((SIDE, SIDE), np.uint8)
    return np.asarray(Image.fromarray(found[..., 3]).resize((SIDE, SIDE), Image.Resampling.BOX))


def as_text(key: str) -> str | None:
    """What is on the paper now as text for `from_text`; "" for blank paper, None for paper that was never used."""
    now, drawing = step(key), of(key)
    if now["png"] is None:
        return "" if len(drawing["steps"]) > 1 else None
    return json.dumps({"objects": now["objects"], "png": base64.b64encode(now["png"]).decode()})


def from_text(key: str, text: object) -> None:
    """Bring back a drawing onto paper that was never used; text that is none, as it may be anybody's, is left alone."""
    if len(of(key)["steps"]) > 1 or not isinstance(text, str) or not 0 < len(text) <= _MAX_TEXT:
        return
    try:
        found = json.loads(text)
        kept, png = found["objects"], base64.b64decode(found["png"], validate=True)
    except (ValueError, TypeError, KeyError, RecursionError):
        return
    if isinstance(kept, list) and kept and png:
        with suppress(PictureError):
            add(key, kept, png)
            of(key)["generation"] += 1
