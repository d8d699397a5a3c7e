"""The app over a long day: trainings one after the other, while visitors come, draw, bring pictures, vote, keep drawings and go.

    python benchmarks/soak.py [CASE ...] [--quick] [--set NAME=VALUE ...]

The visitors share the computer with the server. Trainings are short and asked for within the web process, as its pages do.
"""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

import psutil
from streamlit.proto.WidgetStates_pb2 import WidgetState

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks import harness
from benchmarks.harness import Case, Claim, Result, Series
from benchmarks.pages import project_with
from benchmarks.server import Server, serve
from benchmarks.visitors import Run, Visitor, message, open_once, strokes, visit
from digit_core.storage.run_records import FINISHED
from digit_core.storage.store import DigitKey, Store
from digit_core.synthesis import samples

MAX_GROWTH_MEGABYTES = 20
_FORGET_SECONDS = 150  # Streamlit keeps a session for two minutes, for a browser that comes back, and until somebody else leaves
_TRAINING = '{"architecture": "ann", "epochs": 1, "subset_size": 500, "batch_size": 100}'
_TRAIN_ON_END = f"""import json
import secrets
import threading
import time

from digit_core.recipes import configuration
from ui.frame import resources


def train_on_end() -> None:
    runs = resources.runs()
    while True:
        (run,) = runs.start([configuration.from_dict(json.loads('{_TRAINING}'))], secrets.token_hex(16))
        while runs.get(run.id).is_live:
            time.sleep(0.05)


if not any(thread.name == "soak" for thread in threading.enumerate()):
    threading.Thread(target=train_on_end, name="soak", daemon=True).start()

"""
_DOUBTED = DigitKey("mnist", "test", 947)  # the first of "Labels in doubt"


async def come_and_go(server: Server, number: int) -> None:
    """One visitor: draw, keep the drawing, bring a picture, vote, look around, go."""
    identity = f"{number:032x}"

    async def press(visitor: Visitor, opened: Run, *states: WidgetState, key: str) -> Run:
        known = [
            WidgetState(id=one.bidi_component.id, json_value=json.dumps({"id": identity}))
            for one in opened.components("digit_lab_id")
        ]
        shown = (await visitor.set([*known, *states])).check()
        button = next(one for name, one in shown.widgets().items() if name.startswith(key)).button
        pressed = WidgetState(id=button.id, trigger_value=True)
        return (await visitor.set([*known, *states, pressed])).check()

    async with visit(server.port) as visitor:
        opened = (await visitor.open("Draw")).check()
        for _, points in strokes(number + 3)[number:]:
            drawn = message(points)
            (await visitor.draw(drawn)).check()
        (canvas,) = (one.bidi_component.id for one in opened.components("canvas"))
        await press(visitor, opened, WidgetState(id=canvas, json_value=drawn), key="it was 1")
        (await visitor.open("Draw", "draw=Pictures")).check()
        (await visitor.paste([next(iter(samples.DIGITS.values()))()])).check()
        opened = (await visitor.open("Explore", "view=Labels in doubt")).check()
        await press(visitor, opened, key="cast vote")
        for page in ("Evaluate", ""):
            (await visitor.open(page)).check()


def soak(trainings: int, sessions: int, at_once: int, warm_up: int) -> list[Result]:
    """Memory, files, threads and processes of the web process after the first visitors and runs, and after all of them.

    Args:
        trainings: that are waited for, after the warm-up.
        sessions: visitors, after the warm-up; no more than `at_once` are there together.
        at_once: see `sessions`.
        warm_up: trainings and visitors that come before the first look: what is loaded once is no leak.
    """
    with tempfile.TemporaryDirectory() as folder, serve(project_with(Path(folder), _TRAIN_ON_END)) as server:
        store = Store(server.store)
        try:
            _let_come(server, range(warm_up), at_once)
            _wait_for(store, warm_up)
            before = _state(server)
            _let_come(server, range(warm_up, warm_up + sessions), at_once)
            _wait_for(store, warm_up + trainings)
            after = _state(server)
            everyone = warm_up + sessions
            results = _kept(store, everyone)
        finally:
            store.close()
        family = psutil.Process(server.pid).children(recursive=True)
    left = [one for one in psutil.wait_procs(family, timeout=20)[1] if one.is_running()]
    growth = after["MB"] - before["MB"]
    return [
        *(
            Series(f"{name} {when}", [state[name]], "MB" if name == "MB" else "")
            for when, state in (("before", before), ("after", after))
            for name in state
        ),
        Claim(f"at most {MAX_GROWTH_MEGABYTES} MB more: {growth:.1f} MB", growth <= MAX_GROWTH_MEGABYTES),
        Claim(f"no file more: {after['files'] - before['files']}", after["files"] <= before["files"] + 2),
        Claim(
            f"no thread more: {after['threads'] - before['threads']}",
            after["threads"] <= before["threads"] + 2,
        ),
        Claim(f"no process is left behind: {len(left)}", not left),
        *results,
    ]


def _let_come(server: Server, numbers: range, at_once: int) -> None:
    async def all_of_them() -> None:
        for first in numbers[::at_once]:
            async with asyncio.TaskGroup() as group:
                for number in range(first, min(first + at_once, numbers.stop)):
                    group.create_task(come_and_go(server, number))

    asyncio.run(all_of_them())


def _wait_for(store: Store, trainings: int) -> None:
    while sum(not run.is_live for run in store.runs.all()) < trainings:
        time.sleep(1)


def _state(server: Server) -> dict[str, float]:
    """Of the web process when the sessions of those who left are gone: the least of some looks, as a run goes on."""
    time.sleep(_FORGET_SECONDS)
    asyncio.run(open_once(server.port, ""))
    process, looks = psutil.Process(server.pid), []
    for _ in range(20):
        time.sleep(1)
        looks.append((server.anonymous_megabytes(), process.num_fds(), process.num_threads()))
    return dict(zip(("MB", "files", "threads"), map(min, *looks), strict=True))


def _kept(store: Store, visitors: int) -> list[Claim]:
    """Whether the store has what all left, once each."""
    runs = [run for run in store.runs.all() if not run.is_live]
    failed = [run for run in runs if run.state != FINISHED or not run.has_model]
    sets = [one for number in range(visitors) for one in store.drawing_sets.of(f"{number:032x}")]
    votes = store.votes([_DOUBTED])[_DOUBTED].total
    return [
        Claim(f"each of {len(runs)} trainings left its model: {len(failed)} did not", not failed),
        Claim(f"a set of one drawing each: {len(sets)}", [one.count for one in sets] == [1] * visitors),
        Claim(f"a vote each: {votes}", votes == visitors),
    ]


CASES = {
    "soak": Case(
        "short trainings, and sessions that draw, bring pictures, vote, keep and leave",
        "",
        soak,
        {"trainings": 200, "sessions": 100, "at_once": 10, "warm_up": 10},
        {"trainings": 5, "sessions": 5, "at_once": 5, "warm_up": 5},
    ),
}

if __name__ == "__main__":
    sys.exit(harness.run(__doc__, CASES))
