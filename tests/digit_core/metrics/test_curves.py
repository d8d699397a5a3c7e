import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digit_core.metrics import curves, roc
from digit_core.metrics.curves import Curve
from tests.examples import examples


def _curve(x: np.ndarray, y: np.ndarray) -> Curve:
    return Curve("micro", x, y, np.linspace(1, 0, len(x)), 0.7, 3, 4)


def test_equal_scores_share_a_threshold() -> None:
    is_positive = np.array([True, False, True, True, False])
    thresholds, true, false = curves.counts(is_positive, np.array([0.5, 0.9, 0.5, 0.1, 0.5]))
    assert thresholds.tolist() == [0.9, 0.5, 0.1]
    assert true.tolist() == [0, 2, 3]
    assert false.tolist() == [1, 2, 2]


def test_a_straight_line_is_drawn_with_its_two_ends() -> None:
    line = np.linspace(0, 1, 1_001)
    assert curves.thin(_curve(line, line)).x.tolist() == [0, 1]


def test_corners_stay() -> None:
    x = np.concatenate([np.zeros(500), np.linspace(0, 0.1, 500), np.full(500, 0.1), np.linspace(0.1, 1, 500)])
    y = np.concatenate([np.linspace(0, 0.8, 500), np.full(500, 0.8), np.linspace(0.8, 1, 500), np.ones(500)])
    thinned = curves.thin(_curve(x, y))
    assert {(0, 0), (0, 0.8), (0.1, 0.8), (0.1, 1), (1, 1)} <= set(zip(thinned.x, thinned.y))
    assert len(thinned.x) <= 8
    assert (thinned.area, thinned.positives, thinned.negatives) == (0.7, 3, 4)


def test_on_a_logarithmic_axis_the_small_steps_stay() -> None:
    x = np.array([0, 1e-4, 1e-4, 1e-3, 1e-3, 1.0])
    y = np.array([0.5, 0.5, 0.7, 0.7, 0.9, 1.0])
    assert len(curves.thin(_curve(x, y), x_logarithmic_from=1e-4).x) >= 5


@settings(max_examples=examples(30), deadline=None)
@given(seed=st.integers(0, 2**32 - 1), most=st.integers(2, 60))
def test_what_is_left_out_lies_on_what_is_drawn(seed: int, most: int) -> None:
    random = np.random.default_rng(seed)
    is_positive = random.random(800) < 0.3
    is_positive[:2] = True, False
    found = roc.curve("1", is_positive, random.normal(is_positive * 2.0))
    thinned = curves.thin(found, most)
    assert len(thinned.x) <= max(most, 2)
    assert set(zip(thinned.x, thinned.y)) <= set(zip(found.x, found.y))
    assert (thinned.x[0], thinned.x[-1]) == (found.x[0], found.x[-1])
    full = curves.thin(found, 10_000)
    assert abs(np.trapezoid(full.y, full.x) - found.area) < 2e-3


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_points_all_stay(n: int) -> None:
    assert curves.thin_rows(np.arange(n, dtype=float), np.zeros(n), 400).tolist() == list(range(n))
