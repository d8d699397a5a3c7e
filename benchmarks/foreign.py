"""Digits that are not MNIST's, and things that are no digits, each as it would come through the app's preprocessing."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from digit_core.datasets import catalogue
from digit_core.digits import SIDE
from digit_core.errors import NoInkError
from digit_core.preprocessing import images
from digit_core.preprocessing.strokes import draw, fitted
from digit_core.settings import PEN_WIDTH, PROJECT_FOLDER

DATA_FOLDER = PROJECT_FOLDER.parent / "shared" / "data"
NO_DIGIT = -1

Items = Iterator[tuple[np.ndarray, int]]  # float32 (28, 28), ink is 1; and the label, -1 of what is no digit


@dataclass(frozen=True, eq=False)
class Material:
    """Images to read, float32 or uint8 (n, 28, 28), and their labels, integers (n,), -1 of what is no digit."""

    images: np.ndarray
    labels: np.ndarray


def present(sets: Mapping[str, tuple[Any, ...]], folder: Path) -> Iterator[str]:
    """The titles of those sets that are there; of the others it says that they are left out.

    Args:
        sets: title to its file, None where it comes with a package, and what else is known of it.
        folder: of the files.
    """
    for title, (file, *_) in sets.items():
        if file is None or (folder / file).exists():
            yield title
        else:
            print(f"Left out, for it is absent: {title} ({file})")


def strokes(path: Path) -> Iterator[tuple[list[np.ndarray], str]]:
    """The pen strokes of each drawing of a UNIPEN file, float32 arrays of shape (points, 2), and its label."""
    with np.load(path) as file:
        points = np.split(file["points"], np.cumsum(file["stroke_lengths"])[:-1])
        starts = np.cumsum(file["strokes_per_drawing"])
        for end, count, label in zip(starts, file["strokes_per_drawing"], file["labels"], strict=True):
            yield points[end - count : end], str(label)


def photos(path: Path) -> Iterator[tuple[Image.Image, str]]:
    """The pictures of a ragged file, and what is written on each."""
    with np.load(path) as file:
        ends = np.cumsum(file["shapes"].prod(axis=1))[:-1]
        pixels = np.split(file["pixels"], ends)
        for part, shape, label in zip(pixels, file["shapes"], file["labels"], strict=True):
            yield Image.fromarray(part.reshape(shape)), str(label)


def _drawn(pen: float) -> Callable[[Path], Items]:
    """UNIPEN's drawings on the canvas with a pen of that width."""

    def read(path: Path) -> Items:
        for pen_strokes, label in strokes(path):
            image = images.from_canvas(draw(fitted(pen_strokes, pen)))
            yield image, int(label) if label.isdecimal() else NO_DIGIT

    return read


def _photographed(path: Path) -> Items:
    for photo, label in photos(path):
        yield _uploaded(photo), int(label)


def _grey(path: Path) -> Items:
    """Equal-sized grey images, enlarged."""
    with np.load(path) as file:
        labels = file["labels"] if "labels" in file else np.full(len(file["images"]), NO_DIGIT)
        for image, label in zip(file["images"], labels, strict=True):
            size = image.shape[1] * 4, image.shape[0] * 4
            yield _uploaded(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC)), int(label)


def _uploaded(picture: Image.Image) -> np.ndarray:
    """A picture as an upload is read; a blank, which is read as nothing, where no ink is found."""
    try:
        return images.from_picture(picture)
    except NoInkError:
        return np.zeros((SIDE, SIDE), np.float32)


def _sklearn_digits(_: Path) -> Items:
    """scikit-learn's digits, enlarged smoothly, as Explore shows them."""
    found = catalogue.load("sklearn-digits")
    for image, label in zip(found.parts[0], found.labels, strict=True):
        yield images.from_dataset(image[None])[0], int(label)


SETS: dict[str, tuple[str | None, Callable[[Path], Items]]] = {
    "unipen_digits": ("unipen_digits.npz", _drawn(PEN_WIDTH)),
    "unipen_digits, half the width": ("unipen_digits.npz", _drawn(PEN_WIDTH / 2)),
    "unipen_digits, 1.5 times": ("unipen_digits.npz", _drawn(PEN_WIDTH * 1.5)),
    "real_digits": ("real_digits.npz", _photographed),
    "usps": ("usps.npz", _grey),
    "optdigits32": ("optdigits32.npz", _grey),
    "semeion, stretched to squares": ("semeion.npz", _grey),
    "scikit-learn's digits": (None, _sklearn_digits),
    "letters": ("unipen_letters.npz", _drawn(PEN_WIDTH)),
    "clothes": ("fashion.npz", _grey),
}


def read(folder: Path = DATA_FOLDER) -> dict[str, Material]:
    """Those of `SETS` that are there: images are float32 (n, 28, 28), ink is 1."""
    found = {}
    for title in present(SETS, folder):
        file, reader = SETS[title]
        pictures, labels = zip(*reader(folder / (file or "")), strict=True)
        found[title] = Material(np.stack(pictures), np.array(labels))
    return found
