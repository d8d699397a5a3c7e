"""Whole numbers: text lines, cuts, the lattice of readings, corrections."""

from typing import TYPE_CHECKING

from digit_core import lazily

if TYPE_CHECKING:
    from digit_core.segmentation.recognizer import (
        DigitBox,
        NumberLine,
        find_digits,
        merge,
        number_lines,
        reread,
        split,
    )

_MODULES = ("corrections", "cuts", "decoder", "lattice", "lines", "non_numbers", "recognizer")
__all__ = [
    "DigitBox",
    "NumberLine",
    "corrections",
    "cuts",
    "decoder",
    "find_digits",
    "lattice",
    "lines",
    "merge",
    "non_numbers",
    "number_lines",
    "recognizer",
    "reread",
    "split",
]
__getattr__ = lazily(
    __name__, _MODULES, {name: f"digit_core.segmentation.recognizer.{name}" for name in __all__}
)
