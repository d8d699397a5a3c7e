"""How long explanations take, from LiteRT alone and with Keras, and whether they point at what counts.

    python benchmarks/explaining.py [MODEL ...] [--rounds N] [--no-keras]

Each explanation is made for one test digit after the other. Keras makes the same Score-CAM with `keras.Model.predict`. Whether a map
points at what counts: the ink is taken away in the map's order, most important first, and the mean probability of the answer on the way is
printed (deletion, lower is better), and the same for ink that is put down in that order (insertion, higher is better), after V. Petsiuk
et al., "RISE", BMVC 2018, on validation digits. A random order says what chance does.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from _table import Series, figure, print_series, print_table

from digit_core import datasets
from digit_core.digits import Digits
from digit_core.explanations import saliency
from digit_core.inference import classifier, model_files
from digit_core.inference.classifier import Classifier
from digit_core.preprocessing import images, strokes
from digit_core.settings import PEN_WIDTH

GOAL = 200  # ms, for each explanation
DIGITS = 60  # that deletion and insertion are measured on
PARTS = 20  # in which the ink is taken away
KERAS_ROUNDS = 3
POINTS = 100  # of the drawing that is replayed

Map = Callable[[Classifier, np.ndarray, int], np.ndarray]
METHODS: dict[str, Callable[[Classifier, np.ndarray], object]] = {
    "Score-CAM": saliency.score_cam,
    "occlusion": saliency.occlusion,
    "all layers": saliency.layer_answers,
}
RANDOM = np.random.default_rng(0)
MAPS: dict[str, Map] = {
    "Score-CAM": lambda model, image, digit: saliency.score_cam(model, image, digit).speaks_for,
    "for and against": lambda model, image, digit: saliency.score_cam(model, image, digit).balance,
    "occlusion": saliency.occlusion,
    "random order": lambda model, image, digit: RANDOM.random(image.shape),
}


def milliseconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return (time.perf_counter() - started) * 1000


def times(model: Classifier, digits: np.ndarray) -> list[Series]:
    """Each method in turn on each digit, after one that does not count."""
    found: dict[str, list[float]] = {title: [] for title in METHODS}
    for digit in (digits[0], *digits):
        for title, method in METHODS.items():
            found[title].append(milliseconds(lambda method=method, digit=digit: method(model, digit)))
    return [
        Series(f"{model.name}: {title}", values[1:], "ms", most_95=GOAL)
        for title, values in found.items()
        if title != "Score-CAM" or saliency.last_convolution(model) is not None
    ]


def with_keras(name: str) -> SimpleNamespace:
    """The same model as `explain` takes it, with `keras.Model.predict` behind it."""
    import keras

    from digit_core.training import export

    model = export.load_keras((model_files.find(name) / model_files.KERAS_FILE).read_bytes())
    layers = keras.Model(model.inputs, {layer.name: layer.output for layer in model.layers})
    ours = classifier.load(name)
    return SimpleNamespace(
        name=f"{name} with keras.Model.predict",
        layer_shapes=ours.layer_shapes,
        predict=lambda digits: model.predict(
            images.from_dataset(digits)[..., None] if digits.dtype == np.uint8 else digits[..., None],
            verbose=0,
        ),
        activations=lambda image: {
            key: value[0] for key, value in layers.predict(image[None, ..., None], verbose=0).items()
        },
    )


def keras_times(name: str, digits: np.ndarray) -> Series:
    """Score-CAM with Keras; it must show the same as ours, or the exit status is not 0."""
    theirs, ours = with_keras(name), classifier.load(name)
    found = [
        milliseconds(lambda digit=digit: saliency.score_cam(theirs, digit))
        for digit in digits[: KERAS_ROUNDS + 1]
    ]
    map_of = saliency.score_cam(theirs, digits[0]).balance
    difference = np.abs(map_of - saliency.score_cam(ours, digits[0]).balance).max()
    if difference > 1e-2 * np.abs(map_of).max():
        raise SystemExit(f"Keras' map differs by {difference:.2g}.")
    return Series(f"{theirs.name}: Score-CAM", found[1:], "ms")


def pointing(model: Classifier, digits: Digits) -> list[tuple[str, ...]]:
    """Deletion and insertion of each kind of map: rows of a table."""
    rows = []
    for title, map_of in MAPS.items():
        curves = [
            deletion_and_insertion(model, image, int(label), map_of(model, image, int(label)))
            for image, label in zip(images.from_dataset(digits.images), digits.labels, strict=True)
        ]
        deletion, insertion = np.mean(curves, axis=0)
        rows.append((model.name, title, f"{deletion:.1%}", f"{insertion:.1%}", f"{len(curves)}"))
    return rows


def deletion_and_insertion(
    model: Classifier, image: np.ndarray, digit: int, values: np.ndarray
) -> tuple[float, float]:
    """The mean probability of a digit while its ink is taken away, and while it is put down, in a map's order."""
    ink = np.flatnonzero(image.ravel())
    order = ink[np.argsort(-values.ravel()[ink], kind="stable")]
    steps = [round(len(order) * part / PARTS) for part in range(PARTS + 1)]
    left, put = np.tile(image.ravel(), (len(steps), 1)), np.zeros((len(steps), image.size), np.float32)
    for row, step in enumerate(steps):
        left[row, order[:step]] = 0
        put[row, order[:step]] = image.ravel()[order[:step]]
    probabilities = model.predict(np.concatenate([left, put]).reshape(-1, *image.shape))[:, digit]
    return float(probabilities[: len(steps)].mean()), float(probabilities[len(steps) :].mean())


def replay_times(model: Classifier) -> Series:
    """A drawing of a hundred points, drawn and read again after each of them."""
    angles = np.linspace(0.3, 6.5, POINTS)
    drawing = strokes.fitted([np.column_stack([np.sin(angles), -np.cos(angles)])], PEN_WIDTH)
    values = [milliseconds(lambda: model.predict(strokes.replay(drawing).images)) for _ in range(4)]
    return Series(f"{model.name}: a replay of {POINTS} points", values[1:], "ms")


def main(names: list[str], rounds: int, *, asks_keras: bool) -> None:
    mnist = datasets.load_mnist()
    digits = mnist.test.images[:rounds]
    models = [classifier.load(name) for name in names]
    series = [one for model in models for one in times(model, digits)]
    series.append(replay_times(models[0]))
    convolutional = [model for model in models if saliency.last_convolution(model) is not None]
    if asks_keras and convolutional:
        series.append(keras_times(convolutional[0].name, digits))
        ours = next(one for one in series if one.title == f"{convolutional[0].name}: Score-CAM")
        print(
            f"Score-CAM with LiteRT is {figure(series[-1].median / ours.median)} times faster than with Keras.\n"
        )
    print_series(series)
    rows = [
        row for model in convolutional for row in pointing(model, mnist.validation.take(np.arange(DIGITS)))
    ]
    print_table(("model", "order of the ink", "deletion", "insertion", "n"), rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", default=model_files.names())
    parser.add_argument("--rounds", type=int, default=20, help="digits that are explained (%(default)s)")
    parser.add_argument("--no-keras", action="store_true", help="leave the comparison with Keras out")
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    main(arguments.models, arguments.rounds, asks_keras=not arguments.no_keras)
