"""A network from elsewhere among ours: how it wants its pixels, and which of our architectures it is."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from digit_core.errors import ConfigurationError, ModelError
from digit_core.model_import.network_specs import Network, Step
from digit_core.recipes.architectures import ANSWER, Architecture
from digit_core.recipes.layers import Convolution, Dense, Dropout, Flatten, Layer, Pooling


@dataclass(frozen=True)
class Reading:
    """How a network wants its pixels; ours go from 0 (paper) to 1 (ink).

    Attributes:
        scale, offset: it wants `scale` times ours plus `offset`.
        words: the same for people.
        by_column: it wants each column of an image divided by its length, as `keras.utils.normalize(images, axis=1)` does.
    """

    scale: float
    offset: float
    words: str
    by_column: bool = False

    @property
    def is_ours(self) -> bool:
        return (self.scale, self.offset, self.by_column) == (1, 0, False)

    def of(self, images: np.ndarray) -> np.ndarray:
        """Images as the network wants them: float32 array of shape (n, 28, 28)."""
        if self.by_column:
            lengths = np.linalg.norm(images, axis=1, keepdims=True)
            return images / np.where(lengths == 0, np.float32(1), lengths)
        return (images * np.float32(self.scale) + np.float32(self.offset)).astype(np.float32)


READINGS = (
    Reading(1, 0, "from 0 for paper to 1 for ink, as here"),
    Reading(255, 0, "from 0 for paper to 255 for ink"),
    Reading(2, -1, "from -1 for paper to 1 for ink"),
    Reading(
        1 / 0.3081,
        -0.1307 / 0.3081,
        "with the mean of all pixels subtracted, divided by their standard deviation",
    ),
    Reading(-1, 1, "from 1 for paper to 0 for ink"),
    Reading(-255, 255, "from 255 for paper to 0 for ink"),
    Reading(-2, 1, "from 1 for paper to -1 for ink"),
    Reading(1, 0, "each column divided by its length, as keras.utils.normalize(images, axis=1) does", True),
)
_FACTORS = 2.0 ** np.arange(-14, 8)
_HARDLY_WORSE = 0.003  # of the loss: less is no difference, however sure it is
_STANDARD_ERRORS = 2.0
_GUESSES = (
    2.0  # a loss above which a network knows hardly more than nothing (ln 10 = 2.3): no way tells anything
)


def choose_reading(scores: list[np.ndarray], labels: np.ndarray) -> Reading:
    """The way to give a network its pixels with which it tells most about the digits.

    Compared is the mean of minus the logarithm of the true digit's probability, after the scores were multiplied by
    whatever factor suits them best (temperature scaling: Guo et al., 2017): a network that is too sure or too timid
    is not taken to be wrong. Where this tells no clear difference, as between 0 to 1 and 0 to 255 for a network
    without biases, the one that needs no such factor wins; and where that is not clear either, ours does: of digits that a
    network knows by heart the losses are next to nothing, whichever way it is shown them.

    Args:
        scores: for each of READINGS float array of shape (n, 10), whose softmax the probabilities are.
        labels: integer array of shape (n,).

    Raises:
        ModelError: whichever way, some scores are NaN or infinite.
    """
    at_best, as_is = {}, {}
    for number, found in enumerate(scores):
        if np.isfinite(found).all():
            of_factors = [_losses(found * factor, labels) for factor in _FACTORS]
            at_best[number] = min(of_factors, key=np.mean)
            as_is[number] = _losses(found, labels)
    if not at_best:
        raise ModelError("The network answers with NaN instead of probabilities, whatever it is shown.")
    if min(losses.mean() for losses in at_best.values()) > _GUESSES:
        return READINGS[0]
    good = _as_good_as_any(at_best)
    good = _as_good_as_any({number: as_is[number] for number in good})
    return READINGS[0 if 0 in good else min(good, key=lambda number: as_is[number].mean())]


def _as_good_as_any(losses: dict[int, np.ndarray]) -> list[int]:
    """Of readings, by number with the loss of each digit, those that are not clearly worse than the best."""
    best = min(losses.values(), key=np.mean)
    return [number for number, found in losses.items() if not _is_clearly_more(found - best)]


def _is_clearly_more(difference: np.ndarray) -> bool:
    error = difference.std() / math.sqrt(len(difference))
    return bool(difference.mean() > max(_HARDLY_WORSE, _STANDARD_ERRORS * error))


def _losses(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Minus the logarithm of the true digit's probability, of each digit."""
    return -np.log(softmax(scores.astype(np.float64))[np.arange(len(labels)), labels] + 1e-300)


