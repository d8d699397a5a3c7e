"""The answer that follows the pen, in the browser alone: the server's takes its place when the stroke has ended."""

import streamlit as st

from digit_core import figures
from ui.canvas import canvas, drawing
from ui.components import lab
from ui.frame import layout

_JS = """
export default function ({ data, parentElement: root }) {
  const place = root.querySelector(".live"), { file, ...rest } = data;
  const look = JSON.stringify([file, rest.ink, rest.colours]);
  if (root.look !== look) { // another model or another theme
    root.following?.then((one) => one.stop());
    root.look = look;
    root.latest = rest;
    root.following = import(served("app/static/lab/live.js")).then(({ follow }) => follow(place, served(file), root.latest));
    root.following.catch(() => {}); // without it all is as it is for who has no JavaScript modules
  } else {
    root.latest = rest;
    root.following.then((one) => one.update(rest), () => {});
  }
  return () => {
    root.look = null;
    root.following?.then((one) => one.stop(), () => {});
  };
}
"""
# In the page, not in a shadow root: it is to look as the server's answer does.
_component = st.components.v2.component(
    "live_answer",
    html='<div class="live" aria-hidden="true"></div>',
    js=lab.ADDRESS_JS + _JS,
    isolate_styles=False,
)


def follow(file: str) -> None:
    """Put an answer here that is seen only while a pen is on the square paper: after the server's answer, in each run.

    What stands beside it in its container makes room for it meanwhile: see `.live` in style.css.

    Args:
        file: of the model, as `lab.file_of` gives it.
    """
    now = drawing.of(canvas.SQUARE.key)
    data = {
        "file": file,
        "strokes": len(drawing.objects(canvas.SQUARE.key)),
        "generation": now["generation"],
        "ink": list(bytes.fromhex(layout.ink().removeprefix("#"))),
        "colours": list(figures.CLASS_COLOURS),
    }
    _component(key="live answer", data=data)
