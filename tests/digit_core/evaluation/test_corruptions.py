import numpy as np
import pytest

from digit_core.datasets.mnist import Mnist
from digit_core.evaluation import corruptions
from digit_core.evaluation.corruptions import CORRUPTIONS

NAMES = list(CORRUPTIONS)


def _bar() -> np.ndarray:
    """200 upright bars about the middle: 4 pixels wide, 16 high."""
    images = np.zeros((200, 28, 28), np.uint8)
    images[:, 6:22, 12:16] = 255
    return images


def _spread(images: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The ink's centres as (x, y), and its variances along x and y: three arrays with a row for each digit."""
    ink = images.astype(float)
    mass = ink.sum(axis=(1, 2))
    axis = np.arange(28)
    x, y = ink.sum(axis=1) @ axis / mass, ink.sum(axis=2) @ axis / mass
    along_x = (ink.sum(axis=1) * (axis - x[:, None]) ** 2).sum(axis=1) / mass
    along_y = (ink.sum(axis=2) * (axis - y[:, None]) ** 2).sum(axis=1) / mass
    return np.stack([x, y], 1), along_x, along_y


def test_the_eight_of_the_issue_are_there_with_five_strengths_each() -> None:
    assert NAMES == ["rotation", "shift", "scale", "noise", "blur", "thickness", "contrast", "occlusion"]
    assert all(len(one.amounts) == corruptions.STRENGTHS for one in CORRUPTIONS.values())
    assert CORRUPTIONS["rotation"].words(2) == "turned by 30 degrees"
    assert CORRUPTIONS["blur"].words(1) == "blurred over 0.5 pixels"
    assert CORRUPTIONS["noise"].words(0) == "as it is"


@pytest.mark.parametrize("name", NAMES)
def test_digits_stay_digits_and_the_given_ones_stay_as_they_are(name: str, mnist: Mnist) -> None:
    given = mnist.test.images[:1_000].copy()  # more than are moved at once
    for strength in range(6):
        spoilt = corruptions.corrupt(given, name, strength)
        assert (spoilt.dtype, spoilt.shape) == (np.uint8, given.shape)
        np.testing.assert_array_equal(given, mnist.test.images[:1_000])
        assert np.array_equal(spoilt, given) == (strength == 0)
    assert corruptions.corrupt(given[:0], name, 3).shape == (0, 28, 28)


@pytest.mark.parametrize("name", NAMES)
def test_each_strength_is_further_from_the_digit_than_the_last(name: str, mnist: Mnist) -> None:
    given = mnist.test.images[:300]
    away = [
        np.abs(corruptions.corrupt(given, name, strength).astype(float) - given).mean()
        for strength in range(6)
    ]
    # A digit that has left its place, or is tiny, cannot be much further from where it was.
    assert np.all(np.diff(away)[:4] > 0), away
    assert away[5] > 0.9 * away[4]


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_spoils_alike(name: str, mnist: Mnist) -> None:
    given = mnist.test.images[:50]
    first, again = (corruptions.corrupt(given, name, 2, seed=4) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    draws = name in ("rotation", "shift", "noise", "occlusion")
    assert np.array_equal(first, corruptions.corrupt(given, name, 2, seed=5)) != draws


def test_rotation_turns_both_ways_by_its_degrees() -> None:
    turned = corruptions.corrupt(_bar(), "rotation", 5)  # by 90 degrees: an upright bar lies
    _, along_x, along_y = _spread(turned)
    _, upright_x, upright_y = _spread(_bar())
    np.testing.assert_allclose(along_x, upright_y, rtol=0.05)
    np.testing.assert_allclose(along_y, upright_x, rtol=0.05)
    tilted = corruptions.corrupt(_bar(), "rotation", 2)
    rows, columns = np.mgrid[:28, :28] - 13.5
    lean = np.einsum("nhw,hw,hw->n", tilted.astype(float), rows, columns)
    assert 0.3 < np.mean(lean > 0) < 0.7
    np.testing.assert_allclose(np.abs(lean), np.abs(lean).mean(), rtol=0.05)


def test_shift_moves_by_its_pixels_in_every_direction() -> None:
    moved = _spread(corruptions.corrupt(_bar(), "shift", 3))[0] - 13.5
    np.testing.assert_allclose(np.hypot(*moved.T), 4, atol=0.1)
    assert all(np.any(moved[:, axis] * sign > 2) for axis in (0, 1) for sign in (-1, 1))


def test_a_digit_keeps_its_direction_at_every_strength() -> None:
    weak, strong = (_spread(corruptions.corrupt(_bar(), "shift", strength))[0] - 13.5 for strength in (2, 3))
    np.testing.assert_allclose(strong, 2 * weak, atol=0.2)


def test_scale_shrinks_about_the_middle() -> None:
    centres, _, along_y = _spread(corruptions.corrupt(_bar(), "scale", 2))
    np.testing.assert_allclose(centres, 13.5, atol=0.1)
    np.testing.assert_allclose(np.sqrt(along_y / _spread(_bar())[2]), 0.7, atol=0.04)


def test_noise_has_its_deviation_on_mid_grey() -> None:
    grey = np.full((50, 28, 28), 128, np.uint8)
    assert corruptions.corrupt(grey, "noise", 2).std() == pytest.approx(51, rel=0.03)


def test_blur_keeps_the_ink_and_spreads_it_by_its_pixels() -> None:
    blurred = corruptions.corrupt(_bar(), "blur", 4)  # by 2 pixels
    assert blurred.sum() == pytest.approx(_bar().sum(), rel=0.02)
    assert _spread(blurred)[1][0] == pytest.approx(_spread(_bar())[1][0] + 2**2, rel=0.05)
    assert corruptions.corrupt(np.full((1, 28, 28), 200, np.uint8), "blur", 5)[0, 14, 14] in (199, 200, 201)


def test_thickness_grows_strokes_on_each_side() -> None:
    assert (corruptions.corrupt(_bar(), "thickness", 2)[0, 14] > 0).sum() == 6
    assert (corruptions.corrupt(_bar(), "thickness", 4)[0, 14] > 0).sum() == 8


def test_contrast_leaves_a_share_of_the_ink() -> None:
    assert corruptions.corrupt(_bar(), "contrast", 2).max() == 128
    assert corruptions.corrupt(_bar(), "contrast", 5).max() == 26


def test_occlusion_covers_one_square_within_the_digits_place() -> None:
    full = np.full((300, 28, 28), 255, np.uint8)
    covered = corruptions.corrupt(full, "occlusion", 3) == 0
    assert set(covered.sum(axis=(1, 2))) == {64}
    assert set(covered.any(axis=1).sum(axis=1)) == {8}
    assert not covered[:, :4].any()
    assert not covered[:, 24:].any()
    assert covered[:, 4].any()
    assert covered[:, 23].any()


@pytest.mark.parametrize(
    ("images", "name", "strength", "sentence"),
    [
        (np.zeros((1, 28, 28), np.uint8), "rain", 1, "one of rotation, .* not 'rain'"),
        (np.zeros((1, 28, 28), np.uint8), "blur", 6, "from 0 to 5, not 6"),
        (np.zeros((1, 28, 28), np.uint8), "blur", -1, "from 0 to 5, not -1"),
        (np.zeros((1, 28, 28), np.float32), "blur", 1, "not float32"),
        (np.zeros((28, 28), np.uint8), "blur", 1, r"not uint8 \(28, 28\)"),
    ],
)
def test_what_cannot_be_spoilt_is_refused(
    images: np.ndarray, name: str, strength: int, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        corruptions.corrupt(images, name, strength)
