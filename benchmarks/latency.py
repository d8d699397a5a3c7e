"""How long one answer takes: `Classifier.predict` against `keras.Model.predict` and against calling the model.

    python benchmarks/latency.py [MODEL] [--rounds N] [--device cpu|gpu]

All three read the same test digits with the same weights in one run, in turns; they must agree, or the exit status is 1. Keras runs on
the processor, as LiteRT does, unless asked otherwise.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from _table import Series, figure, print_series, print_table, verdict

from digit_core import datasets
from digit_core.inference import classifier, model_files
from digit_core.preprocessing import images

PER_ROUND = 20  # single images of each kind in a round
MANY_ROUNDS = 3  # times that all test digits are read
BATCH = 256  # digits a call where many are read
GOAL = 100  # times faster than keras.Model.predict
TOLERANCE = 1e-4  # by which probabilities may differ

Answer = Callable[[np.ndarray], np.ndarray]


def kinds(name: str) -> tuple[dict[str, Answer], dict[str, Answer]]:
    """What is compared on one image, and on many: title to a function from (n, 28, 28) to (n, 10)."""
    from digit_core.training import export

    ours = classifier.load(name)
    model = export.load_keras((model_files.find(name) / model_files.KERAS_FILE).read_bytes())

    def call(digits: np.ndarray) -> np.ndarray:
        batches = [digits[start : start + BATCH] for start in range(0, len(digits), BATCH)]
        return np.concatenate([np.asarray(model(batch[..., None])) for batch in batches])

    one: dict[str, Answer] = {
        "Classifier.predict": ours.predict,
        "keras.Model.predict": lambda digits: model.predict(digits[..., None], verbose=0),
        "calling the model": call,
    }
    many: dict[str, Answer] = one | {
        "keras.Model.predict": lambda digits: model.predict(digits[..., None], batch_size=BATCH, verbose=0)
    }
    return one, many


def milliseconds(answer: Answer, digits: np.ndarray) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    answer(digits)
    return (time.perf_counter() - started) * 1000


def measure_one(answers: dict[str, Answer], digits: np.ndarray, rounds: int) -> dict[str, list[float]]:
    """Time single images: in each round a number by each, after one that does not count."""
    times: dict[str, list[float]] = {title: [] for title in answers}
    for start in range(0, rounds * PER_ROUND, PER_ROUND):
        for title, answer in answers.items():
            milliseconds(answer, digits[start : start + 1])
            times[title] += [milliseconds(answer, digits[i : i + 1]) for i in range(start, start + PER_ROUND)]
    return times


def measure_many(answers: dict[str, Answer], digits: np.ndarray) -> dict[str, list[float]]:
    """Time all digits, each kind in turn."""
    return {
        title: [milliseconds(answer, digits) for _ in range(MANY_ROUNDS)] for title, answer in answers.items()
    }


def largest_difference(answers: dict[str, Answer], digits: np.ndarray) -> float:
    """How far the probabilities of any two kinds lie apart at most."""
    probabilities = np.stack([answer(digits) for answer in answers.values()])
    return float(np.ptp(probabilities, axis=0).max())


def main(name: str, rounds: int) -> int:
    one, many = kinds(name)
    digits = images.from_dataset(datasets.load_mnist().test.images)
    difference = largest_difference(many, digits[:1000])
    times, times_many = measure_one(one, digits, rounds), measure_many(many, digits)
    print(f"The model {model_files.find(name).name}:\n")
    print_series(
        [
            *(Series(f"{title}, one image", values, "ms") for title, values in times.items()),
            *(
                Series(f"{title}, {len(digits):,} images", values, "ms")
                for title, values in times_many.items()
            ),
        ]
    )
    ours, *others = one
    ratios = {title: np.median(times[title]) / np.median(times[ours]) for title in others}
    ratios_many = {title: np.median(times_many[title]) / np.median(times_many[ours]) for title in others}
    print_table(
        (f"{ours} is faster than", "one image", f"{len(digits):,} images", "goal, one image"),
        [
            (
                title,
                f"{figure(ratios[title])} times",
                f"{figure(ratios_many[title])} times",
                f"≥ {GOAL} times: {verdict(ratios[title] >= GOAL)}" if title == "keras.Model.predict" else "",
            )
            for title in others
        ],
    )
    print(
        f"Their probabilities on 1,000 test digits differ by {difference:.0e} at most (goal ≤ {TOLERANCE:.0e})."
    )
    return 0 if difference <= TOLERANCE else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", nargs="?", default="default")
    parser.add_argument(
        "--rounds", type=int, default=10, help=f"of {PER_ROUND} single images each (%(default)s)"
    )
    parser.add_argument("--device", choices=("cpu", "gpu"), default="cpu", help="for Keras (%(default)s)")
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if arguments.device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    sys.exit(main(arguments.model, arguments.rounds))
