"""Figures of what Evaluate counts: the confusion matrix, the classes, robustness. They draw and compute nothing."""

import numpy as np
import plotly.graph_objects as go

from digit_core.evaluation import Share


def confusion_matrix(values: np.ndarray, texts: np.ndarray, words: np.ndarray, unit: str) -> go.Figure:
    """A confusion matrix as a heat map; true digits are rows.

    Args:
        values: float array of shape (10, 10), what colours the cells; NaN leaves a cell clear.
        texts: string array of shape (10, 10), what stands in the cells.
        words: string array of shape (10, 10), what hovering says.
        unit: what the colours mean, such as "share of the true digits".
    """
    raise NotImplementedError


def confusion_difference(difference: np.ndarray, first: str, second: str) -> go.Figure:
    """By how many digits two models' confusion matrices differ: blue where the second has more, orange the first.

    Args:
        difference: int64 array of shape (10, 10), of `comparison.confusion_difference`.
        first, second: what the models are called.
    """
    raise NotImplementedError


def class_bars(report: dict, figure: str) -> go.Figure:
    """One figure of the report for each digit, as bars on an axis that starts where differences can be seen.

    Args:
        report: as in `evaluation.Evaluation`.
        figure: "precision", "recall" or "f1-score".
    """
    raise NotImplementedError


def robustness(curves: dict[str, tuple[Share, ...]], words: tuple[str, ...], title: str) -> go.Figure:
    """Accuracy under one corruption, a curve for each model, with its 95% interval as a band.

    Args:
        curves: model to its accuracy at strengths 0 to 5.
        words: the strengths in words.
        title: of the corruption.
    """
    raise NotImplementedError
