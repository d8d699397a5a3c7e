"""Whole numbers: text lines, cuts, the lattice of readings, the line reader, corrections."""

from typing import TYPE_CHECKING

from digit_core import lazily

if TYPE_CHECKING:
    from digit_core.segmentation.boxes import DigitBox, DigitBoxes, NumberLine, SignBox, number_lines
    from digit_core.segmentation.recognizer import (
        find_digits,
        merge,
        reread,
        several_digits,
        split,
        stand_beside,
    )
    from digit_core.segmentation.stages import PageStages

_BOXES = ("DigitBox", "DigitBoxes", "NumberLine", "SignBox", "number_lines")
_RECOGNIZER = ("find_digits", "merge", "reread", "several_digits", "split", "stand_beside")
__all__, __getattr__ = lazily(
    __name__,
    __path__,
    dict.fromkeys(_BOXES, "boxes") | dict.fromkeys(_RECOGNIZER, "recognizer") | {"PageStages": "stages"},
)
