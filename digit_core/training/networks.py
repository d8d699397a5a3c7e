"""Networks as Keras models: built from an architecture, given the weights of another."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from digit_core.digits import SIDE
from digit_core.errors import ModelError
from digit_core.recipes import layers
from digit_core.recipes.architectures import Architecture
from digit_core.recipes.precision import POLICIES
from digit_core.training import export


def build(architecture: Architecture, precision: str = "float32") -> keras.Model:
    """The Keras model of an architecture, its weights drawn from Keras' present seed.

    Args:
        architecture: the network.
        precision: one of PRECISIONS, of all layers but the last.

    Returns:
        A model from float32 (n, 28, 28, 1), ink is 1, to probabilities float32 (n, 10). Its layers have the names that
        `Architecture.summary` gives them.
    """
    make: dict[type, Callable[..., keras.layers.Layer]] = {
        layers.Convolution: lambda layer, **common: keras.layers.Conv2D(
            layer.filters, layer.size, layer.strides, layer.padding, activation=layer.activation, **common
        ),
        layers.Pooling: lambda layer, **common: keras.layers.MaxPooling2D(layer.size, **common),
        layers.Flatten: lambda layer, **common: keras.layers.Flatten(**common),
        layers.Dense: lambda layer, **common: keras.layers.Dense(
            layer.units, activation=layer.activation, **common
        ),
        layers.Dropout: lambda layer, **common: keras.layers.Dropout(layer.rate, **common),
    }
    *inner, answer = architecture.summary()
    steps = [make[type(step.layer)](step.layer, name=step.name, dtype=POLICIES[precision]) for step in inner]
    # In float32: probabilities need all their digits.
    steps.append(make[type(answer.layer)](answer.layer, name=answer.name))
    return keras.Sequential([keras.Input((SIDE, SIDE, 1), name="image"), *steps])


def take_weights(model: keras.Model, start: bytes) -> None:
    """Give a model the weights of another of the same layers; what they drop while training may differ.

    Args:
        model: changed in place.
        start: the bytes of a .keras file.

    Raises:
        ModelError: that file's model has other layers.
    """
    found = export.load_keras(start)
    if _layout(found) != _layout(model):
        raise ModelError("The model to continue from has other layers than this architecture.")
    model.set_weights(found.get_weights())


def _layout(model: keras.Model) -> list[tuple[Any, ...]]:
    """What two models must share so that the weights of one mean the same in the other."""
    return [
        (
            type(layer).__name__,
            tuple(layer.output.shape),
            getattr(layer, "strides", None),  # two steps may lead to the same shape
            keras.activations.serialize(layer.activation) if hasattr(layer, "activation") else None,
            [weight.shape for weight in layer.get_weights()],
        )
        for layer in model.layers
        if not isinstance(layer, keras.layers.InputLayer | keras.layers.Dropout)
    ]


def with_weights(architecture: Architecture, weights: Sequence[np.ndarray]) -> keras.Model:
    """A model to be written down: in float32 and without an optimizer, which would triple the file.

    Args:
        architecture: the network.
        weights: as `keras.Model.get_weights` gives them.
    """
    model = build(architecture)
    model.set_weights(weights)
    return model
