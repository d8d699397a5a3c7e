"""Teaching a model a handwriting: what it goes through, and what that does to MNIST and to the drawings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from digit_core import datasets
from digit_core.augmentation.policies import POLICIES
from digit_core.digits import Digits, Handwriting
from digit_core.errors import ConfigurationError, TrainingError
from digit_core.metrics import classification
from digit_core.metrics.classification import Share
from digit_core.recipes import architectures, configuration
from digit_core.recipes.configuration import TrainingConfig

MNIST_DIGITS = 4_000  # that are learnt beside the drawings, so that it does not forget the others
DRAWN_SHARE = 1 / 3  # of all that is learnt from
MAX_REPEATS = 60  # of one drawing in an epoch, each time distorted anew
FEW = 10  # drawings: with fewer, the figures say next to nothing
_EPOCHS, _LEARNING_RATE, _BATCH = 4, 0.001, 64

# In the card and in this order: name to what the digits are.
MEASURED_ON = ("mnist", "held_back", "learnt")


@dataclass(frozen=True)
class Effect:
    """What learning a handwriting did to a model.

    Attributes:
        before, after: the share read right on each of MEASURED_ON: MNIST's 10,000 test digits, the drawings that were held
            back, and those that it learnt from. Of no drawings there is no share.
        name: what the set of drawings was called; "" where nobody had named it.
    """

    before: Mapping[str, Share]
    after: Mapping[str, Share]
    name: str = ""


def recipe(card: Mapping[str, Any]) -> TrainingConfig:
    """How a model is taught a handwriting. Its numbers are fixed, and the last weights are kept: nothing is chosen on the
    drawings, so that those that are held back judge fairly.

    Args:
        card: of the model to go on from.

    Raises:
        TrainingError: the model was trained elsewhere, or in a way that this version does not know.
    """
    try:
        before = configuration.from_dict(card.get("configuration") or {"architecture": ""})
        network = architectures.from_dict(card["architecture"])
    except ConfigurationError as error:
        raise TrainingError(
            "This model cannot learn more: it was trained elsewhere. Choose another one, or train your own first."
        ) from error
    return TrainingConfig(
        # A network's name may stand for other layers now than when this model was trained.
        architecture=before.architecture if before.network.layers == network.layers else network,
        learning_rate=_LEARNING_RATE,
        schedule="cosine",
        batch_size=_BATCH,
        epochs=_EPOCHS,
        subset_size=MNIST_DIGITS,
        validation_share=before.validation_share,  # digits that it has learnt must not judge it
        keeps_best_weights=False,
        augmentation=POLICIES["strong"],
    )


def repeats(drawings: int, others: int) -> int:
    """How often each of some drawings stands among so many other digits, so that together they are DRAWN_SHARE of all."""
    wanted = round(others * DRAWN_SHARE / (1 - DRAWN_SHARE) / drawings)
    return min(max(wanted, 1), MAX_REPEATS)


def mix(handwriting: Handwriting, others: Digits) -> Digits:
    """The drawings to learn from, each of them `repeats` times, and the others."""
    times = repeats(len(handwriting.learnt), len(others))
    return datasets.join(others, handwriting.learnt.take(np.tile(np.arange(len(handwriting.learnt)), times)))


def measure(
    handwriting: Handwriting, test: Digits, read: Callable[[np.ndarray], np.ndarray]
) -> dict[str, dict[str, int]]:
    """How many of each part a model reads right.

    Args:
        handwriting: the drawings.
        test: MNIST's test digits.
        read: uint8 images (n, 28, 28) to probabilities (n, 10).

    Returns:
        For each of MEASURED_ON that has digits, "count" of "n", as a card holds it.
    """
    found = {}
    for name, digits in zip(MEASURED_ON, (test, handwriting.held_back, handwriting.learnt)):
        if len(digits):
            right = read(digits.images).argmax(axis=1) == digits.labels
            found[name] = {"count": int(right.sum()), "n": len(digits)}
    return found


def effect_of(card: Mapping[str, Any] | None) -> Effect | None:
    """What a card says of the handwriting that its model has learnt; None if it has learnt none in its last training."""
    found = (card or {}).get("handwriting")
    if not found:
        return None
    before, after = (
        {name: classification.share(**found[when][name]) for name in MEASURED_ON if name in found[when]}
        for when in ("before", "after")
    )
    return Effect(before, after, found.get("set", ""))
