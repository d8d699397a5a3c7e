"""Train the mark reader, which tells currency signs and letters from the ink of numbers.

    python scripts/train_mark_reader.py        # some ten minutes on two cores

It sees what stands by itself in rows written with MNIST's training digits (`digit_core.synthesis.numbers`): single digits, digits that
touch, parts of broken ones; and currency signs and letters by made-up hands. The same seed makes the same examples and, within
noise, the same network.
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
from tqdm import tqdm

from digit_core import augmentation, datasets, settings
from digit_core.augmentation.policies import Distortion
from digit_core.digits import Digits
from digit_core.segmentation import cuts, lattice, lines, marks
from digit_core.synthesis import letters, numbers, signs
from digit_core.synthesis.numbers import Hand
from digit_core.training import export

SEED = 20_261_127
SOURCES, ROWS, CURRENCIES, LETTERS = 6_000, 16_000, 15_000, 12_000
VALIDATION_SOURCES, VALIDATION_ROWS = 1_000, 800
HABITS = Distortion(rotation=6, shift=0.5, scale=0.05, shear=5, thickness=0.2, elastic=0.4, habits=0.25)
# The hands of signs and letters differ more than their few models do.
HANDS = Distortion(rotation=8, shift=0.7, scale=0.1, shear=8, thickness=0.2, elastic=0.7)
EPOCHS, BATCH = 8, 256
NUMBER, OTHER = 0, 1 + len(marks.CURRENCIES)

Examples = tuple[np.ndarray, np.ndarray]


def hand(random: np.random.Generator) -> Hand:
    """Any way to write."""
    height = float(random.uniform(40, 110))
    pen = max(2.0, height * float(np.exp(random.uniform(np.log(0.05), np.log(0.17)))))
    return Hand(
        height,
        pen,
        gap=random.uniform(-0.05, 0.35),
        unevenness=random.uniform(0.03, 0.15),
        lean=12,
        slant=random.choice([0, 0, random.uniform(5, 38)]),
        slope=random.uniform(-6, 6),
        breaks=random.choice([0, 0, 0.3]),
        ties=random.choice([0, 0, 0.4]),
    )


def of_numbers(source: Digits, sources: int, rows: int, random: np.random.Generator) -> Examples:
    """What stands by itself in rows of digits."""
    chosen = source.take(random.choice(len(source), sources, replace=False))
    digits = Digits(augmentation.distort(chosen.images, HABITS, random, chosen.labels), chosen.labels)
    fields = np.concatenate(
        [numbers.skeletons(digits.images[at : at + 200]) for at in range(0, sources, 200)]
    )

    def images() -> Iterator[np.ndarray]:
        for _ in tqdm(range(rows), desc="rows"):
            own = random.integers(0, sources, int(random.integers(1, 7)))
            parts = numbers.write(digits.take(own), hand(random), random, fields[own])
            height, width = numbers.extent(parts)
            ink = np.zeros((height + 8, width + 8), np.uint8)
            numbers.paste(parts, ink, 4, 4)
            for line in lines.text_lines(lines.pieces_of(ink / np.float32(255))):
                seen = [lattice.seen(cuts.joined(group).ink) for group in marks.groups(line.pieces)]
                yield from (image for image in seen if image is not None)

    return gathered(images(), NUMBER)


def of_currencies(count: int, random: np.random.Generator, *, held_back: bool = False) -> Examples:
    """Currency signs, as many of each."""
    found = []
    for place, letter in enumerate(marks.CURRENCIES, 1):
        made = (_currency(letter, random, held_back) for _ in range(count // len(marks.CURRENCIES)))
        found.append(gathered(made, place))
    return np.concatenate([images for images, _ in found]), np.concatenate([labels for _, labels in found])


def _currency(letter: str, random: np.random.Generator, held_back: bool) -> np.ndarray:
    way = hand(random)
    parts = signs.currency(letter, way, way.slant + random.uniform(-12, 12), random, held_back=held_back)
    ink = np.zeros(tuple(side + 8 for side in numbers.extent(parts)), np.uint8)
    numbers.paste(parts, ink, 4, 4)
    image = lattice.seen(ink / np.float32(255))
    assert image is not None  # a pen drew it
    return image


def of_letters(count: int, random: np.random.Generator) -> Examples:
    """Letters and other marks that people write."""
    names = list(letters.LETTERS)

    def images() -> Iterator[np.ndarray]:
        for _ in range(count):
            image = lattice.seen(letters.write(str(random.choice(names)), random))
            if image is not None:
                yield image

    return gathered(images(), OTHER)


def gathered(images: Iterator[np.ndarray], label: int) -> Examples:
    """Examples of one class as arrays: uint8 (n, 28, 28) and uint8 (n,)."""
    stacked = np.stack([(255 * image + 0.5).astype(np.uint8) for image in images])
    return stacked, np.full(len(stacked), label, np.uint8)


def fit(images: np.ndarray, labels: np.ndarray, epochs: int) -> bytes:
    """Train the network: the content of its .tflite file."""
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(12, 3, strides=2, activation="relu"),
            layers.Conv2D(24, 3, activation="relu"),
            layers.Conv2D(32, 3, strides=2, activation="relu"),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(48, activation="relu"),
            layers.Dropout(0.3),
            layers.Dense(2 + len(marks.CURRENCIES), activation="softmax"),
        ]
    )
    steps = epochs * (len(images) // BATCH + 1)
    rate = keras.optimizers.schedules.CosineDecay(
        2e-4, steps, warmup_target=2e-3, warmup_steps=max(1, steps // 10)
    )
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(images[..., None].astype(np.float32) / 255, labels, BATCH, epochs, 2)
    return export.to_litert(model)


def figures() -> dict[str, dict[str, int]]:
    """How many the network in place tells right, on validation digits and on hands that it has not seen."""
    random = np.random.default_rng(SEED + 1)
    kinds = {
        "number ink": of_numbers(
            datasets.load_mnist().validation, VALIDATION_SOURCES, VALIDATION_ROWS, random
        ),
        "currency signs": of_currencies(1_500, random),
        "currency signs by models held back": of_currencies(1_500, random, held_back=True),
        "letters": of_letters(1_000, random),
    }
    counted = {}
    for name, (images, labels) in kinds.items():
        answers = marks.probabilities(images)
        counted[name] = {
            "n": len(labels),
            "right": int((answers.argmax(axis=1) == labels).sum()),
            "surely no digit": int((answers[:, NUMBER] <= 0.008).sum()),
            "surely one currency": int((answers[:, 1:OTHER].max(axis=1) >= 0.95).sum()),
        }
    return counted


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    arguments = parser.parse_args()
    start, random = time.perf_counter(), np.random.default_rng(SEED)
    of_marks = [of_currencies(CURRENCIES, random), of_letters(LETTERS, random)]
    bent = [(augmentation.distort(images, HANDS, random), labels) for images, labels in of_marks]
    sets = [of_numbers(datasets.load_mnist().train, SOURCES, arguments.rows, random), *of_marks, *bent]
    images = np.concatenate([images for images, _ in sets])
    labels = np.concatenate([labels for _, labels in sets])
    content = fit(images, labels, arguments.epochs)
    settings.MARK_READER_FOLDER.mkdir(exist_ok=True)
    (settings.MARK_READER_FOLDER / marks.NETWORK_FILE).write_bytes(content)
    card = {
        "name": "mark-reader",
        "what": "whether some ink of a row belongs to a number, is a currency sign or is another mark",
        "trained on": f"{arguments.rows} rows written with {SOURCES} of MNIST's training digits, {CURRENCIES} made-up currency signs "
        f"and {LETTERS} made-up letters",
        "seed": SEED,
        "epochs": arguments.epochs,
        "training_seconds": round(time.perf_counter() - start),
        "validation": figures(),
    }
    text = json.dumps(card, indent=2) + "\n"
    (settings.MARK_READER_FOLDER / "card.json").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
