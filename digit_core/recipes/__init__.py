"""What to train: layers, architectures, configuration, presets."""

from digit_core import lazily

__all__ = [
    "aliases",
    "architectures",
    "configuration",
    "descriptions",
    "fine_tuning",
    "layers",
    "precision",
    "presets",
    "warm_start",
]
__getattr__ = lazily(__name__, __all__, {})
