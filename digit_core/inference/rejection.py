"""Answers that may refuse: calibrated confidence, "I'm not sure", and "this is not a digit"."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, overload

import numpy as np

from digit_core.augmentation.pipeline import distort
from digit_core.augmentation.policies import POLICIES
from digit_core.digits import Digits
from digit_core.errors import ModelError
from digit_core.metrics import calibration
from digit_core.metrics.classification import percent

DIGIT, NOT_SURE, NO_DIGIT = VERDICTS = "digit", "not sure", "no digit"
RIGHT_SHARE = 0.995  # of the answers that are given as sure: so many are to be right
HANDWRITING = replace(POLICIES["strong"], habits=0.3, recenter=1.0)
"""How validation digits are distorted to see what a model makes of other people's hands."""
_AS_GOOD = 0.99  # of the best reading's likelihood
_SEED = 6


@dataclass(frozen=True)
class Trust:
    """How far a model's answers can be trusted.

    Attributes:
        temperature: by which its logits are divided so that confidence fits the share right; above 0.
        sure_from: the confidence, 0.0 to 1.0, from which on it is sure: of distorted validation digits answered like
            that, 99.5% are read right; at most 99.5%.

    Example:
        >>> from digit_core import load_model
        >>> load_model("ann").trust.sure_from
        0.995
    """

    temperature: float
    sure_from: float


@dataclass(frozen=True, eq=False)
class Judgement:
    """What is thought of one image.

    Attributes:
        probabilities: float32 array of shape (10,), calibrated; they sum to 1.
        ood_score: how little it looks like a digit (out of distribution), 0.0 to 1.0.
        verdict: one of `VERDICTS`.

    Example:
        >>> from digit_core import load_mnist, load_model
        >>> judgement = load_model().judge(load_mnist().test.images[:1] / 255.0)[0]
        >>> judgement
        Judgement("It's a 7.", > 99.9%)
        >>> judgement.digit, judgement.verdict
        (7, 'digit')
    """

    probabilities: np.ndarray
    ood_score: float
    verdict: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r}, {percent(self.confidence)})"

    @property
    def digit(self) -> int:
        """The likeliest digit, whatever the verdict."""
        return int(self.probabilities.argmax())

    @property
    def second(self) -> int:
        """The second likeliest digit."""
        return int(self.probabilities.argsort()[-2])

    @property
    def confidence(self) -> float:
        """The probability of the likeliest digit, if it is one at all."""
        return float(self.probabilities.max())

    def __str__(self) -> str:
        if self.verdict == NO_DIGIT:
            return (
                f"This doesn't look like a digit. If it must be one, it's {article(self.digit)} {self.digit}."
            )
        if self.verdict == NOT_SURE:
            first, second = self.digit, self.second
            return f"I'm not sure: {article(first)} {first}, perhaps {article(second)} {second}."
        return f"It's {article(self.digit)} {self.digit}."


