"""How well a model reads a set of digits."""

import numpy.typing as npt

from digit_core.digits import Digits
from digit_core.inference.classifier import Classifier
from digit_core.metrics import classification
from digit_core.metrics.classification import Evaluation


def evaluate(model: Classifier, digits: Digits | npt.ArrayLike, labels: npt.ArrayLike = ()) -> Evaluation:
    """Let a model read digits, and compare its answers with their labels.

    Args:
        model: the model that reads.
        digits: at least one: Digits, or images as `Classifier.predict` takes them.
        labels: of such images: whole numbers from 0 to 9 of shape (n,), or one-hot of shape (n, 10). Digits have theirs.

    Raises:
        ValueError: the images are not as `Classifier.predict` wants them, or the labels are invalid or do not fit.

    Example:
        >>> from digit_core import evaluate, load_mnist, load_model
        >>> test = load_mnist().test
        >>> evaluate(load_model("ann"), test).accuracy.count
        9759
        >>> evaluate(load_model("ann"), test.images / 255.0, test.labels).accuracy.count
        9759
    """
    if isinstance(digits, Digits):
        return classification.evaluate(digits.labels, model.predict_dataset(digits.images))
    return model.evaluate(digits, labels)
