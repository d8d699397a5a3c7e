"""28 x 28 squares to paint with the arrow keys, for those who cannot draw; mouse, pen and finger paint them, too."""

from typing import Any

import numpy as np
import streamlit as st

from digit_core.digits import SIDE
from ui.frame import layout

_HTML = """
<div class="place">
  <canvas class="paper" width="28" height="28" tabindex="0" role="application"></canvas>
  <div class="lines"></div><div class="cursor"></div>
</div>
<p class="said" role="status" aria-live="assertive"></p>
<p class="keys"><b>Arrow keys</b> move, <b>space</b> paints or wipes out, <b>Enter</b> puts the pen down: then moving
paints. Enter again lifts it.</p>
"""

_CSS = """
.place { position: relative; width: 280px; height: 280px; border-radius: 6px; overflow: hidden;
         border: 1px solid color-mix(in srgb, var(--st-text-color) 30%, transparent); box-sizing: content-box; }
.place:focus-within { outline: 3px solid var(--st-primary-color); outline-offset: 1px; }
.paper { width: 280px; height: 280px; image-rendering: pixelated; display: block; touch-action: none; cursor: crosshair;
         outline: none; }
.lines { position: absolute; inset: 0; pointer-events: none; background-size: 10px 10px;
         background-image: linear-gradient(to right, color-mix(in srgb, var(--st-text-color) 13%, transparent) 1px, transparent 1px),
                           linear-gradient(to bottom, color-mix(in srgb, var(--st-text-color) 13%, transparent) 1px, transparent 1px); }
.cursor { position: absolute; box-sizing: border-box; border: 2px solid var(--st-primary-color); pointer-events: none;
          box-shadow: 0 0 0 1px var(--st-background-color); }
.cursor.down { border-style: double; border-width: 4px; }
.said { margin: 4px 0 0; min-height: 1.4em; font: 600 0.85rem/1.4 var(--st-font); color: var(--st-text-color); }
.keys { margin: 2px 0 0; max-width: 280px; font: 0.8rem/1.45 var(--st-font); color: var(--st-text-color); opacity: .85; }
"""

