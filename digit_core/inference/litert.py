"""LiteRT networks over digits, read by many sessions at once, with no TensorFlow in the process."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from digit_core.digits import SIDE
from digit_core.errors import ModelError
from digit_core.preprocessing.images import from_dataset

# Digits a call of an interpreter: enough to be fast, short enough to let other sessions in between.
_BATCH = 64
_LEARNING = ("CONV_2D", "FULLY_CONNECTED")  # LiteRT's names for what has weights in a network for digits


class Network:
    """One LiteRT interpreter, which is not thread-safe, behind a lock.

    Attributes:
        output_names: its outputs in the network's order.
        output_shapes: output name to the shape of its answer to one digit.
    """

    def __init__(self, content: bytes) -> None:
        """Open a network.

        Args:
            content: of a .tflite file.

        Raises:
            ModelError: it is none, or it is damaged.
        """
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


def weights(content: bytes) -> list[tuple[np.ndarray, np.ndarray]]:
    """Kernel and bias of each convolution and each dense layer, in the network's order.

    Args:
        content: of a .tflite file.

    Returns:
        float32 arrays: kernels of shape (filters, height, width, channels) or (units, inputs), biases (filters,) or (units,).

    Raises:
        ModelError: it is none, or it is damaged.
    """
    try:
        interpreter = Interpreter(model_content=content, num_threads=1)
        # A private list; tests/digit_core/inference/test_browser.py fails when it goes. The tensors have public names, but
        # which kernel belongs to which layer is told by the operations alone.
        operations = interpreter._get_ops_details()
        added = {one["inputs"][0]: one["inputs"][1] for one in operations if one["op_name"] == "ADD"}
        found = []
        for operation in operations:
            if operation["op_name"] not in _LEARNING:
                continue
            before, kernel, bias = (int(place) for place in operation["inputs"])
            weight = interpreter.get_tensor(kernel)
            # Of a linear dense layer before another one, the bias is added apart, and the next layer goes on from what there
            # was without it: with a bias that makes up for that.
            bias = bias if bias >= 0 else int(added.get(operation["outputs"][0], -1))
            own = interpreter.get_tensor(bias) if bias >= 0 else np.zeros(len(weight), np.float32)
            if before in added:
                own = own - weight @ interpreter.get_tensor(int(added[before]))
            found.append((weight, own))
        return found
    except (ValueError, RuntimeError) as error:
        raise ModelError(f"This is not a LiteRT model that can be opened: {error}") from error


class Reader:
    """A network with one answer to each digit. It may be called from any thread."""

    def __init__(self, content: bytes, numbers: int, otherwise: str) -> None:
        """Open a network.

        Args:
            content: of a .tflite file.
            numbers: in its answer to one digit.
            otherwise: the sentence for a network that is not one from (n, 28, 28, 1) to (n, numbers).

        Raises:
            ModelError: it is damaged, or another network.
        """
        self._numbers = numbers
        self._one = Network(content)
        # Two, so that many digits are read on both cores. They are all that ever read more than one digit, however
        # many sessions ask: the memory that batches take is theirs.
        self._many = (Network(content), Network(content))
        try:
            shapes = [
                answer.shape for answer in self._one.run(np.zeros((1, SIDE, SIDE, 1), np.float32)).values()
            ]
        except (ValueError, RuntimeError):  # it takes something else than digits
            shapes = []
        if shapes != [(1, numbers)]:
            raise ModelError(otherwise)

    def read(self, images: np.ndarray) -> np.ndarray:
        """The network's answers. One digit is read on one core, several batches of them on two.

        Args:
            images: as `check` wants them. n may be 0.

        Returns:
            float32 array of shape (n, numbers).

        Raises:
            ValueError: as `check`.
        """
        check(images)
        answers = np.empty((len(images), self._numbers), np.float32)
        # Each thread takes the next batch when it is done with its last.
        starts = iter(range(0, len(images), _BATCH))
        first, second = (self._one, None) if len(images) == 1 else self._many
        if second is None or len(images) <= _BATCH:
            _read(first, images, starts, answers)
            return answers
        with ThreadPoolExecutor(1) as helper:
            helping = helper.submit(_read, second, images, starts, answers)
            _read(first, images, starts, answers)
            helping.result()
        return answers


def _read(network: Network, images: np.ndarray, starts: Iterator[int], answers: np.ndarray) -> None:
    """Put the answers to the batches at `starts` into their places."""
    for start in starts:
        batch = images[start : start + _BATCH]
        (answers[start : start + _BATCH],) = network.run(as_input(batch)).values()


def check(images: np.ndarray) -> None:
    """Refuse what a network cannot read.

    Args:
        images: array of shape (n, 28, 28): float32, 0.0 to 1.0, ink is 1.0; or uint8, ink is 255.

    Raises:
        ValueError: another shape or dtype, or a value outside the range.
    """
    if images.ndim != 3 or images.shape[1:] != (SIDE, SIDE):
        raise ValueError(f"Digits to read are an array of shape (n, 28, 28), not {images.shape}.")
    if images.dtype == np.uint8:
        return
    if images.dtype != np.float32:
        raise ValueError(f"Digits to read are float32 (0 to 1) or uint8 (0 to 255), not {images.dtype}.")
    _check_range(images)


def as_digits(images: npt.ArrayLike, takes_bytes: bool = False) -> np.ndarray:
    """Digits as people's programs have them, as `check` wants them.

    Args:
        images: floats of any width from 0.0 (paper) to 1.0 (ink), as an array or as lists: of shape (n, 28, 28) or
            (n, 28, 28, 1), as Keras wants them, or one digit, (28, 28) or (28, 28, 1). n may be 0.
        takes_bytes: uint8, ink is 255, is left as it is. Else whole numbers are refused: whether they go to 255 or are 0
            and 1 could only be guessed.

    Returns:
        array of shape (n, 28, 28), float32 or, with `takes_bytes`, uint8: no copy where it is one already.

    Raises:
        ValueError: another shape or dtype, or a value outside the range.
    """
    try:
        found = np.asarray(images)
    except ValueError as error:  # lists of different lengths
        raise ValueError(
            "Digits to read are an array of shape (n, 28, 28): 28 rows of 28 values each."
        ) from error
    if found.dtype.kind != "f" and not (takes_bytes and found.dtype == np.uint8):
        raise ValueError(
            f"Digits to read are floats from 0.0 (paper) to 1.0 (ink), not {found.dtype}: divide values that go to 255 "
            "by 255.0."
        )
    shape = found.shape
    if shape[-3:] == (SIDE, SIDE, 1):
        found = found[..., 0]
    if found.shape == (SIDE, SIDE):
        found = found[None]
    if found.ndim != 3 or found.shape[1:] != (SIDE, SIDE):
        raise ValueError(f"Digits to read are an array of shape (n, 28, 28) or (n, 28, 28, 1), not {shape}.")
    if found.dtype != np.uint8:
        _check_range(found)  # before they are rounded to float32
        found = found.astype(np.float32, copy=False)
    return found


def as_digit(image: npt.ArrayLike, takes_bytes: bool = False) -> np.ndarray:
    """As `as_digits`, for one digit, whose array may also be of shape (1, 28, 28) or (1, 28, 28, 1).

    Returns:
        array of shape (1, 28, 28).

    Raises:
        ValueError: as `as_digits`, or there is not just one.
    """
    found = as_digits(image, takes_bytes)
    if len(found) != 1:
        raise ValueError(
            f"Digits to read one by one are of shape (28, 28) or (28, 28, 1), not {np.shape(image)}."
        )
    return found


def _check_range(floats: np.ndarray) -> None:
    # Written so that NaN fails, too.
    if floats.size and not (floats.min() >= 0 and floats.max() <= 1):
        raise ValueError(
            "Digits to read have values from 0.0 to 1.0; these do not, or hold NaN. If they go to 255, divide them by 255.0."
        )


def as_input(images: np.ndarray) -> np.ndarray:
    """Images as `check` wants them, as a network takes them: float32 (n, 28, 28, 1)."""
    floats = from_dataset(images) if images.dtype == np.uint8 else images
    return floats[..., None]
