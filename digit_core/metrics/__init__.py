"""Numbers from labels and probabilities."""

from digit_core import lazily

__all__ = ["bootstrap", "calibration", "classification", "curves", "misclassified", "precision_recall", "roc"]
__getattr__ = lazily(__name__, __all__, {})
