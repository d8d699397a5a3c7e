"""The paper to draw on, by pen or square by square. It is the only user of streamlit_drawable_canvas."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
import streamlit_drawable_canvas
from streamlit_drawable_canvas import CanvasResult, st_canvas

from digit_core.digits import SIDE
from digit_core.errors import PictureError
from digit_core.settings import CANVAS_SIDE, PEN_WIDTH, WIDE_CANVAS_WIDTH, WIDE_PEN_WIDTH
from ui.canvas import drawing
from ui.components import browser_storage, pixel_editor
from ui.frame import layout, state

THINNEST, THICKEST = 8, 36  # pixels of the canvas: the pens that one can choose
SETTINGS = "paper-settings"  # the container below the square paper: of the pen, and what is drawn with
_PEN, _SQUARES = "Pen", "Squares and keys"
# The component has a toolbar of its own, which lies unseen over the paper's top right and takes strokes and taps there; no
# argument of `st_canvas` leaves it out. In the page instead of in a shadow root, the same component heeds style.css, which
# does. `out`, `canvas-root` and `dc-toolbar` are its private names: tests/ui/canvas/test_canvas.py and tests/browser/test_canvas.py
# fail when it changes them.
streamlit_drawable_canvas.out = st.components.v2.component(
    "streamlit-drawable-canvas.streamlit_drawable_canvas",
    js="index-*.js",
    css="index-*.css",
    html='<div class="canvas-root"></div>',
    isolate_styles=False,
)


@dataclass(frozen=True)
class Paper:
    """What is drawn on.

    Attributes:
        key: where the drawing is kept for this visitor.
        width, height: pixels of the page.
        pen: the width of the pen as it lies ready, in these pixels.
        pen_key: where the width that was chosen is kept.
    """

    key: str
    width: int
    height: int
    pen: int
    pen_key: str


SQUARE = Paper(state.DRAWING, CANVAS_SIDE, CANVAS_SIDE, PEN_WIDTH, state.STROKE_WIDTH)
# For a whole number.
WIDE = Paper(state.WIDE_DRAWING, WIDE_CANVAS_WIDTH, CANVAS_SIDE, WIDE_PEN_WIDTH, state.WIDE_STROKE_WIDTH)
_FRAME = 2  # pixels of the page that the edge of a paper takes


def _fitted(name: str, paper: Paper, widest: int, narrowest: int, step: int) -> str:
    """Style rules that zoom a paper to the width of its place, from the widest to the narrowest place, in pixels.

    A canvas has a size of its own, and would be cut off or leave room. Zoomed, it still knows where a finger is. CSS cannot
    divide one width by another, so the zoom goes in steps.
    """
    rules = (
        f"@container (max-width: {width + step - 1}px) {{ .st-key-{name}-paper {{ zoom: {width / (paper.width + _FRAME):.3f}; }} }}"
        for width in range(widest, narrowest - 1, -step)
    )
    return f".st-key-{name}-place {{ container-type: inline-size; }} {''.join(rules)}"


# Held upright, a phone has room for a square as wide as itself; lying on its side it has not.
_STYLE = f"""<style>
{_fitted("wide", WIDE, WIDE.width, 275, 25)}
@media (max-width: 640px) and (orientation: portrait) {{ {_fitted("square", SQUARE, 610, 280, 6)} }}
</style>"""


def draw(paper: Paper = SQUARE) -> np.ndarray | None:
    """Show the paper with its controls. What is on it outlasts a change of page and of model, and a reload.

    Returns:
        uint8 array of shape (height, width, 4), ink on a transparent background; None when nothing is drawn.

    Raises:
        PictureError: what the browser sent is no drawing.
    """
    name = "wide" if paper is WIDE else "square"
    st.html(_STYLE)
    with st.container(key=f"{name}-place"), st.container(key=f"{name}-paper"):
        if paper is SQUARE and _way() == _SQUARES:
            _paint(paper)
        else:
            _draw(paper)
    _controls(paper)
    keep(paper)
    return pixels(paper)


def keep(paper: Paper = SQUARE) -> None:
    """Have the browser keep what is on the paper over a reload, or give it back: once in a run of a page."""
    browser_storage.keep(paper.key, drawing.as_text(paper.key), partial(drawing.from_text, paper.key))


def pixels(paper: Paper = SQUARE) -> np.ndarray | None:
    """What is on the paper, without showing it: as `draw`.

    Raises:
        PictureError: what the browser sent is no drawing.
    """
    return drawing.pixels(paper.key, paper.width, paper.height)


def put(image: np.ndarray, paper: Paper = SQUARE) -> None:
    """Put a digit on the paper, in place of what is there; undo brings that back.

    Args:
        image: uint8 array of shape (28, 28), 255 is ink.
        paper: square.
    """
    drawing.put(image, paper.key, layout.ink())


def widen() -> None:
    """Put what is on the square paper in the middle of the wide one, in place of what is there; undo brings that back.

    Raises:
        PictureError: what the browser sent is no drawing.
    """
    drawing.widen(SQUARE.key, SQUARE.width, WIDE.key, WIDE.width)


def _choose_way() -> None:
    """Ask what the square paper is drawn on with: a pen, or squares for those who cannot hold one."""
    # Another way moves nothing (0) but fills its paper with the drawing.
    layout.pick_way("Draw with", (_PEN, _SQUARES), state.DRAWING_WAY, partial(drawing.move, SQUARE.key, 0))


def _way() -> str:
    return st.session_state.get(state.DRAWING_WAY, _PEN)


def _paint(paper: Paper) -> None:
    now = drawing.of(paper.key)
    painted = pixel_editor.paint(
        drawing.squares(paper.key),
        now["generation"],
        st.session_state.get(paper.pen_key, paper.pen) * SIDE / paper.width,
        key=f"{paper.key} squares",
    )
    if painted is not None:
        drawing.paint(painted, paper.key, layout.ink())


def _draw(paper: Paper) -> None:
    now = drawing.of(paper.key)
    # A new key is a new canvas: that is how undo, clear and another theme reach the browser.
    canvas_key = f"{paper.key} canvas {now['generation']} {layout.ink()}"
    if canvas_key not in st.session_state:
        # Only what a canvas is mounted with counts; a changed value later would wipe it.
        now["mounted"] = drawing.in_ink(drawing.step(paper.key)["objects"], layout.ink())
    with _damage_said():
        result = st_canvas(
            stroke_width=st.session_state.get(paper.pen_key, paper.pen),
            stroke_color=layout.ink(),
            width=paper.width,
            height=paper.height,
            initial_drawing={"objects": now["mounted"]} if now["mounted"] else None,
            return_image_data=True,
            key=canvas_key,
        )
        objects, png = _read(result)
    if png is not None and _paths(objects) != _paths(drawing.step(paper.key)["objects"]):
        drawing.add(paper.key, objects, png)


def _paths(objects: list[Any]) -> list[Any]:
    """The strokes, and that there are pictures, without what another theme changes: in a browser none is exchanged."""
    return [item.get("path") or item.get("type") for item in objects if isinstance(item, dict)]


@contextmanager
def _damage_said() -> Iterator[None]:
    """The canvas and its result take a message from a browser for what it should be; whatever else it is, one sentence says."""
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise PictureError("The drawing arrived damaged: clear the canvas and draw again.") from error


def _read(result: CanvasResult) -> tuple[list[Any], bytes | None]:
    """The objects and the PNG of a message from a browser, which may be anybody's."""
    png = result.image_bytes
    objects = result.json_data.get("objects") if isinstance(result.json_data, dict) else None
    return objects if isinstance(objects, list) else [], png


