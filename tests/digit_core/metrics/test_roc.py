import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from digit_core.metrics import bootstrap, roc
from tests.answered_digits import answered_digits
from tests.examples import examples

sets = answered_digits(min_classes=2)  # a curve needs digits of a class, and others


@settings(max_examples=examples(60), deadline=None)
@given(digits=sets)
def test_each_class_and_the_micro_average_are_scikit_learns(digits: tuple[np.ndarray, np.ndarray]) -> None:
    labels, probabilities = digits
    found = roc.curves(labels, probabilities)
    is_true = labels[:, None] == np.arange(10)
    for digit, one in enumerate(found.classes):
        if not is_true[:, digit].any():
            assert one is None
            continue
        x, y, thresholds = metrics.roc_curve(is_true[:, digit], probabilities[:, digit])
        np.testing.assert_allclose(one.x, x, atol=1e-12)
        np.testing.assert_allclose(one.y, y, atol=1e-12)
        np.testing.assert_array_equal(one.thresholds, thresholds)
        assert one.area == pytest.approx(metrics.roc_auc_score(is_true[:, digit], probabilities[:, digit]))
    assert found.micro.area == pytest.approx(metrics.roc_auc_score(is_true.ravel(), probabilities.ravel()))
    present = np.unique(labels)
    macro = metrics.roc_auc_score(is_true[:, present], probabilities[:, present], average="macro")
    assert found.macro_area == pytest.approx(macro)


@settings(max_examples=examples(40), deadline=None)
@given(digits=sets)
def test_the_macro_curve_is_the_mean_of_the_classes_curves(digits: tuple[np.ndarray, np.ndarray]) -> None:
    found = roc.curves(*digits)
    macro = found.macro
    assert np.trapezoid(macro.y, macro.x) == pytest.approx(found.macro_area, abs=1e-12)
    assert np.all(np.diff(macro.x) >= 0)
    assert np.all(np.diff(macro.y) >= -1e-12)
    between = (macro.x[1:] + macro.x[:-1]) / 2  # away from the steps plain interpolation says the same
    between = between[np.diff(macro.x) > 1e-9]
    mean = np.mean([np.interp(between, one.x, one.y) for one in found.classes if one], axis=0)
    np.testing.assert_allclose(np.interp(between, macro.x, macro.y), mean, atol=1e-9)


@settings(max_examples=examples(40), deadline=None)
@given(digits=sets, threshold=st.floats(0, 1))
def test_the_point_of_a_threshold_lies_on_its_curve(
    digits: tuple[np.ndarray, np.ndarray], threshold: float
) -> None:
    found = roc.curves(*digits)
    for name, one in found.named().items():
        point = roc.point(found, name, threshold)
        if name == "macro":
            each = [roc.point(found, one.name, threshold) for one in found.classes if one]
            assert point.x == pytest.approx(np.mean([other.x for other in each]))
            assert point.y == pytest.approx(np.mean([other.y for other in each]))
            continue
        steps = np.stack([np.diff(one.x), np.diff(one.y)], axis=1)
        offsets = np.array([point.x, point.y]) - np.stack([one.x, one.y], axis=1)[:-1]
        lengths = np.maximum((steps**2).sum(axis=1), 1e-300)
        share = np.clip((offsets * steps).sum(axis=1) / lengths, 0, 1)
        distance = np.hypot(*(offsets - share[:, None] * steps).T).min()
        assert distance < 1e-9, name


def test_a_point_worked_by_hand() -> None:
    labels = np.array([4, 4, 9, 9])
    probabilities = np.zeros((4, 10))
    probabilities[:, 4] = 0.9, 0.4, 0.6, 0.1
    probabilities[:, 9] = 1 - probabilities[:, 4]
    found = roc.curves(labels, probabilities)
    point = roc.point(found, "4", 0.5)
    assert (point.x, point.y) == (0.5, 0.5)
    assert set(found.named()) == {"micro", "macro", "4", "9"}
    assert found.classes[4].area == 0.75
    with pytest.raises(ValueError, match="The curve is one of micro, macro, 4, 9, not '3'"):
        roc.point(found, "3", 0.5)


def test_a_model_that_always_answers_the_same_has_an_area_of_a_half() -> None:
    labels = np.arange(50) % 10
    found = roc.curves(labels, np.tile(np.eye(10)[3], (50, 1)))
    assert [one.area for one in found.classes] == [0.5] * 10
    assert found.macro.x.tolist() == [0, 1]


def test_a_class_without_a_curve_says_why() -> None:
    found = roc.curves(np.full(4, 7), np.tile(np.eye(10)[7], (4, 1)))
    assert found.classes == (None,) * 10
    assert found.reasons[7] == "Every digit of this set is a 7, so there can be no false alarm."
    assert found.reasons[0] == "No digit of this set is a 0, so there is none to find."
    assert (found.macro, found.macro_area) == (None, None)
    assert found.micro.area == 1
    assert list(found.named()) == ["micro"]


@pytest.mark.parametrize(
    ("is_positive", "scores", "sentence"),
    [
        ([True, False], [np.nan, 0.5], "NaN is not a score"),
        ([False, False], [0.1, 0.5], "no positive"),
        ([True, True], [0.1, 0.5], "no negative"),
        ([], [], "do not fit"),
        ([True], [0.1, 0.5], "do not fit"),
    ],
)
def test_what_has_no_curve_is_refused(is_positive: list, scores: list, sentence: str) -> None:
    for function in (lambda *arrays: roc.curve("4", *arrays), bootstrap.auc_interval):
        with pytest.raises(ValueError, match=sentence):
            function(np.array(is_positive, bool), np.array(scores, float))