def softmax(scores: np.ndarray) -> np.ndarray:
    """Scores, array of shape (n, 10), to probabilities."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _front_scaling(network: Network) -> tuple[float, float]:
    """What the Rescaling layers at the front of a network come to: scale and offset."""
    scale, offset = 1.0, 0.0
    for step in network.steps:
        if step.kind == "Rescaling":
            scale, offset = (
                scale * step.settings["scale"],
                offset * step.settings["scale"] + step.settings["offset"],
            )
        elif step.kind not in ("Flatten", "Reshape"):
            break
    return scale, offset


def scaling(network: Network, reading: Reading) -> tuple[float, float]:
    """What our pixels, 0 to 1, are multiplied by and what is added to them before the network's first other layer."""
    scale, offset = _front_scaling(network)
    return reading.scale * scale, reading.offset * scale + offset


def folded(weights: list[np.ndarray], pixels: tuple[float, float]) -> list[np.ndarray]:
    """The weights with the scaling of the pixels worked into the first layer's.

    Args:
        weights: the first layer's kernel, float32 with its outputs along the last axis, and bias; then the others'.
        pixels: as `scaling` gives it.
    """
    scale, offset = pixels
    kernel, bias = weights[0].astype(np.float64), weights[1].astype(np.float64)
    bias = bias + offset * kernel.sum(axis=tuple(range(kernel.ndim - 1)))
    return [(kernel * scale).astype(np.float32), bias.astype(np.float32), *weights[2:]]


def as_architecture(network: Network, reading: Reading, title: str) -> Architecture | None:
    """The network as one of ours, so that it can be drawn and trained on; None if it has what ours have not.

    The scaling of its pixels must fit into the first layer's weights, which a border of zeros prevents when it shifts, and one
    by column always.
    """
    steps = list(network.steps)
    shape = network.input_shape
    while steps and steps[0].kind in ("Flatten", "Reshape", "Rescaling"):
        shape = steps.pop(0).output_shape
    if (
        reading.by_column
        or shape not in ((28, 28, 1), (784,))
        or not steps
        or not _takes(steps[0], scaling(network, reading))
    ):
        return None
    layers = _translated(steps)
    if layers is None or layers[-1] not in (ANSWER, replace(ANSWER, activation="linear")):
        return None
    front = [Flatten()] if shape == (784,) else []
    try:
        return Architecture(title, "Trained elsewhere and imported.", (*front, *layers[:-1]))
    except ConfigurationError:
        return None


def _takes(first: Step, pixels: tuple[float, float]) -> bool:
    """Whether a scaling of the pixels can be worked into a network's first layer."""
    if pixels == (1, 0):
        return True
    is_bordered = first.settings.get("padding") == "same"
    return first.kind in ("Conv2D", "Dense") and not (is_bordered and pixels[1] != 0)


def _translated(steps: list[Step]) -> list[Layer] | None:
    """The steps as layers of ours, an activation that stands alone joined to the layer before it."""
    layers: list[Layer] = []
    for step in steps:
        if step.kind in ("Activation", "ReLU", "Softmax") and layers and _takes_activation(layers[-1], step):
            layers[-1] = replace(layers[-1], activation=_activation(step))  # type: ignore[type-var]
        elif (layer := _ours(step)) is not None:
            layers.append(layer)
        else:
            return None
    return layers


def _activation(step: Step) -> str:
    return "relu" if step.kind == "ReLU" else step.activation


def _takes_activation(layer: Layer, step: Step) -> bool:
    if step.kind == "ReLU" and step.settings != {"max_value": None, "negative_slope": 0, "threshold": 0}:
        return False
    return getattr(layer, "activation", None) == "linear"


def _ours(step: Step) -> Layer | None:
    """A layer as one of ours, if ours can do what it does."""
    plain = {"dilation_rate": (1, 1), "groups": 1, "use_bias": True}
    have = step.settings
    if step.kind == "Conv2D" and have == have | plain and _is_square(have, "kernel_size", "strides"):
        size, strides = have["kernel_size"][0], have["strides"][0]
        return Convolution(have["filters"], size, have["padding"], have["activation"], strides)
    if step.kind == "MaxPooling2D" and have["padding"] == "valid" and _is_square(have, "pool_size"):
        return Pooling(have["pool_size"][0]) if have["strides"] == have["pool_size"] else None
    if step.kind == "Flatten":
        return Flatten()
    if step.kind == "Dense" and have["use_bias"] and len(step.output_shape) == 1:
        return Dense(have["units"], have["activation"])
    return Dropout(have["rate"]) if step.kind == "Dropout" else None


def _is_square(settings: dict[str, Any], *names: str) -> bool:
    """Whether these settings are each the same down and across."""
    return all(settings[name][0] == settings[name][1] for name in names)
