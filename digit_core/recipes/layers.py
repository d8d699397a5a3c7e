"""The kinds of layer that a network is built from: their settings, shapes, parameters and work, as data."""

import math
from dataclasses import dataclass
from typing import ClassVar

from digit_core.digits import SIDE
from digit_core.errors import choice_sentences, number_sentences

Shape = tuple[int, ...]


class Layer:
    """One step of a network. Its subclasses are the kinds there are; their fields are Keras' own arguments."""

    kind: ClassVar[str]

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of one digit behind this layer, given the shape before it, without the batch."""
        return shape

    def parameters(self, shape: Shape) -> int:
        """How many numbers this layer learns, given the shape before it."""
        return 0

    def multiply_adds(self, shape: Shape) -> int:
        """How many products it sums up to answer for one digit, given the shape before it."""
        return 0

    def mistakes(self, shape: Shape) -> list[str]:
        """A sentence for each value that cannot be, given the shape before it."""
        return []


@dataclass(frozen=True)
class Convolution(Layer):
    """`filters` small windows of `size` x `size` that slide over the picture, each looking for one pattern.

    They move on by `strides` pixels at a time: 2 halves the picture, and needs a quarter of the products.
    """

    filters: int
    size: int = 3
    padding: str = "valid"
    activation: str = "relu"
    strides: int = 1  # pixels from one place of the window to the next
    kind = "convolution"

    def output_shape(self, shape: Shape) -> Shape:
        lost = 0 if self.padding == "same" else self.size - 1
        # Rounded up: each step begins a place, also where the picture ends before the next step.
        height, width = (-(-(side - lost) // self.strides) for side in shape[:2])
        return (height, width, self.filters)

    def parameters(self, shape: Shape) -> int:
        return (self.size * self.size * shape[2] + 1) * self.filters

    def multiply_adds(self, shape: Shape) -> int:
        return math.prod(self.output_shape(shape)) * self.size * self.size * shape[2]

    def mistakes(self, shape: Shape) -> list[str]:
        sentences = number_sentences("filters of a convolution", self.filters, 1, 512, is_whole=True)
        sentences += number_sentences("window size of a convolution", self.size, 1, SIDE, is_whole=True)
        sentences += number_sentences("step of a convolution", self.strides, 1, MAX_STRIDES, is_whole=True)
        sentences += choice_sentences("padding", self.padding, PADDINGS)
        sentences += choice_sentences("activation", self.activation, ACTIVATIONS)
        if not sentences and len(shape) != 3:
            sentences.append("A convolution needs a picture: it cannot come after a flatten or dense layer.")
        elif not sentences and min(self.output_shape(shape)) < 1:
            sentences.append(
                f"A window of {self.size} x {self.size} does not fit into {shape[0]} x {shape[1]} pixels."
            )
        return sentences


@dataclass(frozen=True)
class Pooling(Layer):
    """Keeps the largest of each `size` x `size` block: a smaller picture of what was found."""

    size: int = 2
    kind = "pooling"

    def output_shape(self, shape: Shape) -> Shape:
        return (shape[0] // self.size, shape[1] // self.size, shape[2])

    def mistakes(self, shape: Shape) -> list[str]:
        sentences = number_sentences("block size of a pooling", self.size, 1, SIDE, is_whole=True)
        if not sentences and len(shape) != 3:
            sentences.append("A pooling needs a picture: it cannot come after a flatten or dense layer.")
        elif not sentences and min(self.output_shape(shape)) < 1:
            sentences.append(f"{shape[0]} x {shape[1]} pixels are too few to pool by {self.size}.")
        return sentences


@dataclass(frozen=True)
class Flatten(Layer):
    """Puts all numbers of a picture in one row."""

    kind = "flatten"

    def output_shape(self, shape: Shape) -> Shape:
        return (math.prod(shape),)


@dataclass(frozen=True)
class Dense(Layer):
    """`units` neurons, each connected to every number before it."""

    units: int
    activation: str = "relu"
    kind = "dense"

    def output_shape(self, shape: Shape) -> Shape:
        return (self.units,)

    def parameters(self, shape: Shape) -> int:
        return (shape[0] + 1) * self.units

    def multiply_adds(self, shape: Shape) -> int:
        return shape[0] * self.units

    def mistakes(self, shape: Shape) -> list[str]:
        sentences = number_sentences("units of a dense layer", self.units, 1, 4_096, is_whole=True)
        sentences += choice_sentences("activation", self.activation, (*ACTIVATIONS, "softmax"))
        if len(shape) != 1:
            sentences.append("A dense layer needs numbers in a row: put a flatten layer before it.")
        return sentences


@dataclass(frozen=True)
class Dropout(Layer):
    """Silences a random share `rate` of its inputs at each training step, so that none is relied on alone."""

    rate: float
    kind = "dropout"

    def mistakes(self, shape: Shape) -> list[str]:
        return number_sentences("dropout rate", self.rate, 0, 0.95)


PADDINGS = ("valid", "same")
MAX_STRIDES = 4
ACTIVATIONS = ("relu", "elu", "gelu", "tanh", "sigmoid", "linear")
LAYERS: dict[str, type[Layer]] = {kind.kind: kind for kind in (Convolution, Pooling, Flatten, Dense, Dropout)}
