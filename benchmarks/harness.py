"""What the benchmarks share: their tables of cases, the clock, and tables in which goals stand beside what was measured.

A script of cases is called as `python benchmarks/NAME.py [CASE ...] [--quick] [--set NAME=VALUE ...]`.
"""

import argparse
import operator
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

_SIGNS = {"≤": operator.le, "≥": operator.ge}


@dataclass(frozen=True)
class Series:
    """The same thing measured again and again.

    Attributes:
        title: what was measured.
        values: in `unit`.
        unit: "ms", "s", "MB".
        over: the title of the series of the same case whose median this one's is divided by.
    """

    title: str
    values: Sequence[float]
    unit: str = "ms"
    over: str = ""


@dataclass(frozen=True)
class Table:
    """Results that are no series: the cells of each row under their headings."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Claim:
    """What has to hold, in words, and whether it does."""

    words: str
    is_met: bool

    def __str__(self) -> str:
        return f"{self.words}: {verdict(self.is_met)}"


Result = Series | Table | Claim | str  # a str is printed as it stands


@dataclass(frozen=True)
class Case:
    """One thing to measure.

    Attributes:
        what: is measured.
        peer: what is measured beside it in the same run, to compare; may be empty.
        measure: measures them; called with `settings` by name.
        settings: of a full run.
        quick: settings that show within a minute or so that it works.
        goals: title of a series to its goals, such as "median ≤ 30, 95th ≤ 100, ratio ≥ 8".
    """

    what: str
    peer: str
    measure: Callable[..., Iterable[Result]]
    settings: Mapping[str, Any] = field(default_factory=dict)
    quick: Mapping[str, Any] = field(default_factory=dict)
    goals: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.what}; beside it {self.peer}" if self.peer else self.what


def command_line(description: str | None) -> argparse.ArgumentParser:
    """A command line whose help is a script's docstring."""
    return argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def run(description: str | None, cases: Mapping[str, Case]) -> int:
    """Measure the cases that the command line names, all of them if it names none, and print what was found.

    Returns:
        The exit status: 1 where a claim does not hold. A goal that is missed is printed and changes nothing, as how fast
        something is depends on what else the computer does.
    """
    parser = command_line(description)
    parser.epilog = "cases:\n" + "\n".join(f"  {name:12}{case}" for name, case in cases.items())
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of {', '.join(cases)}")
    parser.add_argument("--quick", action="store_true", help="only show that it works")
    parser.add_argument("--set", nargs="+", default=[], metavar="NAME=VALUE", help="settings of the cases")
    arguments = parser.parse_args()
    if unknown := set(arguments.cases) - set(cases):
        parser.error(f"there is no case {', '.join(sorted(unknown))}")
    # Keras answers and trains on the processor, as LiteRT does, unless asked otherwise.
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    is_met = True
    for name in arguments.cases or cases:
        case = cases[name]
        settings = {**case.settings, **(case.quick if arguments.quick else {})}
        for key, _, value in (assignment.partition("=") for assignment in arguments.set):
            if key in settings:
                settings[key] = type(settings[key])(value)
        in_words = ", ".join(f"{key} {value}" for key, value in settings.items())
        print(f"{name}: {case} ({in_words or 'no settings'})\n", flush=True)
        is_met &= show(list(case.measure(**settings)), case.goals)
    return 0 if is_met else 1


def show(results: Sequence[Result], goals: Mapping[str, str]) -> bool:
    """Print what was found, and return whether all claims hold.

    Raises:
        ValueError: there is a goal for what was not measured.
    """
    series = {result.title: result for result in results if isinstance(result, Series)}
    if lacking := set(goals) - set(series):
        raise ValueError(f"There are goals for what was not measured: {', '.join(sorted(lacking))}.")
    if series:
        headings = ("measured", "n", "median", "95th percentile", "ratio of medians", "goal")
        rows = [_row(one, series.get(one.over), goals.get(title, "")) for title, one in series.items()]
        print_table(headings, rows)
    for result in results:
        if isinstance(result, Table):
            print_table(result.headings, result.rows)
        elif not isinstance(result, Series):
            print(f"{result}\n", flush=True)
    return all(result.is_met for result in results if isinstance(result, Claim))


def _row(series: Series, peer: Series | None, goals: str) -> tuple[str, ...]:
    found = {"median": float(np.median(series.values)), "95th": float(np.percentile(series.values, 95))}
    if peer and peer is not series:
        found["ratio"] = found["median"] / float(np.median(peer.values))
    verdicts = []
    for goal in filter(None, goals.split(", ")):
        of, sign, limit = goal.split()
        verdicts.append(f"{goal}: {verdict(_SIGNS[sign](found.get(of, np.nan), float(limit)))}")
    return (
        series.title,
        f"{len(series.values):,}",
        f"{figure(found['median'])} {series.unit}",
        f"{figure(found['95th'])} {series.unit}" if len(series.values) > 1 else "",
        f"{figure(found['ratio'])} × {series.over}" if "ratio" in found else "",
        ", ".join(verdicts),
    )


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a Markdown table whose columns line up."""
    cells = [list(headings), *(list(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]
    cells.insert(1, ["-" * width for width in widths])
    for row in cells:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")
    print(flush=True)


def verdict(is_met: bool) -> str:
    """The word beside a goal."""
    return "met" if is_met else "MISSED"


def figure(value: float) -> str:
    """A number with no more digits than it deserves: 0.067, 4.31, 52.4, 1,240."""
    if value == 0:
        return "0"
    return f"{value:,.{max(0, 2 - int(np.floor(np.log10(abs(value)))))}f}"


def timed(action: Callable[[Any], object], items: Iterable[Any]) -> list[float]:
    """Milliseconds that an action takes on each item."""
    times = []
    for item in items:
        started = time.perf_counter()
        action(item)
        times.append((time.perf_counter() - started) * 1000)
    return times


def by_turns(
    actions: Mapping[str, Callable[[Any], object]], items: Sequence[Any], block: int
) -> dict[str, list[float]]:
    """The same for several actions: so many items each, before it is the next one's turn.

    What else the computer does then falls on all alike. Each turn begins with an item that does not count.
    """
    times: dict[str, list[float]] = {title: [] for title in actions}
    for start in range(0, len(items), block):
        turn = items[start : start + block]
        for title, action in actions.items():
            times[title] += timed(action, [turn[0], *turn])[1:]
    return times
