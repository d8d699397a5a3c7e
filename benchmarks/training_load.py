"""What a run costs the others: how long another visitor's page change takes while a network is trained, and while none is.

    python benchmarks/training_load.py [--changes N]

A run is started in a real browser, which is then closed: the run goes on. A visitor without a browser changes pages meanwhile and waits
each time until the script has finished. For comparison, in the same run, the same pages on a server that trains the same network in a
thread of its own process, as many dashboards do.
"""

import argparse
import asyncio
import re
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from _browser import browse
from _server import HOME, PROJECT_FOLDER, Server, serve
from _table import Series, print_series, verdict
from _visitor import visit
from playwright.sync_api import expect

GOAL = 1.5  # times as slow
PRESET, TITLE = "tutorial-4", "Tutorial 4: two convolutions"
PAGES = ("", "Explore", "Evaluate", "Draw")
STARTER = f"""import threading

from digit_core import presets


def train() -> None:
    from digit_core import training

    training.train(presets.PRESETS[{PRESET!r}].configs[0], on_event=lambda event: None)


if not any(thread.name == "training" for thread in threading.enumerate()):
    threading.Thread(target=train, name="training", daemon=True).start()

"""


async def change_pages(port: int, changes: int, start: int = 0) -> list[float]:
    """Milliseconds of so many page changes by one visitor; each page was opened once before."""
    taken = []
    async with visit(port) as visitor:
        for page in PAGES:
            await visitor.open(page)
        for change in range(start, start + changes):
            run = await visitor.open(PAGES[change % len(PAGES)])
            if run.errors:
                raise RuntimeError(f"{PAGES[change % len(PAGES)] or 'Home'} did not open: {run.errors}")
            taken.append(run.seconds * 1000)
    return taken


def start_run(server: Server) -> None:
    """Start the preset as a person does, wait for its first steps, and close the browser."""
    with browse() as browser:
        page = browser.new_page()
        page.goto(server.address("Train"))
        page.get_by_text(TITLE, exact=True).click()
        expect(page.get_by_text("225,034 parameters")).to_be_visible(timeout=20_000)
        page.get_by_role("button", name="Start", exact=True).click()
        expect(page.get_by_text(re.compile(r"step [\d,]+ of")).first).to_be_visible(timeout=120_000)


def thread_app(folder: Path) -> Path:
    """The project by links, its first page with a thread that trains."""
    for name in ("digit_core", "ui", "pages"):
        (folder / name).symlink_to(PROJECT_FOLDER / name)
    script = folder / "Home.py"
    docstring, rest = HOME.read_text(encoding="utf-8").split("\n", 1)
    script.write_text(f"{docstring}\n{STARTER}{rest}", encoding="utf-8")
    return script


def main(changes: int) -> int:
    with tempfile.TemporaryDirectory(prefix="digit-lab-benchmark-") as folder:
        variables = {"DIGIT_DATABASE_URL": f"sqlite:///{(Path(folder) / 'digitlab.db').as_posix()}"}
        with serve(HOME, variables) as server:
            idle = asyncio.run(change_pages(server.port, changes))
            start_run(server)
            busy = asyncio.run(change_pages(server.port, changes))
        with serve(thread_app(Path(folder)), variables) as server:
            asyncio.run(asyncio.wait_for(_first_page(server.port), 120))
            threaded = asyncio.run(change_pages(server.port, changes))
    print_series(
        [
            Series("a page change while nothing is trained", idle, "ms"),
            Series("a page change while a run goes on the engine", busy, "ms"),
            Series("a page change while a thread of the server trains", threaded, "ms"),
        ]
    )
    ratio = statistics.median(busy) / statistics.median(idle)
    print(
        f"A run makes a page change {ratio:.2f} times as slow at the median; goal {GOAL}: {verdict(ratio <= GOAL)}."
    )
    print(f"A thread makes it {statistics.median(threaded) / statistics.median(idle):.2f} times as slow.")
    return 0


async def _first_page(port: int) -> None:
    """Open the page that starts the thread, and leave it the time in which TensorFlow is imported."""
    async with visit(port) as visitor:
        await visitor.open("")
    await asyncio.sleep(20)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--changes", type=int, default=80, help="(%(default)s)")
    sys.exit(main(parser.parse_args().changes))
