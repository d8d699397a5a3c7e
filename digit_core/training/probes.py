"""A network looked into while it learns: what its layers do, what it answers, how well it reads the validation digits."""

import math
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from digit_core.digits import CLASSES, Digits, brief
from digit_core.monitoring.events import DigitsWatched, LayerState, Snapshot
from digit_core.recipes.architectures import Architecture
from digit_core.recipes.layers import Convolution, Dense

MAX_FILTERS = 32
_CHUNK = 250  # digits read at once: the largest layer's outputs take some 40 MB
_DIGITS_FOR_DEAD_UNITS = 500
_DOUBTFUL_RANK = 0.02  # of a class by doubt: the very first ones nobody can read


@dataclass(frozen=True, eq=False)
class Validation:
    """How a network reads the validation digits.

    Attributes:
        loss: the mean cross-entropy, nats.
        accuracy: 0.0 to 1.0.
        confusion: int64 array of shape (10, 10): true digit, answer.
    """

    loss: float
    accuracy: float
    confusion: np.ndarray

    __repr__ = brief


def watched_rows(digits: Digits) -> np.ndarray:
    """Twenty digits to keep an eye on: of each class one that looks as most do, then of each class a doubtful one.

    The first is the digit nearest to the mean picture of its class. The second is among those that lie nearer to the
    mean picture of another class than to their own's: the one at the 2nd percentile by that difference of distances.

    Args:
        digits: to choose from.

    Returns:
        int64 array of different row numbers, shape (20,); fewer where a class is missing or has one digit only.
    """
    pixels = digits.images.reshape(len(digits), -1).astype(np.float32)
    classes = np.unique(digits.labels)
    means = np.stack([pixels[digits.labels == label].mean(axis=0) for label in classes])
    # (n, classes): squared distances
    distances = (means**2).sum(axis=1)[None] - 2 * pixels @ means.T
    distances += np.einsum("np,np->n", pixels, pixels)[:, None]
    typical, doubtful = [], []
    for column, label in enumerate(classes):
        rows = np.flatnonzero(digits.labels == label)
        own = distances[rows, column]
        others = np.delete(distances[rows], column, axis=1).min(axis=1, initial=np.inf)
        first = rows[own.argmin()]
        by_doubt = [row for row in rows[np.argsort(others - own, kind="stable")] if row != first]
        typical.append(first)
        doubtful += by_doubt[int(_DOUBTFUL_RANK * len(by_doubt)) :][:1]
    return np.array([*typical, *doubtful])


