"""One digit read, from the picture to the answer."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from digit_core.digits import picture_html
from digit_core.inference.classifier import Classifier
from digit_core.inference.classifier import load as load_model
from digit_core.inference.rejection import Judgement
from digit_core.metrics.classification import percent
from digit_core.preprocessing import images
from digit_core.preprocessing.normalization import Stages
from digit_core.preprocessing.pictures import Source


@dataclass(frozen=True, eq=False, repr=False)
class Reading(Judgement):
    """What was read, and how the picture became what the network sees. A notebook shows that.

    Attributes:
        stages: the preprocessing, step by step.

    Example:
        >>> from PIL import Image
        >>> from digit_core import load_mnist, read_digit
        >>> reading = read_digit(Image.fromarray(load_mnist().test.images[63]))
        >>> reading
        Reading("It's a 3.", > 99.9%)
        >>> reading.digit, reading.verdict, reading.image.shape
        (3, 'digit', (28, 28))
    """

    stages: Stages

    @property
    def image(self) -> np.ndarray:
        """What the network sees: float32 array of shape (28, 28), 0.0 to 1.0, ink is 1.0."""
        return self.stages.image

    def _repr_html_(self) -> str:
        return picture_html(self.image, f"{self} ({percent(self.confidence)})")


def read_digit(source: Source, model: Classifier | None = None) -> Reading:
    """Read the digit in a picture, dark on light or light on dark. Of the ways to read a photo the likeliest is taken.

    Args:
        source: a path, the bytes of a file, a binary file object, a PIL image, or an array as
            `images.from_picture` takes it.
        model: the model that reads; the default model if None.

    Raises:
        NoInkError: nothing is written on the picture.
        PictureError: it cannot be read.

    Example:
        >>> from PIL import Image, ImageDraw
        >>> from digit_core import read_digit
        >>> picture = Image.new("L", (100, 100), "white")
        >>> ImageDraw.Draw(picture).text((30, 5), "5", font_size=80)
        >>> print(read_digit(picture))
        It's a 5.
    """
    candidates = images.candidates(source)
    judgements = (model or load_model()).judge(np.stack([stages.image for stages in candidates]))
    likeliest = judgements.likeliest
    return Reading(**vars(judgements[likeliest]), stages=candidates[likeliest])


def predict_digit(model: Classifier, image: npt.ArrayLike) -> tuple[int, float]:
    """What a model reads in a preprocessed digit, such as one of MNIST's: the likeliest digit and its probability, 0.0 to 1.0.

    Args:
        model: the model that reads.
        image: floats from 0.0 (paper) to 1.0 (ink) of shape (28, 28) or (28, 28, 1), as an array or as lists.

    Raises:
        ValueError: another shape, whole numbers such as uint8, or a value outside the range.

    Example:
        >>> from digit_core import load_mnist, load_model, predict_digit
        >>> x_test = load_mnist().test.images / 255.0
        >>> digit, confidence = predict_digit(load_model("ann"), x_test[63])
        >>> digit
        3
    """
    return model.predict_digit(image)
