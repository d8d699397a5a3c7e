"""What is taken away: a report of one model as one HTML file, and its answers as CSV."""

from typing import Any

import numpy as np


def html_report(
    name: str,
    set_name: str,
    images: np.ndarray,
    labels: np.ndarray,
    probabilities: np.ndarray,
    *,
    card: dict[str, Any] | None = None,
    without: np.ndarray | None = None,
) -> str:
    """A report on how a model reads a set of digits, as one self-contained HTML page with no script and no link out.

    Args:
        name: what the model is called.
        set_name: what the set is called, such as "MNIST test".
        images: uint8 array of shape (n, 28, 28), ink is 255.
        labels: integer array of shape (n,), 0 to 9.
        probabilities: float array of shape (n, 10).
        card: the model's card; its settings and whether it was chosen on the test digits are told.
        without: rows whose label is in doubt: figures are told with and without them.

    Raises:
        ValueError: as `evaluation.check`.
    """
    raise NotImplementedError


def predictions_csv(numbers: np.ndarray, labels: np.ndarray, probabilities: np.ndarray) -> str:
    """Every answer as CSV: number, true, answer, confidence, right, loss, p0 to p9; probabilities with six decimals.

    Args:
        numbers: integer array of shape (n,), each digit's number in its set.
        labels: integer array of shape (n,), 0 to 9.
        probabilities: float array of shape (n, 10).

    Raises:
        ValueError: as `evaluation.check`.
    """
    raise NotImplementedError
