"""Models that answer: LiteRT files, read by many sessions at once, with no TensorFlow in the process."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np

from digit_core.datasets.mnist import load_mnist
from digit_core.digits import CLASSES, Digits
from digit_core.errors import ModelError
from digit_core.inference import litert, model_files, rejection, verifiers
from digit_core.inference.rejection import Judgements, Trust

# The interpreter keeps room for every layer of a batch for good: some 10 MB for the largest network.
_LAYERS_BATCH = 16


class Classifier:
    """A network that reads digits. All its methods may be called from any thread.

    Attributes:
        name: what the model is called.
    """

    def __init__(
        self,
        name: str,
        answers: bytes,
        layers: bytes,
        trust: Trust | None = None,
        validation: Callable[[], Digits] | None = None,
    ) -> None:
        """Open a model.

        Args:
            name: what it is called.
            answers: the content of its model.tflite.
            layers: the content of its layers.tflite.
            trust: how far its answers are to be trusted, where that was measured; else it is measured when `judge`
                is first asked, which takes a second or two.
            validation: gives the digits to measure it on; None for MNIST's validation digits, read anew.

        Raises:
            ModelError: a file is damaged, or not of a network from (n, 28, 28, 1) to (n, 10).
        """
        self.name = name
        self._reader = litert.Reader(
            answers, CLASSES, f"The model {name} does not answer with one probability for each of ten digits."
        )
        self._layers = litert.Network(layers)
        self._trust, self._measuring = trust, threading.Lock()
        self._validation = validation or (lambda: load_mnist().validation)

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
        return self._reader.read(images)

    def predict_digit(self, image: np.ndarray) -> tuple[int, float]:
        """The likeliest digit and its probability, 0.0 to 1.0.

        Args:
            image: array of shape (28, 28), as in `predict`.
        """
        probabilities = self.predict(image[None])[0]
        digit = int(probabilities.argmax())
        return digit, float(probabilities[digit])

    def judge(self, images: np.ndarray) -> Judgements:
        """What the digits are, how sure that is, and whether they are digits at all.

        `predict` is the network's own answer; here its confidence is calibrated, a second network, the same for all
        models, gives each image an out-of-distribution score, and both may refuse.

        Args:
            images: as in `predict`.

        Raises:
            ValueError: as `predict`.
            ModelError: the out-of-distribution network is missing or damaged.
        """
        return rejection.judge(
            self.predict(images), verifiers.ood_score(images), self.trust, verifiers.refused_above()
        )

    @property
    def trust(self) -> Trust:
        """How far the model's answers are to be trusted; measured now if nobody has yet."""
        with self._measuring:  # once, however many sessions ask
            if self._trust is None:
                self._trust = rejection.measure(self.predict, self._validation())
            return self._trust

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
        litert.check(images)
        answers = np.empty((len(images), *self._layers.output_shapes[name]), np.float32)
        for start in range(0, len(images), _LAYERS_BATCH):
            batch = images[start : start + _LAYERS_BATCH]
            answers[start : start + _LAYERS_BATCH] = self._layers.run(litert.as_input(batch))[name]
        return answers

    def activations(self, image: np.ndarray) -> dict[str, np.ndarray]:
        """What every layer answers to one digit.

        Args:
            image: array of shape (28, 28), as in `predict`.

        Returns:
            Layer name to float32 array, in the network's order: (height, width, filters) behind convolutions and
            poolings, (units,) behind the others.
        """
        litert.check(image[None])
        outputs = self._layers.run(litert.as_input(image[None]))
        return {name: outputs[name][0] for name in self._layers.output_names}


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
    card = model_files.read_card(folder) if (folder / model_files.CARD_FILE).exists() else {}
    return Classifier(folder.name, answers, layers, rejection.trust_of(card))
