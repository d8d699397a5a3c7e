import pytest

from digit_core.errors import ConfigurationError, choice_sentences, number_sentences


@pytest.mark.parametrize("value", [1, 10, 5.5])
def test_a_number_within_its_bounds_is_right(value: float) -> None:
    assert number_sentences("size", value, 1, 10) == []


@pytest.mark.parametrize(
    "value", [0.999, 10.001, float("nan"), float("inf"), True, None, "5", [5], 5j], ids=repr
)
def test_what_is_no_number_within_the_bounds_is_a_sentence(value: object) -> None:
    assert number_sentences("size", value, 1, 10) == [f"The size is a number from 1 to 10, not {value!r}."]


def test_a_fraction_is_no_whole_number() -> None:
    assert number_sentences("count", 2.0, 1, 1_000, is_whole=True) == [
        "The count is a whole number from 1 to 1,000, not 2.0."
    ]


def test_a_wrong_choice_names_the_right_ones() -> None:
    assert choice_sentences("loss", "mse", ("a", "b")) == ["The loss is one of a, b, not 'mse'."]
    assert choice_sentences("loss", "b", ("a", "b")) == []


def test_a_configuration_error_keeps_its_sentences_apart() -> None:
    error = ConfigurationError(["One is wrong.", "Two is wrong."])
    assert error.sentences == ("One is wrong.", "Two is wrong.")
    assert str(error) == "One is wrong. Two is wrong."
