"""The canvas to draw on. It never loses a drawing, and it is the only user of streamlit_drawable_canvas."""

import base64
import copy
from typing import Any

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import CanvasResult, st_canvas

from digit_core import figures, pictures
from digit_core.errors import PictureError
from digit_core.settings import CANVAS_SIDE, PEN_WIDTH
from ui import layout, state

THINNEST, THICKEST = 8, 36  # pixels of the canvas: the pens that one can choose
_MOST_STEPS = 100  # that can be undone
# A screen with four pixels to the point, the finest there is, sends 1,120 x 1,120.
_MOST_PIXELS = (4 * CANVAS_SIDE) ** 2
_MOST_BYTES = 2_000_000  # of a drawing's PNG: a real one has some 10,000

# A drawing is a list of steps and the position among them. A step is what the canvas sent: the Fabric.js objects
# and the PNG. The first step is the blank canvas. Undo and redo move the position; a stroke cuts off what lies behind it.


def draw(key: str = state.DRAWING) -> np.ndarray | None:
    """Show the canvas with its controls.

    Args:
        key: where the drawing is kept for this visitor.

    Returns:
        uint8 array of shape (height, width, 4), ink on a clear ground; None when nothing is drawn.

    Raises:
        PictureError: what the browser sent is no drawing.
    """
    drawing = _drawing(key)
    # A new key is a new canvas: that is how undo, clear and another theme reach the browser.
    canvas_key = f"{key} canvas {drawing['generation']} {layout.ink()}"
    if canvas_key not in st.session_state:
        # Only what a canvas is mounted with counts; a changed value later would wipe it.
        drawing["mounted"] = _in_ink(drawing["steps"][drawing["position"]]["objects"], layout.ink())
    stroke_width = st.session_state.get(state.STROKE_WIDTH, PEN_WIDTH)
    result = st_canvas(
        stroke_width=stroke_width,
        stroke_color=layout.ink(),
        width=CANVAS_SIDE,
        height=CANVAS_SIDE,
        initial_drawing={"objects": drawing["mounted"]} if drawing["mounted"] else None,
        return_image_data=True,
        key=canvas_key,
    )
    _take_in(drawing, result)
    _controls(key, drawing)
    png = drawing["steps"][drawing["position"]]["png"]
    return None if png is None else pictures.read(png, _MOST_PIXELS)


def put(image: np.ndarray, key: str = state.DRAWING) -> None:
    """Put a digit on the canvas, in place of what is there; undo brings that back.

    Args:
        image: uint8 array of shape (28, 28), 255 is ink.
        key: where the drawing is kept for this visitor.
    """
    tile = CANVAS_SIDE // len(
        image
    )  # each pixel becomes a square: the door finds nearly the same digit again
    enlarged = np.kron(image, np.ones((tile, tile), np.uint8)) / np.float32(255)
    png = figures.digit_png(enlarged, layout.ink())
    source = "data:image/png;base64," + base64.b64encode(png).decode()
    half, whole = CANVAS_SIDE / 2, CANVAS_SIDE
    picture = {"type": "Image", "src": source, "left": half, "top": half, "width": whole, "height": whole}
    _add_step(_drawing(key), [picture | {"originX": "center", "originY": "center"}], png)
    _drawing(key)["generation"] += 1


def _add_step(drawing: dict[str, Any], objects: list[Any], png: bytes | None) -> None:
    """Put a step behind the present one, in place of those that were undone."""
    del drawing["steps"][drawing["position"] + 1 :]
    drawing["steps"].append({"objects": objects, "png": png if objects else None})
    del drawing["steps"][1:-_MOST_STEPS]
    drawing["position"] = len(drawing["steps"]) - 1


def _drawing(key: str) -> dict[str, Any]:
    blank = {"steps": [{"objects": [], "png": None}], "position": 0, "generation": 0, "mounted": []}
    return st.session_state.setdefault(key, blank)


def _take_in(drawing: dict[str, Any], result: CanvasResult) -> None:
    """Add what the canvas sent, if it is new, as a step."""
    objects, png = _read(result)
    now = drawing["steps"][drawing["position"]]
    if png is None or _paths(objects) == _paths(now["objects"]):
        return
    _add_step(drawing, objects, png)


def _paths(objects: list[Any]) -> list[Any]:
    """The strokes and pictures without what a canvas adds when it is mounted anew, such as their colour."""
    return [item.get("path") or item.get("src") for item in objects if isinstance(item, dict)]


def _read(result: CanvasResult) -> tuple[list[Any], bytes | None]:
    """The objects and the PNG of a message from a browser, which may be anybody's."""
    try:
        png = result.image_bytes
    except (ValueError, AttributeError) as error:
        raise PictureError("The drawing arrived damaged: clear the canvas and draw again.") from error
    if png is not None and len(png) > _MOST_BYTES:
        raise PictureError("The drawing is too large: clear the canvas and draw again.")
    objects = result.json_data.get("objects") if isinstance(result.json_data, dict) else None
    return objects if isinstance(objects, list) else [], png


def _in_ink(objects: list[Any], ink: str) -> list[Any]:
    """The strokes in the theme's ink, whatever the theme was when they were drawn."""
    recoloured = copy.deepcopy(objects)
    for stroke in recoloured:
        if isinstance(stroke, dict) and "stroke" in stroke:
            stroke["stroke"] = ink
    return recoloured


def _controls(key: str, drawing: dict[str, Any]) -> None:
    position, last = drawing["position"], len(drawing["steps"]) - 1
    is_blank = not drawing["steps"][position]["objects"]
    with st.container(horizontal=True, gap="xsmall", width=CANVAS_SIDE):
        st.button("Undo", icon=":material/undo:", on_click=_move, args=(key, -1), disabled=position == 0)
        st.button("Redo", icon=":material/redo:", on_click=_move, args=(key, 1), disabled=position == last)
        st.button("Clear", icon=":material/delete:", on_click=_clear, args=(key,), disabled=is_blank)
    st.slider(
        "Width of the pen",
        THINNEST,
        THICKEST,
        PEN_WIDTH,
        key=state.STROKE_WIDTH,
        persist_state="session",
        help="In pixels of the canvas, which is 280 wide. It changes the next stroke, not those that are drawn.",
        width=CANVAS_SIDE,
    )


def _move(key: str, steps: int) -> None:
    drawing = _drawing(key)
    drawing["position"] = int(np.clip(drawing["position"] + steps, 0, len(drawing["steps"]) - 1))
    drawing["generation"] += 1


def _clear(key: str) -> None:
    _add_step(_drawing(key), [], None)
    _drawing(key)["generation"] += 1
