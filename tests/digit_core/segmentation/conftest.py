"""What many of these tests read with, and what they write with."""

import numpy as np
import pytest

from digit_core import datasets
from digit_core.digits import Digits
from digit_core.inference import classifier


@pytest.fixture(scope="session")
def reader() -> classifier.Classifier:
    return classifier.load()


@pytest.fixture(scope="session")
def digits() -> Digits:
    """Validation digits, of each many."""
    return datasets.load_mnist().validation.take(np.arange(2000))
