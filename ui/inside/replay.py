"""A drawing once more, point by point of the pen: what the network saw and answered at each."""

import base64
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from digit_core import figures
from digit_core.errors import PictureError
from digit_core.figures import explanations
from digit_core.preprocessing import images, strokes
from digit_core.preprocessing.strokes import Turn
from digit_core.settings import CANVAS_SIDE
from ui.frame import layout, resources, state, words
from ui.panels import charts

_FOLDER = Path(__file__).parent
_HTML = """<div class="player">
  <div class="buttons"><button type="button" class="play">Play</button>
    <input type="range" class="moment" min="0" step="1" aria-label="Moment of the drawing"></div>
  <div class="screen"><canvas class="seen" width="28" height="28" role="img" aria-label="What the network sees then"></canvas>
    <div class="said" role="status"><b class="digit"></b><span class="words"></span></div></div>
  <div class="bars" aria-hidden="true"></div></div>"""

_player = st.components.v2.component(
    "pen_replay",
    html=_HTML,
    css=(_FOLDER / "replay.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "replay.js").read_text(encoding="utf-8"),
)


def show(model: str, objects: Sequence[Any], size: tuple[int, int] = (CANVAS_SIDE, CANVAS_SIDE)) -> None:
    """Show a drawing's replay.

    Args:
        model: the name of the model that reads.
        objects: Fabric.js objects of the canvas, as `ui.canvas.drawing.objects` holds them.
        size: height and width of the canvas, pixels.
    """
    try:
        drawn = strokes.from_canvas(objects)
        if not drawn:
            st.info("There is no stroke to replay: draw a digit with the pen.", icon=":material/edit:")
            return
        if strokes.holds_more(objects):
            st.caption("There is also a picture on the canvas. Only what was drawn with the pen is replayed.")
        frames = _frames(drawn, objects, size)
    except PictureError as error:
        st.warning(str(error), icon=":material/error:")
        return
    probabilities = _read(model, frames["images"])
    ends = strokes.stroke_ends(drawn)
    st.markdown(in_words(strokes.turns(frames["points"], probabilities), ends))
    _play(frames, probabilities, ends)
    charts.show(
        explanations.answers_over_points(frames["points"], probabilities, ends),
        "How sure the network was of each digit after each point of the pen",
        "replay",
        _table(frames, probabilities),
    )
    if left_out := ends[-1] - len(frames["points"]):
        st.caption(
            f"This drawing has {ends[-1]:,} points: {left_out:,} of them, evenly spread, are left out here to keep it quick."
        )
    st.caption(
        "The canvas records where the pen is, about 60 to 120 times a second. So the points from left to right show the time "
        "that the drawing took, without the pauses between strokes. Before each answer, the drawing so far was cut out, "
        "shrunk and centred again."
    )


def in_words(turns: Sequence[Turn], ends: Sequence[int]) -> str:
    """What was answered one after the other, as Markdown.

    Args:
        turns: at least one.
        ends: after how many points each stroke was done.
    """
    told = [turn for turn in turns if turn.digit is not None]
    if not told:
        return "There was never anything to read."
    last = told[-1]
    total = ends[-1]
    if len(told) == 1:
        return f"It was read as **{words.a(last.digit)}** from the first point to the last."
    # A tie of a few points is no story: the longest turns are told, the last one always.
    longest = sorted(
        sorted(told[:-1], key=lambda turn: turn.first - turn.last)[:3], key=lambda turn: turn.first
    )
    ways = ", then ".join(
        f"**{words.a(turn.digit)}** (point {turn.first} to {turn.last})" for turn in longest
    )
    stroke = 1 + sum(end < last.first for end in ends)
    where = f", in stroke {stroke} of {len(ends)}" if len(ends) > 1 else ""
    return (
        f"It was read as {ways}. From point {last.first} of {total}{where}, it stays **{words.a(last.digit)}**: "
        f"the last {1 - (last.first - 1) / total:.0%} of the drawing no longer changed that."
    )


def _frames(drawn: Sequence[strokes.Stroke], objects: Sequence[Any], size: tuple[int, int]) -> dict[str, Any]:
    """The drawing's moments, made once for a drawing: another model reads the same ones."""
    text = json.dumps(
        [[item.get("path"), item.get("strokeWidth")] for item in objects if isinstance(item, dict)]
    )
    digest = hashlib.sha256(f"{size} {text}".encode()).hexdigest()
    kept = st.session_state.get(state.REPLAY)
    if kept is None or kept["digest"] != digest:
        with st.spinner("Replaying it …", show_time=False):
            made = strokes.replay(drawn, size)
        kept = {
            "digest": digest,
            "points": made.points,
            "strokes": made.strokes,
            "images": images.to_dataset(made.images),
        }
        st.session_state[state.REPLAY] = kept
    return kept


def _read(model: str, frames: np.ndarray) -> np.ndarray:
    """What the model answers to each moment: float32 (n, 10), NaN while there is no ink."""
    probabilities = resources.classifier(model).predict(images.from_dataset(frames))
    probabilities[~frames.any(axis=(1, 2))] = np.nan
    return probabilities


def _play(frames: dict[str, Any], probabilities: np.ndarray, ends: Sequence[int]) -> None:
    """The player: it runs in the browser alone, so that a class that plays asks nothing of the server."""
    ink = layout.ink()
    data = {
        "pixels": base64.b64encode(frames["images"].tobytes()).decode(),
        "ink": list(bytes.fromhex(ink.removeprefix("#"))),
        "points": frames["points"].tolist(),
        "strokes": frames["strokes"].tolist(),
        "total": int(ends[-1]),
        "count": len(ends),
        "shares": np.nan_to_num(np.round(probabilities * 1000), nan=-1).astype(int).tolist(),
        "colours": list(figures.CLASS_COLOURS),
        "drawing": frames["digest"],
    }
    _player(key=f"{state.REPLAY} player", data=data)


def _table(frames: dict[str, Any], probabilities: np.ndarray) -> pd.DataFrame:
    shares = (100 * probabilities.astype(np.float64)).round(1)
    columns: dict[str, Any] = {
        "point": frames["points"],
        "stroke": frames["strokes"],
        "answer": [None if np.isnan(row).any() else int(row.argmax()) for row in probabilities],
    }
    return pd.DataFrame(columns | {f"{digit}, %": shares[:, digit] for digit in range(10)})
