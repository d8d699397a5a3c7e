"""The network in an imported model's file, read as data: what is not understood is refused, and nothing is run."""

import json
import math
from dataclasses import dataclass
from typing import Any

from digit_core.digits import CLASSES, SIDE
from digit_core.errors import ModelError
from digit_core.model_import import layer_specs
from digit_core.model_import.layer_settings import Fields, Shape
from digit_core.recipes.architectures import MAX_LAYERS, MAX_PARAMETERS

MAX_CONFIG_BYTES = 1_000_000
_MAX_DEPTH = 40
_MAX_NAME_LENGTH = 60  # characters of a layer's name that a sentence repeats
# That all layers together answer for one digit: each is kept while the model is looked into.
_MAX_NUMBERS = 1_000_000
_MAX_STEPS = 100_000_000  # multiplications for one digit: more, and a drawing waits for its answer
INPUT_SHAPES = ((SIDE, SIDE, 1), (SIDE, SIDE), (SIDE * SIDE,))


@dataclass(frozen=True)
class Step:
    """One layer of a network from elsewhere, behind the one before it.

    Attributes:
        name: unique in its network, such as "convolution_2"; the last one is the "answer".
        kind: the name of its Keras class, one of layer_specs.KINDS.
        settings: the checked arguments of that class.
        output_shape: of one digit, without the batch.
        weights: the shapes of its arrays, in Keras' order.
        file_key: where a .keras file keeps them, such as "conv2d_1".
    """

    name: str
    kind: str
    settings: dict[str, Any]
    output_shape: Shape
    weights: tuple[Shape, ...]
    file_key: str

    @property
    def parameters(self) -> int:
        """How many numbers it holds, the moving averages of a normalisation included, as Keras counts."""
        return sum(math.prod(shape) for shape in self.weights)

    @property
    def activation(self) -> str:
        """What it ends with: "softmax", "sigmoid", "relu", ..., or "linear"."""
        return "softmax" if self.kind == "Softmax" else str(self.settings.get("activation", "linear"))


@dataclass(frozen=True)
class Network:
    """A chain of layers.

    Attributes:
        input_shape: one of INPUT_SHAPES.
        steps: in their order; the last one answers ten numbers.
    """

    input_shape: Shape
    steps: tuple[Step, ...]

    @property
    def parameters(self) -> int:
        return sum(step.parameters for step in self.steps)


def read(text: str | bytes) -> Network:
    """Read the configuration that Keras writes beside the weights.

    Args:
        text: JSON.

    Raises:
        ModelError: it is too large, too deep or no JSON; the model is no chain of the layers in layer_specs.KINDS;
            a number is out of bounds; it does not take digits or does not answer ten numbers; it is too large.
    """
    if len(text) > MAX_CONFIG_BYTES:
        raise ModelError("The description of the network in this file is too long for a model of digits.")
    try:
        model = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelError("The description of the network in this file is damaged.") from error
    _check_depth(model)
    entries, declared = _chain(_record(model))
    return _network(entries, declared)


def _check_depth(data: Any) -> None:
    level, depth = [data], 0
    while level:
        depth += 1
        if depth > _MAX_DEPTH:
            raise ModelError("The description of the network in this file is nested too deeply.")
        inner = [list(item.values()) if isinstance(item, dict) else item for item in level]
        level = [value for values in inner if isinstance(values, list) for value in values]


