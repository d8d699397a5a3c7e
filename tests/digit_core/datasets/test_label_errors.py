from digit_core.datasets.label_errors import LABELS_IN_DOUBT, LabelInDoubt
from digit_core.datasets.mnist import Mnist


def test_fifteen_labels_are_in_doubt_each_digit_once() -> None:
    numbers = [doubted.number for doubted in LABELS_IN_DOUBT]
    assert len(numbers) == len(set(numbers)) == 15
    assert numbers == sorted(numbers)


def test_the_given_label_is_the_one_that_mnist_gives(mnist: Mnist) -> None:
    for doubted in LABELS_IN_DOUBT:
        assert mnist.test.labels[doubted.number] == doubted.given


def test_the_suggestion_is_another_digit() -> None:
    for doubted in LABELS_IN_DOUBT:
        assert doubted.suggested != doubted.given
        assert 0 <= doubted.suggested <= 9


def test_those_that_people_know_best() -> None:
    assert LabelInDoubt(947, 8, 9) in LABELS_IN_DOUBT
    assert LabelInDoubt(9729, 5, 6) in LABELS_IN_DOUBT
