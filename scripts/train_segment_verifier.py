"""Train the segment verifier, which tells one whole digit from parts of one and from several.

    python scripts/train_segment_verifier.py        # some ten minutes on two cores

It sees lines written with MNIST's training digits (`digit_core.synthesis.numbers`): apart, touching, broken, thick and thin, some
with other people's habits. They are cut as `digit_core.segmentation.cuts` cuts them, and every run of neighbouring parts is an
example: a whole digit, or none. Single digits, written in the same way, are added, as whole ones are the rarer. The
same seed makes the same lines of digits and, within noise, the same network.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import keras
import numpy as np
from keras import layers
from sklearn.metrics import roc_auc_score
from tqdm import tqdm

from digit_core import augmentation, datasets, settings
from digit_core.augmentation.policies import Distortion
from digit_core.digits import CLASSES, Digits
from digit_core.inference import verifiers
from digit_core.inference.verifiers import NONE
from digit_core.preprocessing import binarization
from digit_core.segmentation import cuts, lattice, lines
from digit_core.segmentation.lines import Piece
from digit_core.synthesis import numbers
from digit_core.synthesis.numbers import Hand, Part
from digit_core.training import export

SEED = 20_261_121
LINES, LINE_LENGTH, SINGLES = 1_320, 5, 12_000
VALIDATION_LINES = 240
NEGATIVES_KEPT = 0.5  # of the parts and joined digits: there are ten of them to a whole digit
# Of a digit's ink and of the candidate's: from here on it is that digit; below, it is none.
WHOLE, NO_WHOLE = 0.9, 0.78
HABITS = Distortion(rotation=8, shift=1.0, scale=0.06, shear=6, thickness=0.3, elastic=0.5, habits=0.25)
EPOCHS, BATCH = 10, 256


def hand(random: np.random.Generator) -> Hand:
    """Any way to write."""
    height = float(random.uniform(40, 110))
    pen = max(2.0, height * float(np.exp(random.uniform(np.log(0.05), np.log(0.15)))))
    return Hand(
        height,
        pen,
        gap=random.uniform(-0.08, 0.35),
        unevenness=random.uniform(0.03, 0.15),
        lean=12,
        slope=random.uniform(-6, 6),
        breaks=random.choice([0, 0.2, 0.4]),
        ties=random.choice([0, 0.3, 0.7]),
    )


def drawn(source: Digits, count: int, random: np.random.Generator) -> tuple[Digits, np.ndarray]:
    """So many digits of a set, distorted, and their skeletons."""
    chosen = source.take(random.integers(0, len(source), count))
    digits = Digits(augmentation.distort(chosen.images, HABITS, random, chosen.labels), chosen.labels)
    return digits, numbers.skeletons(digits.images)


def line_examples(
    source: Digits, count: int, random: np.random.Generator
) -> Iterator[tuple[np.ndarray, int]]:
    """Candidates of lines of digits, float32 (28, 28), and what they are: 0 to 9, or `NONE`."""
    batch = 60
    for _ in tqdm(range(0, count, batch), desc="lines", unit="batch"):
        digits, fields = drawn(source, batch * LINE_LENGTH, random)
        for start in range(0, len(digits), LINE_LENGTH):
            chosen = np.arange(start, start + LINE_LENGTH)
            parts = numbers.write(digits.take(chosen), hand(random), random, fields[chosen])
            yield from _labelled(parts)


def _labelled(parts: list[Part]) -> Iterator[tuple[np.ndarray, int]]:
    height, width = numbers.extent(parts)
    canvas = np.zeros((height + 40, width + 40), np.uint8)
    placed = numbers.paste(parts, canvas, 20, 20)
    ink = canvas / np.float32(255)
    pen = binarization.stroke_width(ink > 0.5)
    for line in lines.text_lines(lines.pieces_of(ink)):
        cut = [part for piece in line.pieces for part in cuts.cut(piece, line.height, pen)]
        for candidate in lattice.candidates(sorted(cut, key=lambda part: part.middle[1]), line.height):
            label = _label(candidate.piece, placed, ink.shape)
            if label is not None:
                yield candidate.image, label


def _label(piece: Piece, parts: list[Part], shape: tuple[int, ...]) -> int | None:
    """Which digit a candidate is: `NONE` for none, None where that can be disputed."""
    page = np.zeros(shape, bool)
    page[piece.top : piece.bottom, piece.left : piece.right] = piece.ink > 0.5
    best, digit = 0.0, 0
    for part in parts:
        area = slice(part.top, part.top + part.ink.shape[0]), slice(part.left, part.left + part.ink.shape[1])
        own = part.ink > 128
        shared = float(np.sum(page[area] & own))
        share = min(shared / max(1, own.sum()), shared / max(1, page.sum()))
        if share > best:
            best, digit = share, part.label
    if best > WHOLE:
        return digit
    return NONE if best < NO_WHOLE else None


def single_examples(
    source: Digits, count: int, random: np.random.Generator
) -> Iterator[tuple[np.ndarray, int]]:
    """Whole digits, each written with a pen of its own, and what they are."""
    batch = 600
    for _ in tqdm(range(0, count, batch), desc="single digits", unit="batch"):
        digits, fields = drawn(source, batch, random)
        for field, label in zip(fields, digits.labels, strict=True):
            height = float(random.uniform(40, 80))
            pen = max(2.0, height * float(np.exp(random.uniform(np.log(0.05), np.log(0.2)))))
            ink = numbers.draw(field, height, pen, random.uniform(-14, 14))
            ink = numbers.broken(ink, pen, random) if random.random() < 0.2 else ink
            image = lattice.seen(ink / np.float32(255))
            if image is not None:
                yield image, int(label)


def gathered(examples: Iterator[tuple[np.ndarray, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Examples as arrays: uint8 (n, 28, 28) and uint8 (n,)."""
    pairs = [((255 * image + 0.5).astype(np.uint8), label) for image, label in examples]
    return np.stack([image for image, _ in pairs]), np.array([label for _, label in pairs], np.uint8)


