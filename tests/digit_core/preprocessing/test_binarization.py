import cv2
import numpy as np
import pytest

from digit_core.errors import NoInkError
from digit_core.preprocessing import binarization

SIDE = 200
X = np.linspace(0, 1, SIDE, dtype=np.float32)[None]


def _stroke(width: int = 14) -> np.ndarray:
    """A slanted stroke, bool (200, 200)."""
    drawing = np.zeros((SIDE, SIDE), np.uint8)
    cv2.line(drawing, (60, 40), (140, 160), 1, width)
    return drawing.astype(bool)


def _rgba(brightness: np.ndarray) -> np.ndarray:
    """Grey, opaque pixels of a brightness from 0 to 1."""
    levels = np.round(255 * np.clip(np.broadcast_to(brightness, (SIDE, SIDE)), 0, 1)).astype(np.uint8)
    return np.dstack([levels] * 3 + [np.full_like(levels, 255)])


def _boxed(mask: np.ndarray) -> np.ndarray:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _overlap(ink: np.ndarray, truth: np.ndarray) -> float:
    """Intersection over union of what is ink; both in their boxes where plain sides of the picture were cut off."""
    found = ink > 0.5
    if found.shape != truth.shape:
        found, truth = _boxed(found), _boxed(truth)
        height, width = np.minimum(found.shape, truth.shape)
        assert max(abs(np.subtract(found.shape, truth.shape))) <= 2
        found, truth = found[:height, :width], truth[:height, :width]
    return float((found & truth).sum() / (found | truth).sum())


@pytest.mark.parametrize(
    ("pen", "paper"),
    [(0.1, 0.95), (0.9, 0.1), (0.4, 0.6), (0.6, 0.4), (0.0, 1.0), (1.0, 0.0), (0.75, 0.85)],
)
@pytest.mark.parametrize("width", [3, 14, 30])
def test_ink_and_its_polarity_are_found(pen: float, paper: float, width: int) -> None:
    stroke = _stroke(width)
    found = binarization.binarize(_rgba(np.where(stroke, pen, paper)))
    assert found.is_dark_on_light == (pen < paper)
    assert _overlap(found.ink, stroke) > 0.9
    np.testing.assert_allclose(
        found.background[~cv2.dilate(stroke.astype(np.uint8), np.ones((9, 9))).astype(bool)], paper, atol=0.03
    )
    np.testing.assert_allclose(found.picture, np.where(stroke, pen, paper), atol=0.003)


@pytest.mark.parametrize("is_dark", [True, False], ids=["ink", "chalk"])
@pytest.mark.parametrize(
    "light",
    [
        0.35 + 0.65 * X,
        0.35 + 0.65 * X.T,
        1 - 0.3 * X - 0.3 * X.T,
        1 - 0.5 * ((X - 0.5) ** 2 + (X.T - 0.5) ** 2),
    ],
    ids=["from the right", "from below", "from a corner", "from the middle"],
)
def test_uneven_light_is_no_ink(light: np.ndarray, is_dark: bool) -> None:
    stroke = _stroke()
    surface = np.where(stroke, 0.1, 0.95) if is_dark else np.where(stroke, 0.9, 0.15)
    found = binarization.binarize(_rgba(surface * light))
    assert found.is_dark_on_light == is_dark
    assert _overlap(found.ink, stroke) > 0.85


def test_a_shadow_across_the_paper_is_no_ink() -> None:
    stroke = _stroke()
    found = binarization.binarize(_rgba(np.where(stroke, 0.1, 0.95) * np.where(X < 0.25, 0.6, 1)))
    assert _overlap(found.ink, stroke) > 0.85


def test_grain_is_no_ink() -> None:
    stroke = _stroke()
    grain = np.random.default_rng(0).normal(0, 0.06, (SIDE, SIDE))
    found = binarization.binarize(_rgba(np.where(stroke, 0.1, 0.85) + grain))
    assert _overlap(found.ink, stroke) > 0.9
    assert np.mean(found.ink[~stroke] > 0.1) < 0.02


@pytest.mark.parametrize(
    ("pen", "paper"),
    [((150, 60, 60), (60, 150, 60)), ((0, 0, 200), (0, 120, 0)), ((220, 30, 30), (90, 90, 90))],
    ids=["red on green", "blue on green", "red on grey"],
)
def test_ink_may_differ_by_colour_alone(pen: tuple[int, int, int], paper: tuple[int, int, int]) -> None:
    stroke = _stroke()
    rgba = np.full((SIDE, SIDE, 4), 255, np.uint8)
    rgba[..., :3] = np.where(stroke[..., None], pen, paper)
    assert _overlap(binarization.binarize(rgba).ink, stroke) > 0.9


def test_what_is_opaque_on_a_transparent_background_is_ink() -> None:
    rgba = np.zeros((SIDE, SIDE, 4), np.uint8)
    rgba[_stroke()] = (255, 255, 255, 255)
    found = binarization.binarize(rgba)
    np.testing.assert_array_equal(found.ink, _stroke().astype(np.float32))
    assert found.is_dark_on_light


def test_a_picture_cut_out_with_a_clear_rim_is_read_by_its_brightness() -> None:
    rgba = _rgba(np.where(_stroke(), 0.1, 0.95))
    rgba[:30, :, 3] = 0
    rgba[:, -40:, 3] = 0
    assert _overlap(binarization.binarize(rgba).ink, _stroke()) > 0.9


@pytest.mark.parametrize("sides", [(0,), (0, 1), (0, 1, 2, 3)])
def test_a_table_beside_the_sheet_is_cut_off(sides: tuple[int, ...]) -> None:
    brightness = np.where(_stroke(), 0.1, 0.95)
    for side in sides:
        np.rot90(brightness, side)[:15] = 0.2
    found = binarization.binarize(_rgba(brightness))
    assert found.ink.shape != (SIDE, SIDE)
    assert found.is_dark_on_light
    rim = np.concatenate([found.ink[0], found.ink[-1], found.ink[:, 0], found.ink[:, -1]])
    assert rim.max() < 0.1
    assert found.ink.sum() == pytest.approx(_stroke().sum(), rel=0.1)


def test_all_transparent_is_refused() -> None:
    with pytest.raises(NoInkError, match="completely transparent"):
        binarization.binarize(np.full((50, 50, 4), (255, 0, 0, 5), np.uint8))


def test_a_mark_fainter_than_the_grain_is_refused() -> None:
    grain = np.random.default_rng(0).normal(0, 0.05, (SIDE, SIDE))
    with pytest.raises(NoInkError, match="more contrast"):
        binarization.binarize(_rgba(np.where(_stroke(), 0.87, 0.9) + grain))


@pytest.mark.parametrize("width", [3, 6, 12, 20])
def test_the_width_of_a_stroke_is_measured(width: int) -> None:
    mask = np.zeros((300, 300), bool)
    mask[100 : 100 + width, 20:280] = True
    assert binarization.stroke_width(mask) == pytest.approx(width, rel=0.2)


def test_no_stroke_has_the_least_width() -> None:
    assert binarization.stroke_width(np.zeros((5, 5), bool)) == 1.0


def test_opacity_is_ink_as_it_is() -> None:
    alpha = np.array([[0, 51], [255, 102]], np.uint8)
    found = binarization.from_opacity(alpha)
    np.testing.assert_allclose(found.ink, alpha / 255, atol=1e-7)
    np.testing.assert_allclose(found.picture, 1 - alpha / 255, atol=1e-7)
    assert found.ink.dtype == np.float32
