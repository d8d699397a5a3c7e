import time

import numpy as np
import pytest
from hypothesis import given, settings
from sklearn import metrics

from digit_core.datasets.mnist import Mnist
from digit_core.inference import model_files
from digit_core.metrics import bootstrap, roc
from tests.answered_digits import answered_digits
from tests.examples import examples


def test_the_interval_is_a_plain_bootstraps() -> None:
    random = np.random.default_rng(1)
    is_positive = random.random(300) < 0.3
    scores = np.round(random.normal(is_positive * 1.5), 1)  # with ties
    found = bootstrap.auc_interval(is_positive, scores, resamples=4_000)
    positives, negatives = scores[is_positive], scores[~is_positive]
    areas = []
    for _ in range(2_000):
        high, low = random.choice(positives, len(positives)), random.choice(negatives, len(negatives))
        pairs = np.sign(high[:, None] - low) / 2 + 0.5
        areas.append(pairs.mean())
    np.testing.assert_allclose([found.low, found.high], np.quantile(areas, [0.025, 0.975]), atol=0.005)
    assert found.low < metrics.roc_auc_score(is_positive, scores) < found.high
    assert found == bootstrap.auc_interval(is_positive, scores, resamples=4_000)
    assert found != bootstrap.auc_interval(is_positive, scores, resamples=4_000, seed=1)


@settings(max_examples=examples(25), deadline=None)
@given(digits=answered_digits(min_classes=2))
def test_a_resample_has_scikit_learns_areas_of_the_digits_drawn(
    digits: tuple[np.ndarray, np.ndarray],
) -> None:
    labels, probabilities = digits
    found = bootstrap.auc_intervals(labels, probabilities, resamples=1, seed=3)
    drawn = bootstrap._drawn(labels, 1, np.random.default_rng(3))[:, 0]
    np.testing.assert_array_equal(np.bincount(labels, drawn), np.bincount(labels))  # each class as often
    is_true = labels[:, None] == np.arange(10)

    def area(is_positive: np.ndarray, scores: np.ndarray, times: np.ndarray) -> float:
        return metrics.roc_auc_score(is_positive, scores, sample_weight=times)

    each = {str(d): area(is_true[:, d], probabilities[:, d], drawn) for d in np.unique(labels)}
    expected = {
        "micro": area(is_true.ravel(), probabilities.ravel(), drawn.repeat(10)),
        "macro": np.mean(list(each.values())),
        **each,
    }
    assert {name: interval.low for name, interval in found.items()} == pytest.approx(expected, abs=1e-9)


def test_an_interval_has_19_of_20_resamples_in_it() -> None:
    random = np.random.default_rng(2)
    labels = np.arange(60) % 10
    probabilities = random.dirichlet(np.ones(10), 60) + np.eye(10)[labels] / 5
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    whole = bootstrap.auc_intervals(labels, probabilities, resamples=400)["macro"]
    single = [bootstrap.auc_intervals(labels, probabilities, 1, seed)["macro"].low for seed in range(200)]
    assert np.quantile(single, [0.025, 0.975]) == pytest.approx([whole.low, whole.high], abs=0.02)


def test_what_makes_no_mistake_has_a_point_for_an_interval() -> None:
    labels = np.arange(50) % 10
    found = bootstrap.auc_intervals(labels, np.eye(10)[labels])
    assert set(found) == {"micro", "macro", *"0123456789"}
    assert {(one.low, one.high) for one in found.values()} == {(1.0, 1.0)}
    assert bootstrap.auc_interval(labels == 3, np.ones(50)).low == 0.5  # it tells nothing apart


def test_digits_of_one_class_have_a_micro_average_alone() -> None:
    assert list(bootstrap.auc_intervals(np.full(4, 7), np.tile(np.eye(10)[7], (4, 1)))) == ["micro"]


def test_no_resample_is_refused() -> None:
    with pytest.raises(ValueError, match="At least 1 resample is drawn, not 0"):
        bootstrap.auc_interval(np.array([True, False]), np.array([0.9, 0.1]), resamples=0)


def test_a_shipped_models_curves_and_intervals_come_quickly(mnist: Mnist) -> None:
    probabilities = model_files.shipped_answers("ann")[60_000:]
    started = time.process_time()
    found = roc.curves(mnist.test.labels, probabilities).named()
    intervals = bootstrap.auc_intervals(mnist.test.labels, probabilities)
    assert time.process_time() - started < 2
    assert set(intervals) == set(found)
    for name, one in found.items():
        assert intervals[name].low < one.area < intervals[name].high
