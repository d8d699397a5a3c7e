"""Draw the app's icon and logo into ui/frame: python scripts/build_icons.py."""

from pathlib import Path

import numpy as np
from PIL import Image

FOLDER = Path(__file__).resolve().parent.parent / "ui" / "frame"
TILE = (15, 110, 132)  # the light theme's primary colour, on which white stands out
# A three as a network sees it, pixel by pixel; what is blank is cut off from the tile.
ROWS = """
 ..............
................
................
....-+####+-....
...+########+...
...-+-..-+##+...
.........+##-...
.....-++##+.....
.....+####+-....
.........+##+...
..........##+...
...-...-+###-...
...+#######+....
....-+###+-.....
................
 ..............
"""
SHADES = {".": 0.0, "-": 0.3, "+": 0.65, "#": 1.0}  # of white
ENLARGED = 12  # times
# "Digit Lab" as a pen writes it, from left to right: its capitals are 10 high and stand on 13.
LETTERS = (
    "M22 3v10h2.6a5 5 0 0 0 0-10z",
    "M33.5 6.4v6.6M33.5 3.2v.01",
    "M43 9.6a3.1 3.3 0 1 1-6.2 0a3.1 3.3 0 1 1 6.2 0M43 6.4v7.2a3 2.6 0 0 1-5.6 1.3",
    "M47 6.4v6.6M47 3.2v.01",
    "M51.6 3.8v7a2.1 2.1 0 0 0 2.7 2.1M49.8 6.4h4.2",
    "M61 3v10h5",
    "M74.8 9.7a3.1 3.3 0 1 1-6.2 0a3.1 3.3 0 1 1 6.2 0M74.8 6.4v6.6",
    "M78.8 3v10M78.8 9.7a3.1 3.3 0 1 1 6.2 0a3.1 3.3 0 1 1-6.2 0",
)
INK = "#1c2326"  # the light theme's; ui/frame/layout.py puts the visitor's in its place


def pixels() -> np.ndarray:
    """The icon: uint8 array of shape (16, 16, 4)."""
    rows = [row.ljust(16) for row in ROWS.strip("\n").split("\n")]
    icon = np.zeros((16, 16, 4), np.uint8)
    for y, row in enumerate(rows):
        for x, mark in enumerate(row):
            if mark != " ":
                colour = np.array(TILE) + SHADES[mark] * (255 - np.array(TILE))
                icon[y, x] = (*np.round(colour).astype(np.uint8), 255)
    return icon


def logo(icon: np.ndarray) -> str:
    """The icon with the name beside it, as SVG."""
    squares: dict[str, list[str]] = {}
    for y, x in np.argwhere(icon[..., 3]):
        red, green, blue, _ = icon[y, x]
        squares.setdefault(f"#{red:02x}{green:02x}{blue:02x}", []).append(f"M{x} {y}h1v1h-1z")
    tiles = "".join(f'<path fill="{colour}" d="{"".join(places)}"/>' for colour, places in squares.items())
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 87 17" width="348" height="68">'
        f'<g shape-rendering="crispEdges">{tiles}</g>'
        f'<path fill="none" stroke="{INK}" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" '
        f'd="{"".join(LETTERS)}"/></svg>\n'
    )


if __name__ == "__main__":
    drawn = pixels()
    large = np.kron(drawn, np.ones((ENLARGED, ENLARGED, 1), np.uint8))
    Image.fromarray(large).save(FOLDER / "icon.png", optimize=True)
    (FOLDER / "logo.svg").write_text(logo(drawn), encoding="utf-8")
