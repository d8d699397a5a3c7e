"""Each tutorial walked by the command line, and what it claims beside what was measured.

    python benchmarks/tutorials.py [CASE ...] [--quick] [--set NAME=VALUE ...]

A walk is `train --preset`, `evaluate` and `export` of what came of it, as a reader would type them. The exit status is 1 where a
tutorial claims more than was reached.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks import harness
from benchmarks.harness import Case, Claim, Result, Table
from digit_core import datasets, settings
from digit_core.inference import classifier
from digit_core.metrics import roc
from digit_core.recipes.presets import PRESETS


@dataclass(frozen=True)
class Walked:
    """One training of a tutorial, and how its model reads.

    Attributes:
        architecture: its name.
        history: what its card says of each epoch.
        kept: the epoch whose weights were kept.
        accuracy, log_loss: on the test digits; 0.0 to 1.0.
        confusion: int array of shape (10, 10): a row for each true digit, a column for each answer.
        area_of_zero: under the ROC curve of the digit 0 on the test digits, 0.0 to 1.0.
    """

    architecture: str
    history: Sequence[dict[str, float]]
    kept: int
    accuracy: float
    log_loss: float
    confusion: np.ndarray
    area_of_zero: float

    @property
    def most_confused(self) -> tuple[int, int]:
        """The two digits that are taken for each other most often, the smaller first."""
        both = self.confusion + self.confusion.T
        first, second = np.unravel_index(np.argmax(np.triu(both, 1)), both.shape)
        return int(first), int(second)

    @property
    def best_validation(self) -> float:
        """The highest validation accuracy of any epoch."""
        return max(epoch["validation_accuracy"] for epoch in self.history)


def type_in(*words: str) -> list[dict[str, Any]]:
    """Run a command of `digit-lab` with --json, and read what it prints, a record a line."""
    command = [sys.executable, "-m", "digit_core", *words, "--json"]
    done = subprocess.run(command, cwd=settings.PROJECT_FOLDER, stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def walk(preset: str, folder: Path, epochs: int = 0, digits: int = 0) -> list[Walked]:
    """Train a preset in `folder`, and measure each of its models.

    Args:
        preset: its name.
        folder: new; the models are written there.
        epochs, digits: fewer than the preset's, to be done sooner; 0 for the preset's own.
    """
    shorter = ["--epochs", str(epochs)] if epochs else []
    shorter += ["--subset-size", str(digits)] if digits else []
    test, found = datasets.load_mnist().test, []
    for record in type_in("train", "--preset", preset, *shorter, "--output", str(folder)):
        model, card = record["model"], record["card"]
        (measured,) = type_in("evaluate", model)
        type_in("export", model, "--format", "h5", "--output", f"{model}.h5")
        zero = roc.curves(test.labels, classifier.load(model).predict_dataset(test.images)).classes[0]
        assert zero is not None  # there are zeros and others among the test digits
        found.append(
            Walked(
                card["configuration"]["architecture"],
                card["history"],
                card["kept_epoch"],
                measured["accuracy"]["value"],
                measured["log_loss"],
                np.array(measured["confusion"]),
                zero.area,
            )
        )
    return found


def claims(preset: str, walked: Sequence[Walked]) -> Iterator[Claim]:
    """What a tutorial says of its models, and whether ours are as good. A share given in whole per cent is reached from half a
    per cent below it on."""
    first, last = walked[0], walked[-1]
    match preset:
        case "tutorial-1":
            yield Claim("over 95% of the test digits", first.accuracy > 0.95)
        case "tutorial-3":
            learnt = first.history[first.kept - 1]["accuracy"]
            yield Claim("ANN: about 98% of the training digits", learnt >= 0.975)
            yield Claim("ANN: about 97% of the test digits", first.accuracy >= 0.965)
            in_training = last.history[last.kept - 1]["accuracy"]
            yield Claim(
                "CNN: above 99% in training and in validation", min(in_training, last.best_validation) > 0.99
            )
            yield Claim("area under the ROC curve of class 0: 1.00", last.area_of_zero >= 0.995)
        case "tutorial-4":
            yield Claim("99% of the validation digits", first.best_validation >= 0.99)
        case "tutorial-5":
            yield Claim("98.12% of the test digits", first.accuracy >= 0.9812)
            yield Claim("test loss 0.069", first.log_loss <= 0.069)


def measure(preset: str, epochs: int, digits: int) -> list[Result]:
    """Walk a tutorial. A walk that is shorter than the tutorial's own is not held to what that claims."""
    with tempfile.TemporaryDirectory() as folder:
        walked = walk(preset, Path(folder) / "model", epochs, digits)
    rows = [
        [
            one.architecture,
            f"{one.kept} of {len(one.history)}",
            f"{one.history[one.kept - 1]['accuracy']:.2%}",
            f"{one.history[one.kept - 1]['validation_accuracy']:.2%}",
            f"{one.best_validation:.2%}",
            f"{one.accuracy:.2%}",
            f"{one.log_loss:.4f}",
            f"{one.area_of_zero:.4f}",
            "{} and {}".format(*one.most_confused),
        ]
        for one in walked
    ]
    headings = ["network", "epoch kept", "training", "validation", "best validation"]
    headings += ["test", "test loss", "ROC area of 0", "most confused"]
    return [Table(headings, rows), *([] if epochs or digits else claims(preset, walked))]


CASES = {
    name: Case(
        preset.title,
        "",
        partial(measure, name),
        {"epochs": 0, "digits": 0},
        {"epochs": 1, "digits": 2_000},
    )
    for name, preset in PRESETS.items()
    if name.startswith("tutorial-")
}

if __name__ == "__main__":
    sys.exit(harness.run(__doc__, CASES))
