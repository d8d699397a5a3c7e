"""A picture with boxes over it: a click, a tap or a key chooses one."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from ui.components import choice

_HTML = '<div class="scroll"><div class="picture"><img alt=""></div></div>'

_CSS = """
.scroll { overflow-x: auto; padding: 22px 2px 4px; }
.picture { position: relative; width: min(100%, var(--widest)); }
.picture img { display: block; width: 100%; border-radius: .4rem; box-sizing: border-box;
               border: 1px solid color-mix(in srgb, var(--st-text-color) 22%, transparent); }
.box { position: absolute; padding: 0; margin: 0; background: transparent; cursor: pointer; box-sizing: border-box;
       border: 2px solid var(--mark); border-radius: 4px; touch-action: manipulation;
       -webkit-tap-highlight-color: transparent; }
.box::before { content: ""; position: absolute; inset: -6px; }  /* a little room for a thumb */
.box.doubtful { border-style: dashed; }
.box:hover { background: color-mix(in srgb, var(--mark) 15%, transparent); }
.box[aria-pressed="true"] { background: color-mix(in srgb, var(--mark) 25%, transparent);
       box-shadow: 0 0 0 2px var(--st-background-color), 0 0 0 5px var(--st-primary-color); z-index: 1; }
.box:focus-visible { outline: 3px solid var(--st-text-color); outline-offset: 2px; z-index: 2; }
.name { position: absolute; left: 50%; bottom: 100%; transform: translateX(-50%); background: var(--mark);
        color: lab(from var(--mark) calc((49.44 - l) * infinity) 0 0); /* see style.css */
        font: 700 0.82rem/1.25 var(--st-font); padding: 0 5px; border-radius: 4px 4px 0 0; white-space: nowrap; }
"""

_JS = """
function newBox() {
  const box = document.createElement("button");
  box.type = "button";
  box.className = "box";
  box.appendChild(document.createElement("span")).className = "name";
  return box;
}

export default function ({ data, parentElement: root, setTriggerValue }) {
  const picture = root.querySelector(".picture"), image = picture.querySelector("img");
  if (image.getAttribute("src") !== data.source) image.src = data.source;
  image.alt = data.description;
  image.style.aspectRatio = `${data.width} / ${data.height}`;
  image.style.background = data.paper;
  picture.style.setProperty("--widest", data.widest + "px");
  let boxes = [...picture.querySelectorAll(".box")];
  while (boxes.length > data.boxes.length) boxes.pop().remove();
  while (boxes.length < data.boxes.length) boxes.push(picture.appendChild(newBox()));
  boxes.forEach((box, index) => {
    const { top, left, bottom, right, name, label, colour, is_doubtful } = data.boxes[index];
    box.style.left = 100 * left / data.width + "%";
    box.style.top = 100 * top / data.height + "%";
    box.style.width = 100 * (right - left) / data.width + "%";
    box.style.height = 100 * (bottom - top) / data.height + "%";
    box.style.setProperty("--mark", colour);
    box.classList.toggle("doubtful", is_doubtful);
    box.firstChild.textContent = name;
    box.setAttribute("aria-label", label);
    box.title = label;
    box.setAttribute("aria-pressed", String(index === data.chosen));
    box.onclick = () => setTriggerValue("chosen", { index, label });
  });
  const focused = boxes.indexOf(root.activeElement);
  reachable(boxes, focused !== -1 ? focused : data.chosen ?? 0);
  const steps = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
  picture.onkeydown = (event) => moveByKey(event, root, boxes, (key, at) => key in steps ? at + steps[key] : null);
}
"""
_component = st.components.v2.component("digit_lab_boxes", html=_HTML, css=_CSS, js=choice.KEYS_JS + _JS)


@dataclass(frozen=True)
class NamedBox:
    """A box as it is shown.

    Attributes:
        box: top, left, bottom, right in pixels of the picture.
        name: a character or two above it.
        label: what it is, in words; no two alike.
        colour: of CSS.
        is_doubtful: its edge is dashed.
    """

    box: tuple[int, int, int, int]
    name: str
    label: str
    colour: str
    is_doubtful: bool


def choose(
    source: str,
    size: tuple[int, int],
    boxes: Sequence[NamedBox],
    chosen: int | None,
    key: str,
    *,
    paper: str = "transparent",
    description: str,
) -> int | None:
    """Show a picture with boxes of which one can be chosen.

    Args:
        source: the picture's address, such as a data address.
        size: its height and width in the pixels that the boxes are given in.
        boxes: in reading order: the arrow keys go from one to the next.
        chosen: the index of the box that is marked; None for none. A choice made just now goes before it.
        key: of the widget.
        paper: the colour behind a clear ground.
        description: the text for those who do not see it.

    Returns:
        The index of the box that was chosen just now, once; also if it was chosen before.
    """
    height, width = size
    data = {
        "source": source,
        "width": width,
        "height": height,
        "widest": round(min(900, 520 * width / height)),
        "boxes": [
            dict(zip(("top", "left", "bottom", "right"), box.box, strict=True))
            | {"name": box.name, "label": box.label, "colour": box.colour, "is_doubtful": box.is_doubtful}
            for box in boxes
        ],
        "paper": paper,
        "description": description,
    }
    return choice.show(_component, key, data, [box.label for box in boxes], chosen)
