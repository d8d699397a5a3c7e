"""How much an image looks like a digit: a small network of its own, shared by all models, trained by
`scripts/train_likeness.py`."""

import functools

import numpy as np

from digit_core import settings
from digit_core.digits import CLASSES
from digit_core.errors import ModelError
from digit_core.inference import litert, model_files

LIKENESS_FILE = "likeness.tflite"
NO_DIGIT = CLASSES  # the last of its eleven answers
_AGAIN = settings.remedy("scripts/train_likeness.py")


def scores(images: np.ndarray) -> np.ndarray:
    """How much each image looks like a digit: one minus the probability that it is none.

    Args:
        images: array of shape (n, 28, 28) as the door makes them: float32, 0.0 to 1.0, ink is 1.0; or uint8, ink is
            255. n may be 0.

    Returns:
        float32 array of shape (n,), 0.0 to 1.0; 0 where there is no ink at all.

    Raises:
        ValueError: another shape or dtype, or a value outside the range.
        ModelError: the network is missing or damaged.
    """
    found = np.clip(1 - network().read(images)[:, NO_DIGIT], 0, 1)
    # The door lets no blank through: the network has never seen one.
    return found * images.any(axis=(1, 2))


@functools.cache
def refused_below() -> float:
    """The score, 0.0 to 1.0, under which an image is called no digit.

    Raises:
        ModelError: the network's card is missing or damaged.
    """
    try:
        return float(model_files.read_card_in(settings.LIKENESS_FOLDER)["refused_below"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"The card of the network that knows digits is damaged. {_AGAIN}") from error


@functools.cache
def network() -> litert.Reader:
    """The network, opened once: eleven probabilities for each image, ten digits and none.

    Raises:
        ModelError: it is missing or damaged.
    """
    try:
        content = (settings.LIKENESS_FOLDER / LIKENESS_FILE).read_bytes()
    except OSError as error:
        raise ModelError(f"The network that knows digits from what is none is missing. {_AGAIN}") from error
    return litert.Reader(
        content, CLASSES + 1, f"The network that knows digits does not answer as it should. {_AGAIN}"
    )
