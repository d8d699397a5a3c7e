"""How long a server takes from its start to its first page, and what memory it takes when every page was opened.

    python benchmarks/cold_start.py [--starts N]

Each time a new server is started for Home, for a deep link to Draw, and, as the peer, for an app of one line. A page is served when GET
answers it; it has run when its script has finished, which a WebSocket client sees. Files were read before (a warm disk).
"""

import argparse
import asyncio
import sys
import time
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from _server import HOME, Server, anonymous_megabytes, app, fetch_status, serve
from _strokes import message, stroke
from _table import Series, print_series
from _visitor import Run, visit

BARE = 'import streamlit as st\n\nst.title("Hello")\n'
GOAL_SECONDS, GOAL_MEGABYTES = 5, 300


@dataclass(frozen=True)
class Start:
    """One cold start: seconds from the start of the process."""

    healthy: float
    served: float
    has_run: float


def check(run: Run, heading: str) -> None:
    """Refuse a page that failed or is another one.

    Raises:
        RuntimeError: it showed an error, or another title.
    """
    if run.errors or heading not in run.headings:
        raise RuntimeError(f"The page {heading!r} did not open: {run.errors or run.headings}")


async def open_page(port: int, page: str) -> Run:
    """Open one page as a new visitor."""
    async with visit(port) as visitor:
        return await visitor.open(page)


def start(script: Path, page: str, heading: str) -> Start:
    """Start a server and open a page as its first visitor."""
    with serve(script) as server:
        if fetch_status(server.port, f"/{page}") != HTTPStatus.OK:
            raise RuntimeError(f"GET /{page} was not answered.")
        served = time.perf_counter() - server.started
        check(asyncio.run(open_page(server.port, page)), heading)
        return Start(server.healthy_seconds, served, time.perf_counter() - server.started)


async def open_every_page(server: Server) -> list[str]:
    """Open all pages in turn as one visitor, draw a digit on Draw, and return their paths."""
    async with visit(server.port) as visitor:
        runs = [await visitor.open("")]
        for page in filter(None, list(visitor.pages)):
            runs.append(await visitor.open(page))
            if page == "Draw":
                runs.append(await visitor.draw(message(stroke(3, np.random.default_rng(0)))))
        errors = [error for run in runs for error in run.errors]
        if errors:
            raise RuntimeError(f"A page showed an error: {errors}")
        return list(visitor.pages)


def memory(script: Path) -> tuple[float, int]:
    """Anonymous memory in MB after every page was opened, and how many pages that were."""
    with serve(script) as server:
        pages = asyncio.run(open_every_page(server))
        return anonymous_megabytes(server.pid), len(pages)


def rows(title: str, starts: list[Start], goal: float | None) -> list[Series]:
    """The three moments of one kind of start."""
    return [
        Series(f"{title}: the server answers 'ok'", [start.healthy for start in starts], "s"),
        Series(f"{title}: page served", [start.served for start in starts], "s", goal),
        Series(f"{title}: page has run", [start.has_run for start in starts], "s", goal),
    ]


def main(starts: int) -> None:
    with app(BARE) as bare_script:
        kinds = {
            "Home": (HOME, "", "Digit Lab", GOAL_SECONDS),
            "Draw by its address": (HOME, "Draw", "Draw", GOAL_SECONDS),
            "one-line app": (bare_script, "", "Hello", None),
        }
        # In turns, so that what else the computer does falls on all alike.
        times: dict[str, list[Start]] = {title: [] for title in kinds}
        for _ in range(starts):
            for title, (script, page, heading, _goal) in kinds.items():
                times[title].append(start(script, page, heading))
        (ours, pages), (bare, _one) = memory(HOME), memory(bare_script)
    series = [row for title, kind in kinds.items() for row in rows(title, times[title], kind[3])]
    series.append(Series(f"anonymous memory, {pages} pages opened", [ours], "MB", GOAL_MEGABYTES))
    series.append(Series("anonymous memory, one-line app", [bare], "MB"))
    print_series(series)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--starts", type=int, default=5, help="of each kind (%(default)s)")
    main(parser.parse_args().starts)
