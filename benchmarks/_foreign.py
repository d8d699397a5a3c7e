"""Sets of digits that are not MNIST's, and of things that are no digits, each as it would come through the app's doors."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from digit_core.datasets import catalogue
from digit_core.digits import SIDE
from digit_core.errors import NoInkError
from digit_core.preprocessing import images
from digit_core.preprocessing.strokes import draw, fitted
from digit_core.settings import PEN_WIDTH

DATA_FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data"

Items = Iterator[tuple[np.ndarray, int]]  # float32 (28, 28), ink is 1; and the label, -1 of what is no digit
NO_DIGIT = -1


def strokes(path: Path) -> Iterator[tuple[list[np.ndarray], str]]:
    """The pen strokes of each drawing of a UNIPEN file, float32 arrays of shape (points, 2), and its label."""
    with np.load(path) as file:
        points = np.split(file["points"], np.cumsum(file["stroke_lengths"])[:-1])
        starts = np.cumsum(file["strokes_per_drawing"])
        for end, count, label in zip(starts, file["strokes_per_drawing"], file["labels"], strict=True):
            yield points[end - count : end], str(label)


def unipen(path: Path, stroke_width: float) -> Items:
    """UNIPEN's drawings on the canvas with that pen."""
    for pen_strokes, label in strokes(path):
        image = images.from_canvas(draw(fitted(pen_strokes, stroke_width)))
        yield image, int(label) if label.isdecimal() else NO_DIGIT


def pictures(path: Path) -> Items:
    """The pictures of a ragged file, through the door for uploads."""
    with np.load(path) as file:
        ends = np.cumsum(file["shapes"].prod(axis=1))[:-1]
        for pixels, shape, label in zip(
            np.split(file["pixels"], ends), file["shapes"], file["labels"], strict=True
        ):
            yield _uploaded(Image.fromarray(pixels.reshape(shape))), int(label)


def grey(path: Path) -> Items:
    """The equal-sized grey images of a set, enlarged and through the door for uploads."""
    with np.load(path) as file:
        labels = file["labels"] if "labels" in file else np.full(len(file["images"]), NO_DIGIT)
        for image, label in zip(file["images"], labels, strict=True):
            size = image.shape[1] * 4, image.shape[0] * 4
            yield _uploaded(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC)), int(label)


def _uploaded(picture: Image.Image) -> np.ndarray:
    """What the door makes of a picture; a blank, which is read as nothing, where it finds no ink."""
    try:
        return images.from_picture(picture)
    except NoInkError:
        return np.zeros((SIDE, SIDE), np.float32)


def sklearn_digits() -> Items:
    """scikit-learn's digits, enlarged smoothly and through the door, as Explore shows them."""
    found = catalogue.load("sklearn-digits")
    for image, label in zip(found.parts[0], found.labels, strict=True):
        yield images.from_dataset(image[None])[0], int(label)


# What each is called, to its file (none where it comes with a package) and what reads that.
SETS: dict[str, tuple[str | None, Callable[[Path], Items]]] = {
    "unipen_digits": ("unipen_digits.npz", lambda path: unipen(path, PEN_WIDTH)),
    "unipen_digits, half the width": ("unipen_digits.npz", lambda path: unipen(path, PEN_WIDTH / 2)),
    "unipen_digits, 1.5 times": ("unipen_digits.npz", lambda path: unipen(path, PEN_WIDTH * 1.5)),
    "real_digits": ("real_digits.npz", pictures),
    "usps": ("usps.npz", grey),
    "optdigits32": ("optdigits32.npz", grey),
    "scikit-learn's digits": (None, lambda path: sklearn_digits()),
    "letters": ("unipen_letters.npz", lambda path: unipen(path, PEN_WIDTH)),
    "clothes": ("fashion.npz", grey),
}


def read(title: str, folder: Path = DATA_FOLDER) -> tuple[np.ndarray, np.ndarray] | None:
    """One of `SETS`.

    Returns:
        Images, float32 (n, 28, 28), ink is 1, and labels, int64 (n,), -1 of what is no digit; None where the file is
        absent.
    """
    file, reader = SETS[title]
    path = folder / (file or "")
    if not path.exists() and file:
        return None
    found, labels = zip(*reader(path), strict=True)
    return np.stack(found), np.array(labels)
