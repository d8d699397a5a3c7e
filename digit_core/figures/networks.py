"""A network as a picture: layers in, HTML out. Shapes and parameter counts come from the layers themselves."""

import base64
import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

from digit_core.digits import SIDE
from digit_core.figures.base import CLASS_COLOURS
from digit_core.recipes.architectures import ANSWER
from digit_core.recipes.layers import Convolution, Dense, Dropout, Flatten, Layer, Pooling, Shape

# Pixels of the screen for one of a picture: sides are to scale.
_PIXEL = 2
# Of a stack: more could not be told apart.
_MAX_CARDS = 9
# Neurons of a row that are drawn one by one.
_MAX_DOTS = 16
_MARGIN = 2
# Each stands out from light paper and from dark.
_COLOURS = {
    "input": "#7d7f86",
    "convolution": "#3d8fb5",
    "pooling": "#9b5fa8",
    "flatten": "#8a8c93",
    "dense": "#c47f2f",
    "dropout": "#8a8c93",
}
_TITLES = {kind: kind.capitalize() for kind in _COLOURS} | {"answer": "Answer"}

_STYLE = """<style>
.network { container-type: inline-size; }
.network p { margin: 0 0 .2rem; }
.network ol { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .3rem 0; }
.network li { flex: 1 1 4.3rem; max-width: 6.4rem; min-width: 4.3rem; margin: 0; padding: .2rem 0; box-sizing: border-box;
  display: flex; flex-direction: column; align-items: center; text-align: center; line-height: 1.3; font-size: .75rem;
  border: 2px solid transparent; border-radius: .5rem; font-variant-numeric: tabular-nums; }
.network .shape { display: flex; align-items: center; justify-content: center; height: 5.9rem; }
.network .shape img { max-width: 100%; max-height: 100%; }
.network li b, .network small { display: block; }
.network small { font-size: .75rem; }
.network .quiet { opacity: .75; }
.network .is-chosen { border-color: currentColor; }
.network .is-wrong { border-color: #c9485b; background: color-mix(in srgb, #c9485b 12%, transparent); }
.network .is-behind .shape { opacity: .4; }
@container (max-width: 34rem) {
  .network ol { flex-direction: column; flex-wrap: nowrap; gap: 0; }
  .network li { flex: none; max-width: none; flex-direction: row; text-align: left; gap: .8rem; font-size: .85rem;
    padding: .1rem .3rem; }
  .network .shape { flex: 0 0 5rem; height: 3.6rem; }
  .network small { font-size: .82rem; }
}
</style>"""


@dataclass(frozen=True)
class Block:
    """One step of the picture.

    Attributes:
        kind: of the layer, or "input".
        name: as `Architecture.summary` has it; "input" for the digit itself.
        words: what the layer does, in a few words.
        shape: of one digit behind it; None behind a mistake.
        parameters: how many numbers it learns; None at a mistake and behind it.
        mistakes: what is wrong with it, a sentence each.
    """

    kind: str
    name: str
    words: str
    shape: Shape | None
    parameters: int | None
    mistakes: tuple[str, ...] = ()


def blocks(layers: Sequence[Layer]) -> tuple[Block, ...]:
    """Walk through a network, the digit first and the answer last; it need not be one that can be built.

    Args:
        layers: all but the answer, as in `Architecture.layers`.
    """
    shape: Shape | None = (SIDE, SIDE, 1)
    found = [Block("input", "input", "one digit", shape, 0)]
    seen: dict[str, int] = {}
    for layer in (*layers, ANSWER):
        seen[layer.kind] = seen.get(layer.kind, 0) + 1
        name = "answer" if layer is ANSWER else f"{layer.kind}_{seen[layer.kind]}"
        mistakes = tuple(layer.mistakes(shape)) if shape else ()
        parameters = layer.parameters(shape) if shape and not mistakes else None
        shape = layer.output_shape(shape) if shape and not mistakes else None
        kind = "answer" if layer is ANSWER else layer.kind
        found.append(Block(kind, name, _words(layer), shape, parameters, mistakes))
    return tuple(found)


def draw(layers: Sequence[Layer], title: str = "", chosen: int | None = None) -> str:
    """Draw a network from the digit to the answer: in a row where there is room, from top to bottom on a phone.

    Sides of pictures are to scale; the depth of a stack goes with the square root of its pictures, the height of a
    row with the logarithm of its numbers. Text is in the reader's own colour; nothing is fetched.

    Args:
        layers: all but the answer.
        title: of the network.
        chosen: the index of the layer that is outlined.

    Returns:
        HTML with its style, which needs no script.
    """
    steps = blocks(layers)
    counts = [step.parameters for step in steps]
    total = "" if None in counts else f"{sum(count or 0 for count in counts):,} parameters to learn"
    heading = " · ".join(part for part in (f"<b>{html.escape(title)}</b>" if title else "", total) if part)
    shapes = [step.shape for step in steps]
    tiles = "".join(
        _tile(step, before, index - 1 == chosen)
        for index, (step, before) in enumerate(zip(steps, [None, *shapes[:-1]]))
    )
    return f'{_STYLE}<div class="network"><p>{heading}</p><ol aria-label="The network, layer by layer">{tiles}</ol></div>'


