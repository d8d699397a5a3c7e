"""Where a model looks: classifier in, arrays out."""

import numpy as np

from digit_core.classifier import Classifier
from digit_core.datasets import CLASSES, SIDE

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
    if image.shape != (SIDE, SIDE):
        raise ValueError(f"A digit to explain is an array of shape (28, 28), not {image.shape}.")
    if not 1 <= patch <= SIDE or not 1 <= step <= patch:
        raise ValueError(
            f"A patch has a side of 1 to 28 pixels and a step of 1 up to its side, not {patch} and {step}."
        )
    whole = model.predict(image[None])[0]
    chosen = int(whole.argmax()) if digit is None else digit
    if chosen not in range(CLASSES):
        raise ValueError(f"A digit is a whole number from 0 to 9, not {chosen}.")
    is_covered = _squares(patch, step)
    covered = np.where(is_covered, image.dtype.type(0), image)  # (squares, 28, 28)
    drops = whole[chosen] - model.predict(covered)[:, chosen]
    return np.tensordot(drops, is_covered, axes=1) / is_covered.sum(axis=0, dtype=np.float32)


def _squares(patch: int, step: int) -> np.ndarray:
    """Which pixels each square covers: bool (squares, 28, 28). The last square of a row ends where the row does."""
    starts = np.unique(np.append(np.arange(0, SIDE - patch, step), SIDE - patch))
    axis = np.arange(SIDE)
    spans = (axis >= starts[:, None]) & (axis < starts[:, None] + patch)  # (starts, 28)
    return (spans[:, None, :, None] & spans[None, :, None, :]).reshape(-1, SIDE, SIDE)