def _controls(paper: Paper) -> None:
    if paper is WIDE:  # one row holds all of it
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="bottom"):
            _change_steps(paper)
            _choose_pen(paper)
        return
    with st.container(horizontal=True, gap="xsmall", width=CANVAS_SIDE):
        _change_steps(paper)
    # A container of its own: on a phone the answer comes before it.
    with st.container(horizontal=True, gap="xsmall", width=CANVAS_SIDE, key=SETTINGS):
        _choose_pen(paper)
        _choose_way()


def _change_steps(paper: Paper) -> None:
    key, now = paper.key, drawing.of(paper.key)
    position, last = now["position"], len(now["steps"]) - 1
    is_blank = not drawing.step(key)["objects"]
    buttons = (
        ("Undo", ":material/undo:", drawing.move, (key, -1), position == 0),
        ("Redo", ":material/redo:", drawing.move, (key, 1), position == last),
        ("Clear", ":material/delete:", drawing.clear, (key,), is_blank),
    )
    for label, icon, action, arguments, is_disabled in buttons:
        st.button(
            label, icon=icon, on_click=action, args=arguments, disabled=is_disabled, key=f"{key} {label}"
        )


def _choose_pen(paper: Paper) -> None:
    st.slider(
        "Width of the pen",
        THINNEST,
        THICKEST,
        paper.pen,
        key=paper.pen_key,
        persist_state="session",
        help=f"In pixels of the canvas, which is {paper.width} wide. It changes the next stroke, not the strokes already drawn.",
        width=CANVAS_SIDE,
    )
