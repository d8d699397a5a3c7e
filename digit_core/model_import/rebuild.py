"""A network that was read as data, made anew from Keras' own layers."""

from dataclasses import replace

import keras
import numpy as np

from digit_core.model_import import network_specs
from digit_core.model_import.adapters import Reading
from digit_core.model_import.network_specs import Network, Step


def _layer(step: Step) -> keras.Layer:
    return getattr(keras.layers, step.kind)(**step.settings, name=step.name)


def _scoring(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps without the softmax at their end: what they answer then has it as its probabilities.

    Ten sigmoids s, as some tutorials have them, become log s, whose softmax is s / sum(s).
    """
    last = steps[-1]
    activation = {"softmax": "linear", "sigmoid": "log_sigmoid"}.get(last.activation, last.activation)
    kind = "Activation" if last.kind == "Softmax" else last.kind
    if "activation" not in last.settings and last.kind != "Softmax":
        return steps
    return (*steps[:-1], replace(last, kind=kind, settings=last.settings | {"activation": activation}))


def _answering(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps, with a softmax behind them where they do not end with one."""
    last = steps[-1]
    if last.activation == "softmax":
        return steps
    return (
        *_scoring((*steps[:-1], replace(last, name="scores"))),
        Step("answer", "Softmax", {}, last.output_shape, (), ""),
    )


def scoring_model(network: Network) -> keras.Model:
    """From the network's own input, in its own range, to scores."""
    steps = [_layer(step) for step in _scoring(network.steps)]
    return keras.Sequential([keras.Input(network.input_shape), *steps])


def whole_model(network: Network, reading: Reading, weights: list[np.ndarray]) -> keras.Model:
    """From float32 (n, 28, 28, 1), ink is 1, to probabilities, its input turned into what the network wants."""
    front: list[keras.Layer] = []
    shape: tuple[int, ...] = network_specs.INPUT_SHAPES[0]
    if reading.by_column:
        # Keras' UnitNormalization becomes NaN in LiteRT where a column is blank.
        side, _, _ = shape
        front += [
            keras.layers.Reshape((side, side), name="rows"),
            keras.layers.Permute((2, 1), name="columns"),
            keras.layers.RMSNormalization(epsilon=1e-10, name="lengths"),
            keras.layers.Rescaling(side**-0.5, name="pixels"),
            keras.layers.Permute((2, 1), name="rows_again"),
        ]
        shape = (side, side)
    elif not reading.is_ours:
        front.append(keras.layers.Rescaling(reading.scale, reading.offset, name="pixels"))
    if network.input_shape != shape:
        front.append(keras.layers.Reshape(network.input_shape, name="shape"))
    steps = [_layer(step) for step in _answering(network.steps)]
    model = keras.Sequential([keras.Input(network_specs.INPUT_SHAPES[0], name="image"), *front, *steps])
    own = model.get_weights()[: -len(weights)]
    model.set_weights([*own, *weights])
    return model
