"""Networks for the browser: their layers as data and their weights in one file, which static/lab/network.js opens."""

import json
from dataclasses import asdict
from typing import Any

import numpy as np

from digit_core.digits import SIDE
from digit_core.errors import ModelError
from digit_core.inference import litert
from digit_core.recipes import architectures
from digit_core.recipes.layers import Convolution, Dense, Shape


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
