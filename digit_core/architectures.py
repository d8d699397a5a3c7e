"""Networks as data: what shapes, parameter counts, drawings and Keras models are made from."""

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar

from digit_core.datasets import CLASSES, SIDE
from digit_core.errors import ConfigurationError, choice_sentences, number_sentences

Shape = tuple[int, ...]
MOST_PARAMETERS = 5_000_000  # what two cores can train in a lesson
MOST_LAYERS = 50  # each costs time to build, also one that learns nothing


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
    """`filters` small windows of `size` x `size` that slide over the picture, each looking for one pattern."""

    filters: int
    size: int = 3
    padding: str = "valid"
    activation: str = "relu"
    kind = "convolution"

    def output_shape(self, shape: Shape) -> Shape:
        lost = 0 if self.padding == "same" else self.size - 1
        return (shape[0] - lost, shape[1] - lost, self.filters)

    def parameters(self, shape: Shape) -> int:
        return (self.size * self.size * shape[2] + 1) * self.filters

    def multiply_adds(self, shape: Shape) -> int:
        return math.prod(self.output_shape(shape)) * self.size * self.size * shape[2]

    def mistakes(self, shape: Shape) -> list[str]:
        sentences = number_sentences("filters of a convolution", self.filters, 1, 512, is_whole=True)
        sentences += number_sentences("window size of a convolution", self.size, 1, SIDE, is_whole=True)
        sentences += choice_sentences("padding", self.padding, PADDINGS)
        sentences += choice_sentences("activation", self.activation, ACTIVATIONS)
        if not sentences and len(shape) != 3:
            sentences.append(
                "A convolution needs a picture: it cannot stand behind a flatten or dense layer."
            )
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
            sentences.append("A pooling needs a picture: it cannot stand behind a flatten or dense layer.")
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
ACTIVATIONS = ("relu", "elu", "gelu", "tanh", "sigmoid", "linear")
LAYERS: dict[str, type[Layer]] = {kind.kind: kind for kind in (Convolution, Pooling, Flatten, Dense, Dropout)}


@dataclass(frozen=True)
class LayerSummary:
    """One layer of a network as built.

    Attributes:
        name: unique in its network, such as "convolution_2"; the Keras layer has the same.
        layer: its settings.
        output_shape: of one digit, without the batch.
        parameters: how many numbers it learns.
    """

    name: str
    layer: Layer
    output_shape: Shape
    parameters: int


@dataclass(frozen=True)
class Architecture:
    """A network for digits: its layers in order, from (28, 28, 1) to ten probabilities.

    The last layer, ten softmax units, is there always and is not listed.

    Attributes:
        title: what people call it.
        description: one sentence on what it is.
        layers: all but the last.

    Raises:
        ConfigurationError: a value cannot be, or a layer does not fit behind the one before it.
    """

    title: str
    description: str
    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        if len(self.layers) > MOST_LAYERS:
            raise ConfigurationError(
                [f"This network has {len(self.layers):,} layers; {MOST_LAYERS} are the most there can be."]
            )
        shape: Shape = (SIDE, SIDE, 1)
        total = 0
        for layer in (*self.layers, ANSWER):
            if sentences := layer.mistakes(shape):
                raise ConfigurationError(sentences)
            total += layer.parameters(shape)
            shape = layer.output_shape(shape)
        if total > MOST_PARAMETERS:
            raise ConfigurationError(
                [
                    f"This network has {total:,} parameters; {MOST_PARAMETERS:,} are the most that can be trained."
                ]
            )

    def summary(self) -> tuple[LayerSummary, ...]:
        """Every layer, the answer included, with its name, shape and parameter count."""
        return tuple(self._walk())

    def _walk(self) -> Iterator[LayerSummary]:
        shape: Shape = (SIDE, SIDE, 1)
        seen: dict[str, int] = {}
        for layer in self.layers:
            seen[layer.kind] = seen.get(layer.kind, 0) + 1
            parameters = layer.parameters(shape)
            shape = layer.output_shape(shape)
            yield LayerSummary(f"{layer.kind}_{seen[layer.kind]}", layer, shape, parameters)
        yield LayerSummary("answer", ANSWER, ANSWER.output_shape(shape), ANSWER.parameters(shape))

    @property
    def parameters(self) -> int:
        """How many numbers the network learns."""
        return sum(layer.parameters for layer in self.summary())

    @property
    def multiply_adds(self) -> int:
        """How many products it sums up to answer for one digit: what its speed depends on most."""
        shapes = [(SIDE, SIDE, 1), *(step.output_shape for step in self.summary())]
        return sum(step.layer.multiply_adds(shape) for step, shape in zip(self.summary(), shapes))

    def as_dict(self) -> dict[str, Any]:
        """The architecture as JSON holds it; `from_dict` reads it back."""
        return {
            "title": self.title,
            "description": self.description,
            "layers": [{"kind": layer.kind, **asdict(layer)} for layer in self.layers],  # type: ignore[call-overload]
        }


