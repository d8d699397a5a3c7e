import io
import json

import numpy as np
import plotly.graph_objects as go
import pytest
from PIL import Image

from digit_core import figures
from digit_core.datasets.mnist import Mnist
from digit_core.figures.base import CLASS_COLOURS

INK = "#1c2326"


def _pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))


@pytest.mark.parametrize("scale", [1, 3])
def test_each_digit_stands_in_its_place_pixel_by_pixel(mnist: Mnist, scale: int) -> None:
    digits = mnist.test.images[:23]
    page = _pixels(figures.sprite_png(digits, 5, INK, scale))
    step = 28 * scale + 2
    assert page.shape == (5 * step, 5 * step, 4)
    left_over = page[..., 3].astype(int)
    for index, digit in enumerate(digits):
        top, left = index // 5 * step, index % 5 * step
        tile = left_over[top : top + 28 * scale, left : left + 28 * scale]
        np.testing.assert_array_equal(tile, np.kron(digit, np.ones((scale, scale), int)))
        tile[:] = 0
    assert not left_over.any()  # gaps and empty places are clear
    assert np.all(page[page[..., 3] > 0][:, :3] == [0x1C, 0x23, 0x26])


def test_a_hundred_digits_are_a_small_file_however_bold(mnist: Mnist) -> None:
    boldest = mnist.train.images[mnist.train.images.sum(axis=(1, 2), dtype=int).argsort()[-100:]]
    assert len(figures.sprite_png(boldest, 10, INK)) < 30_000
    assert len(figures.sprite_png(boldest, 10, INK, scale=3)) < 100_000


def test_average_images_can_be_a_sprite_too() -> None:
    shades = np.zeros((2, 28, 28), np.float32)
    shades[0], shades[1] = 1.0, 0.2
    page = _pixels(figures.sprite_png(shades, 2, INK))
    assert np.all(page[:28, :28, 3] == 255)
    assert np.all(page[:28, 30:58, 3] == 51)


def test_a_page_without_digits_is_clear() -> None:
    page = _pixels(figures.sprite_png(np.empty((0, 28, 28), np.uint8), 4, INK))
    assert page.shape == (30, 120, 4)
    assert not page[..., 3].any()


def _all() -> dict[str, go.Figure]:
    random = np.random.default_rng(0)
    counts = random.integers(0, 99, (10, 20))
    return {
        "class_counts": figures.class_counts(
            random.integers(0, 9_000, (3, 10)), ("train", "validation", "test")
        ),
        "pixel_histogram": figures.pixel_histogram(random.integers(0, 999, 256)),
        "distribution": figures.distribution(np.linspace(0, 1, 21), counts, "mean ink"),
    }


@pytest.mark.parametrize("name", list(_all()))
def test_every_figure_has_a_clear_ground_leaves_text_to_the_theme_and_scrolls_under_a_thumb(
    name: str,
) -> None:
    layout = json.loads(_all()[name].to_json())["layout"]
    assert layout["paper_bgcolor"] == layout["plot_bgcolor"] == "rgba(0,0,0,0)"
    assert "font" not in layout
    assert layout["dragmode"] is False
    assert layout["xaxis"]["fixedrange"] is layout["yaxis"]["fixedrange"] is True


def test_no_figure_is_large() -> None:
    for name, figure in _all().items():
        assert len(figure.to_json()) < 80_000, name


def test_classes_are_counted_split_by_split_in_their_colours() -> None:
    counts = np.arange(30).reshape(3, 10)
    bars = figures.class_counts(counts, ("train", "validation", "test")).data
    assert [bar.name for bar in bars] == ["train", "validation", "test"]
    for bar, row in zip(bars, counts):
        np.testing.assert_array_equal(bar.y, row)
        assert tuple(bar.marker.color) == CLASS_COLOURS
    assert len({bar.marker.pattern.shape for bar in bars}) == 3  # told apart without colour


def test_the_pixel_histogram_shows_all_256_values() -> None:
    counts = np.arange(1, 257)
    (bar,) = figures.pixel_histogram(counts).data
    np.testing.assert_array_equal(bar.x, np.arange(256))
    np.testing.assert_array_equal(bar.y, counts)


def test_the_outlines_of_a_distribution_are_its_counts() -> None:
    counts = np.zeros((10, 4), int)
    counts[3] = [0, 5, 10, 0]
    traces = {
        trace.name: trace
        for trace in figures.distribution(np.arange(5) * 2.0, counts, "slant").data
        if trace.name
    }
    assert list(traces) == [str(digit) for digit in reversed(range(10))]
    np.testing.assert_allclose(traces["3"].y, [3, 3.7, 4.4, 3, 3])
    np.testing.assert_array_equal(traces["3"].customdata, [0, 5, 10, 0, 0])
    np.testing.assert_array_equal(traces["7"].y, [7] * 5)  # a class without digits is a line
    assert traces["3"].line.color == CLASS_COLOURS[3]


def test_a_grey_picture_of_a_digit_keeps_its_numbers(mnist: Mnist) -> None:
    picture = Image.open(io.BytesIO(figures.grey_png(mnist.test.images[0])))
    assert picture.mode == "L"
    np.testing.assert_array_equal(np.asarray(picture), mnist.test.images[0])


def _embedding(count: int = 6) -> go.Figure:
    positions = np.array([[0, 0], [1, 0], [2, 1], [0.5, 0.5], [2, 0], [1, 1]], np.float32)[:count]
    labels = np.array([8, 1, 8, 1, 8, 0], np.uint8)[:count]
    predicted = np.array([8, 1, 9, 1, 8, 0])[:count]
    return figures.embedding(positions, labels, np.arange(947, 947 + count), predicted, split="test")


def test_trace_d_of_an_embedding_holds_the_digits_of_class_d_in_their_order() -> None:
    made = _embedding()
    assert [trace.name for trace in made.data] == [str(digit) for digit in range(10)]
    assert [trace.marker.color for trace in made.data] == list(CLASS_COLOURS)
    np.testing.assert_array_equal(made.data[8].customdata, [[947, 8], [949, 9], [951, 8]])
    np.testing.assert_array_equal(made.data[8].x, [0, 4000, 4000])
    np.testing.assert_array_equal(made.data[8].y, [0, 2000, 0])  # in proportion: a square stays one
    assert len(made.data[7].x) == 0
    assert "labelled 8, read as" in made.data[8].hovertemplate


def test_a_misread_digit_is_a_larger_cross_on_a_embedding() -> None:
    made = _embedding()
    assert list(made.data[8].marker.symbol) == [0, 4, 0]
    assert list(made.data[8].marker.size) == [5, 9, 5]
    assert made.data[1].marker.symbol == 0


def test_an_embedding_names_each_class_in_its_midst_once() -> None:
    assert sorted(note.text for note in _embedding().layout.annotations) == [
        "<b>0</b>",
        "<b>1</b>",
        "<b>8</b>",
    ]
    assert not _embedding(0).layout.annotations


def test_ten_thousand_points_of_an_embedding_stay_small() -> None:
    chance = np.random.default_rng(3)
    labels = chance.integers(0, 10, 10_000).astype(np.uint8)
    predicted = np.where(chance.random(10_000) < 0.03, 0, labels)
    positions = chance.normal(size=(10_000, 2)).astype(np.float32)
    made = figures.embedding(positions, labels, np.arange(10_000), predicted, split="test")
    assert len(made.to_json()) < 200_000
