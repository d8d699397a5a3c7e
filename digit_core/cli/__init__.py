"""The command line."""

from digit_core import lazily

__all__ = ["main", "train"]
__getattr__ = lazily(__name__, __all__, {})
