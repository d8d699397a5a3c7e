"""Small pieces of HTML that the explanations share: pictures under a veil, and tables that a phone can show."""

import html
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from digit_core import figures
from ui.frame import data_url, layout, words

_STYLE = Path(__file__).with_name("html.css")
CHANGED = "#c9485b"
_BLOCK = 4  # pixels of a digit that a cell of a table stands for, each way


def style() -> None:
    """The look of the explanations; before the first of them."""
    st.html(_STYLE)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], description: str) -> None:
    """Show a table that scrolls by itself where the page is narrow: as `table_html`, with plain words as headings."""
    shown = table_html([html.escape(heading) for heading in headings], rows, "plain-table", description)
    st.html(f'<div class="scrolls" style="--colour:{CHANGED}">{shown}</div>')


def table_html(
    headings: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "", description: str = ""
) -> str:
    """A table whose first column names the row.

    Args:
        headings: of the columns as HTML, "" for one that needs none; none for a table without a head.
        rows: their cells as HTML.
        kind: the table's class in the style sheet.
        description: the text for those who do not see it.
    """
    head = "".join(f'<th scope="col">{heading}</th>' if heading else "<td></td>" for heading in headings)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>'
        for first, *rest in rows
    )
    label = f' aria-label="{html.escape(description)}"' if description else ""
    return f'<table class="{kind}"{label}>{f"<thead><tr>{head}</tr></thead>" if head else ""}<tbody>{body}</tbody></table>'


def overlays(image: np.ndarray, maps: Sequence[tuple[np.ndarray, str, str]]) -> None:
    """A digit under one veil after the other, side by side.

    Args:
        image: float32 array of shape (28, 28), 0.0 to 1.0, ink is 1.0.
        maps: of each veil the values, as `figures.heat_png` takes them, its title and what it says, plain words.
    """
    tiles = "".join(
        f'<figure><img class="seen pixels" alt="{html.escape(f"{title}: {said}")}" '
        f'src="{data_url.of(figures.heat_png(image, values, layout.ink(), layout.paper()))}">'
        f"<figcaption><b>{html.escape(title)}</b><br>{html.escape(said)}</figcaption></figure>"
        for values, title, said in maps
    )
    st.html(f'<div class="overlays">{tiles}</div>')


def legend(digit: int) -> None:
    """What the colours of a veil mean."""
    st.html(
        f'<p class="legend"><i style="background:{figures.MORE}"></i>speaks for {words.a(digit)}'
        f'<i style="background:{figures.LESS}"></i>speaks against it</p>'
    )


def in_blocks(values: np.ndarray) -> np.ndarray:
    """The mean of each block of 4 x 4 pixels: float (7, 7) from float (28, 28)."""
    side = values.shape[0] // _BLOCK
    return values.reshape(side, _BLOCK, side, _BLOCK).mean(axis=(1, 3))


def value_table(values: np.ndarray, description: str) -> None:
    """A veil as numbers: the mean of each block of 4 x 4 pixels, in percent of the largest of them.

    Args:
        values: float array of shape (28, 28).
        description: the text for those who do not see it.
    """
    blocks = in_blocks(values)
    shares = blocks / max(float(np.abs(blocks).max()), 1e-9)
    firsts = range(0, values.shape[0], _BLOCK)
    head = "".join(f'<th scope="col">{first}</th>' for first in firsts)
    rows = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(_cell(share) for share in row)}</tr>'
        for first, row in zip(firsts, shares, strict=True)
    )
    st.html(
        f'<div class="scrolls"><table class="values" aria-label="{html.escape(description)}"><thead><tr><td></td>{head}'
        f"</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _cell(share: float) -> str:
    percent = round(100 * share)
    colour = figures.MORE if share > 0 else figures.LESS
    depth = round(60 * abs(share))
    sign = "+" if percent > 0 else "−" if percent < 0 else ""
    return (
        f'<td style="background:color-mix(in srgb, {colour} {depth}%, transparent)">{sign}{abs(percent)}</td>'
    )
