"""The learning itself, with Keras, and the export of what was learnt."""

from digit_core import lazily

__all__ = ["batches", "callbacks", "distillation", "export", "networks", "probes", "trainer"]
__getattr__ = lazily(__name__, __all__, {})
