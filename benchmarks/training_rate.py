"""Compare a training of the app with the same `model.fit` in a bare script: images a second, in the same run.

    python benchmarks/training_rate.py
    python benchmarks/training_rate.py --presets tutorial-2 --digits 55000 --rounds 5

The bare script holds the digits as float32 arrays and calls `model.fit(x, y, batch_size, epochs, validation_data,
verbose=0)` on the same network, optimizer and loss. The app's training tells all its events to a recording, and makes
messages of as many as a worker sends. Both take turns. An epoch is timed from its first step to the end of its
validation, the first epoch, in which TensorFlow builds its graphs, left out.
"""

import argparse
import os
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import keras
import numpy as np

from digit_core import datasets, recordings, training
from digit_core.configuration import TrainingConfig
from digit_core.datasets import Digits
from digit_core.events import BatchEnded, EpochEnded, Event
from digit_core.presets import PRESETS

MESSAGES_A_SECOND = 5  # of steps: what a worker sends on


def arrays(digits: Digits, config: TrainingConfig) -> tuple[np.ndarray, np.ndarray]:
    """float32 (n, 28, 28, 1) and labels as the loss wants them: what a bare script trains on."""
    labels = digits.labels
    if config.loss == "categorical_crossentropy":
        labels = keras.utils.to_categorical(labels, datasets.CLASSES)
    return digits.images[..., None].astype(np.float32) / 255, labels


class Clock(keras.callbacks.Callback):
    """Seconds of each epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self._began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self.seconds.append(time.perf_counter() - self._began)


def bare(config: TrainingConfig, digits: Digits, validation: Digits) -> list[float]:
    """Seconds of each epoch of a bare `fit`."""
    keras.utils.set_random_seed(config.seed)
    model = training.build_model(config.network)
    model.compile(config.optimizer, config.loss, metrics=["accuracy"])
    model.optimizer.learning_rate = config.learning_rate
    clock = Clock()
    images, labels = arrays(digits, config)
    model.fit(
        images,
        labels,
        batch_size=config.batch_size,
        epochs=config.epochs,
        validation_data=arrays(validation, config),
        callbacks=[clock],
        verbose=0,
    )
    return clock.seconds


def ours(config: TrainingConfig) -> list[float]:
    """Seconds of each epoch of the app's training."""
    recording, seconds, sent = recordings.Recording(), [], [0.0]

    def listen(event: Event) -> None:
        recording.add(event)
        now = time.perf_counter()
        if isinstance(event, BatchEnded) and now - sent[0] < 1 / MESSAGES_A_SECOND:
            return
        sent[0] = now
        recordings.to_message(event)
        if isinstance(event, EpochEnded):
            seconds.append(event.duration_seconds)

    training.train(config, on_event=listen)
    return seconds


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--presets", nargs="+", default=["tutorial-2", "tutorial-4", "tutorial-1"])
    parser.add_argument("--digits", type=int, default=55_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=3)
    arguments = parser.parse_args()
    mnist = datasets.load_mnist()
    print("median of the epochs behind the first, images a second: bare fit, the app, the app's share")
    for name in arguments.presets:
        config = replace(PRESETS[name].configs[0], epochs=arguments.epochs, subset_size=arguments.digits)
        used, validation, _ = training._choose_digits(config, None)
        times: dict[str, list[float]] = {"bare": [], "ours": []}
        for _ in range(arguments.rounds):
            times["bare"] += bare(config, used, validation)[1:]
            times["ours"] += ours(config)[1:]
        rates = {who: len(used) / statistics.median(seconds) for who, seconds in times.items()}
        ratio = rates["ours"] / rates["bare"]
        print(f"{name:12} {rates['bare']:8,.0f} {rates['ours']:8,.0f} {ratio:7.0%}", flush=True)