@dataclass(frozen=True, eq=False)
class Judgements:
    """What is thought of many images.

    Attributes:
        probabilities: float32 array of shape (n, 10), calibrated; each row sums to 1.
        ood_score: float32 array of shape (n,), how little each looks like a digit, 0.0 to 1.0.
        verdicts: string array of shape (n,), each one of `VERDICTS`.

    Example:
        >>> import numpy as np
        >>> from digit_core import load_mnist, load_model
        >>> images = load_mnist().test.images[:3] / 255.0
        >>> images[2] = np.maximum(np.eye(28), np.eye(28)[::-1])  # a cross
        >>> judgements = load_model().judge(images)
        >>> judgements
        Judgements(2 digit, 0 not sure, 1 no digit)
        >>> [judgement.digit for judgement in judgements if judgement.verdict == "digit"]
        [7, 2]
    """

    probabilities: np.ndarray
    ood_score: np.ndarray
    verdicts: np.ndarray

    def __repr__(self) -> str:
        counts = [f"{np.count_nonzero(self.verdicts == verdict):,} {verdict}" for verdict in VERDICTS]
        return f"Judgements({', '.join(counts)})"

    def __len__(self) -> int:
        return len(self.verdicts)

    @overload
    def __getitem__(self, row: int) -> Judgement: ...

    @overload
    def __getitem__(self, row: slice) -> "Judgements": ...

    def __getitem__(self, row: int | slice) -> "Judgement | Judgements":
        if isinstance(row, slice):
            return Judgements(self.probabilities[row], self.ood_score[row], self.verdicts[row])
        return Judgement(self.probabilities[row], float(self.ood_score[row]), str(self.verdicts[row]))

    @property
    def likeliest(self) -> int:
        """Of several readings of one picture, the row of the one that looks most like a digit, and surely which: the first of
        those that are as good.
        """
        likelihood = self.probabilities.max(axis=1) * (1 - self.ood_score)
        return int(np.argmax(likelihood >= _AS_GOOD * likelihood.max()))

    def __iter__(self) -> Iterator[Judgement]:
        return (self[row] for row in range(len(self)))


def article(digit: int) -> str:
    """The article before a digit: an 8, a 7."""
    return "an" if digit == 8 else "a"


def judge(answers: np.ndarray, ood_score: np.ndarray, trust: Trust, refused_above: float) -> Judgements:
    """Make judgements of a model's answers.

    Args:
        answers: float32 array of shape (n, 10), as the model gives them; each row sums to 1.
        ood_score: float32 array of shape (n,), 0.0 to 1.0, as `verifiers.ood_score`.
        trust: in these answers.
        refused_above: the out-of-distribution score above which an image is no digit.
    """
    probabilities = calibration.at_temperature(answers, trust.temperature).astype(np.float32)
    is_sure = probabilities.max(axis=1, initial=0) >= trust.sure_from
    verdicts = np.where(ood_score > refused_above, NO_DIGIT, np.where(is_sure, DIGIT, NOT_SURE))
    return Judgements(probabilities, ood_score, verdicts)


def measure(predict: Callable[[np.ndarray], np.ndarray], validation: Digits) -> Trust:
    """Measure how far a model's answers can be trusted. Never measure it on test digits.

    The temperature is fitted on the validation digits as they are; from which confidence on the model is sure is found on
    them distorted as other people's hands would.

    Args:
        predict: uint8 (n, 28, 28) to float32 (n, 10), as `Classifier.predict_dataset`.
        validation: digits that the model did not learn from; at least 1.
    """
    temperature = calibration.fit_temperature(validation.labels, predict(validation.images)).value
    distorted = distort(validation.images, HANDWRITING, np.random.default_rng(_SEED), validation.labels)
    calibrated = calibration.at_temperature(predict(distorted), temperature)
    return Trust(round(temperature, 4), sure_from(validation.labels, calibrated))


def sure_from(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """The lowest confidence from which on the wanted share of answers is right, but no higher than that share.

    A model that cannot keep it up on such digits would else be sure of nothing, not even of what it is calibrated to get
    right that often.

    Args:
        labels: integer array of shape (n,), 0 to 9; n is at least 1.
        probabilities: float array of shape (n, 10); each row sums to 1.
    """
    found = calibration.rejection_curve(labels, probabilities)
    is_enough = found.right >= RIGHT_SHARE * found.answered
    lowest = float(found.thresholds[is_enough.argmax()]) if is_enough.any() else 1.0
    return min(lowest, RIGHT_SHARE)


def trust_of(card: dict[str, Any]) -> Trust | None:
    """The trust that a model's card tells of; None where it tells of none.

    Raises:
        ModelError: what it tells is damaged.
    """
    if "trust" not in card:
        return None
    try:
        return Trust(**{name: float(value) for name, value in card["trust"].items()})
    except (AttributeError, TypeError, ValueError) as error:
        raise ModelError("The model's card is damaged where it says how far to trust the model.") from error
