"""An imported model's HDF5 file: looked through for links and tricks first, then read array by array."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from digit_core.errors import ModelError
from digit_core.model_import import network_specs
from digit_core.model_import.archives import CONFIG_FILE, WEIGHTS_FILE
from digit_core.model_import.network_specs import MAX_CONFIG_BYTES, Network, Step

_MAX_OBJECTS = 2_000  # a model of 50 layers with its optimizer has some 500
_MAX_CHUNK_BYTES = 64_000_000  # unpacked at once
_KNOWN_FILTERS = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32}
_CONFIG = "model_config"
# Of Keras 3, and of the .keras files of TensorFlow 2.12.
_GROUPS = ("layers", "_layer_checkpoint_dependencies")
_DAMAGED = (OSError, KeyError, ValueError, TypeError, AttributeError, RuntimeError)  # what h5py raises


def read(folder: Path) -> tuple[Network, list[np.ndarray]]:
    """The network and the weights of a model that `archives.unpack` put into a folder.

    Returns:
        The network, and its arrays in its order: float32, finite, of the shapes that its steps say.

    Raises:
        ModelError: the file is damaged or holds tricks, the network is refused, or the weights do not fit it.
    """
    config = folder / CONFIG_FILE
    with _opened(folder / WEIGHTS_FILE) as file:
        if config.exists():
            network = network_specs.read(config.read_bytes())
            return network, _from_keras_file(file, network)
        network = network_specs.read(_configuration(file))
        return network, _from_h5_file(file, network)


@contextmanager
def _opened(path: Path) -> Iterator[h5py.File]:
    """An HDF5 file in which every link is plain and every array lies in the file itself.

    Raises:
        ModelError: it is damaged, or holds a link, an array that lies elsewhere, a filter that is no common compression,
            or more objects than a model of digits has. Within the block, whatever h5py finds amiss.
    """
    try:
        with h5py.File(path, "r") as file:
            _look_through(file)
            yield file
    except _DAMAGED as error:
        raise ModelError("The file is damaged: its weights cannot be read.") from error


def _look_through(file: h5py.File) -> None:
    groups, seen = [file["/"]], 0
    while groups:
        group = groups.pop()
        seen += len(group)
        if seen > _MAX_OBJECTS:
            raise ModelError("The file holds more parts than a model of digits has.")
        for name in group:
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise ModelError(
                    "The file holds a link to something else: a model's weights lie in the file itself."
                )
            item = group[name]
            if isinstance(item, h5py.Group):
                groups.append(item)
            elif isinstance(item, h5py.Dataset):
                _check_array(item)


def _check_array(array: h5py.Dataset) -> None:
    properties = array.id.get_create_plist()
    if properties.get_external_count() or array.is_virtual:
        raise ModelError(
            "The file takes numbers from another file: a model's weights lie in the file itself."
        )
    filters = {properties.get_filter(number)[0] for number in range(properties.get_nfilters())}
    if filters - _KNOWN_FILTERS:
        raise ModelError("The file is compressed in a way that cannot be read here: save the model again.")
    if array.chunks and math.prod(array.chunks) * array.dtype.itemsize > _MAX_CHUNK_BYTES:
        raise ModelError("The pieces of the file are too large for a model of digits.")


def _configuration(file: h5py.File) -> str | bytes:
    """The JSON that an .h5 file holds beside its weights.

    Raises:
        ModelError: there is none, or it is too large.
    """
    if _CONFIG not in file.attrs:
        raise ModelError(
            "This .h5 file holds only weights and not the network: save the whole model with model.save(...)."
        )
    attribute = file.attrs.get_id(_CONFIG)
    if attribute.shape != () or attribute.get_storage_size() > MAX_CONFIG_BYTES:
        raise ModelError("The description of the network in this file is damaged.")
    text = file.attrs[_CONFIG]
    if not isinstance(text, str | bytes):
        raise ModelError("The description of the network in this file is damaged.")
    return text


def _from_keras_file(file: h5py.File, network: Network) -> list[np.ndarray]:
    """The weights of a .keras file's model.weights.h5: float32, in the order and the shapes of `network`.

    Raises:
        ModelError: an array is missing, is not of its layer's shape, or holds NaN or infinite numbers.
    """
    group = next((file[name] for name in _GROUPS if name in file), None)
    if group is None:
        raise ModelError("The file holds no weights where a .keras file has them.")
    return [
        array
        for step in network.steps
        if step.weights
        for array in _arrays(step, [group[step.file_key]["vars"][str(i)] for i in range(len(step.weights))])
    ]


def _from_h5_file(file: h5py.File, network: Network) -> list[np.ndarray]:
    """The weights of an .h5 file, as `_from_keras_file`."""
    group = file["model_weights"]
    kept = [
        [layer[name] for name in names]
        for layer in (group[name] for name in _names(group, "layer_names"))
        if (names := _names(layer, "weight_names"))
    ]
    wanted = [step for step in network.steps if step.weights]
    if len(kept) != len(wanted):
        raise ModelError(
            f"The network has {len(wanted)} layers with weights, but the file holds weights for {len(kept)}."
        )
    return [array for step, found in zip(wanted, kept, strict=True) for array in _arrays(step, found)]


def _names(group: h5py.Group, attribute: str) -> list[str]:
    shape = group.attrs.get_id(attribute).shape
    if len(shape) != 1 or shape[0] > _MAX_OBJECTS:
        raise ModelError("The file is damaged: its list of layers is too long.")
    return [name.decode() if isinstance(name, bytes) else str(name) for name in group.attrs[attribute]]


def _arrays(step: Step, found: list[h5py.Dataset]) -> list[np.ndarray]:
    """A layer's arrays; their shapes are compared before any of them is read."""
    shapes = tuple(array.shape for array in found)
    if shapes != step.weights:
        raise ModelError(
            f"The weights of {step.name} ({step.kind}) have the shapes {_said(shapes)}, but by its settings they "
            f"should have {_said(step.weights)}: the file is damaged or was edited."
        )
    arrays = []
    for array in found:
        if array.dtype.kind != "f":
            raise ModelError(
                f"The weights of {step.name} ({step.kind}) are {array.dtype}, not decimal numbers."
            )
        with np.errstate(over="ignore"):  # a number beyond float32 becomes infinite, and is refused for it
            numbers = array[()].astype(np.float32)
        if not np.isfinite(numbers).all():
            raise ModelError(
                f"The weights of {step.name} ({step.kind}) hold NaN or infinite numbers: the training that made them "
                "broke down."
            )
        arrays.append(numbers)
    return arrays


def _said(shapes: tuple[tuple[int, ...], ...]) -> str:
    return ", ".join(map(str, shapes))[:200]
