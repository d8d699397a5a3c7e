"""Pictures of digits as PNG, and the charts of a set of digits: arrays in, figures out. Nothing is computed here but pixels."""

import io
from typing import Any

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from digit_core.metrics import classification

percent = classification.percent  # for all who show figures

# One colour a digit, the same on every page. After P. Tol's "muted" scheme (2021), which the colour-blind can tell
# apart, darkened or lightened a little so that each stands out from light paper and from dark.
CLASS_COLOURS = (
    "#5d55c4",
    "#3d9ccf",
    "#2f9e86",
    "#3a8a3f",
    "#9a9a2e",
    "#c79a2b",
    "#d0662f",
    "#c9485b",
    "#9b3f86",
    "#7d7f86",
)
# What speaks for and against; the colour-blind can tell them apart.
MORE, LESS = "#d0662f", "#3d9ccf"
# Colours, dashes and markers of models side by side, which the colour-blind can tell apart.
MODEL_COLOURS = ("#3d7fc4", "#d0662f", "#5f9a4a", "#9b5bb0")
DASHES = ("solid", "dash", "dot", "dashdot")
SYMBOLS = ("circle", "diamond", "square", "x")
# Stands out from light paper and from dark.
NEUTRAL = "#5b93a3"
CLEAR = "rgba(0,0,0,0)"
LEGEND_ABOVE = {"showlegend": True, "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom"}}

# Pixels of the PNG between two digits, whatever the scale.
_SPRITE_GAP = 2
_PATTERNS = ("", "/", "x", ".", "-", "|")
# An embedding's longer side in whole numbers: finer than a screen, and two bytes each on the wire.
_EMBEDDING_STEPS = 4000
# Plotly's numbers of marker symbols.
_CROSS, _DOT = 4, 0


def rgb(colour: str) -> bytes:
    """The three bytes of a colour such as "#1c2326"."""
    return bytes.fromhex(colour.removeprefix("#"))


def faded(colour: str, opacity: float) -> str:
    """A colour such as "#3d7fc4" as Plotly's rgba with an opacity of 0.0 to 1.0."""
    red, green, blue = rgb(colour)
    return f"rgba({red},{green},{blue},{opacity:g})"


