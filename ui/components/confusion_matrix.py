"""A ten by ten table of true digits and answers in which a click, a tap or a key chooses a cell."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from digit_core import figures
from ui.components import choice

_HTML = (
    '<div class="frame"><table class="matrix"><caption></caption><thead></thead><tbody></tbody></table></div>'
    '<button type="button" class="go" hidden></button>'
)

_CSS = """
.frame { overflow-x: auto; }
.matrix { border-collapse: separate; border-spacing: 2px; width: 100%; max-width: 40rem; table-layout: fixed;
          font: 500 clamp(0.62rem, 2.6vw, 0.85rem)/1 var(--st-font); color: var(--st-text-color);
          font-variant-numeric: tabular-nums; }
.matrix caption { caption-side: bottom; text-align: left; padding-top: .4rem; font-size: .8rem; line-height: 1.4; opacity: .8; }
.matrix th { font-weight: 700; padding: 0; height: 1.6rem; font-size: 1rem; }
.matrix th button { all: unset; box-sizing: border-box; width: 100%; min-height: 1.9rem; text-align: center; cursor: pointer;
          border-radius: 5px; }
.matrix th button:hover, .matrix th button[aria-pressed="true"] { background: var(--st-secondary-background-color);
          box-shadow: 0 0 0 2px var(--st-text-color); }
.matrix th button:focus-visible { outline: 3px solid var(--st-text-color); }
.matrix td { padding: 0; }
.cell { width: 100%; aspect-ratio: 1; max-height: 3.1rem; min-height: 1.9rem; padding: 0; margin: 0; border: 0; border-radius: 5px;
        font: inherit; cursor: pointer; touch-action: manipulation; display: block; -webkit-tap-highlight-color: transparent;
        --fill: color-mix(in srgb, var(--tone) calc(var(--shade) * 100%), var(--st-secondary-background-color));
        background: var(--fill); color: lab(from var(--fill) calc((49.44 - l) * infinity) 0 0); /* see style.css */ }
.cell.right { outline: 1px dashed color-mix(in srgb, var(--st-text-color) 35%, transparent); outline-offset: -2px; }
.cell:hover { filter: brightness(1.08); box-shadow: 0 0 0 2px var(--st-text-color); }
.cell[aria-pressed="true"] { box-shadow: 0 0 0 3px var(--st-text-color); z-index: 1; position: relative; }
.cell:focus-visible { outline: 3px solid var(--st-text-color); outline-offset: 1px; }
.go { font: 600 .9rem/1.4 var(--st-font); color: var(--st-text-color); background: var(--st-secondary-background-color);
      border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius, .5rem); padding: .5rem .8rem; margin-top: .5rem;
      min-height: 44px; text-align: left; cursor: pointer; scroll-margin: 1rem; }
.go:hover { border-color: var(--st-text-color); }
.go:focus-visible { outline: 3px solid var(--st-text-color); outline-offset: 1px; }
.cell:disabled { cursor: default; box-shadow: none; filter: none; }
"""

# The cells stay when the numbers change; only what they show is set anew.
_JS = """
const SIDE = 10;
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

function build(root) {
  const heading = (text, scope) => {
    const cell = document.createElement("th");
    cell.scope = scope;
    const button = cell.appendChild(document.createElement("button"));
    button.type = "button";
    button.className = "heading";
    button.textContent = text;
    return cell;
  };
  const top = document.createElement("tr");
  top.appendChild(document.createElement("td"));
  for (let digit = 0; digit < SIDE; digit++) top.appendChild(heading(digit, "col"));
  root.querySelector("thead").replaceChildren(top);
  const rows = [];
  for (let truth = 0; truth < SIDE; truth++) {
    const row = document.createElement("tr");
    row.appendChild(heading(truth, "row"));
    for (let answer = 0; answer < SIDE; answer++) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "cell" + (truth === answer ? " right" : "");
      row.appendChild(document.createElement("td")).appendChild(button);
    }
    rows.push(row);
  }
  root.querySelector("tbody").replaceChildren(...rows);
}

// Places: the cells row by row, then the rows' headings, then the columns'; a heading stands in row or column -1.
function coordinates(place) {
  if (place < SIDE * SIDE) return [Math.floor(place / SIDE), place % SIDE];
  const heading = place - SIDE * SIDE;
  return heading < SIDE ? [heading, -1] : [-1, heading - SIDE];
}

function placeOf(row, column) {
  if (row >= SIDE || column >= SIDE || row < -1 || column < -1 || row + column === -2) return -1;
  if (column === -1) return SIDE * SIDE + row;
  return row === -1 ? SIDE * SIDE + SIDE + column : row * SIDE + column;
}

// On a phone the digits of the choice stand below the matrix, out of sight.
function isFarBelow(place) {
  return Boolean(place) && place.getBoundingClientRect().top > innerHeight / 2;
}

// To the tile that the keyboard reaches, or to the tiles' place where there is none.
function goTo(place) {
  if (!place) return;
  const hosts = [place, ...place.querySelectorAll("*")].map((one) => one.shadowRoot ?? one);
  const tile = hosts.map((one) => one.querySelector('.tile[tabindex="0"]')).find(Boolean);
  place.tabIndex = -1;
  (tile ?? place).focus({ preventScroll: true });
  place.style.scrollMarginTop = "4rem";  // below the page's bar
  if (isFarBelow(place)) place.scrollIntoView();
}

