"""A network that was read as data, made anew from Keras' own layers."""

from dataclasses import replace

import keras

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


def whole_model(network: Network, reading: Reading) -> keras.Model:
    """From float32 (n, 28, 28, 1), ink is 1, to probabilities, its input turned into what the network wants."""
    front: list[keras.Layer] = []
    if not reading.is_ours:
        front.append(keras.layers.Rescaling(reading.scale, reading.offset, name="pixels"))
    if network.input_shape != network_specs.INPUT_SHAPES[0]:
        front.append(keras.layers.Reshape(network.input_shape, name="shape"))
    steps = [_layer(step) for step in _answering(network.steps)]
    return keras.Sequential([keras.Input(network_specs.INPUT_SHAPES[0], name="image"), *front, *steps])
