"""Files of arrays, zip archives and file names."""

from digit_core import lazily

__all__, __getattr__ = lazily(__name__, __path__, {})
