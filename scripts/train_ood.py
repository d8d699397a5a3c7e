"""Train the network that tells digits from what is none, and choose above which out-of-distribution score it refuses.

    python scripts/train_ood.py [--epochs N] [--output FOLDER]

It sees MNIST's training digits, as they are and drawn over with other pens, distorted and with other people's habits
of writing; and as many non-digits, all made up (`digit_core.synthesis.negatives`), distorted alike. It answers with eleven
probabilities, ten digits and "none", since what a digit is teaches it what digits look like. The threshold is chosen
on the validation digits, plain and distorted. The same seed makes the same material and, within noise, the same
network. On two cores it takes some ten minutes.
"""

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import keras
import numpy as np
from tqdm import tqdm

from digit_core import datasets, settings
from digit_core.augmentation.pipeline import distort
from digit_core.augmentation.policies import POLICIES
from digit_core.datasets.mnist import Mnist
from digit_core.digits import CLASSES, SIDE, Digits
from digit_core.inference import litert, model_files, rejection, verifiers
from digit_core.inference.verifiers import NONE
from digit_core.preprocessing import images
from digit_core.recipes import precision
from digit_core.synthesis import negatives
from digit_core.training import export

SEED = 1
NON_DIGITS, REWRITTEN = 75_000, 30_000
EPOCHS, BATCH, LEARNING_RATE, WARM_UP, AVERAGED = 8, 200, 3e-3, 200, 0.997
SHARES = {  # of the non-digits
    "letters": 0.19,
    "doodles": 0.19,
    "houses": 0.03,
    "scribbles": 0.065,
    "crossed strokes": 0.055,
    "coils": 0.04,
    "zigzags": 0.025,
    "polygons": 0.03,
    "blobs": 0.025,
    "smears": 0.025,
    "textures": 0.02,
    "silhouettes": 0.055,
    "joined halves": 0.04,
    "mirrored and turned": 0.075,
    "two digits over each other": 0.04,
    "two digits side by side": 0.055,
    "shuffled quarters": 0.02,
    "half digits": 0.02,
}
# Milder than what readers are trained with: under half a digit's worth of blank paper nobody can tell what was there.
DISTORTION = replace(
    POLICIES["handwriting"],
    noise=0.15,
    cover=0,
    contrast=0.4,
    coarseness=0.4,
    lines=0.02,
    outlier_share=0.03,
    rare_forms=0.06,
    square_share=0.03,
)
REFUSED_PLAIN, REFUSED_DISTORTED = 0.002, 0.01  # of the validation digits, at most
_NOT_WRITTEN = replace(DISTORTION, habits=0, rare_forms=0)  # of what is no digit


def make_non_digits(n: int, digits: Digits, seed: int) -> np.ndarray:
    """Made-up material of all kinds in their shares: uint8 (n, 28, 28), give or take a few."""
    parts = []
    for place, (kind, share) in enumerate(tqdm(SHARES.items(), desc="non-digits", unit="kind")):
        random = np.random.default_rng((seed, place))
        parts.append(negatives.make(kind, round(share * n), digits, random))
    return np.concatenate(parts)


def training_material(train: Digits) -> Digits:
    """Digits, digits drawn over, and behind them the non-digits, whose label says nothing."""
    chosen = np.random.default_rng(SEED + 4).choice(len(train), REWRITTEN, replace=False)
    rewritten = negatives.rewrite(train.images[chosen], np.random.default_rng(SEED + 5))
    made_up = make_non_digits(NON_DIGITS, train, SEED)
    labels = np.zeros(len(made_up), np.uint8)
    return Digits(
        np.concatenate([train.images, rewritten, made_up]),
        np.concatenate([train.labels, train.labels[chosen], labels]),
    )


def batches(material: Digits, digits: int, epoch: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """One epoch's images and answers: all non-digits and as many digits, which are the material's first `digits` rows."""
    order = np.random.default_rng((SEED, 2, epoch))
    none = len(material) - digits
    rows = order.permutation(np.concatenate([order.permutation(digits)[:none], digits + np.arange(none)]))
    for index, chosen in enumerate(rows[: len(rows) // BATCH * BATCH].reshape(-1, BATCH)):
        random = np.random.default_rng((SEED, 3, epoch, index))
        shown, labels, is_digit = material.images[chosen], material.labels[chosen], chosen < digits
        distorted = np.empty_like(shown)
        distorted[is_digit] = distort(shown[is_digit], DISTORTION, random, labels[is_digit])
        distorted[~is_digit] = distort(shown[~is_digit], _NOT_WRITTEN, random)
        yield images.from_dataset(distorted)[..., None], np.where(is_digit, labels, NONE).astype(np.int32)


def build(numbers: str) -> keras.Model:
    """Three small convolutions, float32 (n, 28, 28, 1) to eleven probabilities."""
    layers = keras.layers
    policy = {"dtype": keras.dtype_policies.DTypePolicy(numbers)}
    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1), name="image"),
            layers.Conv2D(16, 5, strides=2, activation="relu", **policy),
            layers.Conv2D(32, 3, activation="relu", **policy),
            layers.MaxPooling2D(**policy),
            layers.Conv2D(48, 3, activation="relu", **policy),
            layers.Flatten(**policy),
            layers.Dropout(0.2, **policy),
            layers.Dense(48, activation="relu", **policy),
            layers.Dense(CLASSES + 1, activation="softmax", dtype="float32"),
        ]
    )


