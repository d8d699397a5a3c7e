"""Whether some ink is one whole digit: not a part of one, nor two, nor one with a part of its neighbour.

A network of its own says so, the same for all readers. `scripts/train_wholeness.py` trained it on rows written with
MNIST's training digits and cut as `digit_core.segmentation.cuts` cuts them.
"""

import functools

import numpy as np

from digit_core import settings
from digit_core.digits import CLASSES
from digit_core.errors import ModelError
from digit_core.inference import litert

WHOLENESS_FILE = "wholeness.tflite"
NONE = CLASSES  # the network's eleventh answer: no whole digit
_AGAIN = settings.remedy("scripts/train_wholeness.py")


def probabilities(images: np.ndarray) -> np.ndarray:
    """What the ink is.

    Args:
        images: array of shape (n, 28, 28): float32, 0.0 to 1.0, ink is 1.0; or uint8, ink is 255. n may be 0.

    Returns:
        float32 array of shape (n, 11): the probability of each whole digit, and last that it is none. Each row sums to 1.

    Raises:
        ModelError: the network's file is missing or damaged.
    """
    return _network().read(images)


@functools.cache
def _network() -> litert.Reader:
    try:
        content = (settings.WHOLENESS_FOLDER / WHOLENESS_FILE).read_bytes()
    except OSError as error:
        raise ModelError(f"The network that knows where one digit ends is missing. {_AGAIN}") from error
    return litert.Reader(
        content,
        CLASSES + 1,
        f"The network that knows where one digit ends does not answer as it should. {_AGAIN}",
    )
