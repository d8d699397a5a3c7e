"""What runs cost in time and memory, with the engine and its worker, and how well that is known before they start.

    python benchmarks/runs.py [CASE ...] [--quick] [--set NAME=VALUE ...]

The web process is this one, with what the dashboard imports and holds. Its own memory and the worker's is anonymous memory
(Linux only): file pages are shared, and given up when memory is short.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import harness
from benchmarks.harness import Case, Series, Table, figure
from benchmarks.server import anonymous_megabytes
from digit_core import augmentation, datasets
from digit_core.augmentation.policies import POLICIES, Distortion
from digit_core.inference import classifier
from digit_core.monitoring.recordings import Progress
from digit_core.recipes.architectures import Architecture, Convolution, Dense, Flatten, Pooling
from digit_core.recipes.configuration import TrainingConfig
from digit_core.recipes.presets import PRESETS
from digit_core.runs import estimates
from digit_core.runs.queue import Runs
from digit_core.storage.store import Store

TINY = TrainingConfig(Architecture("Tiny", "Only the answers.", (Flatten(),)), epochs=1, subset_size=1_000)


@contextmanager
def engine() -> Iterator[Runs]:
    """Runs in an empty store, with an engine of their own."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/digitlab.db")
        runs = Runs(store, slots=1, scheduler="", idle_seconds=5)
        try:
            yield runs
        finally:
            runs.close()
            store.close()


@dataclass(frozen=True)
class Trained:
    """What was seen of a run. Memory in MB: `web` and `others` when their sum was highest.

    Attributes:
        progress: what it said.
        start_seconds, end_seconds: from the wish to its first step, and from its last one to its model.
        web, others: anonymous memory of this process, and of all that it started.
        worker: the most that the largest of these ever had, with the files that it cannot do without.
    """

    progress: Progress
    start_seconds: float
    end_seconds: float
    web: float
    others: float
    worker: float


def train(runs: Runs, config: TrainingConfig) -> Trained:
    """Run a training to its end, and look at it several times a second."""
    asked = time.monotonic()
    (run,) = runs.start([config], "benchmark-visitor")
    first_step = last_step = 0.0
    steps, seen = 0, []
    while runs.get(run.id).is_live:
        count = len(runs.progress(run.id).batches)
        if count > steps:
            steps, last_step = count, time.monotonic()
            first_step = first_step or last_step
        seen.append(memory_now())
        time.sleep(0.2)
    ended = runs.get(run.id)
    if not ended.has_model:
        raise SystemExit(f"A run has no model. {ended.reason}")
    web, others, _ = max(seen, key=lambda now: now[0] + now[1])
    worker = max(now[2] for now in seen) + estimates.FILES_MEGABYTES
    end_seconds = time.monotonic() - last_step
    return Trained(runs.progress(run.id), first_step - asked, end_seconds, web, others, worker)


def memory_now() -> tuple[float, float, float]:
    """`Trained.web`, `.others` and, without files, `.worker` at this moment."""
    own, anonymous = psutil.Process(), [0.0]
    for process in own.children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # it has just ended
            anonymous.append(anonymous_megabytes(process))
    return anonymous_megabytes(own), sum(anonymous), max(anonymous)


def memory(runs: int, presets: str) -> list[Series]:
    """The web process over many runs; then all processes at their highest, at each training of each preset.

    The presets train on a share of the digits with their own batches, which is what the peak depends on.
    """
    import streamlit  # noqa: F401 - the web process has it

    from digit_core import figures  # noqa: F401 - likewise

    held = datasets.load_mnist(), classifier.load()
    with engine() as engine_runs:
        grown = [memory_now()[0]]
        for _ in range(runs + 1):
            train(engine_runs, TINY)
            grown.append(memory_now()[0])
        found = [
            Series("web process: what the first run adds", [grown[1] - grown[0]], "MB"),
            Series("web process: what the other runs add", [grown[-1] - grown[1]], "MB"),
        ]
        peaks = []
        for name in presets.split(","):
            for config in PRESETS[name].configs:
                share = min(4_000, config.training_size)
                seen = train(engine_runs, replace(config, epochs=2, subset_size=share))
                peaks.append(seen.web + seen.others)
                title = f"{name}, {config.architecture}: web process {seen.web:.0f}, engine and worker"
                found.append(Series(title, [seen.others], "MB"))
    del held
    return [*found, Series("the most at any preset", [max(peaks)], "MB")]


