"""Seconds of training to 99.0% of the validation digits: the stock Keras convnet against our recipe `quick`, in one run.

    python benchmarks/time_to_accuracy.py
    python benchmarks/time_to_accuracy.py --seeds 1 --stock-seeds 1 --epochs 2      # a short look

The stock is the network of Keras' own example "Simple MNIST convnet" (convolutions of 32 and 64 filters, dropout 0.5),
trained as there, batch 128 with Adam, in plain Keras, on the same 55,000 digits. `quick` goes through
`digit_core.training.trainer.train`, as in the app. They take turns, and both are judged on the same 5,000 validation digits.

Two times are looked for: to 99.0%, and to what the stock reads after its last epoch (15, the mean of its seeds). The
stock goes on past that, twice as long at most, until it reads 99.0%; where it never does, what it took counts, and the
ratio is a lower bound. Only training counts, in the same way for both: the clock starts at the end of the first step, when the graphs stand, and
stands still while the validation digits are read, however often that is. The stock is read four times an epoch and is taken at the first time that it gets there; `quick` at the end of an epoch only, so that a share
of an epoch may be counted against it, and what the app looks into while it trains is counted, too. Where other work
shares the processor, its seconds tell more than the clock's: both are printed.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from digit_core.digits import CLASSES

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks._table import figure, print_table, verdict
from digit_core import datasets
from digit_core.datasets.mnist import Mnist
from digit_core.digits import Digits
from digit_core.monitoring.events import BatchEnded, EpochEnded, Event
from digit_core.recipes.configuration import TrainingConfig
from digit_core.recipes.presets import PRESETS

TARGET = 0.99
STOCK_BATCH = 128
CHECKS_AN_EPOCH = 4  # of the stock: more often than ours, so that chance helps it, not us
LONGER = 2  # times its epochs that the stock may take to reach the target
GOAL = 8  # times faster
_READ_AT_ONCE = 500


@dataclass(frozen=True)
class Point:
    """How well a network read the validation digits (0.0 to 1.0) after so many seconds of training."""

    seconds: float
    processor_seconds: float
    accuracy: float


Course = list[Point]


class Stopwatch:
    """Seconds of the clock and of the processor, while it is running."""

    def __init__(self) -> None:
        self.seconds = self.processor_seconds = 0.0
        self._since: tuple[float, float] | None = None

    def start(self) -> None:
        if self._since is None:
            self._since = time.perf_counter(), time.process_time()

    def stop(self) -> None:
        if self._since is not None:
            self.seconds += time.perf_counter() - self._since[0]
            self.processor_seconds += time.process_time() - self._since[1]
        self._since = None

    def point(self, accuracy: float) -> Point:
        return Point(self.seconds, self.processor_seconds, accuracy)


def first(course: Course, accuracy: float) -> Point | None:
    """The first point of a course that is at least that good, None if it never is."""
    return next((point for point in course if point.accuracy >= accuracy), None)


def ours(config: TrainingConfig) -> Course:
    """Train a recipe as the app does."""
    from digit_core.training import trainer

    watch = Stopwatch()
    course: Course = []

    def listen(event: Event) -> None:
        if isinstance(event, BatchEnded):
            watch.stop() if event.step == steps else watch.start()
        elif isinstance(event, EpochEnded):
            course.append(watch.point(event.validation_accuracy))
            watch.start()

    steps = -(-config.training_size // config.batch_size)
    trainer.train(config, on_event=listen)
    return course


def stock(mnist: Mnist, epochs: int, seed: int) -> Course:
    """Train the network of Keras' example: plain Keras, float32."""
    import keras

    keras.config.set_dtype_policy("float32")
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Conv2D(64, 3, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    images, labels = (mnist.train.images[..., None] / 255).astype(np.float32), mnist.train.labels
    steps = -(-len(labels) // STOCK_BATCH)
    watch = Stopwatch()
    course: Course = []
    checks = {round(steps * (check + 1) / CHECKS_AN_EPOCH) for check in range(CHECKS_AN_EPOCH)}

    def step_ended(batch: int, logs: object) -> None:
        watch.start()  # at the end of the first step; later ones find it running
        if batch + 1 in checks:
            watch.stop()
            course.append(watch.point(accuracy(model, mnist.validation)))
            is_done = len(course) >= epochs * CHECKS_AN_EPOCH and first(course, TARGET)
            if batch + 1 == steps and is_done:
                model.stop_training = True
            watch.start()

    model.fit(
        images,
        keras.utils.to_categorical(labels, CLASSES),
        batch_size=STOCK_BATCH,
        epochs=epochs * LONGER,
        callbacks=[keras.callbacks.LambdaCallback(on_train_batch_end=step_ended)],
        verbose=0,
    )
    return course


def accuracy(model: Callable[..., object], digits: Digits) -> float:
    """The share that a Keras model reads right, 0.0 to 1.0."""
    pixels = digits.images[..., None].astype(np.float32) / 255
    answers = [
        np.asarray(model(pixels[start : start + _READ_AT_ONCE], training=False))
        for start in range(0, len(pixels), _READ_AT_ONCE)
    ]
    return float((np.concatenate(answers).argmax(axis=1) == digits.labels).mean())


@dataclass(frozen=True)
class Reached:
    """When the seeds of one recipe were as good as asked for.

    Attributes:
        points: one a seed: the first that is good enough, or else the last.
        missed: how many seeds never were.
    """

    points: tuple[Point, ...]
    missed: int

    @property
    def seconds(self) -> float:
        return float(np.mean([point.seconds for point in self.points]))

    @property
    def processor_seconds(self) -> float:
        return float(np.mean([point.processor_seconds for point in self.points]))


def reached(courses: Sequence[Course], wanted: float) -> Reached:
    """When each course first was at `wanted` (0.0 to 1.0)."""
    found = [first(course, wanted) for course in courses]
    points = tuple(point or course[-1] for point, course in zip(found, courses, strict=True))
    return Reached(points, sum(point is None for point in found))


def report(recipe: str, mine: Sequence[Course], stocks: Sequence[Course], epochs: int) -> None:
    """Print every seed, then the times and their ratios."""
    after = epochs * CHECKS_AN_EPOCH - 1
    own = float(np.mean([course[after].accuracy for course in stocks]))
    rows = []
    for title, courses, end in (("stock", stocks, after), (recipe, mine, -1)):
        for course in courses:
            point = first(course, TARGET)
            rows.append(
                (
                    title,
                    f"{course[end].accuracy:.2%}",
                    f"{max(point.accuracy for point in course):.2%}",
                    f"{figure(point.seconds)} s" if point else f"not in {figure(course[-1].seconds)} s",
                    f"{figure(point.processor_seconds)} s" if point else "",
                )
            )
    print_table(("one seed", "at its end", "at its best", f"to {TARGET:.1%}", "processor time"), rows)
    rows = []
    for words, wanted in (
        (f"{TARGET:.1%}", TARGET),
        (f"the stock's own {own:.2%} after {epochs} epochs", own),
    ):
        theirs, here = reached(stocks, wanted), reached(mine, wanted)
        sign = "≥ " if theirs.missed else ""
        ratios = theirs.seconds / here.seconds, theirs.processor_seconds / here.processor_seconds
        rows.append((words, *_cells(theirs, len(stocks)), *_cells(here, len(mine))))
        rows[-1] += (f"{sign}{ratios[0]:.1f} times", f"{sign}{ratios[1]:.1f} times")
        rows[-1] += (verdict(ratios[0] >= GOAL and not here.missed) if wanted == TARGET else "",)
    clock, processor = "seconds", "processor time"
    print_table(
        (
            *("mean of the seeds, to", f"stock, {clock}", processor, f"{recipe}, {clock}", processor),
            *("ratio", f"ratio by {processor}", f"goal ≥ {GOAL} times"),
        ),
        rows,
    )


def _cells(found: Reached, n: int) -> tuple[str, str]:
    missed = f" ({found.missed} of {n} never)" if found.missed else ""
    return f"{figure(found.seconds)} s{missed}", f"{figure(found.processor_seconds)} s"


def turns(seeds: int, stocks: int) -> list[tuple[str, int]]:
    """Which recipe trains when, and with which seed: those of the fewer are spread among the others."""
    places = [("ours", seed, (seed + 0.5) / seeds) for seed in range(seeds)]
    places += [("stock", seed, (seed + 0.5) / stocks) for seed in range(stocks)]
    return [(kind, seed) for kind, seed, _ in sorted(places, key=lambda place: place[2])]


def main(recipe: str, seeds: int, stock_seeds: int, epochs: int) -> None:
    mnist = datasets.load_mnist()
    courses: dict[str, list[Course]] = {"ours": [], "stock": []}
    for kind, seed in turns(seeds, stock_seeds):
        config = replace(PRESETS[recipe].configs[0], seed=seed)
        course = ours(config) if kind == "ours" else stock(mnist, epochs, seed)
        courses[kind].append(course)
        name = recipe if kind == "ours" else kind
        last = course[-1]
        print(
            f"{name}, seed {seed}: {last.accuracy:.2%} after {figure(last.seconds)} s "
            f"({figure(last.processor_seconds)} s of the processor)",
            file=sys.stderr,
            flush=True,
        )
    report(recipe, courses["ours"], courses["stock"], epochs)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--recipe", default="quick", choices=sorted(PRESETS), help="ours (%(default)s)")
    parser.add_argument("--seeds", type=int, default=5, help="trainings of ours (%(default)s)")
    parser.add_argument("--stock-seeds", type=int, default=3, help="trainings of the stock (%(default)s)")
    parser.add_argument(
        "--epochs", type=int, default=15, help="of the stock, as in Keras' example (%(default)s)"
    )
    arguments = parser.parse_args()
    main(arguments.recipe, arguments.seeds, arguments.stock_seeds, arguments.epochs)
