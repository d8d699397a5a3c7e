"""The digits of a run: which of MNIST, of one's own or of a class's drawings it learns from, and which judge it."""

import numpy as np

from digit_core import datasets, fine_tuning
from digit_core.configuration import TrainingConfig
from digit_core.datasets import Digits, Handwriting
from digit_core.errors import TrainingError


def choose(config: TrainingConfig, digits: Digits | Handwriting | None) -> tuple[Digits, Digits, str]:
    """Which digits a run learns from and which judge it; the same for the same configuration.

    Args:
        config: how many, and how they are split.
        digits: as `training.train` takes them: MNIST's if None.

    Returns:
        The digits to train on, those to choose on, and what they are called.

    Raises:
        TrainingError: fewer digits than a batch has, or digits of one's own are to be validated on MNIST's test digits.
        DatasetError: the digits cannot be read or split.
    """
    if isinstance(digits, Handwriting):
        others, judges, of_others = _choose_among(config, None)
        return fine_tuning.mix(digits, others), judges, f"{of_others} and drawings"
    return _choose_among(config, digits)


def _choose_among(config: TrainingConfig, digits: Digits | None) -> tuple[Digits, Digits, str]:
    if digits is None:
        mnist = datasets.load_mnist()
        training, validation, name = mnist.train, mnist.validation, "MNIST"
        if config.validates_on_test:
            validation = mnist.test
        elif config.validation_share is not None:
            training = datasets.join(mnist.train, mnist.validation)
    elif config.validates_on_test:
        raise TrainingError(
            "Only MNIST comes with test digits: a run on digits of one's own validates on a share of them."
        )
    else:
        training, validation, name = digits, None, "digits of one's own"
    if validation is None or config.validation_share is not None:
        share = config.validation_share or datasets.VALIDATION_SIZE / 60_000
        rest, held_back = datasets.split_rows(
            training.labels, round(len(training) * share), datasets.SPLIT_SEED
        )
        training, validation = training.take(rest), training.take(held_back)
    if config.subset_size is not None and config.subset_size < len(training):
        training = training.take(_subset_rows(training.labels, config.subset_size, config.seed))
    if config.batch_size > len(training):
        raise TrainingError(f"A batch of {config.batch_size:,} is larger than the {len(training):,} digits.")
    return training, validation, name


def _subset_rows(labels: np.ndarray, size: int, seed: int) -> np.ndarray:
    """Draw `size` rows so that each class has its share."""
    missing, classes = len(labels) - size, np.unique(labels)
    if missing >= len(classes):
        return datasets.split_rows(labels, size, seed)[1]
    # Too few are left out for one of each class: one of some classes.
    random = np.random.default_rng(seed)
    some = random.permutation(classes)[:missing]
    left_out = [random.choice(np.flatnonzero(labels == label)) for label in some]
    return np.delete(np.arange(len(labels)), left_out)