STEPS = 60
CONFIGS = {
    "ann, 32 digits a step": TrainingConfig("ann", batch_size=32),
    "ann, 512 digits": TrainingConfig("ann", batch_size=512),
    "cnn-3, 32 digits": TrainingConfig("cnn-3", batch_size=32),
    "cnn-2, 128 digits": TrainingConfig("cnn-2", batch_size=128),
    "cnn, 128 digits, distorted": TrainingConfig("cnn", batch_size=128, augmentation=POLICIES["strong"]),
    "cnn, 256 digits, handwriting, bfloat16": TrainingConfig(
        "cnn", batch_size=256, augmentation=POLICIES["handwriting"], precision="bfloat16"
    ),
    "nearly all weights in one layer": TrainingConfig(
        Architecture("Broad", "", (Flatten(), Dense(3_000), Dense(300))), batch_size=128
    ),
    "large pictures, pooled late": TrainingConfig(
        Architecture("Deep", "", (Convolution(64, padding="same"), Convolution(64), Pooling(), Flatten())),
        batch_size=256,
    ),
}


def estimate(configs: int) -> list[Series | Table | str]:
    """Short trainings against `estimates.of`, and the constants that it rests on: `estimates.DEFAULT_RATE` follows the rate."""
    seen = {}
    for name, config in list(CONFIGS.items())[:configs]:
        with engine() as runs:
            seen[name] = train(runs, replace(config, epochs=1, subset_size=STEPS * config.batch_size))
    rate = estimates.rate_from((CONFIGS[name], one.progress) for name, one in seen.items())
    assert rate is not None
    rows = []
    for name, one in seen.items():
        # With the rate of this one training the estimate is what was measured.
        alone = estimates.rate_from([(CONFIGS[name], one.progress)])
        measured, here, shipped = (estimates.of(CONFIGS[name], rate) for rate in (alone, rate, None))
        rows.append(
            (
                name,
                f"{figure(measured.seconds_per_epoch)} s",
                f"{here.seconds_per_epoch / measured.seconds_per_epoch:.2f}",
                f"{shipped.seconds_per_epoch / measured.seconds_per_epoch:.2f}",
                f"{one.worker:.0f} MB",
                f"{shipped.megabytes / one.worker:.2f}",
            )
        )
    headings = ("training", "epoch", "estimate / measured", "with DEFAULT_RATE", "worker", "estimate / it")
    return [
        Series("from the wish to the first step", [one.start_seconds for one in seen.values()], "s"),
        Series("from the last step to the model", [one.end_seconds for one in seen.values()], "s"),
        Table(headings, rows),
        f"Rate({rate.step_seconds:.2g}, {rate.multiply_adds_per_second:.2g}, {rate.runs})",
        distortions(rate),
    ]


def distortions(rate: estimates.Rate) -> Table:
    """What each kind of distortion of a digit takes beside moving it, in multiply-adds of this machine."""
    moved = Distortion(rotation=10, shift=1)
    moving = distorting_seconds(moved)
    seconds = {"moving": moving} | {
        name: distorting_seconds(replace(moved, **{name: amount})) - moving
        for name, amount in asdict(POLICIES["handwriting, any form"]).items()
        if not getattr(moved, name) and name != "clean_share"
    }
    works = {name: taken * rate.multiply_adds_per_second / 1e6 for name, taken in seconds.items()}
    rows = [
        (name, f"{figure(taken * 1e6)} µs", f"{works[name]:.2f} million") for name, taken in seconds.items()
    ]
    return Table(("distortion of one digit", "processor time", "multiply-adds"), rows)


def distorting_seconds(distortion: Distortion, batch: int = 256) -> float:
    """Processor time for one digit, a batch at a time as in a training: the least of many."""
    digits, least = datasets.load_mnist().validation, np.inf
    for start in [*range(0, 2_048, batch)] * 5:
        part, began = slice(start, start + batch), time.process_time()
        augmentation.distort(digits.images[part], distortion, np.random.default_rng(0), digits.labels[part])
        least = min(least, (time.process_time() - began) / batch)
    return least


CASES = {
    "memory": Case(
        "memory of the web process over many runs, and with engine and worker at each preset",
        "",
        memory,
        {"runs": 20, "presets": ",".join(PRESETS)},
        {"runs": 1, "presets": "tutorial-2"},
        {"web process: what the other runs add": "median ≤ 20", "the most at any preset": "median ≤ 1400"},
    ),
    "estimate": Case(
        "time and memory of short trainings, and of each distortion",
        "what is said of them before they start",
        estimate,
        {"configs": len(CONFIGS)},
        {"configs": 2},
    ),
}

if __name__ == "__main__":
    sys.exit(harness.run(__doc__, CASES))
