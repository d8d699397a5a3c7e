"""Keras models to files and back: .keras, .h5, SavedModel and LiteRT."""

import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import keras

from digit_core.errors import ModelError


def load_keras(content: bytes) -> keras.Model:
    """Open a .keras file that this project wrote.

    Args:
        content: the file's bytes.

    Raises:
        ModelError: it cannot be opened.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        path.write_bytes(content)
        try:
            return keras.models.load_model(path, compile=False)
        except (zipfile.BadZipFile, ValueError, OSError, KeyError, TypeError) as error:
            raise ModelError(f"This is not a Keras model that can be opened: {error}") from error


def _written(name: str, write: Callable[[Path], object]) -> bytes:
    """The bytes of the file, or of the zip of the folder, that `write(path)` makes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write(path)
        if path.is_dir():
            return Path(shutil.make_archive(str(path), "zip", folder, name)).read_bytes()
        return path.read_bytes()


def to_keras(model: keras.Model) -> bytes:
    """The model as a .keras file: to train on, to inspect, to export."""
    return _written("model.keras", model.save)


def to_h5(model: keras.Model) -> bytes:
    """The model as an .h5 file, the format of older tutorials."""
    return _written("model.h5", model.save)


def to_saved_model(model: keras.Model) -> bytes:
    """The model as a TensorFlow SavedModel: a zip of its folder `saved_model`."""
    return _written("saved_model", lambda path: model.export(path, format="tf_saved_model", verbose=False))


def to_litert(model: keras.Model) -> bytes:
    """The model as a .tflite file: float32 (n, 28, 28, 1) in, probabilities float32 (n, 10) out."""
    return _written("model.tflite", lambda path: model.export(path, format="litert", verbose=False))


def to_litert_layers(model: keras.Model) -> bytes:
    """The model as a .tflite file that answers with every layer's output, under the layers' names."""
    return to_litert(keras.Model(model.inputs, {layer.name: layer.output for layer in model.layers}))


def free_memory() -> None:
    """Let go of what Keras holds on to of models that nobody uses any more."""
    keras.utils.clear_session(free_memory=True)


EXPORTS: dict[str, Callable[[keras.Model], bytes]] = {
    "keras": to_keras,
    "h5": to_h5,
    "savedmodel": to_saved_model,
    "tflite": to_litert,
}
