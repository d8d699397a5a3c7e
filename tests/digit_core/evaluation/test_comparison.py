import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from digit_core.datasets.mnist import Mnist
from digit_core.evaluation import comparison
from digit_core.inference import classifier
from digit_core.metrics import classification
from tests.examples import examples


@pytest.mark.parametrize(
    ("only_first", "only_second", "p_value"),
    [
        (0, 0, 1),
        (1, 0, 1),
        (0, 5, 2 / 32),
        (6, 0, 2 / 64),
        (1, 7, 2 * 9 / 256),
        (5, 5, 1),
    ],
)
def test_cases_worked_by_hand(only_first: int, only_second: int, p_value: float) -> None:
    assert comparison.mcnemar(only_first, only_second).p_value == p_value


@settings(max_examples=examples(60), deadline=None)
@given(only_first=st.integers(0, 400), only_second=st.integers(0, 400))
def test_the_test_is_scipys_binomial_test(only_first: int, only_second: int) -> None:
    found = comparison.mcnemar(only_first, only_second).p_value
    total = only_first + only_second
    expected = binomtest(only_first, total).pvalue if total else 1.0
    assert found == pytest.approx(expected, rel=1e-9)
    assert found == comparison.mcnemar(only_second, only_first).p_value


def test_ten_thousand_disagreements_are_no_trouble() -> None:
    assert comparison.mcnemar(5_000, 5_000).p_value == 1
    assert comparison.mcnemar(0, 10_000).p_value == 0
    expected = binomtest(4_900, 10_000).pvalue
    assert comparison.mcnemar(4_900, 5_100).p_value == pytest.approx(expected, rel=1e-6)


def test_the_outcome_is_said_in_plain_words() -> None:
    assert comparison.mcnemar(23, 190).sentence("ann", "cnn") == (
        "cnn is better than ann, and that is unlikely to be luck: of the 213 digits that only one of them reads correctly, cnn "
        "reads 190 and ann 23. Two equally good models would differ this much in less than 1 of 1,000 cases."
    )
    assert comparison.mcnemar(12, 8).sentence("ann", "cnn") == (
        "It may be luck that ann is ahead: of the 20 digits that only one of them reads correctly, ann reads 12 and cnn "
        "8. Two equally good models would differ this much in 50 of 100 cases."
    )
    assert comparison.mcnemar(7, 7).sentence("ann", "cnn") == (
        "Neither is ahead: of the 14 digits that only one of them reads correctly, each reads 7."
    )
    assert "ann reads the only digit" in comparison.mcnemar(1, 0).sentence("ann", "cnn")
    assert "nothing shows" in comparison.mcnemar(0, 0).sentence("ann", "cnn")
    assert "differ this much in 4 of 1,000 cases" in comparison.mcnemar(2, 14).sentence("ann", "cnn")


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        comparison.mcnemar(-1, 3)


def test_digits_are_sorted_by_who_is_right() -> None:
    labels = np.array([0, 1, 2, 3, 4])
    first = np.eye(10)[[0, 1, 7, 8, 9]]  # right, right, wrong, wrong, wrong
    second = np.eye(10)[[0, 5, 2, 6, 9]]  # right, wrong, right, wrong otherwise, wrong alike
    found = comparison.disagreements(labels, first, second)
    assert found.only_first_right.tolist() == [1]
    assert found.only_second_right.tolist() == [2]
    assert found.both_wrong_differently.tolist() == [3]
    assert (found.test().only_first, found.test().only_second) == (1, 1)
    assert list(found.kinds("ann", "cnn")) == [
        "only ann is right",
        "only cnn is right",
        "both are wrong, in different ways",
    ]


def test_a_model_differs_from_itself_nowhere() -> None:
    probabilities = np.random.default_rng(0).dirichlet(np.ones(10), 50)
    labels = np.arange(50) % 10
    found = comparison.disagreements(labels, probabilities, probabilities)
    assert [len(rows) for rows in found.kinds("a", "b").values()] == [0, 0, 0]


def test_the_difference_of_two_matrices_sums_to_nothing_in_each_row() -> None:
    random = np.random.default_rng(0)
    labels = random.integers(0, 10, 300)
    first, second = (classification.confusion_matrix(labels, random.integers(0, 10, 300)) for _ in range(2))
    found = comparison.confusion_difference(first, second)
    np.testing.assert_array_equal(first + found, second)
    assert not found.sum(axis=1).any()
    with pytest.raises(ValueError, match="not from the same digits"):
        comparison.confusion_difference(first, second + np.eye(10, dtype=int))


def test_the_time_for_one_digit_is_the_median_of_as_many_as_asked_for(mnist: Mnist) -> None:
    ticks = iter([0.0, 0.001, 1.0, 1.003, 2.0, 2.5])
    model = classifier.load("ann")
    milliseconds = comparison.milliseconds_an_image(
        model, mnist.test.images, most=3, clock=lambda: next(ticks)
    )
    assert milliseconds == pytest.approx(3)
    assert 0 < comparison.milliseconds_an_image(model, mnist.test.images[:5]) < 100
