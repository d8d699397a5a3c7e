"""The learning itself, with Keras, and the export of what was learnt."""

from digit_core import lazily

__all__, __getattr__ = lazily(__name__, __path__, {})
