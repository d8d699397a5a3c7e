"""Labels and made-up answers to them, drawn by Hypothesis: what curves are compared on with scikit-learn's."""

import numpy as np
from hypothesis import strategies as st

from digit_core.metrics import classification

Answered = tuple[np.ndarray, np.ndarray]


def answered_digits(min_classes: int) -> st.SearchStrategy[Answered]:
    """Labels (n,) and probabilities (n, 10) of up to 80 digits: of all classes or of few, with and without ties.

    Args:
        min_classes: from how many classes there are digits at least.
    """
    seeds, classes = st.integers(0, 2**32 - 1), st.integers(min_classes, 10)
    return st.builds(_answered, seeds, classes, st.sampled_from([None, 2, 5]), st.booleans())


def _answered(seed: int, classes: int, steps: int | None, knows_some: bool) -> Answered:
    """Labels of the first `classes` digits; probabilities in whole `steps` are full of ties."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, classes, random.integers(classes, 80))
    labels[:classes] = np.arange(classes)
    probabilities = random.dirichlet(np.full(10, 0.4), len(labels))
    if knows_some:
        probabilities[np.arange(len(labels)), labels] += random.random(len(labels))
    if steps:
        probabilities = np.ceil(probabilities * steps)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return labels, classification.check(labels, probabilities)
