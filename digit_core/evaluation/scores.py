"""How well a model reads a set of digits."""

from digit_core.digits import Digits
from digit_core.inference.classifier import Classifier
from digit_core.metrics import classification
from digit_core.metrics.classification import Evaluation


def evaluate(model: Classifier, digits: Digits) -> Evaluation:
    """Have a model read digits, and compare with what they are.

    Args:
        model: which reads.
        digits: at least one.

    Example:
        >>> evaluate(load_model("ann"), load_mnist().test).accuracy.count
        9759
    """
    return classification.evaluate(digits.labels, model.predict(digits.images))
