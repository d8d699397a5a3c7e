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

_NAMES = (
    "CLASS_COLOURS",
    "LESS",
    "MORE",
    "class_counts",
    "digit_png",
    "distribution",
    "embedding",
    "grey_png",
    "heat_png",
    "percent",
    "pixel_histogram",
    "sprite_png",
)
__all__, __getattr__ = lazily(__name__, __path__, dict.fromkeys(_NAMES, "base"))
