"""Models trained elsewhere, read as data and rebuilt in a sandbox."""

from digit_core import lazily

__all__, __getattr__ = lazily(__name__, __path__, {})
