"""Models that answer: LiteRT files, read by many sessions at once, with no TensorFlow in the process."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from digit_core.datasets.mnist import load_mnist
from digit_core.digits import CLASSES, Digits
from digit_core.errors import ModelError
from digit_core.inference import litert, model_files, provenance, rejection, verifiers
from digit_core.inference.rejection import Judgements, Trust
from digit_core.metrics import classification
from digit_core.metrics.classification import Evaluation

# The interpreter keeps room for every layer of a batch for good: some 10 MB for the largest network.
_LAYERS_BATCH = 16


class Classifier:
    """A network that reads digits. All its methods may be called from any thread.

    Attributes:
        name: what the model is called.
        parameters: how many numbers it learnt; None where nobody said so.

    Example:
        >>> from digit_core import load_model
        >>> load_model("cnn")
        Classifier('cnn', 405,402 parameters)
    """

    def __init__(
        self,
        name: str,
        answers: bytes,
        layers: bytes,
        trust: Trust | None = None,
        validation: Callable[[], Digits] | None = None,
        parameters: int | None = None,
    ) -> None:
        """Open a model.

        Args:
            name: what it is called.
            answers: the content of its model.tflite.
            layers: the content of its layers.tflite.
            trust: how far its answers are to be trusted, where that was measured; else it is measured when `judge`
                is first asked, which takes a second or two.
            validation: gives the digits to measure it on, which it did not learn from, as `provenance.held_back`; None for
                MNIST's validation digits, read anew.
            parameters: how many numbers it learnt, as its card says.

        Raises:
            ModelError: a file is damaged, or not of a network from (n, 28, 28, 1) to (n, 10).
        """
        self.name, self.parameters = name, parameters
        self._reader = litert.Reader(
            answers, CLASSES, f"The model {name} does not answer with one probability for each of ten digits."
        )
        self._layers = litert.Network(layers)
        self._trust, self._measuring = trust, threading.Lock()
        self._validation = validation or (lambda: load_mnist().validation)

    def __repr__(self) -> str:
        size = "" if self.parameters is None else f", {self.parameters:,} parameters"
        return f"Classifier({self.name!r}{size})"

    def predict(self, images: npt.ArrayLike, verbose: int = 0) -> np.ndarray:
        """The probability of each digit. One digit is read on one core, several batches of them on two.

        Args:
            images: floats from 0.0 (paper) to 1.0 (ink) of shape (n, 28, 28) or (n, 28, 28, 1), or one digit of shape
                (28, 28) or (28, 28, 1), as an array or as lists. n may be 0.
            verbose: for programs written for `keras.Model.predict`; nothing is printed, whatever it is.

        Returns:
            float32 array of shape (n, 10); each row sums to 1.

        Raises:
            ValueError: another shape, whole numbers such as uint8, or a value outside the range.

        Example:
            >>> from digit_core import load_mnist, load_model
            >>> x_test = load_mnist().test.images / 255.0
            >>> probabilities = load_model().predict(x_test[:5])
            >>> probabilities.shape, probabilities.argmax(axis=1).tolist()
            ((5, 10), [7, 2, 1, 0, 4])
        """
        return self._reader.read(litert.as_digits(images))

    def predict_dataset(self, images: np.ndarray) -> np.ndarray:
        """As `predict`, for digits as datasets hold them: they become floats a batch at a time, which saves memory.

        Args:
            images: array of shape (n, 28, 28): uint8, ink is 255; or float32, ink is 1.0. n may be 0.

        Example:
            >>> from digit_core import load_mnist, load_model
            >>> load_model().predict_dataset(load_mnist().test.images[:5]).argmax(axis=1).tolist()
            [7, 2, 1, 0, 4]
        """
        return self._reader.read(images)

    def predict_digit(self, image: npt.ArrayLike) -> tuple[int, float]:
        """The likeliest digit and its probability, 0.0 to 1.0.

        Args:
            image: floats of shape (28, 28) or (28, 28, 1), or of a batch of just one digit, as in `predict`.

        Raises:
            ValueError: as `predict`, or it is not just one digit.

        Example:
            >>> from digit_core import load_mnist, load_model
            >>> digit, confidence = load_model().predict_digit(load_mnist().test.images[0] / 255.0)
            >>> digit, confidence > 0.99
            (7, True)
        """
        (probabilities,) = self._reader.read(litert.as_digit(image))
        digit = int(probabilities.argmax())
        return digit, float(probabilities[digit])

    def evaluate(self, images: npt.ArrayLike, labels: npt.ArrayLike) -> Evaluation:
        """Read digits, and compare the answers with their labels.

        Args:
            images: at least one, as in `predict`.
            labels: whole numbers from 0 to 9 of shape (n,), or one-hot of shape (n, 10).

        Raises:
            ValueError: as `predict`, or the labels are invalid or do not fit.

        Example:
            >>> from digit_core import load_mnist, load_model
            >>> test = load_mnist().test
            >>> load_model().evaluate(test.images[:100] / 255.0, test.labels[:100]).errors
            0
        """
        true_labels = np.asarray(labels)
        if true_labels.ndim == 2 and true_labels.shape[1] == CLASSES:
            true_labels = true_labels.argmax(axis=1)
        return classification.evaluate(true_labels, self.predict(images))

    def judge(self, images: npt.ArrayLike) -> Judgements:
        """What the digits are, how sure that is, and whether they are digits at all.

        `predict` is the network's own answer; here its confidence is calibrated, a second network, the same for all
        models, gives each image an out-of-distribution score, and both may refuse.

        Args:
            images: as in `predict`.

        Raises:
            ValueError: as `predict`.
            ModelError: the out-of-distribution network is missing or damaged.

        Example:
            >>> import numpy as np
            >>> from digit_core import load_model
            >>> cross = np.maximum(np.eye(28), np.eye(28)[::-1]).astype(np.float32)
            >>> load_model().judge(cross[None])[0].verdict
            'no digit'
        """
        digits = litert.as_digits(images)
        return rejection.judge(
            self._reader.read(digits), verifiers.ood_score(digits), self.trust, verifiers.refused_above()
        )

    @property
    def trust(self) -> Trust:
        """How far the model's answers can be trusted; measured now if that was not done before."""
        with self._measuring:  # once, however many sessions ask
            if self._trust is None:
                self._trust = rejection.measure(self.predict_dataset, self._validation())
            return self._trust

    @property
    def layer_names(self) -> tuple[str, ...]:
        """The layers in the network's order; the last one answers."""
        return tuple(self._layers.output_names)

    @property
    def layer_shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each layer's answer to one digit, in the network's order."""
        return {name: self._layers.output_shapes[name] for name in self._layers.output_names}

    def layer(self, images: npt.ArrayLike, name: str) -> np.ndarray:
        """What one layer answers to many digits. It takes some 0.2 to 0.4 ms a digit.

        Args:
            images: as in `predict`, or as in `predict_dataset`. n may be 0.
            name: one of `layer_names`.

        Returns:
            float32 array of shape (n, height, width, filters) behind convolutions and poolings, (n, units) behind the
            others.

        Raises:
            ValueError: there is no such layer, or the images are not as in `predict`.

        Example:
            >>> import numpy as np
            >>> from digit_core import load_model
            >>> model = load_model("cnn-2")
            >>> model.layer_names[0]
            'convolution_1'
            >>> model.layer(np.zeros((5, 28, 28), np.float32), "convolution_1").shape
            (5, 26, 26, 32)
        """
        if name not in self.layer_names:
            raise ValueError(
                f"The model {self.name} has no layer {name!r}. Its layers: {', '.join(self.layer_names)}."
            )
        digits = litert.as_digits(images, takes_bytes=True)
        answers = np.empty((len(digits), *self._layers.output_shapes[name]), np.float32)
        for start in range(0, len(digits), _LAYERS_BATCH):
            batch = digits[start : start + _LAYERS_BATCH]
            answers[start : start + _LAYERS_BATCH] = self._layers.run(litert.as_input(batch))[name]
        return answers

    def activations(self, image: npt.ArrayLike) -> dict[str, np.ndarray]:
        """What every layer answers to one digit.

        Args:
            image: as in `predict_digit`; or uint8, ink is 255.

        Returns:
            Layer name to float32 array, in the network's order: (height, width, filters) behind convolutions and
            poolings, (units,) behind the others.

        Example:
            >>> import numpy as np
            >>> from digit_core import load_model
            >>> layers = load_model("ann").activations(np.zeros((28, 28), np.float32))
            >>> layers["dense_1"].shape, layers["answer"].shape
            ((128,), (10,))
        """
        outputs = self._layers.run(litert.as_input(litert.as_digit(image, takes_bytes=True)))
        return {name: outputs[name][0] for name in self._layers.output_names}


def load(name_or_path: str | Path = "default") -> Classifier:
    """Open a model.

    Args:
        name_or_path: "default", a name of `model_files.names()`, or the path of a model's folder.

    Raises:
        ModelError: there is no such model, or a file of it is missing or damaged.

    Example:
        >>> from digit_core import load_model
        >>> load_model("tiny")
        Classifier('tiny', 23,766 parameters)
    """
    folder = model_files.find(name_or_path)
    try:
        answers = (folder / model_files.LITERT_FILE).read_bytes()
        layers = (folder / model_files.LAYERS_FILE).read_bytes()
    except OSError as error:
        raise ModelError(f"A file of the model {folder.name} is missing or cannot be read.") from error
    card = model_files.read_card(folder) if (folder / model_files.CARD_FILE).exists() else {}
    trust = rejection.trust_of(card)
    return Classifier(
        folder.name,
        answers,
        layers,
        trust,
        lambda: provenance.held_back(card, load_mnist()),
        card.get("parameters"),
    )
