"""Where a model looks: classifier in, arrays out."""

import numpy as np

from digit_core.classifier import Classifier

PATCH = 6  # pixels
STEP = 2  # pixels


def occlusion(
    model: Classifier, image: np.ndarray, digit: int | None = None, patch: int = PATCH, step: int = STEP
) -> np.ndarray:
    """How much the probability of a digit drops when a patch of blank paper covers a place.

    M. Zeiler and R. Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014.

    Args:
        model: any.
        image: array of shape (28, 28): float32, 0.0 to 1.0, ink is 1.0; or uint8, ink is 255.
        digit: whose probability; the model's answer if None.
        patch: pixels, the side of the square that covers, 1 to 28.
        step: pixels from one place to the next, 1 to `patch`, so that each pixel is covered.

    Returns:
        float32 array of shape (28, 28), -1.0 to 1.0: the mean drop over all squares that cover a pixel. Above 0:
        what is there speaks for the digit; below 0: against it.

    Raises:
        ValueError: an image, a digit, a patch or a step of another form.
    """
    raise NotImplementedError
