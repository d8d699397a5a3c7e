import dataclasses

import numpy as np
import pytest

from digit_core.datasets.mnist import Mnist
from digit_core.errors import ModelError
from digit_core.inference import rejection
from digit_core.inference.rejection import DIGIT, NO_DIGIT, NOT_SURE, Judgement, Judgements, Trust


def answers(*confidences: float, digit: int = 4, second: int = 9) -> np.ndarray:
    """Rows with that much on one digit and the rest on another."""
    rows = np.zeros((len(confidences), 10), np.float32)
    rows[:, digit] = confidences
    rows[:, second] = 1 - rows[:, digit]
    return rows


def test_verdicts_by_hand() -> None:
    ood_score = np.array([0.1, 0.1, 0.8, 0.8], np.float32)
    found = rejection.judge(answers(0.95, 0.6, 0.95, 0.6), ood_score, Trust(1.0, 0.8), 0.5)
    assert list(found.verdicts) == [DIGIT, NOT_SURE, NO_DIGIT, NO_DIGIT]
    assert [one.verdict for one in found] == list(found.verdicts)
    assert found.probabilities.dtype == np.float32
    assert found.ood_score is ood_score


def test_what_lies_on_a_border_is_sure_and_is_a_digit() -> None:
    found = rejection.judge(answers(0.75), np.full(1, 0.5, np.float32), Trust(1.0, 0.75), 0.5)
    assert found[0].verdict == DIGIT


def test_the_temperature_moves_confidence_and_no_answer() -> None:
    """With two digits at 0.8 and 0.2 the logits differ by log 4; at temperature 2 by log 2: 2/3 and 1/3."""
    found = rejection.judge(answers(0.8), np.zeros(1, np.float32), Trust(2.0, 0.7), 0.5)
    assert found[0].digit == 4
    assert found[0].confidence == pytest.approx(2 / 3, abs=1e-5)
    assert found[0].verdict == NOT_SURE


def test_nothing_is_judged_of_no_images() -> None:
    found = rejection.judge(answers(), np.zeros(0, np.float32), Trust(1.3, 0.7), 0.5)
    assert len(found) == 0
    assert list(found) == []
    assert found.probabilities.shape == (0, 10)


@pytest.mark.parametrize(
    ("verdict", "sentence"),
    [
        (DIGIT, "It's an 8."),
        (NOT_SURE, "I'm not sure: an 8, perhaps a 3."),
        (NO_DIGIT, "This doesn't look like a digit. If it must be one, it's an 8."),
    ],
)
def test_a_judgement_is_a_sentence(verdict: str, sentence: str) -> None:
    assert str(Judgement(answers(0.7, digit=8, second=3)[0], 0.5, verdict)) == sentence


def test_from_where_on_it_is_sure_by_hand() -> None:
    """1,000 answers, the four least sure ones of them wrong, and one wrong at 0.9: 1 in 996 is within 0.5%."""
    confidence = np.linspace(0.5, 0.999, 1_000)
    labels = np.full(1_000, 4)
    labels[:4] = 9
    labels[800] = 9
    found = rejection.sure_from(labels, answers(*confidence).astype(np.float64))
    assert found == pytest.approx(confidence[0])  # 5 wrong in 1,000 is just within 0.5%
    labels[4] = 9
    found = rejection.sure_from(labels, answers(*confidence).astype(np.float64))
    assert found == pytest.approx(confidence[2], abs=1e-6)  # 4 in 998


def test_a_model_that_is_never_right_has_to_be_as_sure_as_can_be_asked() -> None:
    labels = np.zeros(20, int)
    assert rejection.sure_from(labels, answers(*np.linspace(0.6, 0.9, 20)).astype(np.float64)) == 0.995


def test_trust_is_measured_on_the_digits_and_on_distorted_ones(mnist: Mnist) -> None:
    digits = mnist.validation.take(np.arange(300))
    asked = []

    def predict(images: np.ndarray) -> np.ndarray:
        """Right and too modest on the plain digits, wrong on a tenth of the distorted ones and less sure of those."""
        asked.append(images)
        found = np.full((len(images), 10), 0.05 / 9, np.float32)
        right = digits.labels.copy()
        if len(asked) == 2:
            right[:30] = (right[:30] + 1) % 10
            found[:30] = 0.4 / 9
        found[np.arange(len(images)), right] = 1 - 9 * found[:, 0]
        return found

    trust = rejection.measure(predict, digits)
    assert np.array_equal(asked[0], digits.images)
    assert asked[1].shape == digits.images.shape
    assert not np.array_equal(asked[1], digits.images)
    assert trust.temperature < 1  # it is right more often than it says
    assert trust.sure_from > 0.9


def test_trust_stands_in_a_card() -> None:
    trust = Trust(1.25, 0.91)
    assert rejection.trust_of({"trust": dataclasses.asdict(trust)}) == trust
    assert rejection.trust_of({}) is None
    for damaged in ("high", {"temperature": "hot", "sure_from": 0.9}, {"temperature": 1.0}):
        with pytest.raises(ModelError, match="how far to trust"):
            rejection.trust_of({"trust": damaged})


def test_the_likeliest_reading_is_surely_a_digit_and_surely_which() -> None:
    unsure, sure = np.full((2, 10), 0.02, np.float32)
    unsure[3], sure[8] = 0.5, 0.82
    judgements = Judgements(
        np.stack([unsure, sure, sure]), np.array([0.0, 0.9, 0.2], np.float32), np.array([DIGIT] * 3)
    )
    assert judgements.likeliest == 2
    assert judgements[:2].likeliest == 0