def from_dict(data: dict[str, Any]) -> Architecture:
    """Read what `Architecture.as_dict` wrote.

    Raises:
        ConfigurationError: a kind of layer or a setting is unknown, or a value cannot be.
    """
    entries = data.get("layers", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ConfigurationError(["The layers of an architecture are a list of records, one a layer."])
    layers = []
    for entry in entries:
        kind = LAYERS.get(str(entry.get("kind")))
        if kind is None:
            raise ConfigurationError([f"A layer is one of {', '.join(LAYERS)}, not {entry.get('kind')!r}."])
        known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
        settings = {name: value for name, value in entry.items() if name != "kind"}
        if unknown := set(settings) - known:
            raise ConfigurationError([f"A {kind.kind} layer has no setting {sorted(unknown)[0]!r}."])
        try:
            layers.append(kind(**settings))
        except TypeError as error:
            raise ConfigurationError([f"A {kind.kind} layer lacks a setting: {error}."]) from error
    return Architecture(str(data.get("title", "")), str(data.get("description", "")), tuple(layers))


ANSWER = Dense(CLASSES, activation="softmax")

ARCHITECTURES = {
    "ann": Architecture(
        "ANN",
        "One hidden layer of 128 neurons: every pixel counts for itself, neighbours mean nothing.",
        (Flatten(), Dense(128), Dropout(0.2)),
    ),
    "cnn-tutorial": Architecture(
        "CNN 32-64-64",
        "Three convolutions of 32, 64 and 64 filters, then 64 neurons: the classic tutorial network.",
        (
            Convolution(32),
            Pooling(),
            Convolution(64),
            Pooling(),
            Convolution(64),
            Flatten(),
            Dense(64),
            Dropout(0.5),
        ),
    ),
    "cnn-2": Architecture(
        "Two convolutions",
        "Two convolutions, each with pooling, then 128 neurons.",
        (Convolution(32), Pooling(), Convolution(64), Pooling(), Flatten(), Dense(128)),
    ),
    "cnn-3": Architecture(
        "Three convolutions",
        "Three convolutions of 64 filters, each with pooling, then 64 and 32 neurons.",
        (
            Convolution(64),
            Pooling(),
            Convolution(64),
            Pooling(),
            Convolution(64),
            Pooling(),
            Flatten(),
            Dense(64),
            Dense(32),
        ),
    ),
    "cnn": Architecture(
        "Digit Lab CNN",
        "Our own: two pairs of convolutions, each pair with pooling, trained on distorted digits.",
        (
            Convolution(16),
            Convolution(32),
            Pooling(),
            Convolution(64),
            Convolution(64),
            Pooling(),
            Dropout(0.25),
            Flatten(),
            Dense(64),
            Dropout(0.5),
        ),
    ),
    "quick": Architecture(
        "Quick CNN",
        "Two small convolutions, each with pooling, then 64 neurons: few multiplications, soon trained.",
        (Convolution(24), Pooling(), Convolution(48), Pooling(), Flatten(), Dense(64)),
    ),
}
