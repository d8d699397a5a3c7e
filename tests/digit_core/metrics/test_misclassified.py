import numpy as np
import pytest

from digit_core.metrics import misclassified


def _probabilities(rows: list[dict[int, float]]) -> np.ndarray:
    found = np.zeros((len(rows), 10))
    for row, shares in enumerate(rows):
        for digit, share in shares.items():
            found[row, digit] = share
    return found


LABELS = np.array([4, 4, 4, 9, 9, 0])
PREDICTIONS = misclassified.predictions(
    LABELS,
    _probabilities(
        [
            {4: 0.9, 9: 0.1},
            {4: 0.4, 9: 0.6},
            {4: 0.01, 9: 0.99},
            {9: 1.0},
            {4: 0.7, 9: 0.3},
            {0: 0.45, 6: 0.55},
        ]
    ),
)


def test_a_cell_holds_those_very_digits() -> None:
    assert misclassified.select(PREDICTIONS, true=4, answer=9).tolist() == [2, 1]
    assert misclassified.select(PREDICTIONS, true=9, answer=4).tolist() == [4]
    assert misclassified.select(PREDICTIONS, true=7, answer=9).tolist() == []
    assert misclassified.select(PREDICTIONS, true=4, answer=4, errors_only=False).tolist() == [0]
    assert misclassified.select(PREDICTIONS, true=4, answer=4).tolist() == []


def test_the_cells_together_are_the_matrix() -> None:
    from digit_core.metrics import classification

    matrix = classification.confusion_matrix(PREDICTIONS.labels, PREDICTIONS.answers)
    for true in range(10):
        for answer in range(10):
            rows = misclassified.select(PREDICTIONS, true=true, answer=answer, errors_only=False)
            assert len(rows) == matrix[true, answer]


@pytest.mark.parametrize(
    ("order", "rows"),
    [
        ("most confident first", [2, 4, 1, 5]),
        ("least confident first", [5, 1, 4, 2]),
        ("highest loss first", [2, 4, 1, 5]),
        ("by number", [1, 2, 4, 5]),
    ],
)
def test_misread_digits_come_in_the_order_asked_for(order: str, rows: list[int]) -> None:
    assert misclassified.select(PREDICTIONS, order=order).tolist() == rows


def test_confidence_narrows_with_both_ends() -> None:
    assert misclassified.select(PREDICTIONS, confidence=(0.6, 0.7)).tolist() == [4, 1]


def test_an_unknown_order_is_refused() -> None:
    with pytest.raises(ValueError, match=r"The order is one of most confident first, .* not 'size'"):
        misclassified.select(PREDICTIONS, order="size")


def test_the_most_confused_pairs_come_first_and_the_diagonal_never() -> None:
    confusion = np.diag(np.full(10, 90))
    confusion[4, 9], confusion[7, 2], confusion[3, 5], confusion[2, 7] = 10, 3, 3, 1
    pairs = misclassified.most_confused(confusion, 3)
    assert [(pair.true, pair.answer, pair.count) for pair in pairs] == [(4, 9, 10), (3, 5, 3), (7, 2, 3)]
    assert pairs[0].share == 0.1
    assert str(pairs[0]) == "10 fours were read as nines"
    assert len(misclassified.most_confused(confusion)) == 4
    assert misclassified.most_confused(np.diag(np.ones(10, int))) == ()


def test_shares_are_of_the_row_or_of_the_column_and_nothing_has_none() -> None:
    confusion = np.zeros((10, 10), int)
    confusion[4, 4], confusion[4, 9], confusion[9, 9] = 3, 1, 4
    of_true, of_answer = misclassified.shares(confusion, "true"), misclassified.shares(confusion, "answer")
    assert (of_true[4, 9], of_answer[4, 9]) == (0.25, 0.2)
    assert np.isnan(of_true[0]).all()
    assert np.isnan(of_answer[:, 0]).all()
    with pytest.raises(ValueError, match="not 'both'"):
        misclassified.shares(confusion, "both")


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ((4, 9, 17), "17 fours were read as nines"),
        ((4, 9, 1), "1 four was read as a nine"),
        ((6, 8, 1), "1 six was read as an eight"),
        ((6, 8, 0), "No six was read as an eight"),
        ((4, 9, 1_700), "1,700 fours were read as nines"),
        ((4, 4, 970), "970 fours were read correctly"),
        ((4, 4, 1), "1 four was read correctly"),
        ((4, 4, 0), "No four was read correctly"),
    ],
)
def test_a_cell_says_itself_in_words(cell: tuple[int, int, int], sentence: str) -> None:
    assert misclassified.cell_sentence(*cell) == sentence


def test_a_caption_claims_no_certainty() -> None:
    assert misclassified.caption(4, 9, 0.874) == "true 4, read as 9, 87%"
    assert misclassified.caption(4, 9, 0.9999) == "true 4, read as 9, over 99%"
