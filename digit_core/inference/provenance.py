"""What a model's card tells of the digits that it learnt from: which it did not, and where a figure flatters it."""

from typing import Any

from digit_core.datasets.mnist import Mnist, training_and_validation
from digit_core.digits import Digits


def held_back(card: dict[str, Any], mnist: Mnist) -> Digits:
    """Digits to calibrate a model on: MNIST's that are no test digits and that it did not learn from.

    Of a model that held back a share of its own those are that share, else the 5,000 fixed validation digits.

    Args:
        card: of the model; {} where nothing is known of it, as of one that was trained elsewhere.
        mnist: all of MNIST.

    Raises:
        DatasetError: the share that the card tells of cannot be held back.
    """
    share = (card.get("configuration") or {}).get("validation_share")
    return training_and_validation(mnist, share if _has_seen_mnist(card) else None)[1]


def _has_seen_mnist(card: dict[str, Any]) -> bool:
    """Whether a model was trained on MNIST, or may have been."""
    return str((card.get("data") or {}).get("name", "MNIST")).startswith("MNIST")


def warning(card: dict[str, Any], name: str, split: str) -> str:
    """A sentence where a model's figures on a part of MNIST flatter it, else "".

    Args:
        card: of the model.
        name: what it is called.
        split: the part of MNIST that it reads: "train", "validation" or "test".
    """
    if not _has_seen_mnist(card):
        return ""
    if split == "test" and card.get("chosen_on_test"):
        return (
            f"{name} was chosen on these same test digits, so its figures here flatter it. Many tutorials do that. "
            "Look at scikit-learn's digits, too."
        )
    if split == "validation":
        return learnt_from_validation(card, name) or (
            ""
            if card.get("chosen_on_test")
            else f"{name} was chosen on these digits: the test digits are fairer."
        )
    if split == "train":
        return f"{name} learnt from most of these digits, or may have: the test digits are fairer."
    return ""


def learnt_from_validation(card: dict[str, Any], name: str) -> str:
    """A sentence where a model has learnt from MNIST's 5,000 validation digits, or may have, else ""; as `warning`."""
    configuration = card.get("configuration")
    if configuration is None:
        return f"{name} was trained elsewhere, so it may have learnt from the validation digits."
    if configuration.get("validation_share") is not None and _has_seen_mnist(card):
        return f"{name} held back a share of its own, so it learnt from most of these validation digits."
    return ""
