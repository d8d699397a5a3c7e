"""Negatives, pictures of no digit: scribbles, letters, drawings, smears, clothes, and digits broken until they are none.

A network that is to refuse what is no digit has to see some. All are preprocessed as a drawing is.
"""

from collections.abc import Callable

import cv2
import numpy as np

from digit_core.digits import CLASSES, SIDE, Digits
from digit_core.errors import NoInkError
from digit_core.preprocessing.images import from_dataset, from_ink
from digit_core.synthesis import broken_digits, doodles, letters, pen, scribbles

# Times that a digit is enlarged before it is preprocessed again.
_ENLARGED = pen.SHEET // SIDE
# The share that is drawn over with a clean edge, as a canvas draws it.
_CRISP = 0.5
# A mark that is narrower than this share of its length is a bar.
_BAR = 0.33

# Digits to take apart and a source of chance in; ink out: float32 (h, w), 0.0 to 1.0.
Maker = Callable[[Digits, np.random.Generator], np.ndarray]

# Figures that no network is trained on: they show whether others are refused, too.
HELD_BACK = "cat", "fish", "boat", "arrow"


def _doodle(random: np.random.Generator) -> np.ndarray:
    return doodles.doodle(
        str(random.choice([name for name in doodles.FIGURES if name not in HELD_BACK])), random
    )


MAKERS: dict[str, Maker] = {
    "letters": lambda digits, random: letters.write(str(random.choice(list(letters.LETTERS))), random),
    "doodles": lambda digits, random: _doodle(random),
    "houses": lambda digits, random: doodles.doodle("house", random),
    "scribbles": lambda digits, random: scribbles.scribble(random),
    "crossed strokes": lambda digits, random: scribbles.crossed(random),
    "coils": lambda digits, random: scribbles.coil(random),
    "zigzags": lambda digits, random: scribbles.zigzag(random),
    "polygons": lambda digits, random: scribbles.polygon(random),
    "blobs": lambda digits, random: scribbles.blob(random),
    "smears": lambda digits, random: scribbles.smear(random),
    "textures": lambda digits, random: scribbles.texture(random),
    "silhouettes": lambda digits, random: scribbles.silhouette(random),
    "joined halves": broken_digits.joined,
    "mirrored and turned": broken_digits.mirrored,
    "two digits over each other": broken_digits.overlaid,
    "two digits side by side": broken_digits.side_by_side,
    "shuffled quarters": broken_digits.shuffled,
    "half digits": broken_digits.cut,
}


def make(kind: str, n: int, digits: Digits, random: np.random.Generator) -> np.ndarray:
    """Make some negatives of one kind.

    Args:
        kind: a key of `MAKERS`.
        n: how many.
        digits: to take apart, where the kind is made of digits; some of each of the ten.
        random: the same state makes the same.

    Returns:
        uint8 array of shape (n, 28, 28), ink is 255, preprocessed.

    Raises:
        ValueError: one of the ten digits is missing.
    """
    if len(np.unique(digits.labels)) < CLASSES:
        raise ValueError("Negatives are made of all ten digits: some of each are needed.")
    made = np.empty((n, SIDE, SIDE), np.uint8)
    count = 0
    while count < n:
        ink = MAKERS[kind](digits, random)
        try:
            image = _preprocessed(ink, random, may_be_crisp=kind != "smears")
        except NoInkError:  # so faint that nothing is left of it: make another
            continue
        if not is_a_bar(image):  # which is a 1
            made[count] = image
            count += 1
    return made


def is_a_bar(image: np.ndarray) -> bool:
    """Whether ink (28, 28) is long, narrow and more upright than lying: such a mark is read as a 1."""
    y, x = np.nonzero(image > 100)
    if len(x) < 3:
        return True
    spread, axes = np.linalg.eigh(np.cov(x, y))
    return bool(spread[0] < _BAR**2 * spread[1] and abs(axes[1, 1]) > abs(axes[0, 1]))


def rewrite(images: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Digits as if they had been drawn on a canvas: another pen, clean edges, and preprocessed again.

    Digits must not be told from negatives by how their ink looks, which differs between MNIST and a canvas.

    Args:
        images: uint8 array of shape (n, 28, 28), ink is 255; each has ink.
        random: the same state makes the same.

    Returns:
        uint8 array of shape (n, 28, 28).
    """
    return np.stack([_preprocessed(from_dataset(image), random, share=0.8) for image in images])


def _preprocessed(
    ink: np.ndarray, random: np.random.Generator, may_be_crisp: bool = True, share: float = _CRISP
) -> np.ndarray:
    """Ink as uint8 (28, 28), a share of it with another pen on the way.

    Raises:
        NoInkError: nothing is left of it.
    """
    if max(ink.shape) < pen.SHEET:
        ink = cv2.resize(ink, None, fx=_ENLARGED, fy=_ENLARGED, interpolation=cv2.INTER_CUBIC)
        ink = np.clip(ink, 0, 1)
    if may_be_crisp and random.random() < share:
        ink = _crisp(ink, random)
    elif random.random() < 0.5:
        ink = cv2.GaussianBlur(ink, (0, 0), random.uniform(1, 2.5))
    return np.round(from_ink(ink) * 255).astype(np.uint8)


def _crisp(ink: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Ink with a clean edge, from a thinner or a broader pen."""
    marked: np.ndarray = (ink > random.uniform(0.3, 0.6)).astype(np.uint8)
    radius = int(random.integers(-2, 4))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * abs(radius) + 1,) * 2)
    if radius > 0:
        marked = cv2.dilate(np.pad(marked, radius), disc)
    elif (thinner := cv2.erode(marked, disc)).sum() > 0.35 * marked.sum():
        marked = thinner
    return cv2.GaussianBlur(marked.astype(np.float32), (0, 0), 0.7)
