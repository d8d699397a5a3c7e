"""Models trained elsewhere, read as data and rebuilt in a sandbox."""

from typing import TYPE_CHECKING

from digit_core import lazily

if TYPE_CHECKING:
    from digit_core.model_import.sandbox import read, title

__all__ = [
    "adapters",
    "archives",
    "child_process",
    "layer_settings",
    "layer_specs",
    "network_specs",
    "read",
    "rebuild",
    "sandbox",
    "title",
    "weights",
]
# What others may use; tests/test_layering.py holds them to that. The rest is for this package and its tests.
FACE = dict.fromkeys(("read", "title"), "digit_core.model_import.sandbox")
__getattr__ = lazily(__name__, [name for name in __all__ if name not in FACE], FACE)
