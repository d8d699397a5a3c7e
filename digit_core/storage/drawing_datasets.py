"""A set of drawings as it stands at one moment, to be browsed and evaluated like any other set of digits."""

import re
from dataclasses import dataclass

from digit_core.datasets import catalogue
from digit_core.datasets.catalogue import Catalogue
from digit_core.errors import DatasetError, StoreError
from digit_core.storage import drawings
from digit_core.storage.drawing_table import DrawingTable
from digit_core.storage.drawings import EXAM, PRACTICE, Drawing, DrawingSet

ALL = "all"
_NAME = re.compile(r"drawings-([0-9a-f]{12})-(\d{1,6})(?:-(all|exam))?")


@dataclass(frozen=True, eq=False)
class Drawn:
    """The drawings of a set at one moment.

    Attributes:
        set_id: of the set.
        catalogue: to browse; in two splits, PRACTICE and EXAM, or in one.
        drawings: one for each row of the catalogue, without pictures.
    """

    set_id: str
    catalogue: Catalogue
    drawings: tuple[Drawing, ...]


def name(found: DrawingSet, part: str = "") -> str:
    """The name of a set as it stands: another one after each change.

    Args:
        found: the set.
        part: "" for all drawings in two splits, PRACTICE and EXAM; ALL for all of them in one split of that name; EXAM for
            those that are held back.
    """
    return f"drawings-{found.id}-{found.revision}" + (f"-{part}" if part else "")


def parse(text: str) -> tuple[str, int, str] | None:
    """The id of a set, its revision and the part that `name` made a name of; None if it is no such name."""
    match = _NAME.fullmatch(text)
    return match and (match[1], int(match[2]), match[3] or "")


def read(table: DrawingTable, visitor: str | None, text: str) -> Drawn:
    """The drawings of a set by the name that `name` gave it.

    Raises:
        StoreError: the set is not open to this visitor, has changed since, or could not be read.
        DatasetError: it has no drawings in this part, or this is no such name.
    """
    found = parse(text)
    if found is None:
        raise DatasetError(f"There is no set of drawings {text!r}.")
    set_id, revision, part = found
    now, kept = table.read(visitor, set_id, with_pictures=False)
    if now.revision != revision:
        raise StoreError("This set of drawings has just changed: look at it again.")
    practice, exam = drawings.parts(kept)
    splits = {"": {PRACTICE: practice, EXAM: exam}, ALL: {ALL: list(kept)}, EXAM: {EXAM: exam}}[part]
    digits = {split: drawings.as_digits(some) for split, some in splits.items()}
    in_order = tuple(drawing for some in splits.values() for drawing in some)
    return Drawn(set_id, catalogue.of_drawings(text, digits), in_order)
