"""Pages that are looked through: what a change of one control, or of the page, takes the server, and how much it sends.

    python benchmarks/pages.py [CASE ...] [--quick] [--set NAME=VALUE ...]

A visitor without a browser sends what the widgets hold and waits until the script has finished.
"""

import asyncio
import json
import re
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import expect
from streamlit.proto.Element_pb2 import Element

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks import harness
from benchmarks.harness import Case, Series
from benchmarks.server import HOME, Server, browse, serve
from benchmarks.visitors import KINDS, Run, Visitor, open_once, some_value, state_of, visit
from digit_core import datasets
from digit_core.datasets import catalogue, queries
from digit_core.datasets.catalogue import Catalogue
from digit_core.datasets.queries import Query
from digit_core.inference import model_files
from digit_core.inference.model_files import KERAS_FILE, LAYERS_FILE, LITERT_FILE, TrainedModel
from digit_core.recipes.presets import PRESETS
from digit_core.runs.queue import Runs
from digit_core.settings import PROJECT_FOLDER
from digit_core.storage.store import Store

# Explore's filters and order, by the keys of their widgets: what of a `Query` each sets, and how its value is read.
CONDITIONS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "labelled": ("digits", lambda texts: tuple(map(int, texts))),
    "read": ("answers", lambda texts: tuple(map(int, texts))),
    "split": ("splits", tuple),
    "verdict": ("verdict", lambda texts: texts[0]),
    "sure": ("confidence", lambda ends: (ends[0] / 100, ends[1] / 100)),
    "ink": ("ink", tuple),
    "slant": ("slant", tuple),
    "doubt": ("in_doubt", bool),
}
PAGE_SIZE = 100
ONE_IMAGE_A_DIGIT = """import json

import numpy as np
import streamlit as st

from digit_core.datasets import catalogue

digits = st.cache_resource(catalogue.load)("mnist")
rows = np.array(json.loads(st.text_input("rows", "[]", key="rows")), int)
for image in digits.images(rows):
    st.image(image)
"""
_COUNT = re.compile(r"\*\*([\d,]+)\*\* of [\d,]+ digits")


def change(
    held: dict[str, Any], widgets: Mapping[str, Element], random: np.random.Generator
) -> dict[str, Any]:
    """What the widgets hold after another page, order or filter was chosen; it may be what it was."""
    kind = random.choice(["page", "sort", "filter"])
    key = str(random.choice(list(CONDITIONS)) if kind == "filter" else kind)
    return held | {"page": 1} | {key: some_value(widgets[key], random)}


def query_of(held: Mapping[str, Any], orders: Sequence[str]) -> Query:
    """What Explore's widgets ask for; `orders` are the words for `queries.SORTS`."""
    chosen = {name: read(held[key]) for key, (name, read) in CONDITIONS.items() if key in held}
    return Query(**chosen, sort=list(queries.SORTS)[orders.index(held["sort"])])


def check_digits(run: Run, rows: np.ndarray, page: int, digits: Catalogue, answers: np.ndarray) -> np.ndarray:
    """Refuse what are not the digits that were asked for.

    Returns:
        The rows of the page.

    Raises:
        RuntimeError: the page showed an error, another number of digits, or other digits.
    """
    run.check()
    counts = [int(count.replace(",", "")) for count in _COUNT.findall(" ".join(run.texts("markdown")))]
    shown = rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    names = [
        f"{digits.splits[digits.split[row]]} {digits.number[row]}: labelled {digits.labels[row]}, "
        f"read as {answers[row].argmax()}"
        for row in shown
    ]
    grids = [json.loads(grid.bidi_component.json)["labels"] for grid in run.components("digit_grid")]
    if counts != [len(rows)] or grids != [names]:
        raise RuntimeError(f"{counts} digits are there, or others, where {len(rows)} are asked for.")
    return shown


async def browse_digits(server: Server, peer: Server, changes: int) -> tuple[list[Run], list[Run]]:
    """Make random changes that lead to at least one digit, each on the page and then on the peer."""
    digits, random = catalogue.load("mnist"), np.random.default_rng(0)
    answers = model_files.shipped_answers(model_files.default_name())
    ours: list[Run] = []
    theirs: list[Run] = []
    async with visit(server.port) as visitor, visit(peer.port) as other:
        opened, rows = await visitor.open("Explore"), np.arange(len(digits))
        check_digits(opened, rows, 1, digits, answers)
        widgets, box = opened.widgets(), (await other.open("")).widgets()["rows"]
        orders = list(widgets["sort"].selectbox.options)
        held = {"sort": orders[0], "page": 1}
        while len(ours) < changes:
            wanted = change(held, widgets, random)
            found = queries.select(digits, query_of(wanted, orders), answers)
            if wanted == held or not len(found):
                continue
            held, rows = wanted, found
            run = await visitor.set([state_of(widgets[key], value) for key, value in held.items()])
            shown = check_digits(run, rows, held["page"], digits, answers)
            widgets |= run.widgets()
            ours.append(run)
            theirs.append((await other.set([state_of(box, json.dumps(shown.tolist()))])).check())
            theirs[-1].received += await asyncio.to_thread(fetched_bytes, peer, theirs[-1])
    return ours, theirs


