"""Models trained elsewhere, read as data and rebuilt in a sandbox."""

from typing import TYPE_CHECKING

from digit_core import lazily

if TYPE_CHECKING:
    from digit_core.model_import.sandbox import read, title

# What others may use; tests/test_layering.py holds them to that. The rest is for this package and its tests.
FACE = ("read", "title")
__all__, __getattr__ = lazily(__name__, __path__, dict.fromkeys(FACE, "sandbox"))
