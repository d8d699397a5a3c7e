"""Made-up material: numbers, paper, scribbles, letters, broken digits."""

from digit_core import lazily

__all__, __getattr__ = lazily(__name__, __path__, {})
