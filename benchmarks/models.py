"""The table of the shipped models: what each is, how well it reads the test digits, and what its tutorial claims.

    python benchmarks/models.py

Accuracy and log loss are measured anew, through the classifier that answers in the app. The exit status is 1 where a card says something
else, or where a model reads worse than its tutorial claims.
"""

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from _table import figure, print_table

from digit_core import datasets
from digit_core.inference import classifier, model_files
from digit_core.metrics import classification

SINGLE_IMAGES = 200
_TOLERANCE = 1e-5  # by which a log loss may differ between computers


@dataclass(frozen=True)
class Claim:
    """What a tutorial says of its model. Shares are 0 to 1; None where it says nothing."""

    words: str
    accuracy: float | None = None
    log_loss: float | None = None


CLAIMS = {
    "cnn-tutorial": Claim("over 95%", 0.95),
    "ann": Claim("97% (third tutorial; none in the second)", 0.97),
    "cnn-2": Claim("none"),
    "cnn-3": Claim("98.12%, log loss 0.069", 0.9812, 0.069),
    "cnn": Claim("none: ours"),
    "tiny": Claim("none: ours"),
}
HEADINGS = (
    "model",
    "parameters",
    "model.tflite",
    "epochs",
    "training",
    "validation accuracy",
    "test accuracy (95% interval)",
    "log loss",
    "one image",
    "its tutorial claims",
)


def milliseconds_an_image(model: classifier.Classifier, digits: np.ndarray) -> float:
    """The median over single images."""
    times = []
    for number in range(SINGLE_IMAGES):
        started = time.perf_counter()
        model.predict(digits[number : number + 1])
        times.append(time.perf_counter() - started)
    return float(np.median(times)) * 1000


def row(
    name: str, card: dict[str, Any], measured: classification.Evaluation, milliseconds: float
) -> list[str]:
    """The cells of one model under `HEADINGS`."""
    size = (model_files.find(name) / model_files.LITERT_FILE).stat().st_size
    return [
        f"{card['architecture']['title']} (`{name}`)",
        f"{card['parameters']:,}",
        f"{size / 1000:,.0f} KB",
        f"{card['kept_epoch']} of {len(card['history'])}",
        f"{card['training_seconds'] / 60:.1f} min",
        f"{model_files.validation_accuracy(card):.2%} of {card['data']['validation_digits']:,}",
        str(measured.accuracy),
        f"{measured.log_loss:.4f}",
        f"{figure(milliseconds)} ms",
        CLAIMS[name].words,
    ]


def mistakes(name: str, card: dict[str, Any], measured: classification.Evaluation) -> list[str]:
    """A sentence for each figure of the card that is wrong, and each claim that is not reached."""
    stated, claim, sentences = card["figures"]["test"], CLAIMS[name], []
    if (stated["count"], stated["n"]) != (measured.accuracy.count, measured.accuracy.n):
        sentences.append(
            f"{name}: its card says {stated['count']} right; measured: {measured.accuracy.count}."
        )
    if abs(stated["log_loss"] - measured.log_loss) > _TOLERANCE:
        sentences.append(
            f"{name}: its card says log loss {stated['log_loss']}; measured: {measured.log_loss}."
        )
    if claim.accuracy is not None and measured.accuracy.value < claim.accuracy:
        sentences.append(
            f"{name}: it reads {measured.accuracy.value:.2%}, its tutorial {claim.accuracy:.2%}."
        )
    if claim.log_loss is not None and measured.log_loss > claim.log_loss:
        sentences.append(f"{name}: its log loss is {measured.log_loss:.4f}, its tutorial's {claim.log_loss}.")
    return sentences


def main() -> int:
    test = datasets.load_mnist().test
    rows, sentences = [], []
    for name in model_files.names():
        card, model = model_files.read_card(name), classifier.load(name)
        measured = classification.evaluate(test.labels, model.predict(test.images))
        rows.append(row(name, card, measured, milliseconds_an_image(model, test.images)))
        sentences += mistakes(name, card, measured)
    print_table(HEADINGS, rows)
    print(
        f"n = {len(test):,} test digits; one image: median of {SINGLE_IMAGES}. Epochs: the one kept, of those run."
    )
    print("\n".join(sentences or ["Every card says what was measured, and every claim is reached."]))
    return 1 if sentences else 0


if __name__ == "__main__":
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    sys.exit(main())
