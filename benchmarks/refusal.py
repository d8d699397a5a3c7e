"""What a model answers as sure, what it is not sure of and what it calls no digit, on digits and on things that are none.

    python benchmarks/refusal.py [MODEL] [--data FOLDER]

Of what is answered as sure, 99.5% is to be right (`judging.RIGHT_SHARE`); of digits, few are to be refused; of letters and
clothes, most. The thresholds are chosen on validation digits and on their distortions: what stands here decided nothing. The sets are those
of `benchmarks/handwriting.py`; those that are absent are named and left out.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks import _foreign
from benchmarks._table import figure, print_table
from digit_core import datasets
from digit_core.inference import classifier, verifiers
from digit_core.inference.classifier import Classifier
from digit_core.inference.rejection import DIGIT, NO_DIGIT, NOT_SURE
from digit_core.metrics import classification
from digit_core.synthesis import negatives

HEADINGS = ("set", "n", "sure", "of these right", "not sure", "no digit", "it would have been right on")
MADE_UP = 200  # of each kind
SINGLE_IMAGES = 500


def row(model: Classifier, title: str, images: np.ndarray, labels: np.ndarray) -> tuple[str, ...]:
    """The verdicts on one set; labels are -1 where there is no digit."""
    found = model.judge(images)
    is_right = found.probabilities.argmax(axis=1) == labels
    shares = {verdict: found.verdicts == verdict for verdict in (DIGIT, NOT_SURE, NO_DIGIT)}
    rest = ~shares[DIGIT]
    are_digits = labels.min() >= 0

    def right_of(chosen: np.ndarray) -> str:
        return (
            str(classification.share(int(is_right[chosen].sum()), int(chosen.sum()))) if chosen.any() else ""
        )

    return (
        title,
        f"{len(labels):,}",
        f"{shares[DIGIT].mean():.1%}",
        right_of(shares[DIGIT]) if are_digits else "",
        f"{shares[NOT_SURE].mean():.1%}",
        f"{shares[NO_DIGIT].mean():.1%}",
        right_of(rest) if are_digits else "",
    )


def sets(folder: Path) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Title, images and labels of each set that is there."""
    test = datasets.load_mnist().test
    yield "MNIST test", test.images, test.labels.astype(np.int64)
    for title in _foreign.SETS:
        found = _foreign.read(title, folder)
        if found is None:
            print(f"Left out, for it is absent: {title}")
        else:
            yield title, *found
    for place, kind in enumerate(negatives.MAKERS):
        made = negatives.make(kind, MADE_UP, test, np.random.default_rng((0, place)))
        yield f"made up: {kind}", made, np.full(len(made), -1)


def milliseconds(model: Classifier) -> tuple[float, float]:
    """How long one image takes to be judged: the median and the 95th percentile."""
    digits, times = datasets.load_mnist().test.images, []
    for number in range(SINGLE_IMAGES):
        started = time.perf_counter()
        model.judge(digits[number : number + 1])
        times.append((time.perf_counter() - started) * 1000)
    return float(np.median(times)), float(np.percentile(times, 95))


def main(name: str, folder: Path) -> None:
    model = classifier.load(name)
    trust = model.trust
    print(
        f"The model {model.name}: temperature {trust.temperature:.2f}, sure from {trust.sure_from:.1%} on; "
        f"no digit below a likeness of {verifiers.refused_below():.2f}.\n"
    )
    print_table(HEADINGS, [row(model, *found) for found in sets(folder)])
    median, slow = milliseconds(model)
    print(f"One image judged: {figure(median)} ms, 95th percentile {figure(slow)} ms.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", nargs="?", default="default")
    parser.add_argument("--data", type=Path, default=_foreign.DATA_FOLDER, help="the folder (%(default)s)")
    arguments = parser.parse_args()
    main(arguments.model, arguments.data)