export default function (component) {
  const { data, parentElement: root, setTriggerValue } = component;
  if (!root.querySelector(".cell")) build(root);
  const table = root.querySelector(".matrix"), cells = [...root.querySelectorAll(".cell")];
  const headings = [...root.querySelectorAll("tbody .heading"), ...root.querySelectorAll("thead .heading")];
  const all = [...cells, ...headings];
  table.querySelector("caption").textContent = data.caption;
  cells.forEach((cell, index) => {
    cell.textContent = data.texts[index];
    describe(cell, data.words[index], data.texts[index]);
    cell.style.setProperty("--shade", data.shades[index]);
    cell.style.setProperty("--tone", data.tones[index]);
  });
  headings.forEach((heading, index) => {
    heading.disabled = !data.has_headings;
    describe(heading, data.headings[index], heading.textContent);
  });
  const go = root.querySelector(".go");
  const mark = (chosen) => {
    all.forEach((one, index) => one.setAttribute("aria-pressed", String(index === chosen)));
    go.hidden = !data.leads_to || chosen === null;
    if (!go.hidden) go.textContent = `Go to these digits: ${all[chosen].title}`;
  };
  mark(data.chosen);
  const place = () => document.querySelector(`.st-key-${data.leads_to}`);
  go.onclick = () => goTo(place());
  if (!all.some((one) => one.tabIndex === 0 && one.isConnected && one.dataset.reached)) {
    all.forEach((one) => { one.dataset.reached = "yes"; });
    reachable(all, data.chosen ?? 0);
  }

  table.onclick = (event) => {
    const index = all.indexOf(event.target.closest(".cell, .heading"));
    if (index === -1) return;
    mark(index);
    reachable(all, index);
    if (!go.hidden && isFarBelow(place())) go.scrollIntoView({ block: "nearest" });
    setTriggerValue("chosen", { index, label: all[index].title });
  };
  const target = (key, at) => {
    const step = STEPS[key], [row, column] = coordinates(at);
    return step ? placeOf(row + step[0], column + step[1]) : null;
  };
  table.onkeydown = (event) => moveByKey(event, root, all, target);
}
"""

_component = st.components.v2.component("digit_matrix", html=_HTML, css=_CSS, js=choice.KEYS_JS + _JS)

Cell = tuple[int | None, int | None]  # a true digit and an answer; None in the place of one means all of them
_HEADINGS = [f"All errors of true {digit}" for digit in range(10)] + [
    f"All errors read as {digit}" for digit in range(10)
]
_SIDE = 10


def choose(
    values: np.ndarray,
    texts: Sequence[str],
    words: Sequence[str],
    chosen: Cell | None,
    key: str,
    *,
    has_headings: bool = False,
    caption: str = "",
    leads_to: str = "",
) -> Cell | None:
    """Show a number for each true digit and answer; one cell can be chosen, by mouse, finger or keyboard.

    Args:
        values: array of shape (10, 10), true digit by answer: how deep each cell is coloured, in relation to the
            deepest; negative values take another tone. The root is taken, so that single errors are seen beside many.
        texts: what stands in the 100 cells, row by row; a few characters each.
        words: what each cell says in words, such as "17 fours were read as nines".
        chosen: the cell that is outlined, or None. A choice made just now goes before it.
        key: of the widget.
        has_headings: whether a row's or a column's heading can be chosen, for all of its errors.
        caption: a sentence below the table.
        leads_to: the key of the container that shows the digits of the choice: a button right behind the table goes there.

    Returns:
        What was chosen just now, once; the next rerun returns None again.

    Raises:
        ValueError: there are not 100 values, texts and words.
    """
    if values.shape != (_SIDE, _SIDE) or len(texts) != _SIDE**2 or len(words) != _SIDE**2:
        raise ValueError(f"A matrix has 100 cells, not {values.shape}, {len(texts)} and {len(words)}.")
    deepest = np.abs(values).max() or 1
    data = {
        "texts": list(texts),
        "words": list(words),
        "shades": np.sqrt(np.abs(values) / deepest).round(3).ravel().tolist(),
        "tones": [figures.MORE if value >= 0 else figures.LESS for value in values.ravel()],
        "headings": _HEADINGS,
        "has_headings": has_headings,
        "caption": caption,
        "leads_to": leads_to,
    }
    labels = [*words, *(_HEADINGS if has_headings else ())]
    picked = choice.show(_component, key, data, labels, place_of(chosen))
    return None if picked is None else cell_at(picked)


def place_of(cell: Cell | None) -> int | None:
    """Where a cell or a heading stands: the cells row by row, then the rows' headings, then the columns'."""
    match cell:
        case (int(true), int(answer)):
            return true * _SIDE + answer
        case (int(true), None):
            return _SIDE**2 + true
        case (None, int(answer)):
            return _SIDE**2 + _SIDE + answer
    return None


def cell_at(place: int) -> Cell:
    """What stands at a place: `place_of` turned round."""
    if place < _SIDE**2:
        return divmod(place, _SIDE)
    heading = place - _SIDE**2
    return (heading, None) if heading < _SIDE else (None, heading - _SIDE)
