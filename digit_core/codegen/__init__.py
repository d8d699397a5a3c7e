"""A training as a Python script and as a notebook."""

from digit_core import lazily

__all__, __getattr__ = lazily(__name__, __path__, {})
