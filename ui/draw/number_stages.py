"""Why a whole number was read as it was: each stage from the picture to its digits, in pictures."""

import html
import zlib
from typing import Any

import cv2
import numpy as np
import streamlit as st

from digit_core import figures
from digit_core.figures import numbers
from digit_core.figures.base import CLASS_COLOURS
from digit_core.segmentation import PageStages, line_reader
from ui.frame import data_url, layout, words

_SHOWN_SIDE = 900  # pixels: the longer side of a stage's picture
# Of rows, and of parts, that lie beside each other; of what is taken off; of what is neither.
_BESIDE = tuple(CLASS_COLOURS[digit] for digit in (1, 6, 2, 8))
_OFF, _GREY = CLASS_COLOURS[7], CLASS_COLOURS[9]
_NONE = "–"  # of a column that shows no digit
_ENLARGED = 6  # pixels of the page at most that a column takes
_STYLE = """<style>
.number-stages { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 300px), 1fr)); gap: 1rem 1.4rem; }
.number-stages figure { margin: 0; min-width: 0; }
.number-stages figure.wide { grid-column: 1 / -1; }
.number-stages figcaption { font-size: .9rem; line-height: 1.4; margin-top: .35rem; }
.number-stages .paper { position: relative; border: 1px solid color-mix(in srgb, currentColor 22%, transparent);
    border-radius: .4rem; overflow: hidden; width: fit-content; max-width: 100%; }
.number-stages .paper img { display: block; max-width: 100%; max-height: 20rem; }
.number-stages .paper .outline { position: absolute; inset: 0; width: 100%; height: 100%; max-height: none; }
.number-stages .row { display: grid; grid-template-columns: 1.1rem minmax(0, 1fr); margin: .5rem 0 .2rem; }
.number-stages .row > * { grid-column: 2; }
.number-stages .said { position: relative; height: 1.5rem; font-weight: 700; }
.number-stages .said span { position: absolute; transform: translateX(-50%); }
.number-stages .row img { display: block; width: 100%; }
.number-stages .row .heat { height: 11rem; background: color-mix(in srgb, currentColor 6%, transparent); }
.number-stages .row .names { grid-column: 1; height: 11rem; display: flex; flex-direction: column; font-size: .75rem;
    line-height: 1rem; font-variant-numeric: tabular-nums; }
.number-stages p { margin: 0 0 .8rem; }
</style>"""


def kept(stages: PageStages) -> dict[str, Any]:
    """What a session keeps of the stages, plain values: their pictures made small and packed, and what the rows say."""
    ink = stages.page.ink
    lines = stages.page.lines
    size = _size(ink.shape)
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    corners = stages.corners
    return {
        "corners": None if corners is None else corners.round().tolist(),
        "ink": _packed(np.round(255 * small).astype(np.uint8)),
        "lines": None if lines is None else _packed(_thinned(lines.astype(np.uint8), size, cv2.INTER_AREA)),
        "numbered rows": _packed(_thinned(stages.numbered_rows(), size)),
        "numbered parts": _packed(_thinned(stages.numbered_parts(), size)),
        "pieces": sum(len(row.line.pieces) for row in stages.rows),
        "parts": sum(len(row.parts) for row in stages.rows),
        "rows": [
            {
                "seen": _packed(np.round(255 * seen).astype(np.uint8)),
                "columns": _packed(np.round(255 * row.columns).astype(np.uint8)),
                "told": [
                    (digit, middle / len(row.columns)) for digit, middle in line_reader.told(row.columns)
                ],
                "readings": [text for text, _ in row.readings],
                "is read": bool(row.digits),
            }
            for row, seen in zip(stages.rows, stages.seen_rows(), strict=True)
        ],
    }


def show(way: str, record: dict[str, Any]) -> None:
    """The stages of a number that was found, folded away until somebody asks.

    Args:
        way: to bring a number.
        record: of this way; see `number_record`.
    """
    fold = st.expander("Why this answer?", icon=":material/help:", key=f"why of {way}", on_change="rerun")
    if not fold.open:  # its pictures are made when they are asked for
        return
    with fold:
        tiles = [*_of_page(record, record["stages"]), _of_columns(record["stages"])]
        st.html(
            f"{_STYLE}<p>Each stage works with what the one before it found: look for the first picture that is wrong.</p>"
            f'<div class="number-stages">{"".join(tiles)}</div>'
        )


def _of_page(record: dict[str, Any], stages: dict[str, Any]) -> list[str]:
    """The pictures of the whole page."""
    ink = _unpacked(stages["ink"]) / np.float32(255)
    tiles = []
    if stages["lines"] is not None:  # of a photo: a drawing has neither a sheet nor lines
        tiles = [_of_sheet(record, stages["corners"]), _of_lines(ink, _unpacked(stages["lines"]))]
    rows, parts = _unpacked(stages["numbered rows"]), _unpacked(stages["numbered parts"])
    count = words.counted(len(stages["rows"]), "row")
    of_rows = f"Ink of one colour is read as one row: {count} here. Grey ink is a sign, or is left out."
    of_cuts = (
        f"{words.counted(stages['pieces'], 'piece')} of ink became {words.counted(stages['parts'], 'part')}, cut wherever two "
        "digits might touch: often more parts than digits. Then neighbours are joined in many ways."
    )
    return [
        *tiles,
        _tile("Rows", of_rows, _parts(ink, rows)),
        _tile("Cuts", of_cuts, _parts(ink, parts)),
    ]


