"""A class that draws at once: many sessions over WebSocket, each with a stroke every 2 s, timed at the server.

    python benchmarks/sessions.py [--sessions N] [--seconds S]

Each stroke is timed from the message that the canvas sends to the end of the script's run, and counts as an error unless it is
answered with a reading. One session alone is measured first, in the same run. The clients share the computer with the server.
"""

import argparse
import asyncio
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from _server import HOME, anonymous_megabytes, serve
from _strokes import message, stroke
from _table import Series, print_series, verdict
from _visitor import Run, Visitor, visit

INTERVAL = 2.0  # seconds between two strokes of a session
GOAL, GOAL_95 = 30, 100  # ms
_ANSWER = re.compile(r'class="digit"[^>]*>([\d?])')  # "?" where it says that this is no digit


@dataclass
class Answers:
    """What a number of sessions saw. Times in ms."""

    openings: list[float] = field(default_factory=list)
    strokes: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    read_as_drawn: int = 0


def drawings(count: int) -> list[tuple[int, str]]:
    """Digits with the messages in which the canvas sends them, made before the clock runs."""
    random = np.random.default_rng(0)
    digits = [number % 10 for number in range(count)]
    return [(digit, message(stroke(digit, random))) for digit in digits]


def take_in(answers: Answers, run: Run, digit: int) -> None:
    """Count an answer, or the lack of one."""
    reading = next((piece for piece in run.html if 'class="reading' in piece), "")
    found = _ANSWER.search(reading)
    answers.errors += run.errors
    if found is None:
        answers.errors.append("a stroke without an answer")
        return
    answers.strokes.append(run.seconds * 1000)
    answers.read_as_drawn += found[1] == str(digit)


async def draw_on(visitor: Visitor, wait: float, strokes: list[tuple[int, str]], answers: Answers) -> None:
    """Draw all strokes, one every 2 s; the first after `wait` seconds."""
    clock = asyncio.get_running_loop()
    start = clock.time() + wait
    for number, (digit, drawing) in enumerate(strokes):
        await asyncio.sleep(max(0.0, start + number * INTERVAL - clock.time()))
        take_in(answers, await visitor.draw(drawing), digit)


async def session(
    port: int, wait: float, everyone_is_in: asyncio.Barrier, strokes: list[tuple[int, str]], answers: Answers
) -> None:
    """Open Draw, wait for the others, and draw."""
    async with visit(port) as visitor:
        opened = await visitor.open("Draw")
        answers.openings.append(opened.seconds * 1000)
        answers.errors += opened.errors
        await everyone_is_in.wait()
        await draw_on(visitor, wait, strokes, answers)


async def measure(port: int, sessions: int, seconds: float) -> Answers:
    """So many sessions for so long."""
    answers, everyone_is_in = Answers(), asyncio.Barrier(sessions)
    each = max(1, round(seconds / INTERVAL))
    prepared = drawings(sessions * each)
    waits = np.random.default_rng(1).uniform(0, INTERVAL, sessions)
    async with asyncio.timeout(seconds * 3 + 120), asyncio.TaskGroup() as group:
        for number, wait in enumerate(waits):
            strokes = prepared[number::sessions]
            group.create_task(session(port, float(wait), everyone_is_in, strokes, answers))
    return answers


def main(sessions: int, seconds: float) -> int:
    with serve(HOME) as server:
        asyncio.run(measure(server.port, 1, INTERVAL))  # the first visitor loads what all share
        alone = asyncio.run(measure(server.port, 1, seconds))
        together = asyncio.run(measure(server.port, sessions, seconds))
        memory = anonymous_megabytes(server.pid)
    print_series(
        [
            Series("stroke to answer, 1 session", alone.strokes, "ms"),
            Series(f"stroke to answer, {sessions} sessions", together.strokes, "ms", GOAL, GOAL_95),
            Series("opening Draw, 1 session", alone.openings, "ms"),
            Series(f"opening Draw, {sessions} sessions at once", together.openings, "ms"),
            Series("anonymous memory of the server behind it", [memory], "MB"),
        ]
    )
    errors = alone.errors + together.errors
    total = len(alone.strokes) + len(together.strokes)
    read = alone.read_as_drawn + together.read_as_drawn
    print(
        f"Errors: {len(errors)} (goal 0: {verdict(not errors)}). {read:,} of {total:,} strokes read as drawn."
    )
    for error in sorted(set(errors))[:5]:
        print(f"- {errors.count(error)} times: {error}")
    return 1 if errors else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sessions", type=int, default=30, help="(%(default)s)")
    parser.add_argument("--seconds", type=float, default=20, help="that each session draws (%(default)s)")
    arguments = parser.parse_args()
    sys.exit(main(arguments.sessions, arguments.seconds))
