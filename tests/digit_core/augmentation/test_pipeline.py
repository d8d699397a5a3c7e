import math
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digit_core.augmentation.pipeline import distort, distort_and_mark
from digit_core.augmentation.policies import FORM, LIMITS, POLICIES, Distortion
from digit_core.datasets.mnist import Mnist
from digit_core.errors import ConfigurationError
from tests.examples import examples

N = 400


def _many(image: np.ndarray, distortion: Distortion, seed: int = 0) -> np.ndarray:
    """One digit, distorted `N` times: float64 (N, 28, 28), 0 to 1."""
    return distort(np.repeat(image[None], N, axis=0), distortion, np.random.default_rng(seed)) / 255


def _bar(height: int = 16, width: int = 4) -> np.ndarray:
    """An upright bar about the middle."""
    image = np.zeros((28, 28), np.uint8)
    image[14 - height // 2 : 14 + height // 2, 14 - width // 2 : 14 + width // 2] = 255
    return image


def _moments(images: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centres (n, 2) as x, y; and covariances (n, 2, 2) of the ink; and the ink (n,)."""
    ink = images.sum(axis=(1, 2))
    axis = np.arange(28)
    x, y = images.sum(axis=1) @ axis / ink, images.sum(axis=2) @ axis / ink
    dx, dy = axis - x[:, None], axis - y[:, None]
    xx = np.einsum("nhw,nw,nw->n", images, dx, dx) / ink
    yy = np.einsum("nhw,nh,nh->n", images, dy, dy) / ink
    xy = np.einsum("nhw,nh,nw->n", images, dy, dx) / ink
    return np.stack([x, y], 1), np.stack([np.stack([xx, xy], 1), np.stack([xy, yy], 1)], 1), ink


def test_zero_distortion_leaves_the_digits_alone(mnist: Mnist) -> None:
    digits = mnist.test.images[:1_000]  # more than one of the stacks that are distorted at once
    np.testing.assert_array_equal(distort(digits, Distortion(), np.random.default_rng(0)), digits)


def test_the_same_seed_distorts_alike_and_another_does_not(mnist: Mnist) -> None:
    digits = mnist.test.images[:50]
    first, again, other = (
        distort(digits, POLICIES["strong"], np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_digits_given_are_not_changed(mnist: Mnist) -> None:
    digits = mnist.test.images[:20].copy()
    distort(digits, POLICIES["strong"], np.random.default_rng(0))
    np.testing.assert_array_equal(digits, mnist.test.images[:20])


def test_each_digit_draws_an_amount_of_its_own() -> None:
    distorted = _many(_bar(), Distortion(rotation=20))
    assert len(np.unique(distorted.reshape(N, -1), axis=0)) > 0.9 * N


def test_rotation_turns_by_up_to_its_degrees_both_ways() -> None:
    turned = _many(_bar(), Distortion(rotation=30))
    centres, covariance, ink = _moments(turned)
    xx, xy, yy = covariance[:, 0, 0], covariance[:, 0, 1], covariance[:, 1, 1]
    degrees = np.rad2deg(np.arctan2(2 * xy, yy - xx) / 2)  # of the long axis from upright
    assert 28 < degrees.max() < 30.5
    assert -30.5 < degrees.min() < -28
    assert abs(degrees.mean()) < 3
    np.testing.assert_allclose(centres, 13.5, atol=0.1)  # about the middle of the picture
    np.testing.assert_allclose(ink, 64, rtol=0.03)


@pytest.mark.parametrize("name", ["rare_forms", "outlines", "zigzags", "inversions"])
def test_digits_that_no_longer_look_as_a_pen_writes_them_are_marked(name: str, mnist: Mnist) -> None:
    digits = mnist.test.take(range(N))
    distorted, is_marked = distort_and_mark(
        digits.images, Distortion(**{name: 0.5}), np.random.default_rng(0), digits.labels
    )
    np.testing.assert_array_equal(is_marked, (distorted != digits.images).any(axis=(1, 2)))
    assert 0.3 < is_marked.mean() < 0.7
    written = replace(POLICIES["handwriting"], clean_share=0.5)
    assert not distort_and_mark(digits.images, written, np.random.default_rng(0), digits.labels)[1].any()


@pytest.mark.parametrize("amount", [0.5, 3.0])
def test_shift_moves_by_up_to_its_pixels_along_each_axis(amount: float) -> None:
    centres, _, ink = _moments(_many(_bar(), Distortion(shift=amount)))
    moved = centres - 13.5
    assert np.all(np.abs(moved) <= amount + 0.02)
    assert np.all(moved.max(axis=0) > 0.9 * amount)
    assert np.all(moved.min(axis=0) < -0.9 * amount)
    assert abs(np.corrcoef(moved.T)[0, 1]) < 0.15  # the axes draw apart
    np.testing.assert_allclose(ink, 64, rtol=0.01)


def test_scale_grows_and_shrinks_height_and_width_apart() -> None:
    _, covariance, _ = _moments(_many(_bar(12, 12), Distortion(scale=0.3)))
    width, height = (np.sqrt(12 * covariance[:, axis, axis]) / 12 for axis in (0, 1))
    for side in (width, height):
        assert 1.25 < side.max() < 1.35
        assert 0.66 < side.min() < 0.76
    assert abs(np.corrcoef(width, height)[0, 1]) < 0.15


def test_shear_leans_upright_lines_and_keeps_level_ones_level() -> None:
    leaning = _many(_bar(), Distortion(shear=25))
    _, covariance, ink = _moments(leaning)
    degrees = np.rad2deg(np.arctan2(covariance[:, 0, 1], covariance[:, 1, 1]))
    assert 23 < degrees.max() < 26
    assert -26 < degrees.min() < -23
    np.testing.assert_allclose(ink, 64, rtol=0.03)
    assert np.all(leaning[:, :5] == 0)  # no row above or below the bar got ink
    assert np.all(leaning[:, 23:] == 0)


def test_thickness_grows_and_shrinks_strokes_on_each_side() -> None:
    _, _, ink = _moments(_many(_bar(16, 6), Distortion(thickness=1.0)))
    assert 125 < ink.max() < 141  # 18 x 8, less the corners of the cross
    assert 56 <= ink.min() < 64  # 14 x 4
    assert abs(np.median(ink) - 96) < 6


def test_thin_strokes_do_not_fade_when_they_shrink() -> None:
    thinned = _many(_bar(16, 2), Distortion(thickness=0.6))
    assert thinned.max(axis=(1, 2)).min() > 0.95


def test_elastic_bends_by_its_root_mean_square() -> None:
    # On a slope of 8 levels a pixel a displacement of d pixels shows as 8 d levels.
    slope = np.repeat((np.arange(28, dtype=np.uint8) * 8)[None], 28, axis=0)
    amount = 2.0
    moved = (_many(slope, Distortion(elastic=amount)) * 255 - slope)[:, 8:20, 8:20] / 8
    root_mean_square = np.sqrt(np.mean(moved**2, axis=(1, 2)))
    # Each digit draws between none and all of the amount, and within a digit it is uneven.
    assert root_mean_square.max() < 2 * amount
    expected = amount * math.sqrt(1 / 3)  # the mean square of a uniform draw is a third
    assert np.sqrt(np.mean(moved**2)) == pytest.approx(expected, rel=0.2)
    # Noise under a Gaussian of 4 pixels: neighbours differ by the root of 2 (1 - exp(-1/64)) of what they move.
    unevenness = np.mean(np.abs(np.diff(moved, axis=1))) / np.mean(np.abs(moved))
    assert unevenness == pytest.approx(0.176, abs=0.04)


def test_gamma_makes_ink_darker_as_often_as_lighter_and_no_more_than_asked_for() -> None:
    grey = _many(np.full((28, 28), 51, np.uint8), Distortion(gamma=1))[:, 0, 0]
    assert 0.2**2 - 0.005 < grey.min() < 0.06
    assert 0.40 < grey.max() < 0.2**0.5 + 0.005
    assert np.mean(grey > 0.2) == pytest.approx(0.5, abs=0.1)


def test_noise_is_mostly_faint_and_never_more_than_asked_for() -> None:
    grey = np.full((28, 28), 128, np.uint8)
    noisy = _many(grey, Distortion(noise=0.1))
    deviations = noisy.reshape(N, -1).std(axis=1)
    assert 0.08 < deviations.max() < 0.11
    assert 0.02 < np.mean(deviations > 0.05) < 0.25
    assert np.median(deviations) < 0.01
    assert noisy.mean() == pytest.approx(128 / 255, abs=0.003)


def test_a_recentred_digit_has_twenty_pixels_and_its_mass_in_the_middle(mnist: Mnist) -> None:
    digits, random = mnist.train.images[:N], np.random.default_rng(0)
    # Turned, leaned and off the middle: as preprocessing has it, nothing of that changes size and place.
    moved = distort(digits, Distortion(rotation=40, shear=20, recenter=1), random)
    centres, _, _ = _moments(moved / 255)
    np.testing.assert_allclose(centres, 14, atol=0.35)
    is_ink = moved >= 64
    sides = np.maximum(is_ink.any(axis=1).sum(axis=1), is_ink.any(axis=2).sum(axis=1))
    assert np.mean((sides >= 19) & (sides <= 21)) > 0.97


def test_only_the_share_asked_for_is_recentred() -> None:
    small = _bar(8, 4)
    heights = (_many(small, Distortion(recenter=0.3)) > 0.25).any(axis=2).sum(axis=1)
    assert set(np.unique(heights)) <= {8, 19, 20, 21}
    assert np.mean(heights > 8) == pytest.approx(0.3, abs=0.08)


def test_narrow_digits_are_stretched_towards_a_square_and_square_ones_are_not() -> None:
    widths = (_many(_bar(20, 4), Distortion(stretch=1)) > 0.25).any(axis=1).sum(axis=1)
    assert widths.min() == 4
    assert 17 <= widths.max() <= 22
    assert np.median(widths) <= 6  # most are stretched but little
    square = _many(_bar(20, 20), Distortion(stretch=1))
    np.testing.assert_allclose(square, np.broadcast_to(_bar(20, 20) / 255, square.shape), atol=0.02)


def test_clean_digits_are_changed_in_form_only_and_half_as_far(mnist: Mnist) -> None:
    digits, labels = mnist.train.images[:N], mnist.train.labels[:N]
    everything = POLICIES["handwriting, half clean"]
    halved = Distortion(**{name: getattr(everything, name) / 2 for name in FORM})
    random = np.random.default_rng(4)
    clean = distort(digits, replace(everything, clean_share=1), random, labels)
    same = np.random.default_rng(4)
    same.random(N)  # which of them are clean
    np.testing.assert_array_equal(clean, distort(digits, halved, same))


def test_only_the_share_asked_for_is_clean() -> None:
    heights = (_many(_bar(8, 4), Distortion(recenter=1, clean_share=0.3)) > 0.25).any(axis=2).sum(axis=1)
    assert np.mean(heights == 8) == pytest.approx(0.3, abs=0.08)


def test_low_resolution_digits_are_fitted_widened_and_coarse_and_only_so_many() -> None:
    thin = _bar(16, 2)
    low_res = _many(thin, Distortion(low_res_share=1))
    is_ink = low_res > 0.25
    heights, widths = is_ink.any(axis=2).sum(axis=1), is_ink.any(axis=1).sum(axis=1)
    assert np.all((heights >= 18) & (heights <= 23))
    assert widths.min() >= 5
    assert widths.max() >= 18
    # On 22 cells or fewer no edge is sharp.
    edges = np.abs(np.diff(low_res[:, 14], axis=1)).max(axis=1)
    assert edges.max() < 1
    assert np.median(edges) < 0.8
    some = _many(thin, Distortion(low_res_share=0.25))
    assert np.mean((some != thin / 255).any(axis=(1, 2))) == pytest.approx(0.25, abs=0.08)


def test_squared_digits_fill_a_square_and_only_so_many_are() -> None:
    widths = (_many(_bar(18, 4), Distortion(square_share=0.5)) > 0.25).any(axis=1).sum(axis=1)
    assert np.mean(widths == 4) == pytest.approx(0.5, abs=0.08)
    squared = widths[widths > 4]
    assert squared.min() >= 13
    assert squared.max() <= 23


def test_outliers_are_shifted_three_times_as_far() -> None:
    centres, _, _ = _moments(_many(_bar(8, 8), Distortion(shift=2, outlier_share=0.25)))
    furthest = np.abs(centres - 13.5).max(axis=1)
    assert 5 < furthest.max() <= 6.01
    # Of the quarter, five in nine have both shifts within four pixels; of the others, all lie within two.
    assert np.mean(furthest > 2.01) == pytest.approx(0.25 * (1 - (1 / 3) ** 2), abs=0.06)


def test_writing_styles_need_to_know_which_digits_they_are(mnist: Mnist) -> None:
    for distortion in (Distortion(habits=0.5), Distortion(rare_forms=0.5)):
        with pytest.raises(ValueError, match="labels are needed"):
            distort(mnist.train.images[:3], distortion, np.random.default_rng(0))


def test_writing_styles_are_drawn_into_the_digits_that_have_one_and_into_no_others(mnist: Mnist) -> None:
    digits, labels = mnist.train.images[:400], mnist.train.labels[:400]
    written = distort(digits, Distortion(habits=1), np.random.default_rng(0), labels)
    is_changed = (written != digits).any(axis=(1, 2))
    has_style = np.isin(labels, [0, 1, 5, 7])
    assert is_changed[has_style].mean() > 0.95
    assert not is_changed[~has_style].any()


@pytest.mark.parametrize(
    ("name", "amount"),
    [
        ("blur", 2),
        ("coarseness", 0.7),
        ("gamma", 2),
        ("contrast", 0.8),
        ("ground", 0.5),
        ("lines", 1),
        ("cover", 12),
        ("outlines", 0.5),
        ("zigzags", 0.5),
        ("inversions", 0.5),
    ],
)
def test_each_fault_of_a_picture_changes_some_digits_and_the_same_seed_changes_them_alike(
    name: str, amount: float, mnist: Mnist
) -> None:
    digits = mnist.train.images[:200]
    first, again = (distort(digits, Distortion(**{name: amount}), np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert np.mean((first != digits).any(axis=(1, 2))) > 0.1


@pytest.mark.parametrize("name", LIMITS)
def test_one_digits_ink_never_bleeds_into_its_neighbour(name: str) -> None:
    stack = np.zeros((21, 28, 28), np.uint8)
    stack[::2] = 255
    distorted = distort(
        stack,
        Distortion(
            **{"thickness": LIMITS["thickness"], "shift": LIMITS["shift"], name: LIMITS[name]}
            | dict.fromkeys(("noise", "ground", "lines", "zigzags", "inversions"), 0)
        ),
        np.random.default_rng(0),
        np.tile([0, 1, 5, 7], 6)[:21],
    )
    assert distorted[1::2].max() == 0


@settings(max_examples=examples(30), deadline=None)
@given(
    amounts=st.fixed_dictionaries({name: st.floats(0, limit) for name, limit in LIMITS.items()}),
    n=st.integers(0, 3),
    seed=st.integers(0, 1000),
)
def test_any_allowed_distortion_gives_digits(amounts: dict[str, float], n: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    digits, labels = random.integers(0, 256, (n, 28, 28), np.uint8), random.integers(0, 10, n)
    distorted = distort(digits, Distortion(**amounts), random, labels)
    assert distorted.shape == (n, 28, 28)
    assert distorted.dtype == np.uint8


@pytest.mark.parametrize("name", [field.name for field in fields(Distortion)])
@pytest.mark.parametrize("value", [-0.1, 1e9, float("nan"), float("inf"), None, "1", True], ids=repr)
def test_a_distortion_out_of_bounds_is_refused_with_a_sentence(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=f"The distortion {name} is a number from 0 to"):
        Distortion(**{name: value})


def test_every_wrong_amount_has_its_sentence() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Distortion(rotation=-1, noise=2)
    assert len(caught.value.sentences) == 2


def test_strong_is_stronger_than_gentle_in_everything() -> None:
    none, gentle, strong = (POLICIES[name] for name in ("none", "gentle", "strong"))
    assert none == Distortion()
    for field in fields(Distortion):
        assert getattr(none, field.name) <= getattr(gentle, field.name) <= getattr(strong, field.name)


def test_the_named_distortions_leave_a_digit_readable(mnist: Mnist) -> None:
    from digit_core.inference import classifier

    digits = mnist.validation.take(np.arange(1_000))
    model = classifier.load()
    for name, least in (("gentle", 0.985), ("strong", 0.97)):
        distorted = distort(digits.images, POLICIES[name], np.random.default_rng(0))
        right = np.mean(model.predict_dataset(distorted).argmax(axis=1) == digits.labels)
        assert right >= least, name
