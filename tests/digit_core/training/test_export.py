import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest

from digit_core.errors import ModelError
from digit_core.inference import model_files
from digit_core.inference.classifier import Classifier
from digit_core.metrics import classification
from digit_core.recipes.architectures import Architecture, Convolution, Dense, Dropout, Flatten, Pooling
from digit_core.recipes.configuration import OPTIMIZER_NAMES, TrainingConfig
from digit_core.training import export, networks

# Dropout does nothing when a model answers, and a linear layer or a pooling by 1 may be optimised away: each such
# output must still be there under its name, at its place.
NETWORK = Architecture(
    "Odd",
    "One of everything.",
    (
        Dropout(0.1),
        Convolution(3, 5, "same", "tanh"),
        Pooling(4),
        Pooling(1),
        Convolution(2, 1, activation="linear"),
        Dropout(0.2),
        Dropout(0.3),
        Flatten(),
        Dropout(0.4),
        Dense(6, "linear"),
        Dense(5, "gelu"),
        Dropout(0.5),
    ),
)
IMAGES = np.random.default_rng(0).random((6, 28, 28, 1), np.float32)


@pytest.fixture(scope="module")
def model() -> keras.Model:
    keras.utils.set_random_seed(0)
    return networks.build(NETWORK)


@pytest.fixture(scope="module")
def expected(model: keras.Model) -> np.ndarray:
    return np.asarray(model(IMAGES))


@pytest.fixture(scope="module")
def keras_file(model: keras.Model) -> bytes:
    return export.to_keras(model)


def test_a_keras_file_opens_as_the_same_network(keras_file: bytes, expected: np.ndarray) -> None:
    opened = export.load_keras(keras_file)
    np.testing.assert_allclose(np.asarray(opened(IMAGES)), expected, atol=1e-6)
    assert [layer.name for layer in opened.layers] == [step.name for step in NETWORK.summary()]


def test_an_h5_file_opens_as_the_same_network(
    model: keras.Model, expected: np.ndarray, tmp_path: Path
) -> None:
    path = tmp_path / "model.h5"
    path.write_bytes(export.to_h5(model))
    opened = keras.models.load_model(path, compile=False)
    np.testing.assert_allclose(np.asarray(opened(IMAGES)), expected, atol=1e-6)


# A student's program: no Digit Lab in it, and a warning is a failure. Each folder has a model, and digits.
SCRIPT = """
import sys
from pathlib import Path
import keras, numpy as np

for folder in map(Path, sys.argv[1:]):
    keras.utils.set_random_seed(0)
    images, labels = np.load(folder / "images.npy"), np.load(folder / "labels.npy")
    model = keras.models.load_model(next(folder.glob("model.*")))
    before = model.predict(images, verbose=0)
    loss, accuracy = model.evaluate(images, labels, verbose=0)
    history = model.fit(images, labels, epochs=2, batch_size=16, verbose=0)
    after, _ = model.evaluate(images, labels, verbose=0)
    np.save(folder / "answers.npy", before)
    loss_name = getattr(model.loss, "__name__", model.loss)
    print(type(model.optimizer).__name__, float(model.optimizer.learning_rate), loss_name, loss, accuracy, after)
"""
CONFIGS = {
    "adam": TrainingConfig(NETWORK, learning_rate=0.002),
    "one-hot nadam": TrainingConfig(NETWORK, "nadam", 0.002, loss="categorical_crossentropy"),
    "sgd with momentum": TrainingConfig(NETWORK, "sgd", 0.01, momentum=0.5),
}
# What they are compiled with is made in one place for both formats: each is tried in one of them, the default in both.
CASES = (("adam", "keras"), ("adam", "h5"), ("one-hot nadam", "keras"), ("sgd with momentum", "h5"))


