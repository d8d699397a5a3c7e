"""Which digits are most like a digit, pixel for pixel."""

import cv2
import numpy as np

from digit_core.digits import SIDE


def nearest(
    image: np.ndarray, digits: np.ndarray, k: int = 8, without: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The nearest neighbours of a digit, found by comparing it with every one, exactly.

    Args:
        image: uint8 array of shape (28, 28).
        digits: uint8 array of shape (n, 28, 28), whose pixels lie in one piece of memory.
        k: how many to find, at least 1; fewer are found when there are fewer.
        without: the row of a digit to leave out, such as the image's own.

    Returns:
        int64 array of shape (k,): the rows of the neighbours, nearest first, of equals the lowest row first; and
        float64 array of shape (k,): their Euclidean distances in shades of grey, 0 to 7,140.

    Raises:
        ValueError: arrays of another form, or a k below 1.
    """
    if image.dtype != np.uint8 or image.shape != (SIDE, SIDE):
        raise ValueError(f"An image is uint8 (28, 28), not {image.dtype} {image.shape}.")
    if digits.dtype != np.uint8 or digits.ndim != 3 or digits.shape[1:] != (SIDE, SIDE):
        raise ValueError(f"Digits are uint8 (n, 28, 28), not {digits.dtype} {digits.shape}.")
    if k < 1:
        raise ValueError(f"The number of neighbours is at least 1, not {k}.")
    wanted = min(k + (without is not None), len(digits))
    if wanted == 0:
        return np.empty(0, np.int64), np.empty(0)
    # Whole numbers all the way: no copy of the digits as floats, and equal distances are equal.
    squares, rows = cv2.batchDistance(
        np.ascontiguousarray(image).reshape(1, -1),
        digits.reshape(len(digits), -1),
        cv2.CV_32S,
        normType=cv2.NORM_L2SQR,
        K=wanted,
    )
    is_other = rows[0] != (-1 if without is None else without)
    return rows[0][is_other][:k].astype(np.int64), np.sqrt(squares[0][is_other][:k].astype(np.float64))