def fetched_bytes(server: Server, run: Run) -> int:
    """The size of all pictures of a run together, fetched as a browser does, a few at a time."""
    addresses = [element.imgs.imgs[0].url.lstrip("/") for element in run.elements if element.imgs.imgs]
    with ThreadPoolExecutor(6) as threads:
        return sum(map(len, threads.map(server.get, addresses)))


def explore(changes: int) -> list[Series]:
    """What arrived must name the very digits that `queries.select` finds.

    What is sent includes the pictures, which a browser fetches one by one; the time does not include that.
    """
    with serve() as server, serve(ONE_IMAGE_A_DIGIT) as peer:
        ours, theirs = asyncio.run(browse_digits(server, peer, changes))
        megabytes = server.anonymous_megabytes()
    found = []
    for title, runs in {"Explore": ours, "one st.image a digit": theirs}.items():
        sent = [run.received / 1000 for run in runs]
        milliseconds = [run.seconds * 1000 for run in runs]
        found.append(Series(f"{title}: a change", milliseconds, over="one st.image a digit: a change"))
        found.append(Series(f"{title}: sent", sent, "KB"))
        found.append(Series(f"{title}: the most sent", [max(sent)], "KB"))
    return [*found, Series("anonymous memory of the server", [megabytes], "MB")]


TITLE = "The default once more"


def keep_default(url: str) -> str:
    """Write the default model down as a run's, so that none of its answers is known; returns its name."""
    folder = model_files.find("default")
    files = {name: (folder / name).read_bytes() for name in (KERAS_FILE, LITERT_FILE, LAYERS_FILE)}
    runs = Runs(Store(url))
    run = runs.models.add(TrainedModel(files, model_files.read_card("default")), "b" * 32, TITLE)
    runs.close()
    return run.model


async def look_around(visitor: Visitor, opened: Run, changes: int) -> list[float]:
    """Change one control of Evaluate after the other, its view among them; milliseconds of each."""
    random, taken = np.random.default_rng(0), []
    widgets, held = opened.widgets(), {}
    while len(taken) < changes:
        controls = [key for key, widget in widgets.items() if widget.WhichOneof("type") in KINDS]
        key = str(random.choice([key for key in controls if key not in ("model", "digits")]))
        state = state_of(widgets[key], some_value(widgets[key], random))
        if held.get(key) == state:
            continue
        held[key] = state
        run = (await visitor.set(held.values())).check()
        widgets = run.widgets()
        held = {name: state for name, state in held.items() if name in widgets}
        taken.append(run.seconds * 1000)
    return taken


async def show_and_change(port: int, model: str, changes: int) -> tuple[float, list[float]]:
    """Milliseconds of the first showing of a model, and of each change after it."""
    await open_once(port, "Evaluate")  # a shipped model's answers are known: this warms the server only
    async with visit(port) as visitor:
        opened = (await visitor.open("Evaluate", f"model={model}")).check()
        if TITLE not in opened.widgets()["model"].selectbox.raw_value:
            raise RuntimeError("Evaluate shows another model than it was asked for.")
        return opened.seconds * 1000, await look_around(visitor, opened, changes)


def evaluate(changes: int) -> list[Series]:
    """The first showing has to read the 10,000 test digits. Then controls of all views are changed at random."""
    with serve() as server:
        model = keep_default(server.store)
        first, taken = asyncio.run(show_and_change(server.port, model, changes))
        megabytes = server.anonymous_megabytes()
    import keras

    peer = keras.models.load_model(model_files.find("default") / KERAS_FILE, compile=False)
    digits = datasets.load_mnist().test.images[..., None].astype(np.float32) / 255
    by_keras = harness.timed(lambda images: peer.predict(images, verbose=0), [digits] * 4)[1:]
    return [
        Series("a model's first showing", [first]),
        Series("keras.Model.predict on the same 10,000 digits", by_keras, over="a model's first showing"),
        Series("a change of view or control", taken),
        Series("anonymous memory of the server", [megabytes], "MB"),
    ]


PAGES = ("", "Explore", "Evaluate", "Draw")
PRESET, RECIPE, PARAMETERS = "tutorial-4", "Two convolutions with dropout", "225,034 parameters"
TRAIN_IN_A_THREAD = f"""import threading

from digit_core.recipes import presets


def train() -> None:
    from digit_core.training import trainer

    trainer.train(presets.PRESETS[{PRESET!r}].configs[0], on_event=lambda event: None)


if not any(thread.name == "training" for thread in threading.enumerate()):
    threading.Thread(target=train, name="training", daemon=True).start()

"""
_IMPORT_SECONDS = 20  # that TensorFlow has to be imported in, before pages are changed


