"""The digits of a training: which ones, and as batches. They become float one batch at a time: a float MNIST takes 180 MB."""

import math
from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf

from digit_core import datasets
from digit_core.augmentation.pipeline import distort_and_mark
from digit_core.augmentation.policies import Distortion
from digit_core.digits import CLASSES, Digits, Handwriting
from digit_core.errors import TrainingError
from digit_core.recipes import fine_tuning
from digit_core.recipes.configuration import TrainingConfig
from digit_core.training.distillation import Teachers


class Batches:
    """Training digits in batches, shuffled and distorted anew in each epoch.

    TensorFlow cuts, gathers and converts: Python is asked once an epoch for its order, and once a batch only where
    digits are distorted.

    Attributes:
        size: how many digits an epoch has.
        epoch: the one that the next pass over `dataset` is, from 1. Its order and distortions depend on it and on the
            configuration's seed alone.
        dataset: of (images, labels): float32 (n, 28, 28, 1), 0.0 to 1.0, ink is 1; and uint8 (n,), or one-hot float32
            (n, 10) where the loss asks for it; with teachers, what they make of these.
    """

    def __init__(self, digits: Digits, config: TrainingConfig, teachers: Teachers | None = None) -> None:
        """Hold a copy of the digits ready.

        Args:
            digits: to train on.
            config: its batch size, loss, distortions and seed.
            teachers: whose answers to these very pictures are learnt with the labels; these must be one-hot.
        """
        self.epoch = 1
        self.size, self._config = len(digits), config
        self._images = tf.constant(digits.images)
        self._digits = labels = digits.labels.astype(np.uint8)
        if config.loss == "categorical_crossentropy":
            labels = keras.utils.to_categorical(labels, CLASSES).astype(np.float32)
        self._labels = tf.constant(labels)
        self._teachers = teachers
        self.dataset = self._dataset()

    def __len__(self) -> int:
        return math.ceil(self.size / self._config.batch_size)

    def _dataset(self) -> tf.data.Dataset:
        order = tf.TensorSpec((self.size,), tf.int32)
        epochs = tf.data.Dataset.from_generator(self._order, output_signature=order)
        rows = epochs.flat_map(self._cut)
        is_distorted = self._config.augmentation != Distortion()
        dataset = rows.enumerate().map(self._distorted if is_distorted else self._plain).prefetch(2)
        return dataset.apply(tf.data.experimental.assert_cardinality(len(self)))

    def _order(self) -> Iterator[np.ndarray]:
        random = np.random.default_rng((self._config.seed, self.epoch))
        yield random.permutation(self.size).astype(np.int32)

    def _cut(self, order: tf.Tensor) -> tf.data.Dataset:
        return tf.data.Dataset.from_tensor_slices(order).batch(self._config.batch_size)

    def _plain(self, index: tf.Tensor, rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return self._with_answers(tf.gather(self._images, rows), rows, tf.zeros(tf.shape(rows), tf.bool))

    def _distorted(self, index: tf.Tensor, rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        images = tf.gather(self._images, rows)
        distorted, is_marked = tf.numpy_function(self._distort, [images, rows, index], (tf.uint8, tf.bool))
        return self._with_answers(
            tf.ensure_shape(distorted, images.shape), rows, tf.ensure_shape(is_marked, rows.shape)
        )

    def _with_answers(
        self, images: tf.Tensor, rows: tf.Tensor, is_marked: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        floats = tf.cast(images, tf.float32)[..., None] * np.float32(1 / 255)
        labels = tf.gather(self._labels, rows)
        return floats, self._teachers.soften(floats, labels, is_marked) if self._teachers else labels

    def _distort(
        self, images: np.ndarray, rows: np.ndarray, index: np.int64
    ) -> tuple[np.ndarray, np.ndarray]:
        random = np.random.default_rng((self._config.seed, self.epoch, int(index)))
        return distort_and_mark(images, self._config.augmentation, random, self._digits[rows])


def choose_digits(config: TrainingConfig, digits: Digits | Handwriting | None) -> tuple[Digits, Digits, str]:
    """Which digits a run learns from and which it is validated on; the same for the same configuration.

    Args:
        config: how many, and how they are split.
        digits: as `training.train` takes them: MNIST's if None.

    Returns:
        The digits to train on, those to validate on, and what they are called.

    Raises:
        TrainingError: fewer digits than a batch has, or digits of one's own are to be validated on MNIST's test digits.
        DatasetError: the digits cannot be read or split.
    """
    if isinstance(digits, Handwriting):
        others, judges, of_others = _choose_among(config, None)
        return fine_tuning.mix(digits, others), judges, f"{of_others} and drawings"
    return _choose_among(config, digits)


def _choose_among(config: TrainingConfig, digits: Digits | None) -> tuple[Digits, Digits, str]:
    if digits is None:
        mnist, name = datasets.load_mnist(), "MNIST"
        training, validation = datasets.training_and_validation(mnist, config.validation_share)
        if config.validates_on_test:
            validation = mnist.test
    elif config.validates_on_test:
        raise TrainingError(
            "Only MNIST comes with test digits: a run on your own digits validates on a share of them."
        )
    else:
        name = "digits of one's own"
        share = config.validation_share or datasets.VALIDATION_SIZE / 60_000
        training, validation = datasets.hold_back(digits, share)
    if config.subset_size is not None and config.subset_size < len(training):
        training = training.take(_subset_rows(training.labels, config.subset_size, config.seed))
    if config.batch_size > len(training):
        raise TrainingError(f"A batch of {config.batch_size:,} is larger than the {len(training):,} digits.")
    return training, validation, name


def _subset_rows(labels: np.ndarray, size: int, seed: int) -> np.ndarray:
    """Draw `size` rows so that each class has its share."""
    missing, classes = len(labels) - size, np.unique(labels)
    if missing >= len(classes):
        return datasets.split_rows(labels, size, seed)[1]
    # Too few are left out for one of each class: one of some classes.
    random = np.random.default_rng(seed)
    some = random.permutation(classes)[:missing]
    left_out = [random.choice(np.flatnonzero(labels == label)) for label in some]
    return np.delete(np.arange(len(labels)), left_out)
