"""A pupil's drawing as it comes from anybody's browser: strokes in, drawn and judged here."""

from collections.abc import Sequence
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
class Painted:
    """A drawing.

    Attributes:
        image: as the network takes it: float32 array of shape (28, 28), 0.0 to 1.0, ink is 1.0.
        picture: what was drawn, as a small PNG.
    """

    image: np.ndarray
    picture: bytes

    __repr__ = brief


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


def paint(drawn: tuple[Stroke, ...]) -> Painted:
    """Draw strokes as the pupil's page shows them.

    Raises:
        ClassError: there is no ink on the paper.
    """
    rgba = strokes.draw(drawn)
    try:
        image = images.from_canvas(rgba)
    except NoInkError as error:
        raise ClassError("Draw something first.") from error
    return Painted(image, drawings.small_picture(rgba))


def judge(painted: Sequence[Painted], classifier: Classifier) -> list[Judged]:
    """Have drawings read, all at once."""
    found = classifier.judge(np.array([one.image for one in painted]))
    return [
        Judged(
            np.round(one.image * 255).astype(np.uint8),
            one.picture,
            judgement.probabilities.astype(np.float32),
            judgement.digit,
            judgement.verdict,
        )
        for one, judgement in zip(painted, found, strict=True)
    ]


def _stroke(numbers: Any) -> Stroke:
    if not isinstance(numbers, list) or not 2 <= len(numbers) <= MAX_BYTES or len(numbers) % 2:
        raise ClassError(_DAMAGED)
    if not all(type(number) is int and abs(number) <= _MAX_DISTANCE for number in numbers):
        raise ClassError(_DAMAGED)
    return Stroke(np.array(numbers, np.float64).reshape(-1, 2), float(PEN_WIDTH))
