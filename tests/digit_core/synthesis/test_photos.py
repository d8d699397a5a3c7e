import numpy as np
import pytest

from digit_core.datasets.mnist import Mnist
from digit_core.synthesis import photos


@pytest.mark.parametrize("kind", photos.KINDS)
def test_a_photo_is_in_colour_and_the_same_each_time(mnist: Mnist, kind: str) -> None:
    digit = mnist.validation.images[0]
    first, again, other = (photos.photo(digit, kind, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.dtype == np.uint8
    assert first.ndim == 3
    assert 400 <= max(first.shape) <= 1600
    np.testing.assert_array_equal(first, again)
    assert first.shape != other.shape or (first != other).any()


def test_a_black_desk_is_darker_than_the_sheet(mnist: Mnist) -> None:
    photo = photos.photo(mnist.validation.images[0], "on a black desk", np.random.default_rng(1))
    assert np.percentile(photo, 5) < 40
    assert np.percentile(photo, 95) > 100


def test_a_sheet_in_a_scene_lies_where_its_matrix_says() -> None:
    page = np.full((300, 500, 3), 0.9, np.float32)
    page[140:160, 240:260] = (0.9, 0.0, 0.0)
    picture, matrix = photos.laid_in_a_scene(page, np.random.default_rng(4))
    x, y, depth = matrix @ (250, 150, 1)
    red, green, _ = picture[round(y / depth), round(x / depth)]
    assert red > 0.1 > 10 * green
