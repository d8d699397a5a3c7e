"""Models trained elsewhere, read as data and rebuilt in a sandbox."""

from digit_core import lazily

__all__ = [
    "adapters",
    "archives",
    "child_process",
    "layer_settings",
    "layer_specs",
    "network_specs",
    "rebuild",
    "sandbox",
    "weights",
]
__getattr__ = lazily(__name__, __all__, {})
