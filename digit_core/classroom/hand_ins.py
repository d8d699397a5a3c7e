"""A pupil's drawing as it comes from anybody's browser: strokes in, drawn and judged here."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from digit_core.digits import brief
from digit_core.errors import ClassError, NoInkError
from digit_core.inference.classifier import Classifier
from digit_core.preprocessing import images, strokes
from digit_core.preprocessing.strokes import Stroke
from digit_core.settings import PEN_WIDTH
from digit_core.storage import drawings

MAX_BYTES = 20_000  # of a drawing's strokes, as they are sent
MAX_NUMBER = 100_000  # of a pupil's drawings for one task
_MAX_DISTANCE = 1_000  # pixels from a corner of the paper of 280 x 280
_DAMAGED = "This drawing came damaged: clear the paper and draw it again."


@dataclass(frozen=True, eq=False)
class Judged:
    """A drawing and what the network makes of it; see `records.HandIn`."""

    image: np.ndarray
    picture: bytes
    shares: np.ndarray
    answer: int
    verdict: str

    __repr__ = brief


def pen_strokes(sent: Any) -> tuple[Stroke, ...]:
    """The strokes of a message.

    Args:
        sent: a list of strokes, each a list of whole numbers x, y, x, y, ... in pixels of a paper of 280 x 280.

    Raises:
        ClassError: it is anything else.
    """
    if not isinstance(sent, list) or not sent:
        raise ClassError("Draw something first.")
    return tuple(_stroke(one) for one in sent)


def judge(drawn: tuple[Stroke, ...], classifier: Classifier) -> Judged:
    """Draw strokes as the pupil's page shows them, and have them read.

    Raises:
        ClassError: there is no ink on the paper.
    """
    rgba = strokes.draw(drawn)
    try:
        image = images.from_canvas(rgba)
    except NoInkError as error:
        raise ClassError("Draw something first.") from error
    found = classifier.judge(image[None])[0]
    pixels = np.round(image * 255).astype(np.uint8)
    shares = found.probabilities.astype(np.float32)
    return Judged(pixels, drawings.small_picture(rgba), shares, found.digit, found.verdict)


def _stroke(numbers: Any) -> Stroke:
    if not isinstance(numbers, list) or not 2 <= len(numbers) <= MAX_BYTES or len(numbers) % 2:
        raise ClassError(_DAMAGED)
    if not all(type(number) is int and abs(number) <= _MAX_DISTANCE for number in numbers):
        raise ClassError(_DAMAGED)
    return Stroke(np.array(numbers, np.float64).reshape(-1, 2), float(PEN_WIDTH))