async def change_pages(port: int, changes: int) -> list[float]:
    """Milliseconds of so many page changes by one visitor; each page was opened once before."""
    taken = []
    async with visit(port) as visitor:
        for change in range(-len(PAGES), changes):
            run = (await visitor.open(PAGES[change % len(PAGES)])).check()
            taken.append(run.seconds * 1000)
    return taken[len(PAGES) :]


def start_run(server: Server) -> None:
    """Start the preset as a person does, wait for its first steps, and close the browser: the run goes on."""
    with browse() as browser:
        page = browser.new_page()
        page.goto(server.address("Train"))
        page.locator(".st-key-setup-preset").get_by_role("combobox").click()
        page.get_by_role("option", name=RECIPE, exact=True).click()
        expect(page.get_by_text(PARAMETERS)).to_be_visible(timeout=20_000)
        page.get_by_role("button", name="Start", exact=True).click()
        expect(page.get_by_text(re.compile(r"step [\d,]+ of")).first).to_be_visible(timeout=120_000)


def project_with(folder: Path, code: str) -> Path:
    """The project by links, its first page with that code: what a thread of the server does beside its visitors."""
    for name in ("digit_core", "ui", "pages", "static"):
        (folder / name).symlink_to(PROJECT_FOLDER / name)
    docstring, rest = HOME.read_text(encoding="utf-8").split("\n", 1)
    script = folder / "Home.py"
    script.write_text(f"{docstring}\n{code}{rest}", encoding="utf-8")
    return script


def change_while_training(changes: int) -> list[Series]:
    """Page changes while nothing is trained, while a run goes on, and while a thread of the server trains the same."""
    with serve() as server:
        idle = asyncio.run(change_pages(server.port, changes))
        start_run(server)
        busy = asyncio.run(change_pages(server.port, changes))
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(project_with(Path(folder), TRAIN_IN_A_THREAD)) as server,
    ):
        asyncio.run(open_once(server.port, ""))  # which starts the thread
        time.sleep(_IMPORT_SECONDS)
        threaded = asyncio.run(change_pages(server.port, changes))
    return [
        Series("nothing is trained", idle),
        Series("another visitor's run goes on", busy, over="nothing is trained"),
        Series("a thread of the server trains", threaded, over="nothing is trained"),
    ]


WATCHED = replace(PRESETS["tutorial-1"].configs[0], subset_size=2_000, batch_size=32)  # 63 steps an epoch
WATCH_A_RUN = """from digit_core.recipes import configuration
from ui.frame import resources
from ui.train.watch import page

OWNER = "0" * 32
runs = resources.runs()
run = next(iter(runs.all()), None) or runs.start([configuration.from_dict({config!r})], OWNER, "Watched")[0]
page.show(run.id, OWNER, propose=print, use_model=print, download=print)
"""


async def watch_to_its_end(port: int) -> list[Run]:
    """Watch the page's run as its owner's browser does; the ticks while it learns."""
    ticks = []
    async with visit(port) as visitor:
        (await visitor.open("")).check()
        while visitor.clocks:
            ((fragment, seconds),) = visitor.clocks.items()
            await asyncio.sleep(seconds)
            run = (await visitor.tick(fragment)).check()
            if "images a second" in "".join(run.texts("html")):
                ticks.append(run)
    return ticks


def watching(epochs: int) -> list[Series]:
    """What a browser is sent each second while a real run goes, one of three epochs and one of many."""
    found = []
    for title, count in (("a short run", 3), ("a long run", epochs)):
        with serve(WATCH_A_RUN.format(config=replace(WATCHED, epochs=count).as_dict())) as server:
            ticks = asyncio.run(watch_to_its_end(server.port))
        found.append(Series(f"{title}: a tick", [tick.received / 1000 for tick in ticks], "KB"))
    return found


CASES = {
    "explore": Case(
        "a change of filter, order or page among 70,000 digits",
        "one st.image a digit, the same digits",
        explore,
        {"changes": 50},
        {"changes": 5},
        {
            "Explore: a change": "median ≤ 300",
            "Explore: the most sent": "median ≤ 400",
            "anonymous memory of the server": "median ≤ 300",
        },
    ),
    "evaluate": Case(
        "a model's first showing on Evaluate, and a change of a control after it",
        "keras.Model.predict on the same 10,000 digits",
        evaluate,
        {"changes": 60},
        {"changes": 8},
        {
            "a model's first showing": "median ≤ 2000",
            "a change of view or control": "median ≤ 300",
            "anonymous memory of the server": "median ≤ 300",
        },
    ),
    "training": Case(
        "a page change while a network is trained",
        "the same network, trained in a thread of the server",
        change_while_training,
        {"changes": 80},
        {"changes": 4},
        {"another visitor's run goes on": "ratio ≤ 1.5"},
    ),
    "watching": Case(
        "what a browser that watches a run is sent each second",
        "",
        watching,
        {"epochs": 100},
        {"epochs": 10},
        {"a short run: a tick": "median ≤ 10", "a long run: a tick": "median ≤ 10"},
    ),
}

if __name__ == "__main__":
    sys.exit(harness.run(__doc__, CASES))
