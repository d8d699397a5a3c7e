"""Models that answer: LiteRT files, read by many sessions at once, with no TensorFlow in the process."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from digit_core import images as door
from digit_core import model_files
from digit_core.datasets import CLASSES, SIDE
from digit_core.errors import ModelError

_BATCH = (
    64  # digits a call of an interpreter: enough to be fast, short enough to let other sessions in between
)
_LAYERS_BATCH = (
    16  # the interpreter keeps room for every layer of a batch for good: some 10 MB for the largest network
)


class Classifier:
    """A network that reads digits. All its methods may be called from any thread.

    Attributes:
        name: what the model is called.
    """

    def __init__(self, name: str, answers: bytes, layers: bytes) -> None:
        """Open a model.

        Args:
            name: what it is called.
            answers: the content of its model.tflite.
            layers: the content of its layers.tflite.

        Raises:
            ModelError: a file is damaged, or not of a network from (n, 28, 28, 1) to (n, 10).
        """
        self.name = name
        self._one = _Interpreter(answers)
        # Two, so that many digits are read on both cores. They are all that ever read more than one digit, however
        # many sessions ask: the memory that batches take is theirs.
        self._many = (_Interpreter(answers), _Interpreter(answers))
        self._layers = _Interpreter(layers)
        try:
            shapes = [
                answer.shape for answer in self._one.run(np.zeros((1, SIDE, SIDE, 1), np.float32)).values()
            ]
        except (ValueError, RuntimeError):  # it takes something else than digits
            shapes = []
        if shapes != [(1, CLASSES)]:
            raise ModelError(f"The model {name} does not answer with one probability for each of ten digits.")

    def predict(self, images: np.ndarray) -> np.ndarray:
        """The probability of each digit. One digit is read on one core, several batches of them on two.

        Args:
            images: array of shape (n, 28, 28): float32, 0.0 to 1.0, ink is 1.0; or uint8, ink is 255, as datasets
                hold it. n may be 0.

        Returns:
            float32 array of shape (n, 10); each row sums to 1.

        Raises:
            ValueError: another shape or dtype, or a value outside the range.
        """
        _check(images)
        answers = np.empty((len(images), CLASSES), np.float32)
        starts = iter(
            range(0, len(images), _BATCH)
        )  # each thread takes the next batch when it is done with its last
        first, second = (self._one, None) if len(images) == 1 else self._many
        if second is None or len(images) <= _BATCH:
            _read(first, images, starts, answers)
            return answers
        with ThreadPoolExecutor(1) as helper:
            helping = helper.submit(_read, second, images, starts, answers)
            _read(first, images, starts, answers)
            helping.result()
        return answers

    def predict_digit(self, image: np.ndarray) -> tuple[int, float]:
        """The likeliest digit and its probability, 0.0 to 1.0.

        Args:
            image: array of shape (28, 28), as in `predict`.
        """
        probabilities = self.predict(image[None])[0]
        digit = int(probabilities.argmax())
        return digit, float(probabilities[digit])

    @property
    def layer_names(self) -> tuple[str, ...]:
        """The layers in the network's order; the last one answers."""
        return tuple(self._layers.output_names)

    @property
    def layer_shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each layer's answer to one digit, in the network's order."""
        return {name: self._layers.output_shapes[name] for name in self._layers.output_names}

    def layer(self, images: np.ndarray, name: str) -> np.ndarray:
        """What one layer answers to many digits. It takes some 0.2 to 0.4 ms a digit.

        Args:
            images: array of shape (n, 28, 28), as in `predict`. n may be 0.
            name: one of `layer_names`.

        Returns:
            float32 array of shape (n, height, width, filters) behind convolutions and poolings, (n, units) behind the
            others.

        Raises:
            ValueError: there is no such layer, or the images are not as in `predict`.
        """
        if name not in self.layer_names:
            raise ValueError(
                f"The model {self.name} has no layer {name!r}. Its layers: {', '.join(self.layer_names)}."
            )
        _check(images)
        answers = np.empty((len(images), *self._layers.output_shapes[name]), np.float32)
        for start in range(0, len(images), _LAYERS_BATCH):
            batch = images[start : start + _LAYERS_BATCH]
            answers[start : start + _LAYERS_BATCH] = self._layers.run(_as_input(batch))[name]
        return answers

    def activations(self, image: np.ndarray) -> dict[str, np.ndarray]:
        """What every layer answers to one digit.

        Args:
            image: array of shape (28, 28), as in `predict`.

        Returns:
            Layer name to float32 array, in the network's order: (height, width, filters) behind convolutions and
            poolings, (units,) behind the others.
        """
        _check(image[None])
        outputs = self._layers.run(_as_input(image[None]))
        return {name: outputs[name][0] for name in self._layers.output_names}


def _read(
    interpreter: "_Interpreter", images: np.ndarray, starts: Iterator[int], answers: np.ndarray
) -> None:
    """Put the answers to the batches at `starts` into their places."""
    for start in starts:
        batch = images[start : start + _BATCH]
        (answers[start : start + _BATCH],) = interpreter.run(_as_input(batch)).values()


def _check(images: np.ndarray) -> None:
    if images.ndim != 3 or images.shape[1:] != (SIDE, SIDE):
        raise ValueError(f"Digits to read are an array of shape (n, 28, 28), not {images.shape}.")
    if images.dtype == np.uint8:
        return
    if images.dtype != np.float32:
        raise ValueError(f"Digits to read are float32 (0 to 1) or uint8 (0 to 255), not {images.dtype}.")
    # Written so that NaN fails, too.
    if images.size and not (images.min() >= 0 and images.max() <= 1):
        raise ValueError("Digits to read have values from 0.0 to 1.0; these do not, or hold NaN.")


def _as_input(images: np.ndarray) -> np.ndarray:
    floats = door.from_dataset(images) if images.dtype == np.uint8 else images
    return floats[..., None]  # (n, 28, 28, 1)


class _Interpreter:
    """One LiteRT interpreter, which is not thread-safe, behind a lock."""

    def __init__(self, content: bytes) -> None:
        try:
            self._interpreter = Interpreter(model_content=content, num_threads=1)
            self._runner = self._interpreter.get_signature_runner()
            (self._input,) = self._runner.get_input_details()
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"This is not a LiteRT model that can be opened: {error}") from error
        outputs = self._runner.get_output_details()
        # Tensors are numbered in the network's order. Dropout, which does nothing here, shares the tensor before it.
        self.output_names = sorted(
            outputs, key=lambda name: (outputs[name]["index"], name.startswith("dropout"))
        )
        # The first dimension is that of the batch.
        self.output_shapes = {name: tuple(map(int, outputs[name]["shape"][1:])) for name in outputs}
        self._lock = threading.Lock()

    def run(self, batch: np.ndarray) -> dict[str, np.ndarray]:
        """Run the network on float32 (n, 28, 28, 1): output name to float32 (n, ...)."""
        with self._lock:
            return self._runner(**{self._input: batch})


def load(name_or_path: str | Path = "default") -> Classifier:
    """Open a model.

    Args:
        name_or_path: "default", a name of `model_files.names()`, or the path of a model's folder.

    Raises:
        ModelError: there is no such model, or a file of it is missing or damaged.
    """
    folder = model_files.find(name_or_path)
    try:
        answers = (folder / model_files.LITERT_FILE).read_bytes()
        layers = (folder / model_files.LAYERS_FILE).read_bytes()
    except OSError as error:
        raise ModelError(f"A file of the model {folder.name} is missing or cannot be read.") from error
    return Classifier(folder.name, answers, layers)
