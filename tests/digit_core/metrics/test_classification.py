import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from digit_core.metrics import classification
from tests.examples import examples


def _sure(answers: list[int]) -> np.ndarray:
    return np.eye(10, dtype=np.float32)[answers]


def test_a_case_worked_by_hand() -> None:
    labels = np.array([3, 3, 5, 8])
    probabilities = np.zeros((4, 10), np.float32)
    probabilities[0, [3, 8]] = 0.75, 0.25
    probabilities[1, [3, 8]] = 0.25, 0.75
    probabilities[2, 5] = 1
    probabilities[3, [8, 0]] = 0.5, 0.5  # of equals the lower digit is the answer: 0
    result = classification.evaluate(labels, probabilities)
    assert (result.accuracy.count, result.accuracy.n, result.accuracy.value) == (2, 4, 0.5)
    assert result.log_loss == pytest.approx(-(math.log(0.75) + math.log(0.25) + math.log(0.5)) / 4)
    expected = np.zeros((10, 10), int)
    expected[3, 3] = expected[3, 8] = expected[5, 5] = expected[8, 0] = 1
    np.testing.assert_array_equal(result.confusion, expected)
    assert result.report["3"] == {
        "precision": 1.0,
        "recall": 0.5,
        "f1-score": pytest.approx(2 / 3),
        "support": 2,
    }
    assert result.report["8"]["precision"] == 0.0


@settings(max_examples=examples(25), deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 60))
def test_the_figures_are_scikit_learns(seed: int, n: int) -> None:
    random = np.random.default_rng(seed)
    labels = random.integers(0, 10, n)
    probabilities = random.dirichlet(np.full(10, 0.5), n).astype(np.float32)
    answers = probabilities.argmax(axis=1)
    result = classification.evaluate(labels, probabilities)
    assert result.accuracy.value == metrics.accuracy_score(labels, answers)
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        labels, answers, labels=range(10), zero_division=0.0
    )
    for digit in range(10):
        assert list(result.report[str(digit)].values()) == pytest.approx(
            [precision[digit], recall[digit], f1[digit], support[digit]]
        )
    chosen = np.clip(probabilities[np.arange(n), labels].astype(float), np.finfo(float).eps, 1)
    assert result.log_loss == pytest.approx(-np.log(chosen).mean(), rel=1e-4)
    assert result.confusion.sum() == n
    assert np.trace(result.confusion) == result.accuracy.count


