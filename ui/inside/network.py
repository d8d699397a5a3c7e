"""The layers of a network in a row, with all their maps, and what any one number of them is made of."""

from pathlib import Path
from typing import Any

import streamlit as st

from digit_core import figures
from ui.components import lab
from ui.frame import layout

_HTML = """<div class="inside is-empty"><p class="state" role="status"></p>
<div class="steps"><button type="button">← Layer before</button><button type="button">Next layer →</button>
<button type="button">Sweep over the map</button></div>
<div class="layers" tabindex="0" role="group" aria-label="The layers of the network, from the picture to the answer"></div>
<section class="panel" aria-label="The chosen number"></section>
<details class="break" hidden><summary>Break it</summary>
<p>Harm the network: how much can it lose and still read your digit? Choose a number above to switch its filter or neuron off.</p>
<div class="harms">
<label>Shake all weights<input type="range" min="0" max="100" step="5" value="0"><span></span></label>
<label>Remove the smallest weights<input type="range" min="0" max="95" step="5" value="0"><span></span></label>
<label>Bits for each weight<input type="range" min="0" max="8" value="8"><span></span></label></div>
<div class="steps"><button type="button"></button><button type="button"></button><button type="button">Undo all</button></div>
<p class="now"></p><p class="accuracy" role="status">Loading 1,000 test digits …</p></details></div>"""
_JS = """
export default function ({ data, parentElement: root }) {
  const { file, digits, ...rest } = data, look = JSON.stringify([file, rest.layers, rest.ink]);
  root.latest = rest;
  if (root.shown !== look) { // another model or another theme
    root.looking?.then((one) => one.stop(), () => {});
    root.shown = look;
    root.looking = import(served("app/static/lab/inside.js")).then((lab) => lab.look(root, file && served(file), digits && served(digits), root.latest));
    root.looking.catch(() => {
      root.querySelector(".state").textContent = "This page needs a browser with JavaScript modules. Load it again, or use another browser.";
    });
  } else root.looking.then((one) => one.update(root.latest), () => {});
  return () => {
    root.shown = null;
    root.looking?.then((one) => one.stop(), () => {});
  };
}
"""
_component = st.components.v2.component(
    "network_inside",
    html=_HTML,
    css=Path(__file__).with_name("network.css").read_text(encoding="utf-8"),
    js=lab.ADDRESS_JS + _JS,
)


def show(data: dict[str, Any], file: str | None, digits: str | None) -> None:
    """Show the network.

    Args:
        data: "picture", base64 of float32 (28, 28) or None; "isDrawing", whether it follows the pen; and for a model that the
            browser cannot run "layers", each with its name, kind and shape, and "outputs", base64 of their values.
        file: of the model, as `lab.file_of` gives it; None where the browser cannot run it.
        digits: to measure a harmed network with, as `lab.file_of_digits` gives it; None where there is no file.
    """
    colours = {"ink": layout.ink(), "more": figures.MORE, "less": figures.LESS}
    looks = {name: list(bytes.fromhex(colour.removeprefix("#"))) for name, colour in colours.items()}
    _component(
        key="network inside",
        data=data | looks | {"file": file, "digits": digits, "colours": list(figures.CLASS_COLOURS)},
    )
