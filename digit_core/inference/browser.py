"""Networks for the browser: their layers as data and their weights in one file, which static/lab/network.js opens."""

import base64
import html
import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

from digit_core import settings
from digit_core.digits import SIDE
from digit_core.errors import ModelError
from digit_core.inference import litert
from digit_core.recipes import architectures
from digit_core.recipes.layers import Convolution, Dense, Shape

_MODULES = settings.PROJECT_FOLDER / "static" / "lab"
_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./([\w.]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:function|const) (\w+))", re.MULTILINE)


def runs_there(card: dict[str, Any]) -> bool:
    """Whether a model, given its card, is built from layers that the browser's engine knows: all are but some from elsewhere."""
    return bool(card.get("is_ours", True))


def packed(card: dict[str, Any], layers: bytes, temperature: float = 1.0) -> bytes:
    """A network as the browser takes it.

    Args:
        card: of the model.
        layers: of its layers.tflite.
        temperature: by which its logits are divided so that confidence fits the share right; above 0.

    Returns:
        The length of the description as four bytes, the lowest first; the description as JSON, filled up with blanks so that
        what follows lies at a multiple of four; then float32, the lowest byte first: of each layer that learns its kernel,
        (size, size, channels, filters) or (inputs, units), and its bias.

    Raises:
        ModelError: the model has other layers than the browser's engine knows, or its file is damaged.
    """
    if not runs_there(card):
        raise ModelError("This model has layers that cannot be computed in the browser.")
    summary = architectures.from_dict(card["architecture"]).summary()
    learnt = iter(litert.weights(layers))
    shape: Shape = (SIDE, SIDE, 1)
    described, numbers = [], []
    for step in summary:
        described.append(
            {
                "name": step.name,
                "kind": step.layer.kind,
                "shape": list(step.output_shape),
                **asdict(step.layer),  # type: ignore[call-overload]
            }
        )
        if isinstance(step.layer, Convolution | Dense):
            numbers += _checked(next(learnt, None), step.layer, shape)
        shape = step.output_shape
    text = json.dumps({"layers": described, "temperature": temperature}).encode()
    text += b" " * (-len(text) % 4)
    weights = [array.astype("<f4").tobytes() for array in numbers]
    return b"".join([len(text).to_bytes(4, "little"), text, *weights])


def _checked(
    found: tuple[np.ndarray, np.ndarray] | None, layer: Convolution | Dense, shape: Shape
) -> list[np.ndarray]:
    """Kernel and bias of a layer, what is summed up first and the layer's own numbers last."""
    outputs = layer.filters if isinstance(layer, Convolution) else layer.units
    inputs = (layer.size, layer.size, shape[2]) if isinstance(layer, Convolution) else shape
    if found is None or found[0].shape != (outputs, *inputs) or found[1].shape != (outputs,):
        raise ModelError("The weights of this model do not fit its card.")
    return [np.moveaxis(found[0], 0, -1), found[1]]


def web_page(title: str, network: bytes, colours: Sequence[str]) -> str:
    """A network as one HTML file, which needs no server: paper, preprocessing, weights.

    Args:
        title: of the page.
        network: as `packed` makes it.
        colours: of the ten digits.
    """
    facts = f"const NETWORK = {json.dumps(base64.b64encode(network).decode())}, COLOURS = {json.dumps(list(colours))};"
    text = (_MODULES / "take_home.html").read_text(encoding="utf-8")
    script = f"{facts}\n{joined('take_home.js')}"
    return Template(text).substitute(title=html.escape(title), script=script)


def joined(name: str) -> str:
    """A module of static/lab and all that it imports as one script, for where there is one file alone.

    Args:
        name: of its file.
    """
    return "\n".join([*_with_imports(_MODULES / name, {}).values()])


def _with_imports(path: Path, done: dict[str, str]) -> dict[str, str]:
    """Each module's text as a constant of the names that it exports, those first that others import."""
    text = path.read_text(encoding="utf-8")
    for _, imported in _IMPORT.findall(text):
        if imported not in done:
            _with_imports(path.with_name(imported), done)
    exported = ", ".join(_EXPORT.findall(text))
    body = _EXPORT.sub("", _IMPORT.sub(lambda found: f"const {found[1]} = {_constant(found[2])};", text))
    done[path.name] = f"const {_constant(path.name)} = (() => {{\n{body}\nreturn {{ {exported} }};\n}})();"
    return done


def _constant(file_name: str) -> str:
    return f"_{file_name.removesuffix('.js')}"
