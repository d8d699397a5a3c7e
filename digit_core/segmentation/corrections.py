"""A person's corrections of the boxes that were found on a picture of a number: none is lost when the rest changes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from digit_core.digits import CLASSES
from digit_core.inference.classifier import Classifier
from digit_core.segmentation import recognizer
from digit_core.segmentation.boxes import Box, DigitBox, NumberLine, SignBox, number_lines


@dataclass(frozen=True, eq=False)
class Corrected:
    """A digit of a picture, as it was found or as somebody corrected it.

    Attributes:
        found: the digit and where it stands.
        origins: the boxes, as they were found, that it was made of.
        is_corrected: whether it is no longer as it was found.
        said: the digit that somebody said it is; None if nobody did.
        is_removed: whether it counts no more.
    """

    found: DigitBox
    origins: frozenset[Box]
    is_corrected: bool = False
    said: int | None = None
    is_removed: bool = False

    @property
    def digit(self) -> int:
        """What it counts as."""
        return self.found.digit if self.said is None else self.said

    @property
    def confidence(self) -> float:
        """How sure that is, 0.0 to 1.0: what somebody said is certain."""
        return self.found.confidence if self.said is None else 1.0


def split(digits: Sequence[Corrected], place: int, classifier: Classifier) -> list[Corrected]:
    """One box cut in two.

    Raises:
        NoDigitsError: it cannot be cut.
    """
    old = digits[place]
    halves = recognizer.split(old.found, classifier)
    return _in_place(digits, place, *(Corrected(half, old.origins, True) for half in halves))


def merge(digits: Sequence[Corrected], place: int, classifier: Classifier) -> list[Corrected]:
    """A box joined with the next one of its line that counts.

    Raises:
        ValueError: there is no such box; see `next_of_line`.
    """
    other = next_of_line(digits, place)
    if other is None:
        raise ValueError("There is no next box in this line.")
    first, second = digits[place], digits[other]
    joined = recognizer.merge(first.found, second.found, classifier)
    made = Corrected(joined, first.origins | second.origins, True)
    return _in_place(_in_place(digits, other), place, made)


def remove(digits: Sequence[Corrected], place: int) -> list[Corrected]:
    """A box that counts no more."""
    return _in_place(digits, place, replace(digits[place], is_corrected=True, is_removed=True))


def say(digits: Sequence[Corrected], place: int, digit: int) -> list[Corrected]:
    """A box that is another digit than the model reads.

    Raises:
        ValueError: no digit from 0 to 9.
    """
    if digit not in range(CLASSES):
        raise ValueError(f"A digit is a whole number from 0 to 9, not {digit}.")
    return _in_place(digits, place, replace(digits[place], is_corrected=True, said=digit))


def next_of_line(digits: Sequence[Corrected], place: int) -> int | None:
    """Where the next box of the same line is that counts; None behind the last."""
    line = digits[place].found.line
    return next(
        (
            other
            for other in range(place + 1, len(digits))
            if not digits[other].is_removed and digits[other].found.line == line
        ),
        None,
    )


def reread(digits: Sequence[Corrected], classifier: Classifier) -> list[Corrected]:
    """The same boxes, read by another model; what somebody said stands."""
    boxes = recognizer.reread([digit.found for digit in digits], classifier)
    return [replace(digit, found=box) for digit, box in zip(digits, boxes, strict=True)]


def carry_over(old: Sequence[Corrected], found: Sequence[DigitBox]) -> list[Corrected]:
    """Boxes that were found, anew when the drawing has grown, with the corrections of those that did not change.

    A correction stands as long as every box that it was made of is found at its place again.
    """
    line_of = {box.box: box.line for box in found}
    corrected = [digit for digit in old if digit.is_corrected]
    lost = frozenset().union(*(digit.origins for digit in corrected)) - line_of.keys()
    # Two halves hang together: what one of them has lost, the other has lost, too.
    while any(digit.origins & lost and not digit.origins <= lost for digit in corrected):
        lost = lost.union(*(digit.origins for digit in corrected if digit.origins & lost))
    kept = [digit for digit in corrected if not digit.origins & lost]
    replaced = frozenset().union(*(digit.origins for digit in kept))
    lines = [
        replace(digit, found=replace(digit.found, line=min(line_of[box] for box in digit.origins)))
        for digit in kept
    ]
    others = [Corrected(box, frozenset([box.box])) for box in found if box.box not in replaced]
    return sorted(
        [*lines, *others], key=lambda digit: (digit.found.line, digit.found.box[1] + digit.found.box[3])
    )


def lines(digits: Sequence[Corrected], signs: Sequence[SignBox] = ()) -> list[NumberLine]:
    """The lines as text, as `segmentation.number_lines`; what somebody said is certain, what was removed is left out."""
    certain = np.eye(CLASSES, dtype=np.float32)
    return number_lines(
        [
            digit.found if digit.said is None else replace(digit.found, probabilities=certain[digit.said])
            for digit in digits
            if not digit.is_removed
        ],
        signs,
    )


def as_values(digits: Sequence[Corrected]) -> list[dict[str, Any]]:
    """The digits as plain values, for a session to keep; the arrays are shared, so that many steps take little room."""
    return [{**vars(digit), "found": dict(vars(digit.found))} for digit in digits]


def from_values(values: Sequence[dict[str, Any]]) -> list[Corrected]:
    """The digits that `as_values` was given."""
    return [Corrected(**{**value, "found": DigitBox(**value["found"])}) for value in values]


def _in_place(digits: Sequence[Corrected], place: int, *new: Corrected) -> list[Corrected]:
    return [*digits[:place], *new, *digits[place + 1 :]]
