"""Compare a training of the app with the same `model.fit` in a bare script: images a second, in the same run.

    python benchmarks/training_rate.py
    python benchmarks/training_rate.py --presets tutorial-2 --digits 55000 --rounds 5

The bare script holds the digits as float32 arrays and calls `model.fit(x, y, batch_size, epochs, validation_data,
verbose=0)` on the same network, optimizer and loss. The app's training tells all its events to a recording, and makes
messages of as many as a worker sends. Both take turns, and both validate after each epoch. An epoch is timed from the
end of the one before it, so that the first, in which TensorFlow builds its graphs, is left out. Where other work shares
the processor, its seconds tell more than the clock's: both are printed.
"""

import argparse
import os
import sys
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from digit_core.digits import CLASSES

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import keras
import numpy as np

from digit_core import datasets
from digit_core.digits import Digits
from digit_core.monitoring import recordings
from digit_core.monitoring.events import BatchEnded, EpochEnded, Event
from digit_core.recipes.configuration import TrainingConfig
from digit_core.recipes.presets import PRESETS
from digit_core.training import batches, networks, trainer

MESSAGES_A_SECOND = 5  # of steps: what a worker sends on


def arrays(digits: Digits, config: TrainingConfig) -> tuple[np.ndarray, np.ndarray]:
    """float32 (n, 28, 28, 1) and labels as the loss wants them: what a bare script trains on."""
    labels = digits.labels
    if config.loss == "categorical_crossentropy":
        labels = keras.utils.to_categorical(labels, CLASSES)
    return digits.images[..., None].astype(np.float32) / 255, labels


Spent = list[tuple[float, float]]  # seconds of the clock and of the processor, an epoch


def now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def between(ends: Spent) -> Spent:
    """What each epoch but the first took, from when each ended."""
    return [(after[0] - before[0], after[1] - before[1]) for before, after in pairwise(ends)]


def bare(config: TrainingConfig, digits: Digits, validation: Digits) -> Spent:
    """What the epochs of a bare `fit` take."""
    keras.utils.set_random_seed(config.seed)
    model = networks.build(config.network)
    model.compile(config.optimizer, config.loss, metrics=["accuracy"])
    model.optimizer.learning_rate = config.learning_rate
    ends: Spent = []
    images, labels = arrays(digits, config)
    model.fit(
        images,
        labels,
        batch_size=config.batch_size,
        epochs=config.epochs,
        validation_data=arrays(validation, config),
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: ends.append(now()))],
        verbose=0,
    )
    return between(ends)


def ours(config: TrainingConfig) -> Spent:
    """What the epochs of the app's training take."""
    recording, sent = recordings.Recording(), [0.0]
    ends: Spent = []

    def listen(event: Event) -> None:
        recording.add(event)
        if isinstance(event, BatchEnded) and time.perf_counter() - sent[0] < 1 / MESSAGES_A_SECOND:
            return
        sent[0] = time.perf_counter()
        recordings.to_message(event)
        if isinstance(event, EpochEnded):
            ends.append(now())

    trainer.train(config, on_event=listen)
    return between(ends)


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
    print(
        "preset         bare fit  the app  share by the clock  by processor time   (images a second, medians)"
    )
    for name in arguments.presets:
        config = replace(PRESETS[name].configs[0], epochs=arguments.epochs, subset_size=arguments.digits)
        used, validation, _ = batches.choose(config, None)
        bares: Spent = []
        apps: Spent = []
        for _ in range(arguments.rounds):
            bares += bare(config, used, validation)
            apps += ours(config)
        alone, app = (np.median(spent, axis=0) for spent in (bares, apps))
        clock, processor = alone / app
        print(
            f"{name:13} {len(used) / alone[0]:9,.0f} {len(used) / app[0]:8,.0f} {clock:19.0%} {processor:18.0%}",
            flush=True,
        )
