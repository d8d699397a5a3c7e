"""Digits as a grid of buttons over one picture: a click, a tap or a key chooses one."""

import base64
import struct
from collections.abc import Sequence

import streamlit as st

from ui.components import choice

TILE = 60  # pixels: two for each of a tile's own in a sprite of `figures.sprite_png`
MIN_TILE = 44  # pixels: what a thumb hits

_HTML = '<style class="sprite"></style><div class="tiles" role="group"></div>'

_CSS = """
.tiles { display: grid; grid-template-columns: repeat(auto-fill, var(--tile)); gap: 4px; padding: 3px 1px; }
.tile { position: relative; padding: 0; margin: 0; border: 0; width: var(--tile); border-radius: 6px; cursor: pointer;
        background: color-mix(in srgb, var(--st-text-color) 5%, var(--st-background-color));
        color: var(--st-text-color); font: 600 0.75rem/1.5 var(--st-font); touch-action: manipulation; overflow: hidden;
        -webkit-tap-highlight-color: transparent; display: block; }
.tile:hover { background: color-mix(in srgb, var(--st-primary-color) 22%, var(--st-background-color)); }
.digit { display: block; height: var(--tile); background-repeat: no-repeat; image-rendering: pixelated; }
.caption { display: block; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.caption:empty { display: none; }
.tile.marked::before { content: ""; position: absolute; inset: auto 0 0 0; height: 5px; background: var(--mark); }
.tile.marked .caption { padding-bottom: 5px; }
.tile[aria-pressed="true"] { background: color-mix(in srgb, var(--st-primary-color) 25%, var(--st-background-color)); }
.tile[aria-pressed="true"]::after { content: ""; position: absolute; inset: 0; border: 3px solid var(--st-primary-color);
        border-radius: inherit; pointer-events: none; }
.tile:focus-visible { outline: 3px solid var(--st-text-color); outline-offset: 0; z-index: 1; }
"""

# The buttons stay when the data change: another page of digits only gives them another picture and other names.
_JS = """
function pressed(tiles, chosen) {
  tiles.forEach((tile, index) => tile.setAttribute("aria-pressed", String(index === chosen)));
}

function perRow(tiles) {
  const below = tiles.findIndex((tile) => tile.offsetTop > tiles[0].offsetTop);
  return below === -1 ? tiles.length : below;
}

function target(key, at, tiles) {
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -perRow(tiles), ArrowDown: perRow(tiles) };
  if (key === "Home") return 0;
  if (key === "End") return tiles.length - 1;
  return key in steps ? at + steps[key] : null;
}

function newTile() {
  const tile = document.createElement("button");
  tile.type = "button";
  tile.className = "tile";
  for (const part of ["digit", "caption"]) {
    tile.appendChild(document.createElement("span")).className = part;
  }
  return tile;
}

function show(root, data) {
  const grid = root.querySelector(".tiles");
  const address = "data:image/png;base64," + data.sprite;
  root.querySelector(".sprite").textContent = `.digit { background-image: url("${address}"); }`;
  grid.style.setProperty("--tile", data.tile + "px");
  grid.setAttribute("aria-label", data.description);
  while (grid.children.length > data.labels.length) grid.lastChild.remove();
  while (grid.children.length < data.labels.length) grid.appendChild(newTile());
  const tiles = [...grid.children];
  const isOtherPage = tiles.some((tile, index) => tile.title !== data.labels[index]);
  tiles.forEach((tile, index) => {
    const [digit, caption] = tile.children;
    const column = index % data.columns, row = Math.floor(index / data.columns);
    digit.style.backgroundSize = `${100 * data.columns}% ${100 * data.rows}%`;
    digit.style.backgroundPosition =
      `${100 * column / Math.max(1, data.columns - 1)}% ${100 * row / Math.max(1, data.rows - 1)}%`;
    caption.textContent = data.captions[index] ?? "";
    describe(tile, data.labels[index], caption.textContent);
    tile.classList.toggle("marked", Boolean(data.marks[index]));
    tile.style.setProperty("--mark", data.marks[index] ?? "transparent");
  });
  pressed(tiles, data.chosen);
  if (isOtherPage || data.chosen !== null) {
    const focused = tiles.indexOf(root.activeElement);
    reachable(tiles, focused !== -1 ? focused : data.chosen ?? 0);
  }
}

export default function (component) {
  const { data, parentElement: root, setTriggerValue } = component;
  const grid = root.querySelector(".tiles");

  grid.onclick = (event) => {
    const tile = event.target.closest(".tile");
    if (!tile) return;
    const tiles = [...grid.children], index = tiles.indexOf(tile);
    pressed(tiles, index);
    reachable(tiles, index);
    setTriggerValue("chosen", { index, label: tile.title });
  };
  grid.onkeydown = (event) => {
    const tiles = [...grid.children];
    moveByKey(event, root, tiles, (key, at) => target(key, at, tiles));
  };

  // A new picture is decoded before it is shown, so that no blank tiles flash up between two pages.
  const picture = new Image();
  root.latest = picture;
  picture.src = "data:image/png;base64," + data.sprite;
  picture.decode().catch(() => {}).then(() => { if (root.latest === picture) show(root, data); });
}
"""

