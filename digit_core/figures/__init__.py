"""Charts and pictures of what was computed elsewhere."""

from typing import TYPE_CHECKING

from digit_core import lazily

if TYPE_CHECKING:
    from digit_core.figures.base import (
        CLASS_COLOURS,
        LESS,
        MORE,
        class_counts,
        digit_png,
        distribution,
        embedding,
        grey_png,
        heat_png,
        percent,
        pixel_histogram,
        sprite_png,
    )

_MODULES = ("base", "confidence", "curves", "evaluation", "explanations", "history", "networks")
__all__ = [
    "CLASS_COLOURS",
    "LESS",
    "MORE",
    "base",
    "class_counts",
    "confidence",
    "curves",
    "digit_png",
    "distribution",
    "embedding",
    "evaluation",
    "explanations",
    "grey_png",
    "heat_png",
    "history",
    "networks",
    "percent",
    "pixel_histogram",
    "sprite_png",
]
__getattr__ = lazily(__name__, _MODULES, dict.fromkeys(__all__, "digit_core.figures.base"))
