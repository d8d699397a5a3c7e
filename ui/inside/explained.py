"""What else explains how the drawing on the paper is read: where the network looked, and how its answer came about."""

from ui.canvas import canvas, drawing
from ui.digits import saliency
from ui.inside import replay
from ui.panels import drawn_digit

PAPER = "Layer by layer"  # the view of this page with the paper


def show_where(model: str) -> None:
    """The view: which parts of the drawing spoke for the answer.

    Args:
        model: the name of the model in use.
    """
    if (stages := drawn_digit.stages(PAPER)) is not None:
        saliency.show(model, stages.image)


def show_replay(model: str) -> None:
    """The view: what was read after each point of the pen.

    Args:
        model: the name of the model in use.
    """
    if drawn_digit.stages(PAPER) is not None:
        replay.show(model, drawing.objects(canvas.SQUARE.key))
