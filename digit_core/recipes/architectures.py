"""Networks as data: what shapes, parameter counts, drawings and Keras models are made from."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any

from digit_core.digits import CLASSES, SIDE
from digit_core.errors import ConfigurationError
from digit_core.recipes.layers import LAYERS, Convolution, Dense, Dropout, Flatten, Layer, Pooling, Shape

MAX_PARAMETERS = 5_000_000  # what two cores can train in a lesson
MAX_LAYERS = 50  # each costs time to build, also one that learns nothing


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

    Example:
        >>> from digit_core.recipes.architectures import Architecture
        >>> from digit_core.recipes.layers import Dense, Flatten
        >>> small = Architecture("Mine", "One hidden layer.", (Flatten(), Dense(units=16)))
        >>> [(layer.name, layer.parameters) for layer in small.summary()]
        [('flatten_1', 0), ('dense_1', 12560), ('answer', 170)]
        >>> small.as_dict()["title"]
        'Mine'
    """

    title: str
    description: str
    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        if len(self.layers) > MAX_LAYERS:
            raise ConfigurationError(
                [f"This network has {len(self.layers):,} layers; the limit is {MAX_LAYERS}."]
            )
        shape: Shape = (SIDE, SIDE, 1)
        total = 0
        for layer in (*self.layers, ANSWER):
            if sentences := layer.mistakes(shape):
                raise ConfigurationError(sentences)
            total += layer.parameters(shape)
            shape = layer.output_shape(shape)
        if total > MAX_PARAMETERS:
            raise ConfigurationError(
                [f"This network has {total:,} parameters; the limit is {MAX_PARAMETERS:,}."]
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
        raise ConfigurationError(["The layers of an architecture are a list of records, one for each layer."])
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
        "One hidden layer of 128 neurons. It does not know which pixels are neighbours.",
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
    "cnn-2-dropout": Architecture(
        "Two convolutions, dropout",
        "Two convolutions, each with pooling, then 128 neurons, of which 30% are switched off in each training step.",
        (Convolution(32), Pooling(), Convolution(64), Pooling(), Flatten(), Dense(128), Dropout(0.3)),
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
        "Our own: five convolutions, trained on distorted digits and on writing styles that are rare in MNIST.",
        (
            Convolution(16, 5),
            Pooling(),
            Convolution(48, padding="same"),
            Convolution(64),
            Pooling(),
            Convolution(128, padding="same"),
            Convolution(128),
            Dropout(0.25),
            Flatten(),
            Dense(128),
            Dropout(0.5),
        ),
    ),
    "tiny": Architecture(
        "Tiny CNN",
        "Five narrow convolutions: no more parameters to learn than necessary.",
        (
            Convolution(16),
            Convolution(16),
            Pooling(),
            Convolution(24),
            Convolution(28),
            Pooling(),
            Convolution(40),
            Flatten(),
        ),
    ),
    "quick": Architecture(
        "Quick CNN",
        "Two convolutions with wide windows and few filters, each with pooling, then 64 neurons: quick to train.",
        (Convolution(16, 5), Pooling(), Convolution(48, 5), Pooling(), Flatten(), Dense(64)),
    ),
}
