"""One digit read, from the picture to the answer."""

from dataclasses import dataclass

import numpy as np

from digit_core.inference.classifier import Classifier
from digit_core.inference.classifier import load as load_model
from digit_core.inference.rejection import Judgement
from digit_core.preprocessing import images
from digit_core.preprocessing.images import Stages
from digit_core.preprocessing.pictures import Source


@dataclass(frozen=True, eq=False)
class Reading(Judgement):
    """What was read, and how the picture became what the network sees.

    Attributes:
        stages: the preprocessing, step by step.
    """

    stages: Stages

    @property
    def image(self) -> np.ndarray:
        """What the network sees: float32 array of shape (28, 28), 0.0 to 1.0, ink is 1.0."""
        return self.stages.image


def read_digit(source: Source, model: Classifier | None = None) -> Reading:
    """Read the one digit on a picture, dark on light or light on dark.

    Args:
        source: a path, the bytes of a file, a binary file object or a PIL image.
        model: which reads; the default model if None.

    Raises:
        NoInkError: nothing is written on the picture.
        PictureError: it cannot be read.

    Example:
        >>> from PIL import Image
        >>> digit = load_mnist().test.images[63]
        >>> str(read_digit(Image.fromarray(digit)))
        "It's a 3."
    """
    stages = images.stages_of_picture(source)
    judgement = (model or load_model()).judge(stages.image[None])[0]
    return Reading(**vars(judgement), stages=stages)
