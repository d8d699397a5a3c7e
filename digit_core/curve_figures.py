"""Figures of ROC and precision-recall curves. They draw and compute nothing but which points can be seen."""

import plotly.graph_objects as go

from digit_core.curves import Curve, Point


def roc(
    curves: dict[str, Curve], points: dict[str, Point] | None = None, logarithmic: bool = False
) -> go.Figure:
    """ROC curves: the higher and the further to the left, the better.

    Args:
        curves: name to curve, in the legend's order: of one model as in `Curves.named()`, or of several models,
            with names such as "cnn, micro". Names "0" to "9" have their class's colour.
        points: name to where the threshold stands; none if None.
        logarithmic: whether the axis of the false-positive rate is logarithmic, from the smallest rate above 0 that any
            curve has; what lies at 0 is drawn at the left edge, and hovering says 0.
    """
    raise NotImplementedError


def precision_recall(curves: dict[str, Curve], points: dict[str, Point] | None = None) -> go.Figure:
    """Precision-recall curves: the higher and the further to the right, the better.

    Args:
        curves, points: as in `roc`. The axis of precision starts where the data do.
    """
    raise NotImplementedError
