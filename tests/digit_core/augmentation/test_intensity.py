import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from digit_core.augmentation import intensity


def _full(value: float, n: int) -> np.ndarray:
    return np.full(n, value)


def _dot() -> np.ndarray:
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 14, 14] = 255
    return image


def test_a_blur_is_a_gaussian() -> None:
    random = np.random.default_rng(0)
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 9:19, 9:19] = random.integers(0, 256, (10, 10))
    expected = gaussian_filter(image[0].astype(float), 1.5, mode="constant", truncate=8)
    np.testing.assert_allclose(intensity.blur(image, _full(1.5, 1))[0], expected, atol=0.6)


def test_each_digit_is_blurred_by_its_own_amount() -> None:
    dots = np.repeat(_dot(), 3, axis=0)
    peaks = intensity.blur(dots, np.array([0.0, 1.0, 2.0]))[:, 14, 14]
    np.testing.assert_allclose(peaks, [255, 255 / (2 * np.pi), 255 / (8 * np.pi)], atol=1.5)


def test_a_grid_of_14_cells_shows_means_of_four_pixels() -> None:
    image = np.random.default_rng(0).integers(0, 256, (1, 28, 28), np.uint8)
    coarse = intensity.coarsen(image, np.array([14]))[0]
    cells = image[0].reshape(14, 2, 14, 2).mean(axis=(1, 3))
    # A pixel lies a quarter of the way from its cell's middle to the next one's, along both axes.
    expected = (
        0.75 * 0.75 * cells[5, 5] + 0.75 * 0.25 * (cells[5, 6] + cells[6, 5]) + 0.25 * 0.25 * cells[6, 6]
    )
    assert coarse[11, 11] == pytest.approx(expected, abs=0.6)
    np.testing.assert_array_equal(intensity.coarsen(image, np.array([28])), image)


def test_contrast_multiplies_the_ink() -> None:
    image = np.full((2, 28, 28), 200, np.uint8)
    changed = intensity.change_contrast(image, np.array([0.5, 1.0]))
    assert changed[0, 0, 0] == 100
    assert changed[1, 0, 0] == 200


def test_gamma_leaves_paper_and_full_ink_and_changes_what_is_between() -> None:
    image = np.zeros((2, 28, 28), np.uint8)
    image[:, 1], image[:, 2] = 51, 255
    darker, lighter = intensity.change_gamma(image, np.array([0.5, 2.0]))
    assert (darker[0, 0], darker[1, 0], darker[2, 0]) == (0, 114, 255)  # the root of 0.2 is 0.447
    assert (lighter[0, 0], lighter[1, 0], lighter[2, 0]) == (0, 10, 255)  # 0.2 squared is 0.04


def test_noise_has_the_standard_deviation_asked_for_and_zero_is_none() -> None:
    grey = np.full((2_000, 28, 28), 128, np.uint8)
    deviations = np.repeat([0.0, 0.1], 1_000)
    noisy = intensity.add_noise(grey, deviations, np.random.default_rng(0))
    np.testing.assert_array_equal(noisy[:1_000], grey[:1_000])
    assert (noisy[1_000:] / 255).std() == pytest.approx(0.1, rel=0.02)
    assert noisy[1_000:].mean() == pytest.approx(128, abs=0.5)
    flat = noisy[1_000:].reshape(1_000, -1).astype(float)
    assert abs(np.corrcoef(flat[:, 0], flat[:, 1])[0, 1]) < 0.15


def test_a_shadow_is_a_slope_that_leaves_the_ink_black() -> None:
    image = np.zeros((40, 28, 28), np.uint8)
    image[:, 14] = 255
    shaded = intensity.add_ground(image, _full(0.4, 40), np.random.default_rng(0)).astype(int)
    assert (shaded[:, 14] == 255).all()
    assert 80 < shaded[:, :14].max() <= 103  # four tenths of full ink, in one corner
    # No bend in the slope along a row, but where it has reached the paper's white.
    row = shaded[:, 5]
    bends = np.abs(np.diff(row, n=2, axis=1))[(row[:, 1:-1] > 2)]
    assert bends.max() <= 2


def test_lines_go_across_those_digits_that_were_chosen() -> None:
    blank = np.zeros((300, 28, 28), np.uint8)
    chosen = np.arange(300) % 3 == 0
    lined = intensity.add_lines(blank, chosen, np.random.default_rng(0))
    assert not lined[~chosen].any()
    has_line = lined[chosen].any(axis=(1, 2))
    assert has_line.mean() > 0.9  # some miss: they lie beyond the corners
    columns = (lined[chosen] > 0).any(axis=1).sum(axis=1)
    rows = (lined[chosen] > 0).any(axis=2).sum(axis=1)
    assert np.mean(np.maximum(columns, rows)[has_line] >= 20) > 0.8
    assert 0.4 < np.mean(rows[has_line] <= 10) < 0.75  # nearly level
    assert 0.12 < np.mean(columns[has_line] <= 10) < 0.4  # upright


