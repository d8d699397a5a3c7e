"""What each rule for the temperature gains or costs, and what ours does to the shipped models.

    python benchmarks/calibration.py [CASE ...] [--quick] [--set NAME=VALUE ...]

`rules` asks digits that no model learnt from, and no test digit. Ours is careful, not the best by this figure: it leaves the
temperature alone where a fit gains little and might harm. Each rule is asked on four fifths of these
digits and judged on the last fifth, for each fifth in turn, and all that again with other fifths. `models` is the last report, on the test digits.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks import harness
from benchmarks.harness import Case, Table
from digit_core import datasets
from digit_core.augmentation.pipeline import distort
from digit_core.augmentation.policies import POLICIES
from digit_core.inference import classifier, model_files, provenance
from digit_core.metrics import calibration, classification

COPIES = 4  # of each digit, distorted
FOLDS = 5
RULES = ("always the fitted one", "fitted on distorted digits, too", "ours")


def rules(rounds: int, digits: int) -> Iterator[harness.Result]:
    """For each model, the mean change of log loss by rule."""
    mnist, random, rows = datasets.load_mnist(), np.random.default_rng(0), []
    for name in model_files.names():
        known = provenance.held_back(model_files.read_card(name), mnist)
        known = known.take(np.sort(random.permutation(len(known))[:digits]))
        predict = classifier.load(name).predict_dataset
        copies = [
            predict(distort(known.images, POLICIES["gentle"], random, known.labels)) for _ in range(COPIES)
        ]
        answers = predict(known.images)
        changes = [
            _changes(known.labels, answers, np.stack(copies), judged)
            for _ in range(rounds)
            for judged in np.array_split(random.permutation(len(known)), FOLDS)
        ]
        means = np.mean(changes, axis=0) * 1e5
        rows.append([name, f"{len(known):,}", *(f"{mean:+.1f}" for mean in means)])
    yield "Change of log loss on digits that the rule was not asked on, against temperature 1, in 1/100,000; lower is better."
    yield Table(["model", "n", *RULES], rows)


def _changes(labels: np.ndarray, answers: np.ndarray, copies: np.ndarray, second: np.ndarray) -> list[float]:
    """By how much each of `RULES`, asked on the other digits, changes the log loss on some of them.

    Args:
        labels: integer array of shape (n,).
        answers: float32 array of shape (n, 10).
        copies: float32 array of shape (COPIES, n, 10), the answers to the same digits distorted.
        second: integer array, the rows of those to be judged on.
    """
    first = np.delete(np.arange(len(labels)), second)
    plain = calibration.fit_temperature(labels[first], answers[first])
    with_copies = calibration.fit_temperature(
        np.tile(labels[first], COPIES + 1), np.concatenate([answers[first], *copies[:, first]])
    )
    at_1, *others = (
        classification.losses(labels[second], calibration.at_temperature(answers[second], temperature)).mean()
        for temperature in (1.0, plain.fitted, with_copies.fitted, plain.value)
    )
    return [float(loss - at_1) for loss in others]


def models(digits: int) -> Iterator[harness.Result]:
    """What the cards' temperatures come from, and the calibration error on test digits without and with them."""
    mnist, rows = datasets.load_mnist(), []
    test = mnist.test.take(np.arange(digits))
    for name in model_files.names():
        model, card = classifier.load(name), model_files.read_card(name)
        known = provenance.held_back(card, mnist)
        found = calibration.fit_temperature(known.labels, model.predict_dataset(known.images))
        answers, used = model.predict_dataset(test.images), model.trust.temperature
        errors = (
            calibration.reliability(test.labels, calibration.at_temperature(answers, temperature)).error
            for temperature in (1.0, found.fitted, used)
        )
        rows.append(
            [
                name,
                f"{len(known):,}",
                f"{found.fitted:.3f} ({found.low:.3f} to {found.high:.3f})",
                f"{used:.3f}",
                *(f"{error:.3%}" for error in errors),
            ]
        )
        if abs(used - found.value) > 1e-3:
            yield harness.Claim(f"{name}: its card's temperature is {found.value:.4f}", False)
    headings = ["model", "digits not learnt", "fitted temperature (95% interval)", "in use"]
    yield Table([*headings, "error at 1", "at the fitted", "in use"], rows)


CASES = {
    "rules": Case(
        "what each rule for the temperature gains on digits that it was not asked on",
        "",
        rules,
        settings={"rounds": 2, "digits": 5_000},
        quick={"rounds": 1, "digits": 1_000},
    ),
    "models": Case(
        "the shipped models' temperatures and calibration errors (15 bins of equal width) on MNIST's test digits",
        "",
        models,
        settings={"digits": 10_000},
        quick={"digits": 1_000},
    ),
}

if __name__ == "__main__":
    sys.exit(harness.run(__doc__, CASES))
