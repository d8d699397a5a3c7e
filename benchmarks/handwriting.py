"""How well a model reads digits that are not MNIST's: accuracy per set, with n and its 95% interval.

    python benchmarks/handwriting.py [MODEL ...] [--data FOLDER]

The sets are not part of the project (see their README for origin and licences); those that are absent are named and left out. None of
them is ever used to train or to choose a model.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from digit_core import classifier, evaluation, images
from digit_core.errors import NoInkError
from digit_core.settings import CANVAS_SIDE, PEN_WIDTH

DATA_FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data"
# As in ui/canvas.py, which cannot be imported outside a running Streamlit server.
DRAWN_SIDE = 200  # pixels of the canvas that a drawing's longer side takes
_FINER = 4  # drawn so many times larger, then reduced: smooth edges as the browser draws them

Drawings = Iterator[tuple[np.ndarray, int]]


def strokes(path: Path) -> Iterator[tuple[list[np.ndarray], int]]:
    """The pen strokes of each drawing of a UNIPEN file, float32 arrays of shape (points, 2), and its label."""
    with np.load(path) as file:
        points = np.split(file["points"], np.cumsum(file["stroke_lengths"])[:-1])
        starts = np.cumsum(file["strokes_per_drawing"])
        for end, count, label in zip(starts, file["strokes_per_drawing"], file["labels"], strict=True):
            yield points[end - count : end], int(label)


def draw(pen_strokes: list[np.ndarray], stroke_width: float) -> np.ndarray:
    """What the canvas shows of a drawing: uint8 RGBA of shape (280, 280, 4) on a clear ground."""
    points = np.concatenate(pen_strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = DRAWN_SIDE / max(float((high - low).max()), 1e-6)
    offset = CANVAS_SIDE / 2 - (low + high) / 2 * scale
    alpha = np.zeros((CANVAS_SIDE * _FINER, CANVAS_SIDE * _FINER), np.uint8)
    for stroke in pen_strokes:
        path = np.round((stroke * scale + offset) * _FINER).astype(np.int32)
        cv2.polylines(alpha, [path], False, 255, round(stroke_width * _FINER))
    rgba = np.zeros((CANVAS_SIDE, CANVAS_SIDE, 4), np.uint8)
    rgba[..., 3] = cv2.resize(alpha, (CANVAS_SIDE, CANVAS_SIDE), interpolation=cv2.INTER_AREA)
    return rgba


def unipen(path: Path, stroke_width: float) -> Drawings:
    """UNIPEN's digits as drawn on the canvas with that pen."""
    for pen_strokes, label in strokes(path):
        yield images.from_canvas(draw(pen_strokes, stroke_width)), label


def pictures(path: Path) -> Drawings:
    """The pictures of a ragged file, through the door for uploads."""
    from PIL import Image

    with np.load(path) as file:
        ends = np.cumsum(file["shapes"].prod(axis=1))[:-1]
        for pixels, shape, label in zip(
            np.split(file["pixels"], ends), file["shapes"], file["labels"], strict=True
        ):
            try:
                yield images.from_picture(Image.fromarray(pixels.reshape(shape))), int(label)
            except NoInkError:
                yield np.zeros((28, 28), np.float32), int(label)  # counts as an error, whatever is answered


def grey(path: Path) -> Drawings:
    """The equal-sized grey images of a set, through the door."""
    from PIL import Image

    with np.load(path) as file:
        for image, label in zip(file["images"], file["labels"], strict=True):
            enlarged = Image.fromarray(image).resize(
                (image.shape[1] * 4, image.shape[0] * 4), Image.Resampling.BICUBIC
            )
            yield images.from_picture(enlarged), int(label)


SETS: dict[str, tuple[str, Callable[[Path], Drawings]]] = {
    "unipen_digits": ("unipen_digits.npz", lambda path: unipen(path, PEN_WIDTH)),
    "unipen_digits, half the width": (
        "unipen_digits.npz",
        lambda path: unipen(path, PEN_WIDTH / 2),
    ),
    "unipen_digits, 1.5 times": ("unipen_digits.npz", lambda path: unipen(path, PEN_WIDTH * 1.5)),
    "real_digits": ("real_digits.npz", pictures),
    "usps": ("usps.npz", grey),
    "optdigits32": ("optdigits32.npz", grey),
}


def measure(models: list[str], folder: Path) -> None:
    """Print one row a set and model."""
    opened = [classifier.load(model) for model in models]
    print(f"| {'set':30} | {'n':>5} | " + " | ".join(f"{model.name:>26}" for model in opened) + " |")
    print("|---|---|" + "---|" * len(opened))
    for title, (file, read) in SETS.items():
        if not (folder / file).exists():
            print(f"| {title:30} | absent: {folder / file} |")
            continue
        digits, labels = (np.array(column) for column in zip(*read(folder / file), strict=True))
        right = [int(np.sum(model.predict(digits).argmax(axis=1) == labels)) for model in opened]
        cells = " | ".join(f"{evaluation.share(count, len(labels))!s:>26}" for count in right)
        print(f"| {title:30} | {len(labels):5} | {cells} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", default=["default"])
    parser.add_argument("--data", type=Path, default=DATA_FOLDER, help="the folder of the sets (%(default)s)")
    arguments = parser.parse_args()
    measure(arguments.models, arguments.data)
