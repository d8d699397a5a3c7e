"""The smallest host: the app in a control group with as little as Streamlit Community Cloud grants.

    python benchmarks/floor.py [CASE ...] [--quick] [--set NAME=VALUE ...]

Linux only, and as root (or in a group that was handed to this user). The visitors are outside the group. Files are read anew,
so that the group is charged for those it uses, except what other processes use at the same time: run nothing else of this
environment beside it.
"""

import asyncio
import re
import sys
import sysconfig
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import expect

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks import harness, limits
from benchmarks.harness import Case, Claim, Result, Series
from benchmarks.limits import Group
from benchmarks.server import Server, browse, serve
from benchmarks.serving import draw_together, open_every_page
from benchmarks.visitors import open_once
from digit_core.settings import PROJECT_FOLDER
from digit_core.storage.run_records import Run
from digit_core.storage.store import Store

_LOOK_SECONDS, _MAX_TRAINING_SECONDS = 0.2, 900
_READ = [Path(sysconfig.get_path("purelib")), *(PROJECT_FOLDER / name for name in ("data", "models"))]


@contextmanager
def small_host(megabytes: int, cores: float) -> Iterator[tuple[Server, Group]]:
    """The app, just started on such a host with a cold disk."""
    limits.forget_files(_READ)
    with limits.limit(megabytes, cores) as group, serve(launcher=group.launcher) as server:
        yield server, group


class Peak(threading.Thread):
    """The most that a group has and cannot give back, looked at while the block lasts.

    Attributes:
        megabytes: of 1,000,000 bytes.
    """

    def __init__(self, group: Group) -> None:
        super().__init__(daemon=True)
        self.megabytes, self._group, self._is_over = 0.0, group, threading.Event()

    def run(self) -> None:
        while not self._is_over.wait(_LOOK_SECONDS):
            self.megabytes = max(self.megabytes, self._group.anonymous_megabytes())

    def __enter__(self) -> "Peak":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self.join()


def a_class(megabytes: int, cores: float, sessions: int, seconds: float) -> list[Result]:
    """Start, then as many sessions as a class has draw at once, a stroke every 2 s each; then every page is opened."""
    with small_host(megabytes, cores) as (server, group):
        healthy = server.seconds()
        asyncio.run(open_once(server.port, ""))
        ran = server.seconds()
        with Peak(group) as peak:
            asyncio.run(open_once(server.port, "Draw"))  # the first visitor loads what all share
            openings, answers = asyncio.run(draw_together(server.port, sessions, seconds))
            asyncio.run(open_every_page(server.port))
        kills = group.kills()
    errors = [error for run in (*openings, *(run for _, run in answers)) for error in run.errors]
    return [
        Series("start: the server answers", [healthy], "s"),
        Series("start: Home has run", [ran], "s"),
        Series("opening Draw, all at once", [run.seconds for run in openings], "s"),
        Series("a stroke, all at once", [run.seconds * 1000 for _, run in answers]),
        Series("memory of all processes, at the most", [peak.megabytes], "MB"),
        Claim(
            f"{len(errors)} errors, {kills} processes ended by the kernel, none wanted",
            not errors + [kills] * kills,
        ),
    ]


def a_training(megabytes: int, cores: float) -> list[Result]:
    """A visitor presses Start on Train, as it opens, and waits for the model; where nothing can train, what the page says."""
    with small_host(megabytes, cores) as (server, group), Peak(group) as peak, browse() as browser:
        page = browser.new_page()
        page.goto(server.address("Train"))
        start = page.get_by_role("button", name="Start", exact=True)
        expect(start).to_be_visible(timeout=60_000)
        page.wait_for_timeout(3_000)
        if start.is_disabled():
            return [
                f"Nothing trains here. The page says: {page.get_by_role('alert').locator('p').first.inner_text()}"
            ]
        pressed = time.perf_counter()
        start.click()
        expect(page.get_by_text(re.compile(r"step [\d,]+ of")).first).to_be_visible(timeout=300_000)
        begun = time.perf_counter() - pressed
        run = _wait_for_the_end(server)
        ended, kills = time.perf_counter() - pressed, group.kills()
    return [
        Series("from Start to the first step", [begun], "s"),
        Series("from Start to the model", [ended], "s"),
        Series("memory of all processes, at the most", [peak.megabytes], "MB"),
        Claim(
            f"the run is {run.state} {run.reason}, {kills} processes ended by the kernel",
            run.has_model and not kills,
        ),
    ]


def _wait_for_the_end(server: Server) -> Run:
    """The only run of the server's store, when it is over."""
    store = Store(server.store)
    try:
        until = time.monotonic() + _MAX_TRAINING_SECONDS
        while time.monotonic() < until:
            (run,) = store.runs.all()
            if not run.is_live:
                return run
            time.sleep(_LOOK_SECONDS)
    finally:
        store.close()
    raise RuntimeError("The training did not end in time.")


QUICK_CLASS = {"sessions": 3, "seconds": 4.0}
CASES = {
    f"{what}-{megabytes}": Case(
        f"{words}, on {megabytes} MB and half a core",
        "",
        measure,
        {"megabytes": megabytes, "cores": 0.5, **settings},
        quick,
    )
    for megabytes in (690, 1_000)
    for what, words, measure, settings, quick in (
        (
            "class",
            "30 sessions that draw for a minute",
            a_class,
            {"sessions": 30, "seconds": 60.0},
            QUICK_CLASS,
        ),
        ("training", "the first recipe of Train", a_training, {}, {}),
    )
}

if __name__ == "__main__":
    sys.exit(harness.run(__doc__, CASES))
