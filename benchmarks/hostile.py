"""Visitors who each bring the worst pictures, while a class draws: what the web process takes, and how long others wait.

    python benchmarks/hostile.py [CASE ...] [--quick] [--set NAME=VALUE ...]

The pictures come over the WebSocket, as pasted ones do; those over the limit of pasting are left out. The visitors share the
computer with the server.
"""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks import harness
from benchmarks.harness import Case, Claim, Result, Series
from benchmarks.server import Server, serve
from benchmarks.visitors import Visitor, all_at_once, message, open_once, strokes, visit
from tests import hostile
from ui.components import clipboard

MAX_MEGABYTES, MAX_SECONDS = 500, 1.0


def pictures_at_once(sessions: int, kinds: int, each: int) -> list[Result]:
    """So many sessions bring the worst picture of each kind, all at the same moment; one more draws all the while.

    Args:
        sessions: that bring pictures.
        kinds: how many of `tests.hostile.WORST` they bring, all together.
        each: how many of these one session brings, one after the other; each session begins with another.
    """
    contents = [make() for make in list(hostile.WORST.values())[:kinds]]
    contents = [content for content in contents if len(content) <= clipboard.MAX_BYTES]
    with serve() as server:
        for page in ("Draw", ""):
            asyncio.run(open_once(server.port, page))
        before = server.anonymous_megabytes()
        peaks, waits = asyncio.run(_bring(server, contents, sessions, each))
    return [
        Series("web process before", [before], "MB"),
        Series("web process at its peak", [max(peaks)], "MB"),
        Series("a stroke of another session", [1000 * seconds for seconds in waits], "ms"),
        Claim(
            f"at most {MAX_MEGABYTES} MB of anonymous memory: {max(peaks):.0f} MB",
            max(peaks) <= MAX_MEGABYTES,
        ),
        Claim(f"each stroke within {MAX_SECONDS:g} s: {max(waits):.2f} s", max(waits) <= MAX_SECONDS),
    ]


async def _bring(
    server: Server, contents: list[bytes], sessions: int, each: int
) -> tuple[list[float], list[float]]:
    peaks, waits, is_over = [server.anonymous_megabytes()], [], asyncio.Event()

    async def look() -> None:
        while not is_over.is_set():
            peaks.append(server.anonymous_megabytes())
            await asyncio.sleep(0.005)

    async def draw() -> None:
        async with visit(server.port) as visitor:
            (await visitor.open("Draw")).check()
            for _, points in strokes(100_000):
                if is_over.is_set():
                    return
                waits.append((await visitor.draw(message(points))).check().seconds)
                await asyncio.sleep(0.25)

    async def bring(visitor: Visitor, number: int) -> None:
        (await visitor.open("Draw", "draw=Pictures")).check()
        for place in range(min(each, len(contents))):
            content = contents[(place + number) % len(contents)]
            run = (await visitor.paste([content])).check()
            assert "read-pictures" in str(run.elements)  # it was read or refused, with a sentence

    async with asyncio.TaskGroup() as group:
        group.create_task(look())
        group.create_task(draw())
        await all_at_once(server.port, sessions, bring)
        is_over.set()
    return peaks, waits


CASES = {
    "pictures": Case(
        "sessions that bring the worst pictures, all at once",
        "",
        pictures_at_once,
        {"sessions": 30, "kinds": len(hostile.WORST), "each": len(hostile.WORST)},
        {"sessions": 3, "kinds": 3, "each": 3},
    ),
}

if __name__ == "__main__":
    sys.exit(harness.run(__doc__, CASES))