def _random_set(seed: int, n: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels of the first `classes` digits only; probabilities in halves and quarters, full of ties and zeros."""
    random = np.random.default_rng(seed)
    probabilities = random.multinomial(4, np.full(10, 0.1), n) / 4
    return random.integers(0, classes, n), probabilities


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 60), classes=st.integers(1, 10))
def test_ties_absent_classes_and_averages_are_scikit_learns(seed: int, n: int, classes: int) -> None:
    labels, probabilities = _random_set(seed, n, classes)
    answers = probabilities.argmax(axis=1)
    result = classification.evaluate(labels, probabilities)
    expected = metrics.classification_report(
        labels, answers, labels=range(10), output_dict=True, zero_division=0.0
    )
    for name, row in result.report.items():
        assert row == pytest.approx(expected[name]), name
    np.testing.assert_array_equal(
        result.confusion, metrics.confusion_matrix(labels, answers, labels=range(10))
    )
    assert result.log_loss == pytest.approx(metrics.log_loss(labels, probabilities, labels=range(10)))
    assert result.errors == n - metrics.accuracy_score(labels, answers, normalize=False)


@settings(max_examples=examples(60), deadline=None)
@given(n=st.integers(1, 100_000), part=st.floats(0, 1))
def test_the_interval_is_scipys(n: int, part: float) -> None:
    from scipy.stats import binomtest

    count = round(part * n)
    expected = binomtest(count, n).proportion_ci(confidence_level=0.95, method="wilson")
    result = classification.share(count, n)
    assert (result.low, result.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert 0 <= result.low <= result.value <= result.high <= 1


def test_digits_left_out_count_nowhere() -> None:
    labels, probabilities = _random_set(3, 40, 10)
    without = np.array([0, 7, 39])
    kept = np.setdiff1d(np.arange(40), without)
    result = classification.evaluate(labels, probabilities, without)
    expected = classification.evaluate(labels[kept], probabilities[kept])
    assert (result.accuracy, result.log_loss, result.report) == (
        expected.accuracy,
        expected.log_loss,
        expected.report,
    )
    assert classification.evaluate(labels, probabilities, np.array([], int)).accuracy.n == 40
    with pytest.raises(ValueError, match="No digit is left"):
        classification.evaluate(labels, probabilities, np.arange(40))


def test_a_model_that_always_answers_the_same_is_evaluated_like_any_other() -> None:
    result = classification.evaluate(np.arange(10), _sure([3] * 10))
    assert result.accuracy.value == 0.1
    assert result.report["3"]["precision"] == 0.1
    assert result.report["macro avg"]["recall"] == pytest.approx(0.1)
    assert result.log_loss == pytest.approx(-0.9 * math.log(np.finfo(float).eps))


def test_the_web_process_is_spared_scikit_learn_and_scipy() -> None:
    import subprocess
    import sys

    from digit_core.settings import PROJECT_FOLDER

    metrics = "classification, misclassified, curves, roc, precision_recall, calibration"
    program = f"""
import sys
from digit_core.evaluation import comparison, corruptions, reports, robustness
from digit_core.explanations import saliency
from digit_core.figures import confidence, curves, evaluation
from digit_core.metrics import {metrics}
print([name for name in ("sklearn", "scipy", "pandas") if name in sys.modules])
"""
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT_FOLDER, capture_output=True, text=True, check=True
    )
    assert run.stdout == "[]\n"


def test_a_digit_that_never_occurs_counts_zero_and_breaks_nothing() -> None:
    result = classification.evaluate(np.array([0, 1]), _sure([0, 1]))
    assert result.report["7"] == {"precision": 0.0, "recall": 0.0, "f1-score": 0.0, "support": 0}
    assert set(result.report) == {*"0123456789", "macro avg", "weighted avg"}
    assert result.confusion.shape == (10, 10)


def test_one_class_only_is_a_set_like_any_other() -> None:
    result = classification.evaluate(np.full(5, 7), _sure([7, 7, 7, 7, 1]))
    assert result.accuracy.value == 0.8
    assert (result.report["7"]["recall"], result.report["7"]["precision"]) == (0.8, 1.0)


def test_a_perfect_model_loses_nothing() -> None:
    result = classification.evaluate(np.arange(10), _sure(list(range(10))))
    assert result.accuracy.value == 1
    assert result.log_loss == pytest.approx(0, abs=1e-9)


def test_float32_rows_that_sum_to_nearly_1_are_taken() -> None:
    probabilities = np.full((3, 10), 0.1, np.float32)
    probabilities[:, 0] += np.float32(2e-6)
    assert classification.evaluate(np.array([0, 1, 2]), probabilities).accuracy.count == 1


@pytest.mark.parametrize(
    ("labels", "probabilities"),
    [
        ([3], np.full((1, 10), np.nan)),
        ([3, 4], np.stack([np.full(10, 0.1), np.r_[np.nan, np.full(9, 1 / 9)]])),
        ([3], np.full((1, 10), -0.1)),
        ([3], np.r_[1.5, np.zeros(9)][None]),
        ([3], np.zeros((1, 10))),
        ([3], np.full((1, 10), 0.2)),
        ([3], np.full((1, 9), 1 / 9)),
        ([3, 4], np.full((1, 10), 0.1)),
        ([], np.zeros((0, 10))),
        ([10], np.full((1, 10), 0.1)),
        ([-1], np.full((1, 10), 0.1)),
    ],
    ids=[
        "all NaN",
        "one NaN",
        "negative",
        "above 1",
        "all zero",
        "sums to 2",
        "nine classes",
        "too few rows",
        "none",
        "label 10",
        "label -1",
    ],
)
def test_what_has_no_figures_is_refused(labels: list[int], probabilities: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"."):
        classification.evaluate(np.array(labels, int), probabilities)


@pytest.mark.parametrize("count, n", [(0, 1), (1, 1), (32, 33), (97, 100), (9_829, 10_000)])
def test_the_interval_is_wilsons(count: int, n: int) -> None:
    z = 1.959963984540054
    share = count / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    result = classification.share(count, n)
    assert result.value == share
    assert (result.low, result.high) == (
        pytest.approx(centre - half, abs=1e-12),
        pytest.approx(centre + half, abs=1e-12),
    )


def test_a_share_says_itself_with_its_interval() -> None:
    assert str(classification.share(97, 100)) == "97.00% (91.55% to 98.97%)"


@pytest.mark.parametrize("count, n", [(0, 0), (2, 1), (-1, 5)])
def test_what_is_no_share_is_refused(count: int, n: int) -> None:
    with pytest.raises(ValueError, match=f"{count} of {n} is not a share"):
        classification.share(count, n)
