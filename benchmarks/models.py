"""The table of the shipped models: what each is, how well it reads the test digits, and what its tutorial claims.

    python benchmarks/models.py

Accuracy and log loss are measured anew, through the classifier that answers in the app. The exit status is 1 where a card says something
else, or where a model reads worse than its tutorial claims.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks import harness
from digit_core import datasets
from digit_core.inference import classifier, model_files
from digit_core.metrics.classification import Evaluation, evaluate

SINGLE_IMAGES = 200
TOLERANCE = 1e-5  # by which a log loss may differ between computers


@dataclass(frozen=True)
class Claim:
    """What a tutorial says of its model. Shares are 0 to 1; where it says nothing, any figure reaches it."""

    words: str
    accuracy: float = 0.0
    log_loss: float = np.inf
    validation: float = 0.0  # accuracy in the best of its epochs


CLAIMS = {
    "cnn-tutorial": Claim("over 95%", 0.95),
    "ann": Claim("97% (third tutorial; none in the second)", 0.97),
    "cnn-2": Claim("none: the next one without dropout"),
    "cnn-2-dropout": Claim("above 99% (third tutorial), 99% on validation (fourth)", 0.99, validation=0.99),
    "cnn-3": Claim("98.12%, log loss 0.069", 0.9812, 0.069),
    "cnn": Claim("none: ours"),
    "tiny": Claim("none: ours"),
}


def row(name: str, card: dict[str, Any], measured: Evaluation, milliseconds: float) -> dict[str, str]:
    """The cells of one model by their headings."""
    size = (model_files.find(name) / model_files.LITERT_FILE).stat().st_size
    validation = f"{model_files.validation_accuracy(card):.2%} of {card['data']['validation_digits']:,}"
    return {
        "model": f"{card['architecture']['title']} (`{name}`)",
        "parameters": f"{card['parameters']:,}",
        "model.tflite": f"{size / 1000:,.0f} KB",
        "epochs": f"{card['kept_epoch']} of {len(card['history'])}",
        "training": f"{card['training_seconds'] / 60:.1f} min",
        "validation accuracy": validation,
        "test accuracy (95% interval)": str(measured.accuracy),
        "log loss": f"{measured.log_loss:.4f}",
        "one image": f"{harness.figure(milliseconds)} ms",
        "its tutorial claims": CLAIMS[name].words,
    }


def mistakes(name: str, card: dict[str, Any], measured: Evaluation) -> Iterator[str]:
    """A sentence for each figure of the card that is wrong, and each claim that is not reached."""
    stated, claim, accuracy = card["figures"]["test"], CLAIMS[name], measured.accuracy
    if (stated["count"], stated["n"]) != (accuracy.count, accuracy.n):
        yield f"{name}: its card says {stated['count']} right; measured: {accuracy.count}."
    if abs(stated["log_loss"] - measured.log_loss) > TOLERANCE:
        yield f"{name}: its card says log loss {stated['log_loss']}; measured: {measured.log_loss}."
    if accuracy.value < claim.accuracy:
        yield f"{name}: it reads {accuracy.value:.2%}, its tutorial {claim.accuracy:.2%}."
    best = max(epoch["validation_accuracy"] for epoch in card["history"])
    if best < claim.validation:
        yield f"{name}: no epoch reads more than {best:.2%} of its validation digits, its tutorial {claim.validation:.2%}."
    if measured.log_loss > claim.log_loss:
        yield f"{name}: its log loss is {measured.log_loss:.4f}, its tutorial's {claim.log_loss}."


def main() -> int:
    test = datasets.load_mnist().test
    singles = [test.images[number : number + 1] for number in range(SINGLE_IMAGES)]
    rows, sentences = [], []
    for name in model_files.names():
        card, model = model_files.read_card(name), classifier.load(name)
        measured = evaluate(test.labels, model.predict_dataset(test.images))
        rows.append(
            row(name, card, measured, float(np.median(harness.timed(model.predict_dataset, singles))))
        )
        sentences += mistakes(name, card, measured)
    harness.print_table(list(rows[0]), [list(cells.values()) for cells in rows])
    print(
        f"n = {len(test):,} test digits; one image: median of {SINGLE_IMAGES}. Epochs: the one kept, of those run."
    )
    print("\n".join(sentences or ["Every card says what was measured, and every claim is reached."]))
    return 1 if sentences else 0


if __name__ == "__main__":
    harness.command_line(__doc__).parse_args()
    sys.exit(main())
