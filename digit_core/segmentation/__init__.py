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

_NAMES = ("DigitBox", "NumberLine", "find_digits", "merge", "number_lines", "reread", "split")
__all__, __getattr__ = lazily(__name__, __path__, dict.fromkeys(_NAMES, "recognizer"))
