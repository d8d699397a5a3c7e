from digit_core.datasets.label_errors import LABEL_ERRORS, LabelError
from digit_core.datasets.mnist import Mnist


def test_fifteen_labels_are_in_doubt_each_digit_once() -> None:
    numbers = [doubted.number for doubted in LABEL_ERRORS]
    assert len(numbers) == len(set(numbers)) == 15
    assert numbers == sorted(numbers)


def test_the_given_label_is_the_one_that_mnist_gives(mnist: Mnist) -> None:
    for doubted in LABEL_ERRORS:
        assert mnist.test.labels[doubted.number] == doubted.given


def test_the_suggestion_is_another_digit() -> None:
    for doubted in LABEL_ERRORS:
        assert doubted.suggested != doubted.given
        assert 0 <= doubted.suggested <= 9


def test_those_that_people_know_best() -> None:
    assert LabelError(947, 8, 9) in LABEL_ERRORS
    assert LabelError(9729, 5, 6) in LABEL_ERRORS