def shape_words(shape: Shape) -> str:
    """A shape for people: three sides with crosses between them, or "1,600 numbers"."""
    return " × ".join(str(side) for side in shape) if len(shape) == 3 else f"{shape[0]:,} numbers"


def _words(layer: Layer) -> str:
    match layer:
        case Convolution():
            step = f", steps of {layer.strides}" if layer.strides > 1 else ""
            edge = ", edges kept" if layer.padding == "same" else ""
            curve = "" if layer.activation == "relu" else f", {layer.activation}"
            return f"{layer.filters} filters of {layer.size} × {layer.size}{step}{edge}{curve}"
        case Pooling():
            return f"largest of each {layer.size} × {layer.size}"
        case Flatten():
            return "all numbers in one row"
        case Dropout():
            return f"{layer.rate:.0%} silenced"
        case Dense():
            curve = "" if layer.activation in {"relu", "softmax"} else f", {layer.activation}"
            return f"{layer.units:,} neurons{curve}"
    return ""


def _tile(step: Block, before: Shape | None, is_chosen: bool) -> str:
    marks = {"is-chosen": is_chosen, "is-wrong": bool(step.mistakes), "is-behind": step.shape is None}
    marks["is-behind"] = step.shape is None and not step.mistakes
    names = " ".join(name for name, is_there in marks.items() if is_there)
    shape = step.shape or before
    picture = f'<img alt="" src="{_address(_svg(step.kind, shape))}">' if shape else ""
    figures = "does not fit" if step.mistakes else ""
    if step.shape:
        figures = f"<small>{shape_words(step.shape)}</small>"
    if step.parameters:
        figures += f'<small class="quiet">{step.parameters:,} learnt</small>'
    return (
        f'<li class="{names}"><span class="shape">{picture}</span><span><b>{_TITLES[step.kind]}</b>'
        f'<small class="quiet">{html.escape(step.words)}</small>{figures}</span></li>'
    )


def _address(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def _svg(kind: str, shape: Shape) -> str:
    """One block as an SVG: a stack of cards for pictures, dots or a bar for numbers in a row."""
    if kind == "answer":
        return _dots(list(CLASS_COLOURS), is_dashed=False)
    if len(shape) == 3:
        return _stack(kind, shape)
    if shape[0] <= _MAX_DOTS:
        return _dots([_COLOURS[kind]] * shape[0], is_dashed=kind == "dropout")
    height = 6 * math.log2(shape[0])
    return _frame(
        14,
        height,
        f'<rect width="14" height="{height:.0f}" rx="4" {_paint(_COLOURS[kind], kind == "dropout")}/>',
    )


def _stack(kind: str, shape: Shape) -> str:
    side = max(3, _PIXEL * shape[0])
    cards = min(shape[2], _MAX_CARDS)
    depth = 0 if cards == 1 else min(36, 3 * math.sqrt(shape[2]))
    step = depth / max(1, cards - 1)
    paint = _paint(_COLOURS[kind], kind == "dropout")
    drawn = "".join(
        f'<rect x="{depth - index * step:.1f}" y="{index * step:.1f}" width="{side}" height="{side}" rx="2" {paint}/>'
        for index in range(cards)
    )
    if kind == "input":
        drawn += (
            '<path d="M18 16H39L27 42" fill="none" stroke="#fff" stroke-width="5" stroke-linejoin="round"/>'
        )
    return _frame(side + depth, side + depth, drawn)


def _dots(colours: list[str], is_dashed: bool) -> str:
    drawn = "".join(
        f'<circle cx="4" cy="{4 + 9 * index}" r="3.6" {_paint(colour, is_dashed)}/>'
        for index, colour in enumerate(colours)
    )
    return _frame(8, 9 * len(colours), drawn)


def _paint(colour: str, is_dashed: bool) -> str:
    if is_dashed:
        return f'fill="{colour}" fill-opacity=".18" stroke="{colour}" stroke-dasharray="3 2"'
    return f'fill="{colour}" stroke="#fff" stroke-opacity=".7"'


def _frame(width: float, height: float, drawn: str) -> str:
    across, down = math.ceil(width) + 2 * _MARGIN, math.ceil(height) + 2 * _MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{across}" height="{down}" '
        f'viewBox="-{_MARGIN} -{_MARGIN} {across} {down}">{drawn}</svg>'
    )
