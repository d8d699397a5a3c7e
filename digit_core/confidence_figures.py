"""Figures of confidence: reliability, histogram, and what is gained by refusing. They draw and compute nothing."""

import plotly.graph_objects as go

from digit_core.calibration import ConfidenceHistogram, RefusalPoint, Refusals, Reliability


def reliability(found: Reliability) -> go.Figure:
    """Bars as high as the share right in each bin, with the line on which confidence and share are equal."""
    raise NotImplementedError


def confidence_histogram(found: ConfidenceHistogram, logarithmic: bool = True) -> go.Figure:
    """How many right and wrong answers were given with what confidence; wrong ones are hatched, too."""
    raise NotImplementedError


def refusals(found: dict[str, Refusals], points: dict[str, RefusalPoint] | None = None) -> go.Figure:
    """Share right against share answered, a curve for each model.

    Args:
        found: model to its refusals.
        points: model to where the threshold stands.
    """
    raise NotImplementedError
