import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from digit_core.metrics import precision_recall
from tests.answered_digits import answered_digits
from tests.examples import examples

sets = answered_digits(min_classes=1)


@settings(max_examples=examples(60), deadline=None)
@given(digits=sets)
def test_curves_and_areas_are_scikit_learns(digits: tuple[np.ndarray, np.ndarray]) -> None:
    labels, probabilities = digits
    found = precision_recall.curves(labels, probabilities)
    is_true = labels[:, None] == np.arange(10)
    for digit, one in enumerate(found.classes):
        if not is_true[:, digit].any():
            assert one is None
            assert found.reasons[digit].startswith(f"No digit of this set is a {digit}")
            continue
        _is_scikit_learns(one, is_true[:, digit], probabilities[:, digit])
    _is_scikit_learns(found.micro, is_true.ravel(), probabilities.ravel())
    present = np.unique(labels)
    macro = metrics.average_precision_score(is_true[:, present], probabilities[:, present], average="macro")
    assert found.macro_area == pytest.approx(macro)
    assert found.macro is None


def _is_scikit_learns(one: object, is_positive: np.ndarray, scores: np.ndarray) -> None:
    precision, recall, thresholds = metrics.precision_recall_curve(
        is_positive, scores, drop_intermediate=True
    )
    np.testing.assert_allclose(one.y, precision, atol=1e-12)
    np.testing.assert_allclose(one.x, recall, atol=1e-12)
    np.testing.assert_array_equal(one.thresholds, [*thresholds, np.inf])
    assert one.area == pytest.approx(metrics.average_precision_score(is_positive, scores))


def test_a_point_worked_by_hand() -> None:
    labels = np.array([4, 4, 9, 9])
    probabilities = np.zeros((4, 10))
    probabilities[:, 4] = 0.9, 0.6, 0.6, 0.1
    probabilities[:, 9] = 1 - probabilities[:, 4]
    found = precision_recall.curves(labels, probabilities)
    points = {name: precision_recall.point(found, name, 0.6) for name in found.named()}
    assert (points["4"].x, points["4"].y) == (1.0, pytest.approx(2 / 3))
    assert (points["9"].x, points["9"].y) == (0.5, 1.0)
    assert (points["micro"].x, points["micro"].y) == (0.75, 0.75)


def test_where_nothing_is_called_so_there_is_no_precision() -> None:
    found = precision_recall.curves(np.array([0, 1]), np.full((2, 10), 0.1))
    point = precision_recall.point(found, "0", 0.9)
    assert (point.x, point.y) == (0.0, None)
    with pytest.raises(ValueError, match="The curve is one of micro, 0, 1, not 'macro'"):
        precision_recall.point(found, "macro", 0.5)


@settings(max_examples=examples(40), deadline=None)
@given(digits=sets, threshold=st.floats(0, 1))
def test_the_point_of_a_threshold_is_scikit_learns(
    digits: tuple[np.ndarray, np.ndarray], threshold: float
) -> None:
    labels, probabilities = digits
    found = precision_recall.curves(labels, probabilities)
    for name in found.named():
        point = precision_recall.point(found, name, threshold)
        if name == "micro":
            continue
        true, called = labels == int(name), probabilities[:, int(name)] >= threshold
        assert point.x == pytest.approx(metrics.recall_score(true, called))
        if called.any():
            assert point.y == pytest.approx(metrics.precision_score(true, called))


def test_what_has_no_curve_is_refused() -> None:
    with pytest.raises(ValueError, match="no positive"):
        precision_recall.curve("4", np.zeros(3, bool), np.ones(3))
    with pytest.raises(ValueError, match="NaN is not a score"):
        precision_recall.curve("4", np.ones(1, bool), np.array([np.nan]))
