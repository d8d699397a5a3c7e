"""Train the line reader, which reads a whole row of digits at once, column by column.

    python scripts/train_line_reader.py [--steps N]        # some two hours on one core

A fully convolutional network sees rows composed of MNIST's training digits (`digit_core.synthesis.rows`) and learns what each
column says, first from where the digits stand, then by connectionist temporal classification alone (A. Graves, S. Fernández,
F. Gomez and J. Schmidhuber, ICML 2006), which leaves it to the network where a digit is told.

Its state is kept in the folder `DIGIT_TRAINING_FOLDER` names (var/training by default): a killed training goes on from
there, on the same rows. Other `--steps` lay out the rest of the learning rate anew. `--export` writes down what the state
has come to. The same seed composes the same rows and, within noise, the same network.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import keras
import numpy as np
import tensorflow as tf
from keras import layers

from digit_core import augmentation, datasets, settings
from digit_core.augmentation.policies import Distortion
from digit_core.digits import CLASSES, Digits
from digit_core.synthesis import rows
from digit_core.training import export

SEED = 20_261_126
STEPS = 18_000
# Pixels of a row and the most digits in it: a batch has rows of one width, and about as many columns whatever that is.
WIDTHS = {96: 4, 160: 6, 256: 10, 352: 13}
COLUMNS = 1_920
MATERIAL, MATERIAL_STEPS = 6_000, 500  # digits at a time, each in many rows; steps until there are others
HABITS = Distortion(rotation=6, shift=1.0, scale=0.08, shear=6, thickness=0.5, elastic=0.8, habits=0.3)
BY_COLUMNS = 0.12  # share of the steps that learn from where the digits stand
LEARNING_RATE, WARM_UP, LEAST_RATE, AVERAGED = 2e-3, 0.02, 0.01, 0.998
SAVED_EVERY, SHOWN_EVERY = 100, 500  # steps
HELD_OUT = 400  # rows of validation digits
_NEURONS = {"activation": "relu", "kernel_initializer": "he_normal"}
STATE_FILE, NETWORK_FILE = "line-reader.npz", "line_reader.tflite"


def build() -> keras.Model:
    """The network: float32 (n, 40, width, 1), ink is 1.0, to probabilities float32 (n, width / 2, 11)."""
    network = image = keras.Input((rows.HEIGHT, None, 1), name="row")
    for filters, strides in (
        (16, (2, 2)),
        (32, (1, 1)),
        (32, (2, 1)),
        (64, (1, 1)),
        (64, (2, 1)),
        (96, (2, 1)),
    ):
        network = layers.Conv2D(filters, 3, strides, "same", **_NEURONS)(network)
    network = layers.Conv2D(128, 3, **_NEURONS)(layers.ZeroPadding2D((0, 1))(network))
    network = layers.Reshape((-1, 128))(network)  # (n, width / 2, 128): of the rows one is left
    for dilation in (2, 4):
        network = layers.Conv1D(128, 3, padding="same", dilation_rate=dilation, **_NEURONS)(network)
    return keras.Model(image, layers.Dense(CLASSES + 1, activation="softmax", name="columns")(network))


class Material:
    """Digits to compose rows of, others every so many steps."""

    def __init__(self, digits: Digits) -> None:
        self._digits = digits
        self._block = -1
        self._made: rows.Material | None = None

    def at(self, step: int) -> rows.Material:
        """What the rows of a step are composed of."""
        block = step // MATERIAL_STEPS
        if self._made is None or block != self._block:
            random = np.random.default_rng([SEED, 1, block])
            chosen = self._digits.take(random.integers(0, len(self._digits), MATERIAL))
            distorted = augmentation.distort(chosen.images, HABITS, random, chosen.labels)
            self._made, self._block = rows.material(Digits(distorted, chosen.labels)), block
        return self._made


def composed(source: rows.Material, random: np.random.Generator) -> list[rows.Row]:
    """The rows of one batch."""
    width = int(random.choice(list(WIDTHS)))
    most = WIDTHS[width]
    found: list[rows.Row] = []
    while len(found) < COLUMNS * rows.STRIDE // width:
        row = rows.compose(source, width, int(random.integers(1, most + 1)), rows.hand(random), random)
        if row.labels:
            found.append(row)
    return found


Batch = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def arrays(found: list[rows.Row]) -> Batch:
    """A batch: rows, what their columns say, and their digits as row numbers and labels."""
    inks = np.stack([row.ink for row in found])[..., None]
    columns = np.stack([row.columns() for row in found])
    owners = [(number, place) for number, row in enumerate(found) for place in range(len(row.labels))]
    labels = [label for row in found for label in row.labels]
    return inks, columns, np.array(owners, np.int64), np.array(labels, np.int32)


def batches(first: int, end: int) -> Iterator[Batch]:
    """The batches of the steps from `first` on, each composed while others are learned."""
    material = Material(datasets.load_mnist().train)

    def make(step: int) -> Batch:
        return arrays(composed(material.at(step), np.random.default_rng([SEED, 0, step])))

    with ThreadPoolExecutor(1) as helper:
        waiting = [helper.submit(make, step) for step in range(first, min(first + 3, end))]
        for step in range(first, end):
            yield waiting.pop(0).result()
            if step + 3 < end:
                waiting.append(helper.submit(make, step + 3))


class Learner:
    """The network while it learns, its averaged weights, and how far it is."""

    def __init__(self) -> None:
        keras.utils.set_random_seed(SEED)
        self.model = build()
        self.optimizer = keras.optimizers.AdamW(LEARNING_RATE, weight_decay=1e-4, clipnorm=2.0)
        self.optimizer.build(self.model.trainable_variables)
        self.averaged = [tf.Variable(weight) for weight in self.model.get_weights()]
        self.step, self.seconds = 0, 0.0
        signature = [
            tf.TensorSpec((None, rows.HEIGHT, None, 1), tf.uint8),
            tf.TensorSpec((None, None), tf.int32),
            tf.TensorSpec((None, 2), tf.int64),
            tf.TensorSpec((None,), tf.int32),
            tf.TensorSpec((), tf.float32),
        ]
        self._learn = {
            True: tf.function(self._by_columns, signature),
            False: tf.function(self._by_order, signature),
        }

    def learn(self, batch: Batch, steps: int) -> float:
        """One step of so many in all: the loss a digit."""
        self.optimizer.learning_rate = _rate(self.step / steps)
        kept = min(AVERAGED, (1 + self.step) / (10 + self.step))
        loss = self._learn[self.step < BY_COLUMNS * steps](*batch, np.float32(kept))
        self.step += 1
        return float(loss)

    def _by_columns(self, inks, columns, owners, labels, kept):  # type: ignore[no-untyped-def]
        return self._descend(
            inks,
            lambda told: tf.reduce_sum(keras.losses.sparse_categorical_crossentropy(columns, told)),
            labels,
            kept,
        )

    def _by_order(self, inks, columns, owners, labels, kept):  # type: ignore[no-untyped-def]
        def loss(told):  # type: ignore[no-untyped-def]
            count, length = tf.shape(told)[0], tf.shape(told)[1]
            shape = tf.stack([tf.shape(told, tf.int64)[0], tf.reduce_max(owners[:, 1]) + 1])
            sparse = tf.SparseTensor(owners, labels, shape)
            return tf.reduce_sum(
                tf.compat.v1.nn.ctc_loss(
                    sparse,
                    tf.math.log(told + 1e-8),
                    tf.fill([count], length),
                    ignore_longer_outputs_than_inputs=True,
                    time_major=False,
                )
            )

        return self._descend(inks, loss, labels, kept)

    def _descend(self, inks, loss_of, labels, kept):  # type: ignore[no-untyped-def]
        with tf.GradientTape() as tape:
            told = self.model(tf.cast(inks, tf.float32) / 255, training=True)
            loss = loss_of(told) / tf.cast(tf.size(labels), tf.float32)
        variables = self.model.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        for mean, variable in zip(self.averaged, variables, strict=True):
            mean.assign(kept * mean + (1 - kept) * variable)
        return loss

    def network(self) -> keras.Model:
        """The network with its averaged weights."""
        model = build()
        model.set_weights([weight.numpy() for weight in self.averaged])
        return model

    def save(self, path: Path) -> None:
        """Write down all there is to go on from."""
        parts = {
            **{f"weight {number}": weight for number, weight in enumerate(self.model.get_weights())},
            **{f"average {number}": weight.numpy() for number, weight in enumerate(self.averaged)},
            **{f"optimizer {number}": value.numpy() for number, value in enumerate(self.optimizer.variables)},
        }
        new = path.with_suffix(".new.npz")
        np.savez(new, step=self.step, seconds=self.seconds, **parts)
        new.replace(path)

    def restore(self, path: Path) -> None:
        """Go on from what `save` wrote."""
        with np.load(path) as found:
            self.step, self.seconds = int(found["step"]), float(found["seconds"])
            self.model.set_weights([found[f"weight {n}"] for n in range(len(self.averaged))])
            for number, weight in enumerate(self.averaged):
                weight.assign(found[f"average {number}"])
            for number, variable in enumerate(self.optimizer.variables):
                variable.assign(found[f"optimizer {number}"])


def _rate(share: float) -> float:
    """The learning rate after a share of the steps: up in a straight line, down along a cosine."""
    if share < WARM_UP:
        return LEARNING_RATE * (0.05 + 0.95 * share / WARM_UP)
    down = (1 + np.cos(np.pi * min(1.0, share))) / 2
    return float(LEARNING_RATE * max(LEAST_RATE, down))


def held_out() -> list[list[rows.Row]]:
    """Batches of rows of validation digits, undistorted, by other seeds than any that is learned from."""
    random = np.random.default_rng([SEED, 2])
    digits = datasets.load_mnist().validation
    material = rows.material(digits.take(random.permutation(len(digits))[:1_500]))
    found: list[list[rows.Row]] = []
    while sum(map(len, found)) < HELD_OUT:
        found.append(composed(material, random))
    return found


def right(model: keras.Model, found: list[list[rows.Row]]) -> tuple[int, int]:
    """How many rows are read right as a whole, of how many: the likeliest digit of each column, repeats as one."""
    correct = 0
    for batch in found:
        inks = np.stack([row.ink for row in batch])[..., None].astype(np.float32) / 255
        for row, best in zip(batch, np.asarray(model(inks)).argmax(axis=2), strict=True):
            changed = np.append(True, best[1:] != best[:-1])
            correct += [int(label) for label in best[changed & (best != rows.BLANK)]] == row.labels
    return correct, sum(map(len, found))


def write(learner: Learner, correct: int, total: int) -> None:
    """Write the network and its card into their folder."""
    settings.LINE_READER_FOLDER.mkdir(exist_ok=True)
    (settings.LINE_READER_FOLDER / NETWORK_FILE).write_bytes(export.to_litert(learner.network()))
    card = {
        "name": "line-reader",
        "what": "which digits a row says, column by column",
        "trained on": "rows composed of MNIST's training digits",
        "seed": SEED,
        "parameters": learner.model.count_params(),
        "steps": learner.step,
        "columns a step": COLUMNS,
        "training_seconds": round(learner.seconds),
        "validation rows": {"rows": total, "right as a whole": correct},
    }
    text = json.dumps(card, indent=2) + "\n"
    (settings.LINE_READER_FOLDER / "card.json").write_text(text, encoding="utf-8")
    print(text)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=STEPS, help="in all (%(default)s)")
    parser.add_argument("--until", type=int, help="pause after this step")
    parser.add_argument("--export", action="store_true", help="train no further: write the network down")
    arguments = parser.parse_args()
    settings.TRAINING_FOLDER.mkdir(parents=True, exist_ok=True)
    state = settings.TRAINING_FOLDER / STATE_FILE
    learner, shown = Learner(), held_out()
    if state.exists():
        learner.restore(state)
    end = learner.step if arguments.export else min(arguments.steps, arguments.until or arguments.steps)
    start, losses = time.perf_counter() - learner.seconds, []
    for batch in batches(learner.step, end):
        losses.append(learner.learn(batch, arguments.steps))
        learner.seconds = time.perf_counter() - start
        if learner.step % SAVED_EVERY == 0 or learner.step == end:
            learner.save(state)
            print(f"step {learner.step:,}, {learner.seconds:,.0f} s, loss {np.mean(losses):.3f}", flush=True)
            losses.clear()
        if learner.step % SHOWN_EVERY == 0:
            correct, total = right(learner.network(), shown)
            print(f"    {correct} of {total} held-out rows right as a whole", flush=True)
    if learner.step >= arguments.steps or arguments.export:
        write(learner, *right(learner.network(), shown))


if __name__ == "__main__":
    main()
