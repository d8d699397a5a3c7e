"""Evaluating a model: how long its first showing takes the server, and any change of a control after that.

    python benchmarks/evaluating.py [--changes N]

The model is the shipped default one, written down as a run's, so that none of its answers is known: the first showing has to read the
10,000 test digits. Then controls of every view are changed at random. A visitor without a browser sends what the widgets hold and
waits until the script has finished. The peer, in the same run, is `keras.Model.predict` on the same 10,000 digits.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from _server import HOME, anonymous_megabytes, serve
from _table import Series, print_series
from _visitor import Run, Visitor, visit
from _widgets import state_of, widgets_of
from streamlit.proto.WidgetStates_pb2 import WidgetState

from digit_core import datasets
from digit_core.inference import model_files
from digit_core.inference.model_files import KERAS_FILE, LAYERS_FILE, LITERT_FILE, TrainedModel
from digit_core.runs.queue import Runs
from digit_core.storage.store import Store

GOAL_FIRST_MS, GOAL_CHANGE_MS, GOAL_MB = 2_000, 300, 300
# View -> its controls, and what they can be set to.
CONTROLS: dict[str, dict[str, list[Any]]] = {
    "Errors": {
        "scale": ["Digits", "% of the true digit", "% of the answer"],
        "diagonal": [True, False],
        "order": ["Most confident first", "Least confident first", "Highest loss first", "By number"],
        "sure": [(0, 100), (50, 100), (0, 60), (20, 90)],
        "part": ["Neighbours", "Where it looked", "Label wrong?", "Numbers"],
    },
    "Digit by digit": {"figure": ["Precision", "Recall", "F1"]},
    "ROC": {
        "lines": [["micro", "macro", "0"], ["4", "9"], [str(digit) for digit in range(10)]],
        "zoom": [True, False],
        "threshold": [5, 50, 80, 99],
    },
    "Certainty": {
        "binning": ["Equal width", "Equal mass"],
        "tempered": [True, False],
        "refuse": [50, 90, 99],
    },
    "Two models": {"against": ["ANN", "Two convolutions", "CNN 32-64-64"]},
    "Take away": {},
}


def keep(url: str) -> str:
    """Write the default model down as a run's; returns its name."""
    folder = model_files.find("default")
    files = {name: (folder / name).read_bytes() for name in (KERAS_FILE, LITERT_FILE, LAYERS_FILE)}
    runs = Runs(Store(url))
    run = runs.models.add(
        TrainedModel(files, model_files.read_card("default")), "b" * 32, "The default once more"
    )
    runs.close()
    return run.model


async def look_around(visitor: Visitor, opened: Run, changes: int) -> list[float]:
    """Change one control after the other; milliseconds of each."""
    random, taken = np.random.default_rng(0), []
    widgets, held = widgets_of(opened), {}
    view = "Errors"
    while len(taken) < changes:
        controls = CONTROLS[view]
        if not controls or random.random() < 0.25:
            view = str(random.choice([name for name in CONTROLS if name != view]))
            key, value = "evaluate", view
        else:
            key = str(random.choice(list(controls)))
            value = controls[key][random.integers(len(controls[key]))]
        state = state_of(widgets[key], value)
        if held.get(key) == state:
            continue
        held[key] = state
        shown: list[WidgetState] = [state for name, state in held.items() if name in widgets]
        run = await visitor.set(shown)
        if run.errors:
            raise RuntimeError(f"{view}, {key} = {value}: {run.errors}")
        found = widgets_of(run)
        widgets = found
        held = {name: state for name, state in held.items() if name in found}
        taken.append(run.seconds * 1000)
    return taken


async def measure(port: int, model: str, changes: int) -> tuple[float, list[float]]:
    async with visit(port) as visitor:
        known = await visitor.open(
            "Evaluate"
        )  # a shipped model's answers are known: this warms the server only
        opened = await visitor.open("Evaluate", f"model={model}")
        for run in (known, opened):
            if run.errors:
                raise RuntimeError(f"Evaluate did not open: {run.errors}")
        return opened.seconds * 1000, await look_around(visitor, opened, changes)


def predict_with_keras(times: int = 3) -> list[float]:
    """Milliseconds that Keras takes for the same 10,000 digits, the first time not counted."""
    import keras

    model = keras.models.load_model(model_files.find("default") / KERAS_FILE, compile=False)
    digits = datasets.load_mnist().test.images[..., None].astype(np.float32) / 255
    taken = []
    for _ in range(times + 1):
        start = time.perf_counter()
        model.predict(digits, verbose=0)
        taken.append((time.perf_counter() - start) * 1000)
    return taken[1:]


def main(changes: int) -> int:
    with tempfile.TemporaryDirectory(prefix="digit-lab-benchmark-") as folder:
        url = f"sqlite:///{(Path(folder) / 'digitlab.db').as_posix()}"
        model = keep(url)
        with serve(HOME, {"DIGIT_DATABASE_URL": url}) as server:
            first, taken = asyncio.run(measure(server.port, model, changes))
            memory = anonymous_megabytes(server.pid)
    print_series(
        [
            Series("Evaluate: a model's first showing, 10,000 digits read", [first], "ms", GOAL_FIRST_MS),
            Series("Evaluate: a change of view or control", taken, "ms", GOAL_CHANGE_MS),
            Series("keras.Model.predict on the same 10,000 digits", predict_with_keras(), "ms"),
            Series("anonymous memory of the server behind it", [memory], "MB", GOAL_MB),
        ]
    )
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--changes", type=int, default=60, help="(%(default)s)")
    sys.exit(main(parser.parse_args().changes))
