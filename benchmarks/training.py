"""How fast the app trains, beside plain Keras in the same run.

    python benchmarks/training.py [CASE ...] [--quick] [--set NAME=VALUE ...]

Both sides take turns. Where other work shares the processor, its seconds tell more than the clock's: both are printed.
"""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks import harness
from benchmarks.harness import Case, Series
from digit_core import datasets
from digit_core.datasets.mnist import Mnist
from digit_core.digits import CLASSES, Digits
from digit_core.monitoring import recordings
from digit_core.monitoring.events import BatchEnded, EpochEnded, Event
from digit_core.recipes.configuration import TrainingConfig
from digit_core.recipes.presets import PRESETS

CLOCKS = "by the clock", "by processor time"
RATED = "tutorial-2", "tutorial-4", "tutorial-1"
MESSAGE_SECONDS = 0.2  # from one step that a worker tells of to the next


def now() -> tuple[float, float]:
    """Seconds of the clock and of the processor."""
    return time.perf_counter(), time.process_time()


def arrays(digits: Digits, loss: str) -> tuple[np.ndarray, np.ndarray]:
    """float32 (n, 28, 28, 1) and labels as the loss wants them: what a bare script trains on."""
    import keras

    pixels = digits.images[..., None].astype(np.float32) / 255
    is_one_hot = loss == "categorical_crossentropy"
    return pixels, keras.utils.to_categorical(digits.labels, CLASSES) if is_one_hot else digits.labels


def bare_epochs(config: TrainingConfig) -> np.ndarray:
    """When each epoch of `model.fit` ended, on the network of a configuration, with a validation each: (epochs, 2)."""
    import keras

    from digit_core.training import batches, networks

    used, validation, _ = batches.choose_digits(config, None)
    keras.utils.set_random_seed(config.seed)
    model = networks.build(config.network)
    model.compile(config.optimizer, config.loss, metrics=["accuracy"])
    model.optimizer.learning_rate = config.learning_rate
    ends: list[tuple[float, float]] = []
    model.fit(
        *arrays(used, config.loss),
        batch_size=config.batch_size,
        epochs=config.epochs,
        validation_data=arrays(validation, config.loss),
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: ends.append(now()))],
        verbose=0,
    )
    return np.array(ends)


def app_epochs(config: TrainingConfig) -> np.ndarray:
    """The same of the app's training, which tells a recording of it, and makes as many messages as a worker sends."""
    from digit_core.training import trainer

    recording, said = recordings.Recording(), 0.0
    ends: list[tuple[float, float]] = []

    def listen(event: Event) -> None:
        nonlocal said
        recording.add(event)
        if isinstance(event, BatchEnded) and time.perf_counter() - said < MESSAGE_SECONDS:
            return
        said = time.perf_counter()
        recordings.to_message(event)
        if isinstance(event, EpochEnded):
            ends.append(now())

    trainer.train(config, on_event=listen)
    return np.array(ends)


def rate(digits: int, rounds: int, epochs: int) -> list[Series]:
    """An epoch is timed from the end of the one before it: the first, in which graphs are built, is left out."""
    found = []
    for name in RATED:
        config = replace(PRESETS[name].configs[0], epochs=epochs, subset_size=digits)
        spent = {"a bare fit": [], "the app": []}
        for _ in range(rounds):
            for who, train in (("a bare fit", bare_epochs), ("the app", app_epochs)):
                spent[who] += [after - before for before, after in pairwise(train(config))]
        for column, clock in enumerate(CLOCKS):
            for who, epochs_seconds in spent.items():
                rates = [config.training_size / seconds[column] for seconds in epochs_seconds]
                over = f"{name}: a bare fit {clock}" if who == "the app" else ""
                found.append(Series(f"{name}: {who} {clock}", rates, "images/s", over))
    return found


TARGET = 0.99
STOCK_BATCH = 128
CHECKS_AN_EPOCH = 4  # of the stock: more often than ours, so that chance helps it, not us
LONGER = 2  # times its epochs that the stock may take to reach the target


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
        self._spent = np.zeros(2)
        self._since: tuple[float, float] | None = None

    def start(self) -> None:
        self._since = self._since or now()

    def stop(self) -> None:
        if self._since is not None:
            self._spent += np.subtract(now(), self._since)
        self._since = None

    def point(self, accuracy: float) -> Point:
        return Point(*self._spent.tolist(), accuracy)


