"""Whole numbers: text lines, cuts, the lattice of readings, the line reader, corrections."""

from typing import TYPE_CHECKING

from digit_core import lazily

if TYPE_CHECKING:
    from digit_core.segmentation.recognizer import (
        DigitBox,
        DigitBoxes,
        NumberLine,
        find_digits,
        merge,
        number_lines,
        reread,
        several_digits,
        split,
    )

_NAMES = (
    "DigitBox",
    "DigitBoxes",
    "NumberLine",
    "find_digits",
    "merge",
    "number_lines",
    "reread",
    "several_digits",
    "split",
)
__all__, __getattr__ = lazily(__name__, __path__, dict.fromkeys(_NAMES, "recognizer"))