def fit(images: np.ndarray, labels: np.ndarray, epochs: int) -> bytes:
    """Train the network: the content of its .tflite file."""
    keras.utils.set_random_seed(SEED)
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(16, 3, activation="relu"),
            layers.Conv2D(24, 3, strides=2, activation="relu"),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Conv2D(48, 3, strides=2, activation="relu"),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(64, activation="relu"),
            layers.Dropout(0.3),
            layers.Dense(CLASSES + 1, activation="softmax", dtype="float32"),
        ]
    )
    steps = epochs * (len(images) // BATCH + 1)
    rate = keras.optimizers.schedules.CosineDecay(
        2e-4, steps, warmup_target=2e-3, warmup_steps=max(1, steps // 10)
    )
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    # Those that are left out weigh on the others, so that the probabilities stay what they are in lines.
    weights = np.where(labels == NONE, 1 / NEGATIVES_KEPT, 1.0).astype(np.float32)
    model.fit(images[..., None].astype(np.float32) / 255, labels, BATCH, epochs, 2, sample_weight=weights)
    keras.mixed_precision.set_global_policy("float32")
    plain = keras.models.clone_model(
        model, clone_function=lambda layer: type(layer).from_config(layer.get_config() | {"dtype": "float32"})
    )
    plain.set_weights(model.get_weights())
    return export.to_litert(plain)


def figures(images: np.ndarray, labels: np.ndarray) -> dict[str, float | int]:
    """How well the network in place tells whole digits of validation lines from what is none."""
    is_whole = labels != NONE
    return {
        "whole digits": int(is_whole.sum()),
        "others": int((~is_whole).sum()),
        "area under ROC": round(float(roc_auc_score(is_whole, verifiers.segment_score(images))), 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", type=int, default=LINES)
    parser.add_argument("--singles", type=int, default=SINGLES)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    arguments = parser.parse_args()
    start = time.perf_counter()
    mnist, random = datasets.load_mnist(), np.random.default_rng(SEED)
    images, labels = gathered(line_examples(mnist.train, arguments.lines, random))
    kept = (labels != NONE) | (random.random(len(labels)) < NEGATIVES_KEPT)
    singles = gathered(single_examples(mnist.train, arguments.singles, random))
    content = fit(
        np.concatenate([images[kept], singles[0]]),
        np.concatenate([labels[kept], singles[1]]),
        arguments.epochs,
    )
    settings.SEGMENT_VERIFIER_FOLDER.mkdir(exist_ok=True)
    (settings.SEGMENT_VERIFIER_FOLDER / verifiers.NETWORK_FILE).write_bytes(content)
    card = {
        "name": "segment-verifier",
        "what": "whether some ink is one whole digit, for cutting numbers into digits",
        "trained on": f"{arguments.lines} lines and {arguments.singles} single digits written with MNIST's training digits",
        "seed": SEED,
        "epochs": arguments.epochs,
        "training_seconds": round(time.perf_counter() - start),
        "validation rows": figures(
            *gathered(line_examples(mnist.validation, VALIDATION_LINES, np.random.default_rng(SEED + 1)))
        ),
    }
    (settings.SEGMENT_VERIFIER_FOLDER / "card.json").write_text(
        json.dumps(card, indent=2) + "\n", encoding="utf-8"
    )
    print(json.dumps(card, indent=2))


if __name__ == "__main__":
    main()
