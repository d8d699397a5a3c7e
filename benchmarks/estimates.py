"""How well the time and the memory of a training are known before it starts, and the constants that they rest on.

    python benchmarks/estimates.py [--clock wall|cpu]

Each training runs in a process of its own, a short while, and is compared with `estimate.of`. The printed rate is what
`estimate.DEFAULT_RATE` follows. On a machine that others keep busy, `--clock cpu` takes the processor's time, shared out among the
cores, instead of the clock's: it is a little less than a quiet machine would take.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from unittest import mock

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from _table import figure, print_table

from digit_core import augmentation, datasets
from digit_core.augmentation.policies import DISTORTIONS, Distortion
from digit_core.monitoring import recordings
from digit_core.monitoring.recordings import Progress, Recording
from digit_core.recipes.architectures import Architecture, Convolution, Dense, Flatten, Pooling
from digit_core.recipes.configuration import TrainingConfig
from digit_core.runs import estimates

_STEPS = 60
_DIGITS, _BATCH = 2_048, 256  # distorted
_BROAD = Architecture("Broad", "Nearly all weights in one layer.", (Flatten(), Dense(3_000), Dense(300)))
_DEEP = Architecture(
    "Large pictures", "Pooled late.", (Convolution(64, padding="same"), Convolution(64), Pooling(), Flatten())
)
CASES = {
    "ann, 32 digits a step": TrainingConfig("ann", batch_size=32),
    "ann, 512 digits": TrainingConfig("ann", batch_size=512),
    "cnn-3, 32 digits": TrainingConfig("cnn-3", batch_size=32),
    "cnn-2, 128 digits": TrainingConfig("cnn-2", batch_size=128),
    "cnn, 128 digits, distorted": TrainingConfig("cnn", batch_size=128, augmentation=DISTORTIONS["strong"]),
    "cnn, 256 digits, handwriting, bfloat16": TrainingConfig(
        "cnn", batch_size=256, augmentation=DISTORTIONS["handwriting"], precision="bfloat16"
    ),
    "broad, 128 digits": TrainingConfig(_BROAD, batch_size=128),
    "large pictures, 256 digits": TrainingConfig(_DEEP, batch_size=256),
}


def _clock(kind: str) -> float:
    """Seconds, of the clock or of the processor's cores together."""
    return time.process_time() / (os.cpu_count() or 1) if kind == "cpu" else time.monotonic()


def measure_one(name: str, kind: str) -> None:
    """Train for some steps and print, as JSON, what was seen."""
    import resource

    from digit_core.monitoring.events import BatchEnded, Control, EpochEnded, Event
    from digit_core.training import trainer

    config, control, recording = CASES[name], Control(), Recording()
    moments = {"began": time.monotonic()}

    def look(event: Event) -> None:
        recording.add(event)
        if isinstance(event, BatchEnded):
            moments.setdefault("first step", time.monotonic())
            if event.step >= _STEPS:
                control.stop()
        if isinstance(event, EpochEnded):
            moments["last step"] = time.monotonic()

    with mock.patch("digit_core.training.callbacks.time.perf_counter", lambda: _clock(kind)):
        trainer.train(config, on_event=look, control=control)
    ended = time.monotonic()
    seen = {
        "start": moments["first step"] - moments["began"],
        "end": ended - moments["last step"],
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
        "progress": recordings.to_bytes(recording.progress()).hex(),
    }
    print(json.dumps(seen))


def measure(name: str, kind: str) -> tuple[Progress, dict[str, float]]:
    """The same in a process of its own."""
    command = [sys.executable, __file__, "--clock", kind, "--one", name]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    seen = json.loads(run.stdout.splitlines()[-1])
    return recordings.from_bytes(bytes.fromhex(seen.pop("progress"))), seen


def distorting_seconds(distortion: Distortion) -> float:
    """Processor time for one digit, a batch at a time as in a training: the least of five."""
    digits, times = datasets.load_mnist().validation, []
    for _ in range(5):
        began = time.process_time()
        for start in range(0, _DIGITS, _BATCH):
            batch = slice(start, start + _BATCH)
            random = np.random.default_rng(0)
            augmentation.distort(digits.images[batch], distortion, random, digits.labels[batch])
        times.append((time.process_time() - began) / _DIGITS)
    return min(times)


def print_distortions(rate: estimates.Rate) -> None:
    """What each kind of distortion of a digit takes beside moving it, in multiply-adds of this machine."""
    first = Distortion(rotation=10, shift=1)
    moving = distorting_seconds(first)
    most = asdict(DISTORTIONS["handwriting"])
    extra = {"moving": moving} | {
        name: distorting_seconds(replace(first, **{name: amount})) - moving
        for name, amount in most.items()
        if not getattr(first, name)
    }
    rows = [
        (
            name,
            f"{figure(seconds * 1e6)} µs",
            f"{figure(seconds * rate.multiply_adds_per_second / 1e6)} million",
        )
        for name, seconds in extra.items()
    ]
    print_table(("distortion of one digit", "processor time", "multiply-adds"), rows)


def main(kind: str) -> None:
    measured = {name: measure(name, kind) for name in CASES}
    rate = estimates.rate_from((CASES[name], progress) for name, (progress, _) in measured.items())
    assert rate is not None
    rows = []
    for name, (progress, seen) in measured.items():
        alone = estimates.rate_from([(CASES[name], progress)])
        assert alone is not None
        # With the rate of this one training the estimate is what was measured.
        seconds, expected = (estimates.of(CASES[name], one).seconds_per_epoch for one in (alone, rate))
        shipped = estimates.of(CASES[name]).seconds_per_epoch
        megabytes = estimates.of(CASES[name]).megabytes
        rows.append(
            (
                name,
                f"{figure(seconds)} s",
                f"{expected / seconds:.2f}",
                f"{shipped / seconds:.2f}",
                f"{seen['megabytes']:.0f} MB",
                f"{megabytes / seen['megabytes']:.2f}",
            )
        )
    print_table(
        ("training", "epoch", "estimate / measured", "with DEFAULT_RATE", "memory", "estimate / measured"),
        rows,
    )
    start, end = (np.median([seen[what] for _, seen in measured.values()]) for what in ("start", "end"))
    print(
        f"To the first step {start:.1f} s, TensorFlow's import not counted; from the last to the model {end:.1f} s.\n"
    )
    print(f"Rate({rate.step_seconds:.2g}, {rate.multiply_adds_per_second:.2g}, {rate.runs})\n")
    print_distortions(rate)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    if arguments.one:
        measure_one(arguments.one, arguments.clock)
    else:
        main(arguments.clock)