def train(material: Digits, digits: int, epochs: int) -> keras.Model:
    """Train on the material, whose first `digits` rows are digits; the weights are averaged over the last steps."""
    keras.utils.set_random_seed(SEED)
    # Products in half the bits, where the processor has them, are nearly twice as fast.
    model = build("mixed_bfloat16" if precision.has_bfloat16() else "float32")
    steps = 2 * (len(material) - digits) // BATCH
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, epochs * steps, warmup_target=LEARNING_RATE, warmup_steps=WARM_UP
    )
    optimizer = keras.optimizers.Adam(schedule, use_ema=True, ema_momentum=AVERAGED)
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    for epoch in range(epochs):
        model.reset_metrics()
        bar = tqdm(batches(material, digits, epoch), desc=f"epoch {epoch + 1}", total=steps, mininterval=10)
        for batch in bar:
            loss, accuracy = model.train_on_batch(*batch)
            bar.set_postfix(loss=f"{loss:.4f}", accuracy=f"{accuracy:.2%}", refresh=False)
    optimizer.finalize_variable_values(model.trainable_weights)
    exact = build("float32")
    exact.set_weights([weight.numpy() for weight in model.weights])
    return exact


def choose_threshold(digit_probability: Callable[[np.ndarray], np.ndarray], mnist: Mnist) -> dict[str, float]:
    """The threshold at which few enough validation digits are refused, and how many of them then are.

    Args:
        digit_probability: uint8 (n, 28, 28) to the probability that it is a digit, (n,): 1 minus the
            out-of-distribution score.
        mnist: its validation digits alone are used.
    """
    validation = mnist.validation
    random = np.random.default_rng((SEED, 4))
    distorted = distort(validation.images, rejection.HANDWRITING, random, validation.labels)
    drawn_over = negatives.rewrite(validation.images, random)
    plain, *others = (digit_probability(found) for found in (validation.images, distorted, drawn_over))
    threshold = min(
        np.quantile(plain, REFUSED_PLAIN), *(np.quantile(other, REFUSED_DISTORTED) for other in others)
    )
    none = digit_probability(make_non_digits(5_000, validation, SEED + 1))
    return {
        "refused_below": float(threshold),
        "refused_of_validation": float(np.mean(plain < threshold)),
        "refused_of_distorted_validation": float(np.mean(others[0] < threshold)),
        "refused_of_validation_drawn_over": float(np.mean(others[1] < threshold)),
        "refused_of_made_up_non_digits": float(np.mean(none < threshold)),
    }


def main(epochs: int, folder: Path) -> None:
    started = time.perf_counter()
    mnist = datasets.load_mnist()
    model = train(training_material(mnist.train), len(mnist.train) + REWRITTEN, epochs)
    content = export.to_litert(model)
    reader = litert.Reader(content, CLASSES + 1, "The network came out otherwise than it should.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / verifiers.NETWORK_FILE).write_bytes(content)
    chosen = choose_threshold(lambda found: 1 - reader.read(found)[:, NONE], mnist)
    card = {
        "schema_version": model_files.CARD_SCHEMA_VERSION,
        "title": "Out of distribution",
        "description": "Tells digits from what is none; shared by all models.",
        "parameters": model.count_params(),
        **chosen,
        "data": {"digits": "MNIST", "rewritten": REWRITTEN, "non_digits": NON_DIGITS, "shares": SHARES},
        "configuration": {
            "seed": SEED,
            "epochs": epochs,
            "batch_size": BATCH,
            "learning_rate": LEARNING_RATE,
            "weights_averaged_by": AVERAGED,
            "augmentation": asdict(DISTORTION),
        },
        "chosen_on_test": False,
        "versions": {
            "python": platform.python_version(),
            "keras": keras.__version__,
            "numpy": np.__version__,
        },
        "training_seconds": round(time.perf_counter() - started, 1),
    }
    model_files.write_card(folder, card)
    for name, value in chosen.items():
        print(f"{name:34} {value:.4f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(%(default)s)")
    parser.add_argument("--output", type=Path, default=settings.OOD_FOLDER, help="(%(default)s)")
    arguments = parser.parse_args()
    main(arguments.epochs, arguments.output)
