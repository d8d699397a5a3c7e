"""Made-up material: numbers, paper, scribbles, letters, broken digits."""

from digit_core import lazily

__all__ = ["broken_digits", "letters", "negatives", "numbers", "paper", "pen", "samples", "scribbles"]
__getattr__ = lazily(__name__, __all__, {})