def test_a_cover_is_a_square_of_blank_paper_where_the_digit_is() -> None:
    full = np.full((500, 28, 28), 255, np.uint8)
    covered = intensity.cover(full, np.repeat([0, 8], 250), np.random.default_rng(0))
    assert (covered[:250] == 255).all()
    hidden = covered[250:] == 0
    assert (hidden.sum(axis=(1, 2)) == 64).all()
    assert (hidden.any(axis=1).sum(axis=1) == 8).all()
    assert not hidden[:, :4].any()
    assert not hidden[:, :, 24:].any()
    assert hidden[:, 4, 4].any()
    assert hidden[:, 23, 23].any()


def test_no_digits_are_no_trouble() -> None:
    none, random = np.zeros((0, 28, 28), np.uint8), np.random.default_rng(0)
    assert intensity.blur(none, _full(1, 0)).shape == (0, 28, 28)
    assert intensity.coarsen(none, np.zeros(0, int)).shape == (0, 28, 28)
    assert intensity.add_lines(none, np.zeros(0, bool), random).shape == (0, 28, 28)
    assert intensity.cover(none, np.zeros(0, int), random).shape == (0, 28, 28)
    for change in (intensity.outline, intensity.add_zigzags, intensity.invert_parts):
        assert change(none, np.zeros(0, bool), random).shape == (0, 28, 28)


def test_of_an_outline_only_the_edges_are_left() -> None:
    square = np.zeros((200, 28, 28), np.uint8)
    square[:, 8:20, 8:20] = 255
    chosen = np.arange(200) % 2 == 0
    outlined = intensity.outline(square, chosen, np.random.default_rng(0))
    np.testing.assert_array_equal(outlined[~chosen], square[~chosen])
    edges = outlined[chosen]
    assert not edges[:, 11:17, 11:17].any()  # within
    assert not edges[:, :6].any()  # around
    assert np.mean(edges[:, 6:11, 12].max(axis=1) > 60) > 0.9  # the thinnest may fall between two pixels
    assert len(np.unique(edges.reshape(len(edges), -1), axis=0)) > 60  # each at a level of its own
    has_no_grey = np.isin(edges, (0, 255)).all(axis=(1, 2))
    assert 0.2 < has_no_grey.mean() < 0.5


def test_a_zigzag_goes_to_and_fro_across_those_that_were_chosen() -> None:
    blank = np.zeros((300, 28, 28), np.uint8)
    chosen = np.arange(300) % 3 == 0
    drawn = intensity.add_zigzags(blank, chosen, np.random.default_rng(0))
    assert not drawn[~chosen].any()
    is_ink = drawn[chosen] > 40
    assert is_ink.any(axis=(1, 2)).mean() > 0.95
    # It is no straight line: it takes room in both directions, and few pixels are off every other one.
    room = np.minimum(is_ink.any(axis=1).sum(axis=1), is_ink.any(axis=2).sum(axis=1))
    assert np.median(room) >= 10
    assert 20 < np.median(is_ink.sum(axis=(1, 2))) < 200
    full = np.full((3, 28, 28), 255, np.uint8)
    np.testing.assert_array_equal(
        intensity.add_zigzags(full, np.ones(3, bool), np.random.default_rng(0)), full
    )


def test_in_a_band_or_a_half_ink_and_paper_are_swapped() -> None:
    random = np.random.default_rng(0)
    images = random.integers(0, 120, (400, 28, 28), np.uint8)
    chosen = np.arange(400) % 4 == 0
    changed = intensity.invert_parts(images, chosen, random)
    np.testing.assert_array_equal(changed[~chosen], images[~chosen])
    is_swapped = changed[chosen] == 255 - images[chosen]
    np.testing.assert_array_equal(changed[chosen][~is_swapped], images[chosen][~is_swapped])
    whole_rows, whole_columns = (is_swapped.any(axis=axis) == is_swapped.all(axis=axis) for axis in (2, 1))
    is_straight = whole_rows.all(axis=1) | whole_columns.all(axis=1)
    assert 0.6 < is_straight.mean() < 0.9
    shares = is_swapped.mean(axis=(1, 2))
    assert shares.max() < 1
    assert np.mean(shares < 0.3) > 0.2  # bands
    assert np.mean(shares > 0.4) > 0.3  # halves
