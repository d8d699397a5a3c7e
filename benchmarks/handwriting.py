"""How far models can be trusted, one column each: other people's digits, corrupted digits, what they are sure of, what they refuse, how fast.

    python benchmarks/handwriting.py [MODEL ...] [--data FOLDER]

Shares stand with n and their 95% interval (Wilson's; of areas under ROC a bootstrap one). The sets are not part of the
project (see their README for origin and licences); those that are absent are named and left out. None of them is ever
used to train or to choose anything, nor are the test digits: this is the last report. The corrupted digits are the 5,000 validation
digits under each corruption of the Evaluate page at the middle one of its five strengths; their mean stands with the
interval of 5,000 digits, as they are the same ones each time. The calibration error (15 bins of equal width) is that of `Classifier.judge`,
whose temperature was fitted on validation digits. Digits are told from other things by the out-of-distribution score that it gives. A picture in
which no ink is found counts as misread.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks import foreign, harness
from benchmarks.foreign import Material
from digit_core import datasets
from digit_core.digits import Digits
from digit_core.evaluation import corruptions
from digit_core.inference import classifier
from digit_core.inference.classifier import Classifier
from digit_core.metrics import bootstrap, calibration, classification, roc
from digit_core.preprocessing import images

MIDDLE = 3  # of the five strengths
ONE_BY_ONE, MANY_ROUNDS = 1_000, 5
GOALS = {
    "MNIST test": "99.70%",
    "unipen_digits": "99.2%",
    "real_digits": "33 of 33",
    "usps": "98.5%",
    "scikit-learn's digits": "98.0%",
    "MNIST validation corrupted, mean": "97%",
    "calibration error, MNIST test": "0.2%",
    "calibration error, unipen_digits": "1%",
    "unipen_digits from letters": "0.97",
    "MNIST test from clothes": "0.995",
    "one image, one thread, 95th percentile": "0.25 ms",
    "10,000 images, both cores": "2 s",
}

Models = Sequence[Classifier]
Row = tuple[str, int, list[object]]  # what was measured, of how many, and a cell for each model


def accuracy(model: Classifier, material: Material) -> classification.Share:
    """The share that a model reads right; what has no ink at all is not read."""
    is_right = model.predict(_floats(material)).argmax(axis=1) == material.labels
    is_right &= material.images.any(axis=(1, 2))
    return classification.share(int(is_right.sum()), len(is_right))


def _floats(material: Material) -> np.ndarray:
    """Its images as a model takes them: float32 (n, 28, 28), 0.0 to 1.0."""
    return images.from_dataset(material.images) if material.images.dtype == np.uint8 else material.images


def corrupted(models: Models, digits: Digits) -> Iterator[Row]:
    """A row for each corruption, then their mean."""
    right = np.zeros(len(models))
    for name, corruption in corruptions.CORRUPTIONS.items():
        material = Material(corruptions.corrupt(digits.images, name, MIDDLE), digits.labels)
        shares = [accuracy(model, material) for model in models]
        right += [share.count / len(corruptions.CORRUPTIONS) for share in shares]
        yield f"MNIST validation, {corruption.words(MIDDLE)}", len(digits), shares
    yield (
        "MNIST validation corrupted, mean",
        len(digits),
        [classification.share(round(mean), len(digits)) for mean in right],
    )


def trust(models: Models, known: Mapping[str, Material], others: Mapping[str, Material]) -> Iterator[Row]:
    """Rows on what models are sure of, and on what they take for a digit."""
    for title, digits in known.items():
        errors = [calibration_error(model, digits) for model in models]
        yield f"calibration error, {title}", len(digits.labels), [f"{error:.2%}" for error in errors]
    for title, digits in known.items():
        for other, refused in others.items():
            n = len(digits.labels) + len(refused.labels)
            yield f"{title} from {other}", n, [area(model, digits, refused) for model in models]


def calibration_error(model: Classifier, material: Material) -> float:
    return calibration.reliability(material.labels, model.judge(_floats(material)).probabilities).error


def area(model: Classifier, digits: Material, others: Material) -> str:
    """The area under ROC of digits against others by their out-of-distribution score, in words."""
    ood_scores = [model.judge(_floats(material)).ood_score for material in (digits, others)]
    is_digit = np.repeat([True, False], [len(part) for part in ood_scores])
    scores = 1 - np.concatenate(ood_scores).astype(np.float64)
    found = roc.curve("digits", is_digit, scores).area
    interval = bootstrap.auc_interval(is_digit, scores)
    return f"{found:.4f} ({interval.low:.4f} to {interval.high:.4f})"


def speed(models: Models, images: np.ndarray) -> Iterator[Row]:
    """Rows on how fast models answer."""
    singles = [images[row : row + 1] for row in range(ONE_BY_ONE)]
    for title, name in (
        ("one image, one thread, 95th percentile", "predict"),
        ("one image judged, 95th percentile", "judge"),
    ):
        times = [harness.timed(getattr(model, name), singles) for model in models]
        cells = [f"{harness.figure(float(np.percentile(one, 95)))} ms" for one in times]
        yield title, ONE_BY_ONE, cells
    times = [harness.timed(model.predict, [images] * MANY_ROUNDS) for model in models]
    cells = [f"{harness.figure(float(np.median(one)) / 1000)} s" for one in times]
    yield "10,000 images, both cores", MANY_ROUNDS, cells


def measure(models: Models, folder: Path) -> Iterator[Row]:
    mnist = datasets.load_mnist()
    found = {"MNIST test": Material(mnist.test.images, mnist.test.labels)} | foreign.read(folder)
    others = {title: found.pop(title) for title in ("letters", "clothes") if title in found}
    for title, material in found.items():
        yield title, len(material.labels), [accuracy(model, material) for model in models]
    yield from corrupted(models, mnist.validation)
    known = {title: found[title] for title in ("MNIST test", "unipen_digits") if title in found}
    yield from trust(models, known, others)
    yield from speed(models, images.from_dataset(mnist.test.images))


def show(models: Models, rows: Iterator[Row]) -> None:
    headings = ("measured", "n", *(model.name for model in models), "goal for default")
    lines = [(title, f"{n:,}", *map(str, cells), GOALS.get(title, "")) for title, n, cells in rows]
    harness.print_table(headings, lines)


if __name__ == "__main__":
    parser = harness.command_line(__doc__)
    parser.add_argument("models", nargs="*", default=["default"])
    parser.add_argument("--data", type=Path, default=foreign.DATA_FOLDER, help="the folder (%(default)s)")
    arguments = parser.parse_args()
    opened = [classifier.load(name) for name in arguments.models]
    show(opened, measure(opened, arguments.data))
