import numpy as np
import pytest
from PIL import Image

from digit_core import datasets
from digit_core.errors import NoInkError, PictureError
from digit_core.preprocessing import page
from digit_core.synthesis import numbers, paper
from digit_core.synthesis.numbers import Hand


@pytest.fixture(scope="module")
def ink() -> np.ndarray:
    """Four digits on a page of 300 x 600."""
    random = np.random.default_rng(0)
    drawn = np.zeros((300, 600), np.uint8)
    parts = numbers.write(datasets.load_mnist().validation.take(np.arange(4)), Hand(80, 7), random)
    numbers.paste(parts, drawn, 100, 100)
    return drawn


def overlap(found: np.ndarray, ink: np.ndarray) -> float:
    """Intersection over union."""
    return float(np.sum((found > 0.5) & (ink > 128)) / np.sum((found > 0.5) | (ink > 128)))


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("kind", ["plain", "shaded", "ruled", "squared"])
def test_ink_is_found_on_every_paper_either_way_round(ink: np.ndarray, kind: str, inverted: bool) -> None:
    random = np.random.default_rng(1)
    papers = {"ruled": paper.ruled(ink.shape, 45), "squared": paper.squared(ink.shape, 30)}
    written = paper.written(papers.get(kind, paper.plain(ink.shape)), ink)
    if kind != "plain":
        written = paper.shaded(written, 0.4, random)
    picture = paper.photographed(written, random)
    found = page.read(Image.fromarray(255 - picture if inverted else picture))
    assert overlap(found.ink, ink) > 0.7


def test_a_canvas_is_read_by_its_opacity(ink: np.ndarray) -> None:
    drawing = np.dstack([np.full((*ink.shape, 3), 40, np.uint8), ink])
    found = page.read(drawing)
    np.testing.assert_array_equal(found.ink, ink * np.float32(1 / 255))
    assert found.scale == 1


def test_large_photos_are_reduced_and_say_by_how_much() -> None:
    photo = Image.new("L", (3200, 1000), 230)
    photo.paste(20, (1500, 300, 1560, 700))
    found = page.read(photo)
    assert found.ink.shape == (500, 1600)
    assert found.scale == 2
    rows, columns = np.nonzero(found.ink > 0.5)
    assert abs(rows.min() - 150) <= 2
    assert abs(columns.max() - 780) <= 2


def test_blank_paper_and_a_clear_canvas_are_refused() -> None:
    with pytest.raises(NoInkError):
        page.read(Image.new("L", (400, 300), 230))
    with pytest.raises(NoInkError):
        page.read(np.zeros((280, 900, 4), np.uint8))


def test_arrays_that_are_no_pictures_are_refused() -> None:
    with pytest.raises(PictureError, match="height, width, 4"):
        page.read(np.zeros((280, 900, 2), np.uint8))
    with pytest.raises(PictureError, match="not of int64"):
        page.read(np.zeros((280, 900), np.int64))


def test_a_grey_array_is_read_as_its_picture_is(ink: np.ndarray) -> None:
    paper = 255 - ink
    np.testing.assert_array_equal(page.read(paper).ink, page.read(Image.fromarray(paper)).ink)


def test_a_bold_digit_on_fine_squares_is_not_hollow() -> None:
    """The lines were more than its stroke, whose inside was then taken for a shadow."""
    squares = np.minimum(paper.ruled((900, 1_200), 24, ink=0.5), paper.ruled((1_200, 900), 24, ink=0.5).T)
    ink = np.zeros(squares.shape, np.uint8)
    ink[300:600, 500:545] = 255
    picture = paper.photographed(paper.written(squares, ink, 0.35), np.random.default_rng(0))
    found = page.read(Image.fromarray(picture))
    assert overlap(found.ink, ink) > 0.9