def _of_sheet(record: dict[str, Any], corners: list[list[float]] | None) -> str:
    if corners is None:
        return _tile("Sheet", "No sheet on a desk was found, so the whole picture is read.", record["source"])
    points = " ".join(f"{x:.0f},{y:.0f}" for x, y in corners)
    height, width = record["size"]
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" preserveAspectRatio="none"><polygon points="{points}" '
        f'fill="none" stroke="{_BESIDE[0]}" stroke-width="{0.008 * max(height, width):.1f}"/></svg>'
    )
    outline = f'<img class="outline" alt="" src="{data_url.of_svg(svg)}">'
    said = "A sheet was found (blue outline) and straightened. Only what lies on it is read."
    return _tile("Sheet", said, record["source"], outline)


def _of_lines(ink: np.ndarray, lines: np.ndarray) -> str:
    taken = np.where(lines > 0, 1.0, ink)
    png = numbers.parts_png(taken, (lines > 0).astype(np.uint8), (layout.ink(), _OFF))
    said = (
        "What stands out from the paper. Ruled lines, frames and edges (red) were taken off; the rest is ink."
        if lines.any()
        else "What stands out from the paper is ink. There were no ruled lines to take off."
    )
    return _tile("Ink and lines", said, data_url.of(png))


def _parts(ink: np.ndarray, numbered: np.ndarray) -> str:
    return data_url.of(numbers.parts_png(ink, numbered, (_GREY, *_BESIDE)))


def _of_columns(stages: dict[str, Any]) -> str:
    """What the line reader says of each column of each row."""
    rows = "".join(_of_row(number, row) for number, row in enumerate(stages["rows"], 1))
    said = (
        "A second network looks at each row as a whole, column by column. The deeper the colour, the surer it is of a digit "
        f"(0 to 9) or of none ({_NONE}) there. Of all ways to join the parts, the one that fits best is the answer."
    )
    return f'<figure class="wide"><figcaption><b>Line reader</b><br>{said}</figcaption>{rows}</figure>'


def _of_row(number: int, row: dict[str, Any]) -> str:
    seen = figures.digit_png(_unpacked(row["seen"]) / np.float32(255), layout.ink())
    columns = _unpacked(row["columns"]).T / 255  # (11, n)
    names = np.arange(1, len(columns) + 1, dtype=np.uint8)[:, None].repeat(columns.shape[1], axis=1)
    heat = numbers.parts_png(columns, names, (layout.ink(), *CLASS_COLOURS, layout.ink()))
    said = "".join(f'<span style="left:{share:.1%}">{digit}</span>' for digit, share in row["told"])
    alone = "".join(str(digit) for digit, _ in row["told"]) or "nothing"
    head = f"Row {number}: the columns alone say {alone}."
    best, *others = row["readings"]
    if row["is read"]:
        head += f" With the cuts: <b>{best}</b>" + (f", then {' and '.join(others)}." if others else ".")
    else:
        head += " This row is left out: no way to join its parts fits, or it is small print."
    labels = "".join(f"<span>{name}</span>" for name in (*range(10), _NONE))
    return (
        f'<figcaption>{head}</figcaption><div class="row" style="max-width:{_ENLARGED * len(columns.T)}px"><div class="said" aria-hidden="true">{said}</div>'
        f'<img alt="Row {number} as the line reader sees it" src="{data_url.of(seen)}">'
        f'<div class="names" aria-hidden="true">{labels}</div>'
        f'<img class="heat pixels" alt="How sure the line reader is of each digit in each column" src="{data_url.of(heat)}"></div>'
    )


def _tile(title: str, said: str, source: str, over: str = "") -> str:
    return (
        f'<figure><div class="paper" style="background:{layout.paper()}"><img alt="{html.escape(title)}: {html.escape(said)}" '
        f'src="{source}">{over}</div><figcaption><b>{html.escape(title)}</b><br>{html.escape(said)}</figcaption></figure>'
    )


def _size(shape: tuple[int, ...]) -> tuple[int, int]:
    """Width and height of a small copy of an array."""
    scale = min(1.0, _SHOWN_SIDE / max(shape))
    return max(1, round(shape[1] * scale)), max(1, round(shape[0] * scale))


def _thinned(numbered: np.ndarray, size: tuple[int, int], how: int = cv2.INTER_NEAREST) -> np.ndarray:
    return cv2.resize(numbered, size, interpolation=how)


def _packed(pixels: np.ndarray) -> list[Any]:
    """An array of uint8 as its shape and its packed bytes."""
    return [*pixels.shape, zlib.compress(pixels.tobytes(), 1)]


def _unpacked(packed: list[Any]) -> np.ndarray:
    *shape, content = packed
    return np.frombuffer(zlib.decompress(content), np.uint8).reshape(shape)
