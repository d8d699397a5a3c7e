"""What trainings cost in memory: the web process over many runs, and web, engine and worker together at each preset.

    python benchmarks/training_runs.py [--runs 20]

Anonymous memory (RssAnon of /proc, so Linux only) is counted: file pages are shared, and given up when memory is short.
The web process is this one, with what the dashboard imports and holds. The presets train on a share of the digits with
their own batches, which is what the peak depends on.
"""

import argparse
import math
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import streamlit  # noqa: F401 - the web process has it
from _server import anonymous_megabytes
from _table import Series, print_series

from digit_core import (
    datasets,
    figures,  # noqa: F401 - as above
)
from digit_core.inference import classifier
from digit_core.recipes import presets
from digit_core.recipes.architectures import Architecture, Flatten
from digit_core.recipes.configuration import TrainingConfig
from digit_core.runs.queue import Runs
from digit_core.storage.store import Store

OWNER = "benchmark-visitor"
MOST_GROWTH, MOST_TOGETHER = 20, 1_400  # MB
TINY = TrainingConfig(Architecture("Tiny", "Only the answers.", (Flatten(),)), epochs=1, subset_size=1_000)


def anonymous(process: psutil.Process) -> float:
    """The anonymous memory of a process in MB, 0 if it is gone."""
    try:
        found = anonymous_megabytes(process.pid)
    except (OSError, KeyError):  # it has just ended
        return 0.0
    return 0.0 if math.isnan(found) else found


@contextmanager
def sampled() -> Iterator[list[tuple[float, float]]]:
    """Several times a second: MB of this process, and of all that it started."""
    samples: list[tuple[float, float]] = []
    own, is_over = psutil.Process(), threading.Event()

    def sample() -> None:
        while not is_over.wait(0.2):
            samples.append((anonymous(own), sum(map(anonymous, own.children(recursive=True)))))

    thread = threading.Thread(target=sample)
    thread.start()
    yield samples
    is_over.set()
    thread.join()


def train(runs: Runs, config: TrainingConfig) -> None:
    (run,) = runs.start([config], OWNER)
    while runs.get(run.id).is_live:
        runs.progress(run.id)
        time.sleep(0.5)
    ended = runs.get(run.id)
    if not ended.has_model:
        raise SystemExit(f"A run left no model. {ended.reason}")


def growth(runs: Runs, count: int) -> list[Series]:
    """The web process over `count` runs; the first one loads what trainings need and is told apart."""
    own = psutil.Process()
    before = anonymous(own)
    train(runs, TINY)
    first = anonymous(own)
    for _ in range(count):
        train(runs, TINY)
    return [
        Series("web process: what the first run adds", [first - before], "MB"),
        Series(f"web process: what {count} more runs add", [anonymous(own) - first], "MB", MOST_GROWTH),
    ]


def peaks(runs: Runs) -> Iterator[Series]:
    """Web, engine and worker together at their highest, for each training of each preset."""
    for name, preset in presets.PRESETS.items():
        for config in preset.configs:
            small = replace(config, epochs=2, subset_size=min(4_000, config.training_size))
            with sampled() as samples:
                train(runs, small)
            title = f"{name}, {config.architecture}: web + engine and worker"
            web, rest = max(samples, key=sum)
            yield Series(f"{title} ({web:.0f} + {rest:.0f})", [web + rest], "MB", MOST_TOGETHER)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--runs", type=int, default=20, help="how many small runs the web process is watched over"
    )
    options = parser.parse_args()
    held = datasets.load_mnist(), classifier.load()
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/digitlab.db")
        runs = Runs(store, slots=1, scheduler="", idle_seconds=5)
        try:
            print_series([*growth(runs, options.runs), *peaks(runs)])
        finally:
            runs.close()
            store.close()
    del held


if __name__ == "__main__":
    main()