# The browser holds the squares while they are painted and sends them after a rest; a new generation brings the server's.
_JS = """
const SIDE = 28, REST = 200;

function unpacked(text) {
  return Uint8Array.from({ length: SIDE * SIDE }, (_, at) => parseInt(text.substr(2 * at, 2), 16));
}

function packed(cells) {
  return Array.from(cells, (value) => value.toString(16).padStart(2, "0")).join("");
}

function under(paper) {  // the squares that the pen covers, its own first
  const from = -Math.floor((paper.pen - 1) / 2), found = [[paper.column, paper.row]];
  for (let dy = from; dy < from + paper.pen; dy++)
    for (let dx = from; dx < from + paper.pen; dx++) found.push([paper.column + dx, paper.row + dy]);
  return found.filter(([x, y]) => x >= 0 && y >= 0 && x < SIDE && y < SIDE);
}

function isInk(paper) {
  return paper.cells[paper.row * SIDE + paper.column] > 127;
}

function show(paper) {
  const context = paper.canvas.getContext("2d"), image = context.createImageData(SIDE, SIDE);
  const colour = [1, 3, 5].map((at) => parseInt(paper.ink.substr(at, 2), 16));
  paper.cells.forEach((value, at) => image.data.set([...colour, value], 4 * at));
  context.putImageData(image, 0, 0);
  const cursor = paper.canvas.parentElement.querySelector(".cursor").style;
  const first = -Math.floor((paper.pen - 1) / 2);
  cursor.left = 10 * (paper.column + first) + "px";
  cursor.top = 10 * (paper.row + first) + "px";
  cursor.width = cursor.height = 10 * paper.pen + "px";
  paper.canvas.parentElement.querySelector(".cursor").classList.toggle("down", paper.isDown);
}

function say(paper) {
  const words = `Row ${paper.row + 1}, column ${paper.column + 1}: ${isInk(paper) ? "ink" : "blank"}`;
  paper.said.textContent = words + (paper.isDown ? ", pen is down" : "");
}

function fill(paper, value) {
  for (const [x, y] of under(paper)) paper.cells[y * SIDE + x] = value;
  clearTimeout(paper.timer);
  paper.timer = setTimeout(() => {
    paper.timer = null;
    paper.send({ squares: packed(paper.cells), generation: paper.generation });
  }, REST);
}

function go(paper, column, row) {
  paper.column = Math.max(0, Math.min(SIDE - 1, column));
  paper.row = Math.max(0, Math.min(SIDE - 1, row));
}

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function onKey(paper, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const step = STEPS[event.key];
  if (step) {
    go(paper, paper.column + step[0], paper.row + step[1]);
    if (paper.isDown) fill(paper, 255);
  } else if (event.key === " ") fill(paper, isInk(paper) ? 0 : 255);
  else if (event.key === "Enter") {
    paper.isDown = !paper.isDown;
    if (paper.isDown) fill(paper, 255);
  } else if (event.key === "Escape" && paper.isDown) paper.isDown = false;
  else if (event.key === "Delete" || event.key === "Backspace") fill(paper, 0);
  else return;
  event.preventDefault();
  event.stopPropagation();
  show(paper);
  say(paper);
}

function onPointer(paper, event) {
  const box = paper.canvas.getBoundingClientRect();
  const place = (at, low, length) => Math.floor((at - low) * SIDE / length);
  const to = [place(event.clientX, box.left, box.width), place(event.clientY, box.top, box.height)];
  const from = event.type === "pointerdown" ? to : [paper.column, paper.row];
  const steps = Math.max(1, Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1]));
  for (let step = 1; step <= steps; step++) {
    go(paper, Math.round(from[0] + (to[0] - from[0]) * step / steps), Math.round(from[1] + (to[1] - from[1]) * step / steps));
    if (event.type === "pointerdown") paper.value = isInk(paper) ? 0 : 255;
    fill(paper, paper.value);
  }
  show(paper);
  say(paper);
}

function start(root) {
  const paper = root.paper = { column: 13, row: 13, isDown: false, timer: null, generation: null,
    canvas: root.querySelector(".paper"), said: root.querySelector(".said") };
  paper.canvas.onkeydown = (event) => onKey(paper, event);
  paper.canvas.onfocus = () => say(paper);
  paper.canvas.onpointerdown = (event) => {
    if (event.button > 0) return;
    paper.canvas.setPointerCapture(event.pointerId);
    onPointer(paper, event);
  };
  paper.canvas.onpointermove = (event) => {
    if (paper.canvas.hasPointerCapture(event.pointerId)) onPointer(paper, event);
  };
  return paper;
}

export default function ({ data, parentElement: root, setStateValue }) {
  const paper = root.paper ?? start(root);
  paper.send = (message) => setStateValue("painted", message);
  paper.pen = data.pen;
  paper.ink = data.ink;
  paper.canvas.setAttribute("aria-label", data.description);
  if (paper.generation !== data.generation) {
    clearTimeout(paper.timer);
    paper.generation = data.generation;
    paper.cells = unpacked(data.squares);
  }
  show(paper);
}
"""
_component = st.components.v2.component("digit_lab_squares", html=_HTML, css=_CSS, js=_JS)
_DESCRIPTION = "28 by 28 squares to paint a digit on. Arrow keys move, Space paints or erases, Enter puts the pen down or lifts it."


def paint(shown: np.ndarray, generation: int, pen: float, key: str) -> np.ndarray | None:
    """Show squares that can be painted.

    Args:
        shown: uint8 array of shape (28, 28), 255 is ink: what stands there at the start of a generation.
        generation: a new number brings `shown` to the browser, in place of what was painted there.
        pen: its width in squares; rounded, 1 or more.
        key: of the widget.

    Returns:
        uint8 array of shape (28, 28) as painted in this generation; None where that is what is shown anyway.
    """
    data = {
        "squares": shown.tobytes().hex(),
        "generation": generation,
        "pen": max(1, round(pen)),
        "ink": layout.ink(),
        "description": _DESCRIPTION,
    }
    # Streamlit keeps a component's value only where someone listens for its change.
    shown_now = _component(key=key, data=data, default={"painted": None}, on_painted_change=lambda: None)
    painted = _painted(shown_now.painted, generation)
    return None if painted is None or np.array_equal(painted, shown) else painted


def _painted(message: Any, generation: int) -> np.ndarray | None:
    """The squares of a message from a browser, which may be anybody's; None for those of another generation."""
    if not isinstance(message, dict) or message.get("generation") != generation:
        return None
    try:
        content = bytes.fromhex(message["squares"])
    except (KeyError, TypeError, ValueError):
        return None
    if len(content) != SIDE * SIDE:
        return None
    return np.frombuffer(content, np.uint8).reshape(SIDE, SIDE)
