"""A training as a Python script and as a notebook."""

from digit_core import lazily

__all__ = ["data_code", "excerpts", "script", "training_code"]
__getattr__ = lazily(__name__, __all__, {})
