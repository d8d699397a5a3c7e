"""Digits as Keras takes them, made float one batch at a time: a float copy of MNIST alone would take 180 MB."""

import math

import keras
import numpy as np

from digit_core import datasets
from digit_core.augmentation import Distortion, distort
from digit_core.configuration import TrainingConfig
from digit_core.datasets import Digits


class Batches(keras.utils.PyDataset):
    """Digits in batches: those to train on are shuffled and distorted anew in each epoch.

    An item is (images, labels): float32 of shape (n, 28, 28, 1), 0.0 to 1.0; and uint8 (n,), or one-hot float32
    (n, 10) where the loss asks for it.
    """

    def __init__(self, digits: Digits, config: TrainingConfig, batch_size: int, *, is_training: bool) -> None:
        super().__init__()
        self._digits, self._config, self._batch_size = digits, config, batch_size
        self._is_training = is_training
        self._epoch = -1
        self._order = np.arange(len(digits))
        self.on_epoch_end()

    def __len__(self) -> int:
        return math.ceil(len(self._digits) / self._batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        rows = self._order[index * self._batch_size : (index + 1) * self._batch_size]
        images, labels = self._digits.images[rows], self._digits.labels[rows]
        if self._is_training and self._config.augmentation != Distortion():
            random = np.random.default_rng((self._config.seed, self._epoch, index))
            images = distort(images, self._config.augmentation, random)
        if self._config.loss == "categorical_crossentropy":
            labels = keras.utils.to_categorical(labels, datasets.CLASSES)
        return images[..., None] * np.float32(1 / 255), labels  # (n, 28, 28, 1)

    def on_epoch_end(self) -> None:
        self._epoch += 1
        if self._is_training:
            self._order = np.random.default_rng((self._config.seed, self._epoch)).permutation(
                len(self._digits)
            )
