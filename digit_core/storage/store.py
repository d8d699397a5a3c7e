"""What outlasts a restart, in one database: votes on labels here, runs and drawings in tables of their own."""

import functools
import re
from collections.abc import Iterable
from dataclasses import asdict, astuple, dataclass
from typing import Any

import numpy as np
from sqlalchemy import case, func, select, tuple_

from digit_core import settings
from digit_core.errors import StoreError, choice_sentences, number_sentences
from digit_core.storage import visitors
from digit_core.storage.database import Database, put
from digit_core.storage.drawing_set_table import DrawingSetTable
from digit_core.storage.drawing_table import DrawingTable
from digit_core.storage.run_table import RunTable
from digit_core.storage.tables import DRAWING_SETS, DRAWINGS, RUNS, VOTES

CHOICES = ("given", "suggested", "unclear")  # what a vote on a label can say; "unclear" is "can't tell"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_SPLIT = re.compile(r"[a-z]{1,16}")
_MAX_NUMBER = 9_999_999
_KEY = (VOTES.c.set_name, VOTES.c.split, VOTES.c.number)


@dataclass(frozen=True)
class DigitKey:
    """Which digit: "mnist", "test", 947.

    Attributes:
        set_name: the name of its set: small letters, figures and hyphens, 32 at most.
        split: the part of the set: small letters, 16 at most.
        number: its place in the split, from 0; NumPy's whole numbers become Python's.

    Raises:
        StoreError: one of them is of another form.
    """

    set_name: str
    split: str
    number: int

    def __post_init__(self) -> None:
        if not _matches(_NAME, self.set_name) or not _matches(_SPLIT, self.split):
            raise StoreError(f"There is no set of digits {self.set_name!r} with a part {self.split!r}.")
        if isinstance(self.number, np.integer):
            object.__setattr__(self, "number", int(self.number))
        if sentences := number_sentences("number of a digit", self.number, 0, _MAX_NUMBER, is_whole=True):
            raise StoreError(*sentences)


@dataclass(frozen=True)
class Votes:
    """The votes on one digit.

    Attributes:
        given, suggested, unclear: how many visitors chose this.
        mine: what the visitor who asked chose, or None.
    """

    given: int = 0
    suggested: int = 0
    unclear: int = 0
    mine: str | None = None

    @property
    def total(self) -> int:
        """All votes on this digit."""
        return self.given + self.suggested + self.unclear


class Store:
    """What visitors leave, in one database. Threads may share it; connections open when first needed.

    Attributes:
        database: for the tables that other packages fill.
        runs: the trainings, and the models they left.
        drawing_sets: sets of drawings that visitors make and share.
        drawings: what is in these sets.
    """

    def __init__(self, url: str = settings.DATABASE_URL, patience_seconds: int = 5) -> None:
        """Look at the address; nothing is opened yet.

        Args:
            url: sqlite:///FILE, or postgresql://USER:PASSWORD@HOST/NAME.
            patience_seconds: how long a call waits for a lock or a server before it gives up.

        Raises:
            StoreError: no such address.
        """
        self.database = Database(url, patience_seconds)
        self.runs = RunTable(self.database)
        self.drawing_sets = DrawingSetTable(self.database)
        self.drawings = DrawingTable(self.database)

    def cast_vote(self, visitor: str, digit: DigitKey, choice: str) -> None:
        """Keep a visitor's vote on a digit, in the place of an earlier one.

        Args:
            visitor: the visitor's id, see `visitors.is_visitor`.
            digit: what is voted on.
            choice: one of CHOICES.

        Raises:
            StoreError: a wrong value, or the vote could not be kept.
        """
        visitors.check(visitor)
        if sentences := choice_sentences("vote", choice, CHOICES):
            raise StoreError(*sentences)
        with self.database.writing() as connection:
            put(connection, VOTES, **asdict(digit), visitor=visitor, choice=choice)

    def votes(self, digits: Iterable[DigitKey], visitor: str | None = None) -> dict[DigitKey, Votes]:
        """The votes so far, in one query.

        Args:
            digits: up to a few thousand.
            visitor: whose own votes are told as `mine`.

        Returns:
            For each digit its votes; all zeros where nobody voted.

        Raises:
            StoreError: no visitor's id, or the votes could not be read.
        """
        if visitor is not None:
            visitors.check(visitor)
        found: dict[DigitKey, dict[str, Any]] = {digit: {} for digit in digits}
        is_mine = func.max(case((VOTES.c.visitor == visitor, 1), else_=0))
        query = (
            select(*_KEY, VOTES.c.choice, func.count(), is_mine)
            .where(tuple_(*_KEY).in_([astuple(digit) for digit in found]))
            .group_by(*_KEY, VOTES.c.choice)
        )
        with self.database.reading() as connection:
            for set_name, split, number, choice, count, mine in connection.execute(query):
                found[DigitKey(set_name, split, number)] |= {choice: count} | (
                    {"mine": choice} if mine else {}
                )
        return {digit: Votes(**values) for digit, values in found.items()}

    def counts(self) -> dict[str, int]:
        """How many "runs", "drawing sets", "drawings" and "votes" there are, deleted runs left out.

        Raises:
            StoreError: they could not be read.
        """
        tables = {"drawing sets": DRAWING_SETS, "drawings": DRAWINGS, "votes": VOTES}
        with self.database.reading() as connection:
            runs = select(func.count()).select_from(RUNS).where(RUNS.c.deleted.is_(None))
            found = {"runs": connection.execute(runs).scalar_one()}
            for name, table in tables.items():
                found[name] = connection.execute(select(func.count()).select_from(table)).scalar_one()
        return found

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        self.database.close()


@functools.lru_cache(maxsize=1)
def default() -> Store:
    """The store of this process, at settings.DATABASE_URL.

    Raises:
        StoreError: that is no address of a database.
    """
    return Store()


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