class Probe:
    """Looks into one network again and again, and remembers how its weights were at first."""

    def __init__(self, model: keras.Model, architecture: Architecture, validation: Digits) -> None:
        """Remember the weights as they are now.

        Args:
            model: of this architecture, from float32 (n, 28, 28, 1) to probabilities.
            architecture: whose layers' names the model's layers have.
            validation: what it is to be judged on; some of it is watched.
        """
        self._model, self._validation = model, validation
        learning = [step for step in architecture.summary() if step.parameters]
        self._layers = [model.get_layer(step.name) for step in learning]
        self._first_weights = [_flat(layer) for layer in self._layers]
        self._dying = [
            step.name
            for step in learning
            if isinstance(step.layer, Convolution | Dense) and step.layer.activation == "relu"
        ]
        rows = watched_rows(validation)
        self.watched = DigitsWatched(validation.images[rows], validation.labels[rows])
        self._read = tf.function(self._read_graph, [_IMAGES, _LABELS], autograph=False)
        self._learn = tf.function(self._learn_graph, [_IMAGES, _LABELS], autograph=False)
        self._answered = tf.function(self._answered_graph, [_IMAGES], autograph=False)
        if self._dying:
            outputs = {name: model.get_layer(name).output for name in self._dying}
            self._inside = keras.Model(model.inputs, outputs)

    def _read_graph(self, images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        answers = self._model(_floats(images), training=False)
        return keras.losses.sparse_categorical_crossentropy(labels, answers), tf.argmax(answers, axis=1)

    def _learn_graph(self, images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor]]:
        with tf.GradientTape() as tape:
            answers = self._model(_floats(images), training=False)
            loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(labels, answers))
        weights = [[weight.value for weight in layer.trainable_weights] for layer in self._layers]
        return answers, [tf.linalg.global_norm(gradients) for gradients in tape.gradient(loss, weights)]

    def _answered_graph(self, images: tf.Tensor) -> dict[str, tf.Tensor]:
        """For each layer that can die, which of its units answered anything to any of the images."""
        return {
            name: tf.reduce_any(tf.reshape(output, (-1, output.shape[-1])) > 0, axis=0)
            for name, output in self._inside(_floats(images), training=False).items()
        }

    def validate(self) -> Validation:
        """Read all validation digits."""
        digits = self._validation
        losses, answers = [], []
        for start in range(0, len(digits), _CHUNK):
            chunk = slice(start, start + _CHUNK)
            loss, answer = self._read(digits.images[chunk], digits.labels[chunk].astype(np.uint8))
            losses.append(loss.numpy())
            answers.append(answer.numpy())
        loss, answer = np.concatenate(losses), np.concatenate(answers)
        pairs = digits.labels.astype(np.int64) * CLASSES + answer
        confusion = np.bincount(pairs, minlength=CLASSES**2).reshape(CLASSES, CLASSES)
        return Validation(
            float(loss.mean(dtype=np.float64)), float(confusion.trace() / len(digits)), confusion
        )

    def look(self, epoch: int, step: int, confusion: np.ndarray | None = None) -> Snapshot | None:
        """Look into the network as it is now.

        Args:
            epoch, step, confusion: as `Snapshot` has them.

        Returns:
            None where the weights are no longer numbers.
        """
        answers, gradients = self._learn(self.watched.images, self.watched.labels.astype(np.uint8))
        dead = self._dead_shares()
        states = tuple(
            LayerState(layer.name, float(gradient), dead.get(layer.name), _change(_flat(layer), first))
            for layer, gradient, first in zip(self._layers, gradients, self._first_weights, strict=True)
        )
        shown = Snapshot(epoch, step, states, answers.numpy(), self._filters(), confusion)
        figures = [figure for state in states for figure in (state.gradient_norm, state.weight_change)]
        return shown if np.isfinite(figures).all() and np.isfinite(shown.probabilities).all() else None

    def _dead_shares(self) -> dict[str, float]:
        if not self._dying:
            return {}
        images = self._validation.images[:_DIGITS_FOR_DEAD_UNITS]
        chunks = [self._answered(images[start : start + _CHUNK]) for start in range(0, len(images), _CHUNK)]
        return {
            name: float(1 - np.any([chunk[name].numpy() for chunk in chunks], axis=0).mean())
            for name in self._dying
        }

    def _filters(self) -> np.ndarray:
        kernel = self._layers[0].get_weights()[0]
        if kernel.ndim == 2:  # of a dense layer: (side * side, units)
            side = math.isqrt(kernel.shape[0])
            kernel = kernel.reshape(side, side, 1, -1)
        return np.ascontiguousarray(np.moveaxis(kernel[:, :, 0, :MAX_FILTERS], -1, 0))


_IMAGES = tf.TensorSpec((None, None, None), tf.uint8)
_LABELS = tf.TensorSpec((None,), tf.uint8)


def _floats(images: tf.Tensor) -> tf.Tensor:
    """uint8 (n, 28, 28) as the network takes them: float32 (n, 28, 28, 1), 0.0 to 1.0."""
    return tf.cast(images, tf.float32)[..., None] * np.float32(1 / 255)


def _flat(layer: keras.Layer) -> np.ndarray:
    return np.concatenate([weight.ravel() for weight in layer.get_weights()])


def _change(now: np.ndarray, first: np.ndarray) -> float:
    return float(np.linalg.norm(now - first) / max(float(np.linalg.norm(first)), 1e-12))