def _record(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise ModelError("The description of the network in this file is damaged.")
    return data


def _records(data: Any) -> list[dict[str, Any]]:
    if not isinstance(data, list):
        raise ModelError("The description of the network in this file is damaged.")
    return [_record(entry) for entry in data]


def _short(name: object) -> str:
    text = str(name)
    return text if len(text) <= _MAX_NAME_LENGTH else f"{text[:_MAX_NAME_LENGTH]}…"


def _is_kerass_own(entry: dict[str, Any]) -> bool:
    """Whether a record names a class of Keras itself. Files of Keras 2 name no module: its classes only."""
    module, registered = entry.get("module"), entry.get("registered_name")
    if registered is not None and registered != entry.get("class_name"):
        return False
    return module is None or (isinstance(module, str) and module.split(".")[0] in ("keras", "tf_keras"))


def _chain(model: dict[str, Any]) -> tuple[list[dict[str, Any]], Any]:
    """The layers in their order, and the input's shape where the model says it beside them."""
    kind = model.get("class_name")
    if kind not in ("Sequential", "Functional", "Model") or not _is_kerass_own(model):
        raise ModelError(
            f"The model is of the kind {_short(kind)!r}: only Keras' Sequential and Functional models can be opened, "
            "which hold no program code."
        )
    config = model.get("config")
    if kind == "Sequential":
        if isinstance(config, list):  # the first files of Keras 2
            return _records(config), None
        config = _record(config)
        built = model.get("build_config")
        seen = built.get("input_shape") if isinstance(built, dict) else None
        return _records(config.get("layers")), config.get("build_input_shape", seen)
    config = _record(config)
    return _follow(config, _records(config.get("layers"))), None


def _follow(config: dict[str, Any], entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The layers of a functional model from its input to its output.

    Raises:
        ModelError: it has branches, layers used twice, several inputs or several outputs.
    """
    branches = ModelError(
        "The network has branches, or several inputs or outputs: only a chain of layers can be opened."
    )
    following: dict[str, dict[str, Any]] = {}
    _check_count(entries)  # to compare many is the work of their square
    inputs = [entry for entry in entries if entry.get("class_name") == "InputLayer"]
    for entry in entries:
        if entry in inputs:
            continue
        source = _source(entry)
        if source is None or source in following:
            raise branches
        following[source] = entry
    if len(inputs) != 1:
        raise branches
    ordered = inputs
    while (found := following.pop(_name(ordered[-1]), None)) is not None:
        ordered.append(found)
    ends = [config.get("input_layers"), config.get("output_layers")]
    if following or [_end(end) for end in ends] != [_name(ordered[0]), _name(ordered[-1])]:
        raise branches
    return ordered


def _name(entry: dict[str, Any]) -> str:
    return str(entry.get("name", _record(entry.get("config")).get("name", "")))


def _end(end: Any) -> str | None:
    """The one layer that ["dense", 0, 0] or [["dense", 0, 0]] names; None if it names others, too."""
    if isinstance(end, list) and len(end) == 1:
        end = end[0]
    return end[0] if isinstance(end, list) and len(end) == 3 and isinstance(end[0], str) else None


def _source(entry: dict[str, Any]) -> str | None:
    """The one layer before this one; None if there is not exactly one, or it is called with options."""
    nodes = entry.get("inbound_nodes")
    if not isinstance(nodes, list) or len(nodes) != 1:
        return None
    if isinstance(nodes[0], list):  # Keras 2: [["conv2d", 0, 0, {}]]
        call = nodes[0][0] if len(nodes[0]) == 1 else None
        if not isinstance(call, list) or len(call) != 4 or call[3] or not isinstance(call[0], str):
            return None
        return call[0]
    node = _record(nodes[0])
    arguments, options = node.get("args"), node.get("kwargs") or {}
    if not isinstance(arguments, list) or len(arguments) != 1 or any(_record(options).values()):
        return None
    tensor = arguments[0]
    if not isinstance(tensor, dict) or tensor.get("class_name") != "__keras_tensor__":
        return None
    history = _record(tensor.get("config")).get("keras_history")
    return history[0] if isinstance(history, list) and history and isinstance(history[0], str) else None


def _network(entries: list[dict[str, Any]], declared: Any) -> Network:
    _check_count(entries)
    shape = input_shape = _input_shape(entries, declared)
    steps: list[Step] = []
    nouns: dict[str, int] = {}
    keys: dict[str, int] = {}
    for entry in entries:
        if entry.get("class_name") == "InputLayer":
            if entry is not entries[0]:
                raise ModelError("The network has an input among its layers: only a chain can be opened.")
            continue
        step = _step(entry, shape, nouns, keys)
        steps.append(step)
        shape = step.output_shape
        _check_size(steps)
    if shape != (CLASSES,):
        raise ModelError(
            f"The network answers with the shape {shape}: a model of digits answers with ten numbers, one for each."
        )
    last = steps[-1]
    steps[-1] = Step("answer", last.kind, last.settings, last.output_shape, last.weights, last.file_key)
    return Network(input_shape, tuple(steps))


def _check_count(entries: list[dict[str, Any]]) -> None:
    if len(entries) > MAX_LAYERS + 2:
        raise ModelError(f"The network has {len(entries):,} layers; the limit is {MAX_LAYERS}.")


def _step(entry: dict[str, Any], shape: Shape, nouns: dict[str, int], keys: dict[str, int]) -> Step:
    class_name, config = str(entry.get("class_name")), _record(entry.get("config"))
    kind = layer_specs.KINDS.get(class_name)
    if kind is None or not _is_kerass_own(entry):
        raise ModelError(
            f"The network has a layer of the kind {_short(class_name)!r}, which cannot be opened here. The kinds that "
            f"can: {', '.join(layer_specs.KINDS)}."
        )
    fields = Fields(class_name, _short(_name(entry)), config)
    _check_numbers(fields, config.get("dtype"))
    built = kind.build(fields, shape)
    nouns[kind.noun] = nouns.get(kind.noun, 0) + 1
    used = keys.get(kind.file_key, 0)
    keys[kind.file_key] = used + 1
    key = f"{kind.file_key}_{used}" if used else kind.file_key
    name = f"{kind.noun}_{nouns[kind.noun]}"
    return Step(name, class_name, built.settings, built.output_shape, built.weights, key)


def _check_numbers(fields: Fields, dtype: Any) -> None:
    """A layer computes in float32: what Keras calls its dtype policy, a word or a record."""
    if isinstance(dtype, dict):
        dtype = _record(dtype.get("config")).get("name")
    if dtype not in (None, "float32"):
        raise fields.refuse(f"It computes in {_short(dtype)}; only float32 can be opened.")


def _input_shape(entries: list[dict[str, Any]], declared: Any) -> Shape:
    if not entries:
        raise ModelError("The network has no layers.")
    config = _record(entries[0].get("config"))
    shape = config.get("batch_shape") or config.get("batch_input_shape") or declared
    if not isinstance(shape, list):
        raise ModelError(
            "The network does not say what input it takes: give its first layer an input shape of (28, 28, 1) and save it "
            "again."
        )
    found = tuple(shape[1:])
    if found not in INPUT_SHAPES or not all(type(size) is int for size in found):
        raise ModelError(
            f"The network takes the shape {_short(found)}: a digit is (28, 28, 1), (28, 28) or (784,)."
        )
    return found


def _check_size(steps: list[Step]) -> None:
    parameters = sum(step.parameters for step in steps)
    if parameters > MAX_PARAMETERS:
        raise ModelError(
            f"The network has {parameters:,} parameters or more; the limit is {MAX_PARAMETERS:,}."
        )
    numbers = sum(math.prod(step.output_shape) for step in steps)
    work = sum(
        step.parameters * math.prod(step.output_shape[:-1]) for step in steps if len(step.output_shape) > 1
    )
    if numbers > _MAX_NUMBERS or work > _MAX_STEPS:
        raise ModelError(
            "The network is too large to answer while somebody draws: it has too many wide layers."
        )
