"""How far models can be trusted, one column each: other people's digits, spoilt digits, what they are sure of, what they refuse, how fast.

    python benchmarks/handwriting.py [MODEL ...] [--data FOLDER]

Shares stand with n and their 95% interval (Wilson's; of areas under ROC a bootstrap one). The sets are not part of the
project (see their README for origin and licences); those that are absent are named and left out. None of them is ever
used to train or to choose anything, nor are the test digits: this is the last report. The spoilt digits are the 5,000 validation
digits under each corruption of the Evaluate page at the middle one of its five strengths; their mean stands with the
interval of 5,000 digits, as they are the same ones each time. The calibration error (15 bins of equal width) is that of `Classifier.judge`,
whose temperature was fitted on validation digits. Digits are told from other things by the likeness that it gives. A picture in
which the door finds no ink counts as misread.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks import _foreign
from benchmarks._foreign import DATA_FOLDER
from benchmarks._table import figure, print_table
from digit_core import datasets
from digit_core.digits import Digits
from digit_core.evaluation import corruptions
from digit_core.inference import classifier
from digit_core.inference.classifier import Classifier
from digit_core.metrics import bootstrap, calibration, classification, roc

Answer = Callable[[np.ndarray], object]

MIDDLE = 3  # of the five strengths
ONE_BY_ONE = 1_000  # single images
MANY_ROUNDS = 5
OTHERS = ("letters", "clothes")
GOALS = {
    "MNIST test": "99.70%",
    "unipen_digits": "99.2%",
    "real_digits": "33 of 33",
    "usps": "98.5%",
    "scikit-learn's digits": "98.0%",
    "spoilt, mean": "97%",
    "calibration error, MNIST test": "0.2%",
    "calibration error, unipen_digits": "1%",
    "unipen_digits from letters": "0.97",
    "MNIST test from clothes": "0.995",
    "one image, one thread, 95th percentile": "0.25 ms",
    "10,000 images, both cores": "2 s",
}


@dataclass(frozen=True, eq=False)
class Material:
    """Images to read, float32 or uint8 (n, 28, 28), and their labels, integers (n,)."""

    images: np.ndarray
    labels: np.ndarray


@dataclass
class Table:
    """What was measured: a row a title, a cell a model."""

    models: list[Classifier]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)

    def add(self, title: str, n: int, cells: Iterable[object]) -> None:
        """Enter one row: of n things, a cell a model."""
        self.rows.append((title, f"{n:,}", *map(str, cells), GOALS.get(title, "")))

    def print(self) -> None:
        headings = ("measured", "n", *(model.name for model in self.models), "goal for default")
        print_table(headings, self.rows)
        for title in self.absent:
            print(f"Left out, for it is absent: {title}")


def accuracy(model: Classifier, material: Material) -> classification.Share:
    """The share that a model reads right; what has no ink at all is not read."""
    is_right = model.predict(material.images).argmax(axis=1) == material.labels
    is_right &= material.images.any(axis=(1, 2))
    return classification.share(int(is_right.sum()), len(is_right))


def add_read(table: Table, sets: dict[str, Material]) -> None:
    """A row for each set of digits."""
    for title, material in sets.items():
        table.add(title, len(material.labels), [accuracy(model, material) for model in table.models])


def add_spoilt(table: Table, digits: Digits) -> None:
    """A row for each corruption, then their mean."""
    right = np.zeros(len(table.models))
    for name, corruption in corruptions.CORRUPTIONS.items():
        spoilt = Material(corruptions.corrupt(digits.images, name, MIDDLE), digits.labels)
        shares = [accuracy(model, spoilt) for model in table.models]
        right += [share.count / len(corruptions.CORRUPTIONS) for share in shares]
        table.add(f"spoilt, {corruption.words(MIDDLE)}", len(digits), shares)
    table.add("spoilt, mean", len(digits), [classification.share(round(mean), len(digits)) for mean in right])


def add_trust(table: Table, known: dict[str, Material], others: dict[str, Material]) -> None:
    """Rows on what models are sure of, and on what they take for a digit."""
    for title, digits in known.items():
        errors = [_calibration_error(model, digits) for model in table.models]
        table.add(f"calibration error, {title}", len(digits.labels), [f"{error:.2%}" for error in errors])
    for title, digits in known.items():
        for other, refused in others.items():
            n = len(digits.labels) + len(refused.labels)
            table.add(f"{title} from {other}", n, [_area(model, digits, refused) for model in table.models])


def _calibration_error(model: Classifier, material: Material) -> float:
    return calibration.reliability(material.labels, model.judge(material.images).probabilities).error


def _area(model: Classifier, digits: Material, others: Material) -> str:
    """The area under ROC of digits against others by their likeness, in words."""
    likeness = [model.judge(material.images).likeness for material in (digits, others)]
    is_digit = np.repeat([True, False], [len(part) for part in likeness])
    scores = np.concatenate(likeness).astype(np.float64)
    area = roc.curve("digits", is_digit, scores).area
    interval = bootstrap.auc_interval(is_digit, scores)
    return f"{area:.4f} ({interval.low:.4f} to {interval.high:.4f})"


def add_speed(table: Table, digits: Digits) -> None:
    """Rows on how fast models answer."""

    def one(answer: Answer) -> str:
        times = [_seconds(answer, digits.images[row : row + 1]) for row in range(ONE_BY_ONE)]
        return f"{figure(float(np.percentile(times, 95)) * 1000)} ms"

    def many(answer: Answer) -> str:
        times = [_seconds(answer, digits.images) for _ in range(MANY_ROUNDS)]
        return f"{figure(float(np.median(times)))} s"

    models = table.models
    table.add("one image, one thread, 95th percentile", ONE_BY_ONE, [one(model.predict) for model in models])
    table.add("one image judged, 95th percentile", ONE_BY_ONE, [one(model.judge) for model in models])
    table.add("10,000 images, both cores", MANY_ROUNDS, [many(model.predict) for model in models])


def _seconds(answer: Answer, images: np.ndarray) -> float:
    started = time.perf_counter()
    answer(images)
    return time.perf_counter() - started


def measure(models: list[str], folder: Path) -> None:
    """Print the table."""
    table = Table([classifier.load(model) for model in models])
    mnist = datasets.load_mnist()
    found = {"MNIST test": Material(mnist.test.images, mnist.test.labels)}
    for title, (file, _) in _foreign.SETS.items():
        if arrays := _foreign.read(title, folder):
            found[title] = Material(*arrays)
        else:
            table.absent.append(f"{title} ({file})")
    others = {title: found.pop(title) for title in OTHERS if title in found}
    add_read(table, found)
    add_spoilt(table, mnist.validation)
    known = {title: found[title] for title in ("MNIST test", "unipen_digits") if title in found}
    add_trust(table, known, others)
    add_speed(table, mnist.test)
    table.print()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", default=["default"])
    parser.add_argument("--data", type=Path, default=DATA_FOLDER, help="the folder of the sets (%(default)s)")
    arguments = parser.parse_args()
    measure(arguments.models, arguments.data)