def test_a_plain_keras_script_goes_on_at_once(model: keras.Model, keras_file: bytes, tmp_path: Path) -> None:
    labels = np.arange(50) % 10
    # What can be learnt in a few steps from any start: a wide bar, whose place is the digit.
    images = np.zeros((50, 28, 28, 1), np.float32)
    for image, label in zip(images, labels, strict=True):
        image[2 * label + 3 : 2 * label + 7] = 1
    cases = {}
    for name, export_format in CASES:
        config, folder = CONFIGS[name], tmp_path / f"{name} {export_format}"
        folder.mkdir()
        cases[folder] = config
        np.save(folder / "images.npy", images)
        is_one_hot = config.loss == "categorical_crossentropy"
        np.save(folder / "labels.npy", np.eye(10, dtype=np.float32)[labels] if is_one_hot else labels)
        content = export.convert(keras_file, export_format, config)  # of a file of before, not compiled
        (folder / f"model.{export_format}").write_bytes(content)
    program = [sys.executable, "-W", "error::UserWarning", "-c", SCRIPT, *map(str, cases)]
    run = subprocess.run(program, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    expected = np.asarray(model(images))
    known = classification.evaluate(labels, expected)
    for (folder, config), line in zip(cases.items(), run.stdout.splitlines(), strict=True):
        optimizer, rate, loss_name, loss, accuracy, after = line.split()
        assert (optimizer, loss_name) == (OPTIMIZER_NAMES[config.optimizer], config.loss)
        assert float(rate) == pytest.approx(config.learning_rate)
        np.testing.assert_allclose(np.load(folder / "answers.npy"), expected, atol=1e-5)
        assert float(loss) == pytest.approx(known.log_loss, abs=1e-4)
        assert float(accuracy) == pytest.approx(known.accuracy.value)
        assert float(after) < float(loss)


def test_a_compiled_file_is_no_larger_and_opens_here_as_before(
    model: keras.Model, keras_file: bytes, expected: np.ndarray
) -> None:
    compiled = export.convert(keras_file, "keras", CONFIGS["adam"])
    assert len(compiled) < 1.1 * len(keras_file)
    for content in (compiled, export.convert(compiled, "keras", CONFIGS["one-hot nadam"])):
        np.testing.assert_allclose(np.asarray(export.load_keras(content)(IMAGES)), expected, atol=1e-6)
    with pytest.raises(ModelError, match="not a Keras model that can be opened"):
        export.load_keras(_flipped(compiled))


def test_what_was_trained_elsewhere_is_exported_as_it_is(keras_file: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(export.convert(keras_file, "keras", None))
    assert not keras.models.load_model(path).compiled


def test_a_saved_model_opens_as_the_same_network(
    model: keras.Model, expected: np.ndarray, tmp_path: Path
) -> None:
    import tensorflow as tf

    with zipfile.ZipFile(io.BytesIO(export.to_saved_model(model))) as file:
        file.extractall(tmp_path)
    opened = tf.saved_model.load(tmp_path / "saved_model")
    np.testing.assert_allclose(opened.serve(IMAGES).numpy(), expected, atol=1e-5)


def test_litert_answers_as_keras_does_and_shows_every_layer(model: keras.Model, expected: np.ndarray) -> None:
    opened = Classifier("odd", export.to_litert(model), export.to_litert_layers(model))
    np.testing.assert_allclose(opened.predict(IMAGES[..., 0]), expected, atol=1e-5)
    activations = opened.activations(IMAGES[0, ..., 0])
    assert list(activations) == [step.name for step in NETWORK.summary()]
    value = IMAGES[:1]
    for layer, step in zip(model.layers, NETWORK.summary(), strict=True):
        value = layer(value)
        assert activations[step.name].shape == step.output_shape
        np.testing.assert_allclose(activations[step.name], np.asarray(value)[0], atol=1e-5)


def test_every_export_has_a_name() -> None:
    assert tuple(export.EXPORTS) == model_files.EXPORT_FORMATS == ("keras", "h5", "savedmodel", "tflite")


def _with(content: bytes, name: str, other: bytes | None) -> bytes:
    """The zip `content` with another file under `name`, or with none."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for entry in old.namelist():
            data = other if entry == name else old.read(entry)
            if data is not None:
                new.writestr(entry, data)
    return buffer.getvalue()


def _flipped(content: bytes) -> bytes:
    changed = bytearray(content)
    changed[len(content) // 2] ^= 255
    return bytes(changed)


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: b"text",
        lambda content: content[: len(content) // 2],
        lambda content: content[:-1],
        _flipped,
        lambda content: _with(content, "config.json", None),
        lambda content: _with(content, "config.json", b"{}"),
        lambda content: _with(content, "config.json", b"[]"),
        lambda content: _with(content, "config.json", b"no JSON"),
        lambda content: _with(content, "model.weights.h5", None),
        lambda content: _with(content, "model.weights.h5", b"no weights"),
    ],
    ids=[
        "empty",
        "text",
        "half",
        "a byte short",
        "a byte changed",
        "no config",
        "empty config",
        "a list for a config",
        "text for a config",
        "no weights",
        "text for weights",
    ],
)
def test_a_damaged_keras_file_is_refused(damage: Callable[[bytes], bytes], keras_file: bytes) -> None:
    with pytest.raises(ModelError, match="not a Keras model that can be opened"):
        export.load_keras(damage(keras_file))


def test_a_file_that_would_run_a_program_is_refused(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Lambda(lambda x: x)])
    path = tmp_path / "lambda.keras"
    model.save(path)
    with pytest.raises(ModelError, match="not a Keras model that can be opened"):
        export.load_keras(path.read_bytes())
