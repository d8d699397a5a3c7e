"""Keras models to files and back: .keras, .h5, SavedModel and LiteRT."""

import io
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras

from digit_core.errors import ModelError
from digit_core.inference import model_files
from digit_core.recipes.configuration import TrainingConfig


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
        except (zipfile.BadZipFile, zlib.error, ValueError, OSError, KeyError, TypeError) as error:
            raise ModelError(f"This is not a Keras model that can be opened: {error}") from error


def files(model: keras.Model, config: TrainingConfig) -> dict[str, bytes]:
    """The files of a trained model, by name.

    Args:
        model: in float32; it is compiled, so that people's programs can evaluate it and train it further.
        config: how it was trained.
    """
    compile_for(model, config)
    return {
        model_files.KERAS_FILE: to_keras(model),
        model_files.LITERT_FILE: to_litert(model),
        model_files.LAYERS_FILE: to_litert_layers(model),
    }


def compile_for(model: keras.Model, config: TrainingConfig) -> None:
    """Give a model the optimizer, the loss and the metric of a training; its optimizer remembers nothing yet."""
    options: dict[str, Any] = {"learning_rate": float(config.learning_rate)}  # Keras takes no 1
    if config.optimizer in ("sgd", "rmsprop"):
        options["momentum"] = config.momentum
    optimizer = keras.optimizers.get({"class_name": config.optimizer, "config": options})
    model.compile(optimizer=optimizer, loss=config.loss, metrics=["accuracy"])


def convert(content: bytes, export_format: str, config: TrainingConfig | None) -> bytes:
    """A model's .keras file, written by this project, as another file.

    Args:
        content: of the .keras file.
        export_format: one of EXPORTS.
        config: what the model is compiled for, so that whoever opens a .keras or .h5 file can evaluate it and train it further
            at once; None where that is not known: it is then not compiled.

    Raises:
        ModelError: it cannot be opened.
    """
    model = load_keras(content)
    if config is not None:
        compile_for(model, config)
    return EXPORTS[export_format](model)


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
    if not model.compiled:
        return _written("model.keras", model.save)
    model.optimizer.build(model.trainable_variables)  # else Keras warns whoever opens the file
    return _packed(_written("model.keras", model.save))


def _packed(content: bytes) -> bytes:
    """A zip with its parts packed: an optimizer that remembers nothing yet, twice as large as the weights, takes no room."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as stored,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed,
    ):
        for name in stored.namelist():
            packed.writestr(name, stored.read(name))
    return buffer.getvalue()


def to_h5(model: keras.Model) -> bytes:
    """The model as an .h5 file, the format of older tutorials."""

    def write(path: Path) -> None:
        model.save(path)
        # Keras 3.15 opens a file with the optimizer's state as a model that cannot be trained: it builds the optimizer for
        # no variables at all. Without one the optimizer starts anew.
        with h5py.File(path, "a") as file:
            file.pop("optimizer_weights", None)

    return _written("model.h5", write)


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
