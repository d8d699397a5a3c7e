"""What was measured, as a Markdown table: the goal stands beside each figure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

HEADINGS = ("measured", "n", "median", "95th percentile", "goal")


@dataclass(frozen=True)
class Series:
    """The same thing measured again and again.

    Attributes:
        title: what was measured.
        values: in `unit`.
        unit: "ms", "s", "MB".
        most: what the median may be at most; None without a goal.
        most_95: what the 95th percentile may be at most; None without a goal.
    """

    title: str
    values: Sequence[float]
    unit: str
    most: float | None = None
    most_95: float | None = None

    @property
    def median(self) -> float:
        return float(np.median(self.values))

    @property
    def percentile_95(self) -> float:
        return float(np.percentile(self.values, 95))

    def row(self) -> tuple[str, ...]:
        """The cells under `HEADINGS`."""
        spread = f"{figure(self.percentile_95)} {self.unit}" if len(self.values) > 1 else ""
        goals = [
            self._goal("", self.median, self.most),
            self._goal("95th ", self.percentile_95, self.most_95),
        ]
        median = f"{figure(self.median)} {self.unit}"
        return self.title, f"{len(self.values):,}", median, spread, ", ".join(filter(None, goals))

    def _goal(self, name: str, value: float, most: float | None) -> str:
        return "" if most is None else f"{name}≤ {most:g} {self.unit}: {verdict(value <= most)}"


def verdict(is_met: bool) -> str:
    """The word beside a goal."""
    return "met" if is_met else "MISSED"


def figure(value: float) -> str:
    """A number with no more digits than it deserves: 0.067, 4.31, 52.4, 1,240."""
    if value == 0:
        return "0"
    return f"{value:,.{max(0, 2 - int(np.floor(np.log10(abs(value)))))}f}"


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a Markdown table whose columns line up."""
    cells = [list(headings), *(list(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]
    cells.insert(1, ["-" * width for width in widths])
    for row in cells:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")
    print(flush=True)


def print_series(series: Iterable[Series]) -> None:
    """Print a table with a row for each."""
    print_table(HEADINGS, [one.row() for one in series])
