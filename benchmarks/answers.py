"""How long a model takes to answer and to explain, in this process.

    python benchmarks/answers.py [CASE ...] [--quick] [--set NAME=VALUE ...]

Keras runs on the processor, as LiteRT does, unless CUDA_VISIBLE_DEVICES is set.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks import harness
from benchmarks.harness import Case, Claim, Result, Series
from digit_core import datasets
from digit_core.explanations import saliency
from digit_core.inference import classifier, model_files
from digit_core.preprocessing import images

BLOCK = 20  # single images read by one before it is the other's turn
BATCH = 256  # digits a call where many are read
TOLERANCE = 1e-4  # by which probabilities may differ


def answer(model: str, rounds: int) -> list[Result]:
    """All read the same test digits with the same weights, and must agree."""
    from digit_core.training import export

    ours = classifier.load(model)
    theirs = export.load_keras((model_files.find(model) / model_files.KERAS_FILE).read_bytes())

    def call(digits: np.ndarray) -> np.ndarray:
        batches = [digits[start : start + BATCH] for start in range(0, len(digits), BATCH)]
        return np.concatenate([np.asarray(theirs(batch[..., None])) for batch in batches])

    answers = {
        "Classifier.predict": ours.predict,
        "keras.Model.predict": lambda digits: theirs.predict(digits[..., None], BATCH, verbose=0),
        "calling the model": call,
    }
    digits = images.from_dataset(datasets.load_mnist().test.images)
    singles = [digits[row : row + 1] for row in range(rounds * BLOCK)]
    found: list[Result] = []
    for what, items, block in (("one image", singles, BLOCK), ("10,000 images", [digits] * 3, 3)):
        for title, times in harness.by_turns(answers, items, block).items():
            found.append(Series(f"{title}, {what}", times, over=f"Classifier.predict, {what}"))
    probabilities = np.stack([read(digits[:1000]) for read in answers.values()])
    difference = np.ptp(probabilities, axis=0).max()
    return [*found, Claim(f"probabilities differ by {difference:.0e} at most", difference <= TOLERANCE)]


def explain(model: str, digits: int) -> list[Series]:
    """Each explanation is made of one test digit after the other."""
    reader = classifier.load(model)
    methods = {
        "Score-CAM": lambda image: saliency.score_cam(reader, image),
        "occlusion": lambda image: saliency.occlusion(reader, image),
        "all layers": lambda image: saliency.layer_activations(reader, image),
    }
    times = harness.by_turns(methods, datasets.load_mnist().test.images[:digits], digits)
    return [Series(title, values) for title, values in times.items()]


CASES = {
    "answer": Case(
        "one image and 10,000 read by Classifier.predict",
        "keras.Model.predict and calling the model",
        answer,
        {"model": "default", "rounds": 10},
        {"rounds": 1},
        {"keras.Model.predict, one image": "ratio ≥ 100"},
    ),
    "explain": Case(
        "where a network looks and what its layers find, with LiteRT alone",
        "",
        explain,
        {"model": "default", "digits": 20},
        {"digits": 2},
        dict.fromkeys(("Score-CAM", "occlusion", "all layers"), "95th ≤ 200"),
    ),
}

if __name__ == "__main__":
    sys.exit(harness.run(__doc__, CASES))
