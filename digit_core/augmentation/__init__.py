"""Distort digits: how far, geometry, intensity, other ways of writing."""

from typing import TYPE_CHECKING

from digit_core import lazily

if TYPE_CHECKING:
    from digit_core.augmentation.pipeline import distort

_NAMES = ("distort",)
__all__, __getattr__ = lazily(__name__, __path__, dict.fromkeys(_NAMES, "pipeline"))