def ours(config: TrainingConfig) -> Course:
    """Train a recipe as the app does."""
    from digit_core.training import trainer

    watch, course = Stopwatch(), []
    steps = -(-config.training_size // config.batch_size)

    def listen(event: Event) -> None:
        if isinstance(event, BatchEnded):
            watch.stop() if event.step == steps else watch.start()
        elif isinstance(event, EpochEnded):
            course.append(watch.point(event.validation_accuracy))
            watch.start()

    trainer.train(config, on_event=listen)
    return course


def stock(mnist: Mnist, epochs: int, seed: int) -> Course:
    """Train the network of Keras' example "Simple MNIST convnet", as there: plain Keras, float32."""
    import keras

    keras.config.set_dtype_policy("float32")
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    steps = -(-len(mnist.train) // STOCK_BATCH)
    checks = {round(steps * (check + 1) / CHECKS_AN_EPOCH) for check in range(CHECKS_AN_EPOCH)}
    watch, course = Stopwatch(), []

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
        *arrays(mnist.train, "categorical_crossentropy"),
        batch_size=STOCK_BATCH,
        epochs=epochs * LONGER,
        callbacks=[keras.callbacks.LambdaCallback(on_train_batch_end=step_ended)],
        verbose=0,
    )
    return course


def accuracy(model: Callable[..., object], digits: Digits) -> float:
    """The share that a Keras model reads right, 0.0 to 1.0."""
    pixels, _ = arrays(digits, "")
    answers = [np.asarray(model(part, training=False)) for part in np.array_split(pixels, 10)]
    return float((np.concatenate(answers).argmax(axis=1) == digits.labels).mean())


def first(course: Course, wanted: float) -> Point | None:
    """The first point of a course that is at least that good, None if it never is."""
    return next((point for point in course if point.accuracy >= wanted), None)


def reached(courses: Sequence[Course], wanted: float) -> tuple[np.ndarray, int]:
    """When the courses first were at `wanted` (0.0 to 1.0); one that never was counts with all that it took.

    Returns:
        Seconds of the clock and of the processor, the means of the courses; and how many never were.
    """
    points = [first(course, wanted) or course[-1] for course in courses]
    never = sum(first(course, wanted) is None for course in courses)
    return np.mean([(point.seconds, point.processor_seconds) for point in points], axis=0), never


def report(recipe: str, mine: Sequence[Course], stocks: Sequence[Course], epochs: int) -> list[Series | str]:
    """The means of the seeds to 99.0%, and to what the stock reads after its last epoch, and their ratios."""
    own = float(np.mean([course[epochs * CHECKS_AN_EPOCH - 1].accuracy for course in stocks]))
    found: list[Series | str] = []
    for words, wanted in (("99.0%", TARGET), ("the stock's own result", own)):
        (theirs, never), (here, missed) = reached(stocks, wanted), reached(mine, wanted)
        for column, clock in enumerate(CLOCKS):
            title = f"{recipe} to {words} {clock}"
            found.append(Series(title, [here[column]], "s"))
            over = "" if missed else title  # no goal is met where ours does not get there
            found.append(Series(f"stock to {words} {clock}", [theirs[column]], "s", over))
            if missed:
                ratio = theirs[column] / here[column]
                found.append(f"To {words} {clock} the stock takes {ratio:.1f} times as long as they took.")
        found += [
            f"{count} of {len(courses)} of {who} never read {wanted:.2%}: what they took counts."
            for who, courses, count in ((recipe, mine, missed), ("the stock", stocks, never))
            if count
        ]
    return [*found, f"The stock's own result after {epochs} epochs is {own:.2%}."]


def turns(seeds: int, stocks: int) -> list[tuple[str, int]]:
    """Which recipe trains when, and with which seed: those of the fewer are spread among the others."""
    places = [("ours", seed, (seed + 0.5) / seeds) for seed in range(seeds)]
    places += [("stock", seed, (seed + 0.5) / stocks) for seed in range(stocks)]
    return [(kind, seed) for kind, seed, _ in sorted(places, key=lambda place: place[2])]


def time_to_accuracy(recipe: str, seeds: int, stock_seeds: int, epochs: int) -> list[Series | str]:
    """To 99.0% of the validation digits, and to what the stock reads after its last epoch (15, the mean of its seeds).

    The stock goes on past that, twice as long at most, until it reads 99.0%; where it never does, the ratio is a lower bound.
    Only training counts: the clock starts at the end of the first step, when the graphs stand, and stands still while the
    validation digits are read. The stock is read four times an epoch and is taken at the first time that it gets there;
    `quick` at the end of an epoch only, and what the app looks into while it trains is counted.
    """
    mnist = datasets.load_mnist()
    courses: dict[str, list[Course]] = {"ours": [], "stock": []}
    for kind, seed in turns(seeds, stock_seeds):
        config = replace(PRESETS[recipe].configs[0], seed=seed)
        course = ours(config) if kind == "ours" else stock(mnist, epochs, seed)
        courses[kind].append(course)
        print(f"{kind}, seed {seed}: to 99.0% {first(course, TARGET)}, at its end {course[-1]}", flush=True)
    print()
    return report(recipe, courses["ours"], courses["stock"], epochs)


CASES = {
    "rate": Case(
        "images a second in training",
        "a bare model.fit of the same network",
        rate,
        {"digits": 55_000, "rounds": 3, "epochs": 3},
        {"digits": 2_000, "rounds": 1, "epochs": 2},
        {f"{preset}: the app by processor time": "ratio ≥ 0.9" for preset in RATED},
    ),
    "accuracy": Case(
        "training until 99.0% of the validation digits are read right",
        "the network of Keras' own example",
        time_to_accuracy,
        {"recipe": "quick", "seeds": 5, "stock_seeds": 3, "epochs": 15},
        {"seeds": 1, "stock_seeds": 1, "epochs": 1},
        {"stock to 99.0% by the clock": "ratio ≥ 8"},
    ),
}

if __name__ == "__main__":
    sys.exit(harness.run(__doc__, CASES))