def as_png(image: Image.Image, **options: Any) -> bytes:
    """A picture as the bytes of a PNG file; `options` are Pillow's."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", **options)
    return buffer.getvalue()


def palette_png(
    pages: np.ndarray, columns: int, scale: int, gap: int, palette: bytes, opacities: bytes
) -> bytes:
    """Pictures in rows as one PNG of 256 colours: a byte a pixel where RGBA has four.

    Picture i is in row i // columns and column i % columns, with a gap of colour 0 to its right and below it. The PNG is as
    wide as `columns` pictures, even if there are fewer.

    Args:
        pages: uint8 array of shape (m, h, w), the number of each pixel's colour; m may be 0.
        columns: pictures in a row, at least 1.
        scale: pixels of the PNG for one of a picture, at least 1.
        gap: pixels of the PNG.
        palette: three bytes a colour.
        opacities: a byte a colour.
    """
    count, height, width = pages.shape
    tile_height, tile_width = height * scale + gap, width * scale + gap
    rows = max(1, -(-count // columns))
    tiles = np.zeros((rows * columns, tile_height, tile_width), np.uint8)
    tiles[:count, :-gap, :-gap] = pages.repeat(scale, axis=1).repeat(scale, axis=2)
    grid = tiles.reshape(rows, columns, tile_height, tile_width).swapaxes(1, 2)
    page = Image.fromarray(grid.reshape(rows * tile_height, columns * tile_width), "L")
    page.putpalette(palette)
    return as_png(page, transparency=opacities, compress_level=6)


def digit_png(image: np.ndarray, ink: str) -> bytes:
    """A digit as a PNG of its own few pixels: ink of one colour on a clear ground.

    Args:
        image: float32 array of shape (h, w), 0.0 to 1.0, ink is 1.0.
        ink: the colour of full ink, such as "#1c2326".

    Example:
        >>> import numpy as np
        >>> from digit_core.figures import digit_png
        >>> digit_png(np.eye(28, dtype=np.float32), "#1c2326")[1:4]
        b'PNG'
    """
    pixels = np.empty((*image.shape, 4), np.uint8)
    pixels[..., :3] = tuple(rgb(ink))
    pixels[..., 3] = np.round(image * 255)
    return as_png(Image.fromarray(pixels))


def heat_png(image: np.ndarray, values: np.ndarray, ink: str, paper: str) -> bytes:
    """A digit as a PNG of its own few pixels under a veil: MORE where a value is above 0, LESS where it is below.

    Args:
        image: float32 array of shape (h, w), 0.0 to 1.0, ink is 1.0.
        values: float array of shape (h, w); the largest amount has the deepest colour. All zeros leave the digit bare.
        ink, paper: colours such as "#1c2326".

    Example:
        >>> import io
        >>> import numpy as np
        >>> from PIL import Image
        >>> from digit_core.figures import heat_png
        >>> image = np.zeros((28, 28), np.float32)
        >>> values = np.zeros((28, 28))
        >>> values[0, 0] = 1  # speaks for it
        >>> picture = Image.open(io.BytesIO(heat_png(image, values, "#000000", "#ffffff")))
        >>> picture.getpixel((0, 0)), picture.getpixel((1, 0))  # orange, and white as the paper
        ((215, 125, 78), (255, 255, 255))
    """
    dark, light, more, less = (
        np.frombuffer(rgb(colour), np.uint8).astype(np.float32) for colour in (ink, paper, MORE, LESS)
    )
    bare = light + (dark - light) * image[..., None]  # (h, w, 3)
    veil = np.abs(values)[..., None] / max(float(np.abs(values).max()), 1e-9)
    colours = np.where(values[..., None] > 0, more, less)
    pixels = bare + (colours - bare) * 0.85 * veil
    return as_png(Image.fromarray(np.round(pixels).astype(np.uint8)))


def grey_png(image: np.ndarray) -> bytes:
    """A digit of a dataset as the plain grey PNG that other programs expect.

    Args:
        image: uint8 array of shape (h, w), kept as it is: 255 is ink, and white.

    Example:
        >>> import io
        >>> import numpy as np
        >>> from PIL import Image
        >>> from digit_core.figures import grey_png
        >>> Image.open(io.BytesIO(grey_png(np.zeros((28, 28), np.uint8)))).size
        (28, 28)
    """
    return as_png(Image.fromarray(image))


def sprite_png(images: np.ndarray, columns: int, ink: str, scale: int = 1) -> bytes:
    """A page of digits as one PNG, pixel by pixel: ink of one colour on a clear ground.

    Each digit has a tile of (28 * scale + 2) pixels a side to itself, with the gap to its right and below it. Digit i
    is in row i // columns and column i % columns. The picture is as wide as `columns` tiles, even if there are fewer.

    Args:
        images: array of shape (m, h, w), ink is the highest: uint8, or float 0.0 to 1.0. m may be 0.
        columns: digits in a row, at least 1.
        ink: the colour of full ink, such as "#1c2326".
        scale: pixels of the PNG for a pixel of a digit, at least 1.

    Example:
        >>> import io
        >>> import numpy as np
        >>> from PIL import Image
        >>> from digit_core.figures import sprite_png
        >>> page = sprite_png(np.zeros((6, 28, 28), np.uint8), columns=3, ink="#1c2326")
        >>> Image.open(io.BytesIO(page)).size  # three tiles of 30 pixels across, two down
        (90, 60)
    """
    if images.dtype != np.uint8:
        images = np.round(images * 255).astype(np.uint8)
    opacities = bytes(range(256))
    return palette_png(images, columns, scale, _SPRITE_GAP, rgb(ink) * 256, opacities)


# Plotly figures. All have a clear ground and no colour of their own for text, so that the page's theme gives it; none
# can be zoomed or dragged, so that a thumb scrolls the page over them.


def blank(height: int, x_title: str = "", y_title: str = "") -> go.Figure:
    """A figure with nothing on it yet, as all figures of the app begin.

    Args:
        height: pixels.
        x_title, y_title: of the axes.
    """
    figure = go.Figure()
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        dragmode=False,
        showlegend=False,
    )
    figure.update_xaxes(title=x_title, fixedrange=True, automargin=True)
    figure.update_yaxes(title=y_title, fixedrange=True, automargin=True)
    return figure


def class_counts(counts: np.ndarray, splits: tuple[str, ...]) -> go.Figure:
    """How many digits of each class, the splits on top of one another.

    Args:
        counts: integer array of shape (splits, 10).
        splits: their names.

    Example:
        >>> import numpy as np
        >>> from digit_core import load_mnist
        >>> from digit_core.figures import class_counts
        >>> counts = np.bincount(load_mnist().test.labels)
        >>> chart = class_counts(counts[None], ("test",))  # show it with chart.show()
        >>> chart.data[0].y[:3].tolist()  # zeros, ones and twos
        [980, 1135, 1032]
    """
    figure = blank(320, "digit", "how many")
    for split, numbers, pattern in zip(splits, counts, _PATTERNS):
        figure.add_bar(
            x=list(range(len(numbers))),
            y=numbers,
            name=split,
            marker={"color": CLASS_COLOURS, "pattern": {"shape": pattern, "fillmode": "overlay"}},
            hovertemplate="%{y:,} digits %{x}<extra>" + split + "</extra>",
        )
    figure.update_layout(barmode="stack", showlegend=len(splits) > 1, legend={"orientation": "h", "y": 1.12})
    figure.update_xaxes(dtick=1)
    return figure


def pixel_histogram(counts: np.ndarray) -> go.Figure:
    """How many pixels have each value, on a logarithmic scale: most are blank.

    Args:
        counts: integer array of shape (256,).

    Example:
        >>> import numpy as np
        >>> from digit_core import load_mnist
        >>> from digit_core.figures import pixel_histogram
        >>> first = load_mnist().test.images[0]
        >>> chart = pixel_histogram(np.bincount(first.ravel(), minlength=256))
        >>> chart.data[0].y[0].item()  # pixels of bare paper, out of 784
        668
    """
    figure = blank(280, "value of a pixel, 0 (paper) to 255 (ink)", "how many pixels")
    figure.add_bar(
        x=list(range(len(counts))),
        y=counts,
        marker={"color": NEUTRAL, "line": {"width": 0}},
        hovertemplate="%{y:,} pixels of value %{x}<extra></extra>",
    )
    figure.update_layout(bargap=0)
    figure.update_yaxes(type="log")
    return figure


def distribution(edges: np.ndarray, counts: np.ndarray, title: str) -> go.Figure:
    """How a measure is spread in each class: ten outlines, one above the other, each as high as its peak allows.

    Args:
        edges: float array of shape (bins + 1,).
        counts: integer array of shape (10, bins).
        title: of the measure, with its unit.

    Example:
        >>> import numpy as np
        >>> from digit_core.figures import distribution
        >>> chart = distribution(np.array([0, 10, 20]), np.ones((10, 2), int), "slant, degrees")
        >>> chart.layout.xaxis.title.text
        'slant, degrees'
    """
    figure = blank(420, title, "digit")
    for digit, numbers in reversed(list(enumerate(counts))):
        heights = digit + 1.4 * np.append(numbers, 0) / max(int(numbers.max()), 1)
        figure.add_scatter(
            x=edges[[0, -1]], y=[digit, digit], mode="lines", line={"width": 0}, hoverinfo="skip"
        )
        figure.add_scatter(
            x=edges,
            y=heights.round(3),
            mode="lines",
            name=str(digit),
            line={"color": CLASS_COLOURS[digit], "width": 1.5, "shape": "hv"},
            fill="tonexty",
            fillcolor=faded(CLASS_COLOURS[digit], 0.45),
            customdata=np.append(numbers, 0),
            hovertemplate=f"%{{customdata:,}} digits {digit} from %{{x:.3~g}}<extra></extra>",
        )
    figure.update_yaxes(tickvals=list(range(len(counts))), showgrid=False, zeroline=False)
    figure.update_xaxes(zeroline=False)
    return figure


def embedding(
    positions: np.ndarray,
    labels: np.ndarray,
    numbers: np.ndarray,
    predicted: np.ndarray,
    *,
    split: str,
    dragmode: str = "lasso",
) -> go.Figure:
    """Digits as points of a plane, coloured by class; those that are misread are crosses.

    Hovering names a digit: "test 947: labelled 8, read as 9". The digits of class d are trace d, in their order in
    the arrays, for d from 0 to 9: that is how a selection is told (`ui/components/map_view.py`).

    Args:
        positions: float array of shape (n, 2).
        labels: uint8 array of shape (n,), 0 to 9.
        numbers: integer array of shape (n,), each digit's number in its split, below 2**31.
        predicted: integer array of shape (n,), what the model reads, 0 to 9.
        split: what the digits are called before their number, such as "test".
        dragmode: what dragging does, as Plotly calls it: "lasso", "select" (a box) or "pan".

    Example:
        >>> import numpy as np
        >>> from digit_core.figures import embedding
        >>> positions, labels = np.array([[0.0, 0.0], [1.0, 2.0]]), np.array([3, 7])
        >>> chart = embedding(positions, labels, np.array([0, 1]), predicted=labels, split="test")
        >>> len(chart.data), len(chart.data[7].x)  # ten classes; one digit is a 7
        (10, 1)
    """
    places = _in_whole_steps(positions)
    told = np.column_stack([numbers, predicted])
    told = told.astype(np.int16 if numbers.max(initial=0) < 2**15 else np.int32)
    figure = blank(height=460)
    for digit, colour in enumerate(CLASS_COLOURS):
        mine = labels == digit
        wrong = predicted[mine] != digit
        figure.add_scattergl(
            x=places[mine, 0],
            y=places[mine, 1],
            customdata=told[mine],
            name=str(digit),
            mode="markers",
            marker={
                "color": colour,
                "symbol": np.where(wrong, _CROSS, _DOT).tolist() if wrong.any() else _DOT,
                "size": np.where(wrong, 9, 5).astype(np.uint8),
                "opacity": 0.8,
                "line": {"width": 0},
            },
            selected={"marker": {"opacity": 1.0}},
            unselected={"marker": {"opacity": 0.12}},
            hovertemplate=(
                f"{split} %{{customdata[0]}}: labelled {digit}, read as %{{customdata[1]}}<extra></extra>"
            ),
        )
        if mine.any():
            _name_class(figure, digit, np.median(places[mine], axis=0))
    figure.update_xaxes(visible=False, fixedrange=False)
    figure.update_yaxes(visible=False, fixedrange=False, scaleanchor="x", constrain="domain")
    figure.update_layout(
        dragmode=dragmode,
        modebar={"bgcolor": CLEAR, "color": "#8a9094", "activecolor": NEUTRAL},
        hovermode="closest",
        showlegend=True,
        legend={"orientation": "h", "itemsizing": "constant", "x": 0.5, "xanchor": "center", "y": -0.02},
    )
    return figure


def _in_whole_steps(positions: np.ndarray) -> np.ndarray:
    """int16 positions with the same proportions, 0 to `_EMBEDDING_STEPS` on the longer side."""
    if not len(positions):
        return np.empty((0, 2), np.int16)
    low, high = positions.min(axis=0), positions.max(axis=0)
    return np.round((positions - low) * (_EMBEDDING_STEPS / max(float((high - low).max()), 1e-9))).astype(
        np.int16
    )


def _name_class(figure: go.Figure, digit: int, place: np.ndarray) -> None:
    """Write a class's digit in its midst, for those who cannot tell the colours."""
    figure.add_annotation(
        x=float(place[0]),
        y=float(place[1]),
        text=f"<b>{digit}</b>",
        showarrow=False,
        font={"size": 15, "color": "#1c2326"},
        bgcolor="rgba(255,255,255,0.72)",
        borderpad=2,
    )