_component = st.components.v2.component("digit_grid", html=_HTML, css=_CSS, js=choice.KEYS_JS + _JS)


def choose(
    sprite_png: bytes,
    columns: int,
    labels: Sequence[str],
    chosen: int | None,
    key: str,
    *,
    tile: int = TILE,
    marks: Sequence[str | None] | None = None,
    captions: Sequence[str | None] | None = None,
    description: str = "Digits: the arrow keys move, Enter chooses",
) -> int | None:
    """Show digits of which one can be chosen, by mouse, finger or keyboard.

    The number of tiles in a row follows the width of the screen; `columns` is that of the picture alone. Another
    picture under the same key takes the place of the one before without the grid being built anew.

    Args:
        sprite_png: a PNG of square tiles side by side, row by row.
        columns: tiles in a row of the PNG, 1 or more.
        labels: what each tile is, in words, such as "test 947: labelled 8, read as 9"; as many as there are digits.
        chosen: the index of the tile that is outlined; None for none. A choice made just now goes before it.
        key: of the widget.
        tile: pixels a side on the screen, 44 or more.
        marks: for each tile a CSS colour for its lower edge, such as that of a misreading, or None.
        captions: for each tile a few characters below it, such as "8 → 9", or None. A mark alone is not seen by all.
        description: what the grid as a whole is called to those who hear the page.

    Returns:
        The index of the tile that was chosen just now, once; see `choice.show`.

    Raises:
        ValueError: the labels, marks, captions and the PNG do not fit each other, or the tiles are too small.
    """
    rows = _rows(sprite_png, columns)
    if len(labels) > columns * rows:
        raise ValueError(f"A sprite of {columns * rows} tiles has no room for {len(labels)} digits.")
    for extra in (marks, captions):
        if extra is not None and len(extra) != len(labels):
            raise ValueError(f"{len(labels)} digits need as many marks or captions, not {len(extra)}.")
    if tile < MIN_TILE:
        raise ValueError(f"A tile is at least {MIN_TILE} pixels for a thumb, not {tile}.")
    data = {
        "sprite": base64.b64encode(sprite_png).decode(),
        "columns": columns,
        "rows": rows,
        "labels": list(labels),
        "tile": tile,
        "marks": list(marks or ()),
        "captions": list(captions or ()),
        "description": description,
    }
    return choice.show(_component, key, data, labels, chosen)


def _rows(sprite_png: bytes, columns: int) -> int:
    """The rows of tiles in a PNG, from the size in its header."""
    if not sprite_png.startswith(b"\x89PNG\r\n\x1a\n") or len(sprite_png) < 24:
        raise ValueError("A sprite is a PNG.")
    width, height = struct.unpack(">2I", sprite_png[16:24])
    if columns < 1 or width % columns or height % (width // columns):
        raise ValueError(f"A PNG of {width} x {height} pixels has no {columns} square tiles in a row.")
    return height // (width // columns)
