"""What a report is made of: tables and drawings as HTML and SVG that need no script, and print."""

import base64
import html
from collections.abc import Sequence

import numpy as np

from digit_core import figures
from digit_core.figures.curves import power_of_ten
from digit_core.metrics import curves, misclassified
from digit_core.metrics.calibration import Reliability
from digit_core.metrics.curves import Curve

INK = "#1c2326"
_ACCENT = "#3d7fc4"
_ACCENT_PIXELS = "61,127,196"
# Of a drawing, in pixels; the margins left and below.
_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 460, 300, 56, 44


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table, without a head where there are no headings; what stands in it is escaped. The first cell of each row names the row."""
    head = "".join(
        f'<th scope="col">{html.escape(heading)}</th>' if heading else "<td></td>" for heading in headings
    )
    body = "".join(
        f'<tr><th scope="row">{html.escape(str(first))}</th>'
        + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in cells)
        + "</tr>"
        for first, *cells in rows
    )
    head = f"<thead><tr>{head}</tr></thead>" if head else ""
    return _scrolling(f"<table>{head}<tbody>{body}</tbody></table>")


def _scrolling(table: str) -> str:
    """A table that scrolls by itself where the page is narrow, by keys as well."""
    return f'<div class="scrolls" tabindex="0">{table}</div>'


def confusion_table(confusion: np.ndarray) -> str:
    """A confusion matrix as a table; an error's cell is the bluer, the greater its share of the true digit.

    Args:
        confusion: integer array of shape (10, 10): true digit, answer.
    """
    shares = np.nan_to_num(misclassified.shares(confusion, "true")) * ~np.eye(len(confusion), dtype=bool)
    most = max(float(shares.max()), 1e-9)
    head = "".join(f'<th scope="col">{answer}</th>' for answer in range(len(confusion)))
    body = ""
    for true, counts in enumerate(confusion):
        cells = "".join(
            f'<td style="background:rgba({_ACCENT_PIXELS},{0.8 * shares[true, answer] / most:.2f})" '
            f'title="{misclassified.cell_sentence(true, answer, int(count))}">{count or ""}</td>'
            for answer, count in enumerate(counts)
        )
        body += f'<tr><th scope="row">{true}</th>{cells}</tr>'
    return _scrolling(
        f'<table class="matrix"><thead><tr><th>true \\ read as</th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def reliability_drawing(found: Reliability) -> str:
    """A reliability diagram as SVG: a bar for each bin with digits in it, and the line on which it ought to end."""
    bars = "".join(
        f'<rect x="{_across(low):.1f}" y="{_up(right):.1f}" width="{_across(high) - _across(low):.1f}" '
        f'height="{_up(0) - _up(right):.1f}" fill="{_ACCENT}" fill-opacity="{0.7 if count >= 30 else 0.25}" '
        f'stroke="{_ACCENT}"><title>{count:,} digits: {right:.1%} right</title></rect>'
        for low, high, count, right in zip(found.edges[:-1], found.edges[1:], found.counts, found.accuracy)
        if count
    )
    line = (
        f'<line x1="{_across(0)}" y1="{_up(0)}" x2="{_across(1)}" y2="{_up(1)}" class="guide" '
        f'stroke-dasharray="5 4"/>'
    )
    ticks = [(step / 5, f"{step * 20}%") for step in range(6)]
    return _drawing(
        "how sure the model says it is", "how often it is right", ticks, ticks, bars + line, "Reliability"
    )


def roc_drawing(curve: Curve) -> str:
    """A ROC curve as SVG, its false-positive rate on a logarithmic axis that starts where the curve does."""
    first = float(curve.x[curve.x > 0].min()) if np.any(curve.x > 0) else 1.0
    decades = max(1, int(np.ceil(-np.log10(first) - 1e-9)))
    edge = 10.0**-decades
    thinned = curves.thin(curve, 300, edge)
    low = float(np.floor(10 * thinned.y[thinned.x <= edge].max()) / 10)
    low = min(low, 0.9)
    x = 1 + np.log10(np.maximum(thinned.x, edge)) / decades
    y = np.clip((thinned.y - low) / (1 - low), 0, 1)
    points = " ".join(f"{_across(across):.1f},{_up(up):.1f}" for across, up in zip(x, y))
    line = f'<polyline points="{points}" fill="none" stroke="{_ACCENT}" stroke-width="2"/>'
    x_ticks = [(step / decades, power_of_ten(step - decades)) for step in range(decades + 1)]
    y_ticks = [(step / 4, f"{low + (1 - low) * step / 4:.1%}") for step in range(5)]
    return _drawing(
        "false alarms (logarithmic)",
        "hits",
        x_ticks,
        y_ticks,
        line,
        "ROC curve, micro average",
    )


def _across(share: float) -> float:
    return _LEFT + share * (_WIDTH - _LEFT - 16)


def _up(share: float) -> float:
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - 12)


def _drawing(
    x_title: str,
    y_title: str,
    x_ticks: list[tuple[float, str]],
    y_ticks: list[tuple[float, str]],
    content: str,
    title: str,
) -> str:
    grid = "".join(
        f'<line x1="{_across(0)}" y1="{_up(place):.1f}" x2="{_across(1)}" y2="{_up(place):.1f}" class="grid"/>'
        f'<text x="{_LEFT - 6}" y="{_up(place) + 4:.1f}" text-anchor="end">{word}</text>'
        for place, word in y_ticks
    )
    grid += "".join(
        f'<text x="{_across(place):.1f}" y="{_HEIGHT - _BOTTOM + 16}" text-anchor="middle">{word}</text>'
        for place, word in x_ticks
    )
    middle_x, middle_y = (_across(0) + _across(1)) / 2, (_up(0) + _up(1)) / 2
    titles = (
        f'<text x="{middle_x}" y="{_HEIGHT - 6}" text-anchor="middle">{x_title}</text>'
        f'<text x="12" y="{middle_y}" text-anchor="middle" transform="rotate(-90 12 {middle_y})">{y_title}</text>'
    )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" role="img" aria-label="{title}">'
        f"<title>{title}</title>{grid}{content}{titles}</svg>"
    )


def gallery(images: np.ndarray, captions: Sequence[str]) -> str:
    """Digits pixel by pixel, each with a caption.

    Args:
        images: uint8 array of shape (m, 28, 28), ink is 255.
        captions: m texts; they are escaped.
    """
    return (
        '<div class="gallery">'
        + "".join(
            f'<figure><img src="data:image/png;base64,{_encoded(image)}" alt="{html.escape(caption)}" width="84" '
            f'height="84"><figcaption>{html.escape(caption)}</figcaption></figure>'
            for image, caption in zip(images, captions)
        )
        + "</div>"
    )


def _encoded(image: np.ndarray) -> str:
    return base64.b64encode(figures.digit_png(image.astype(np.float32) / 255, INK)).decode()
