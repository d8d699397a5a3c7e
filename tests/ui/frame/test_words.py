import pytest

from ui.frame import words


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0, "0 drawings"), (1, "1 drawing"), (2, "2 drawings"), (1_200, "1,200 drawings")],
)
def test_one_thing_is_not_several(number: int, expected: str) -> None:
    assert words.counted(number, "drawing") == expected


def test_a_name_is_no_markdown() -> None:
    assert words.plain("*7b* [x](y)") == r"\*7b\* \[x\]\(y\)"


def test_options_with_the_same_words_are_told_apart() -> None:
    labels = words.distinct({"run-abcdef12": "CNN", "run-123456ff": "CNN", "ann": "ANN"})
    assert labels == {"run-abcdef12": "CNN · abcdef", "run-123456ff": "CNN · 123456", "ann": "ANN"}
