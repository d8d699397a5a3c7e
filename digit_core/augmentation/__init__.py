"""Distort digits: how far, geometry, intensity, other ways of writing."""

from typing import TYPE_CHECKING

from digit_core import lazily

if TYPE_CHECKING:
    from digit_core.augmentation.pipeline import distort

_MODULES = ("geometry", "intensity", "pipeline", "policies", "writing_styles")
__all__ = ["distort", "geometry", "intensity", "pipeline", "policies", "writing_styles"]
__getattr__ = lazily(
    __name__, _MODULES, {name: f"digit_core.augmentation.pipeline.{name}" for name in __all__}
)
