"""A process that votes, trains and brings in sets is killed at random moments; what it said to be saved must be there.

python -m tests.crash_points FOLDER ROUNDS SEED
"""

import os
import random
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from digit_core.storage import drawing_archives, processes
from digit_core.storage.drawings import Drawing
from digit_core.storage.run_records import FINISHED, INTERRUPTED, RUNNING, WAITING, Run
from digit_core.storage.run_table import CHECKPOINT_FILE, RECORDING_FILE
from digit_core.storage.store import DigitKey, Store
from tests.conftest import _bars
from tests.training_ground import ANN, TINY

SET_SIZE = 30
MODEL = {name: name.encode() * 3_000 for name in ("model.keras", "model.tflite", "layers.tflite")}


def _work(url: str, said: int, round_number: int) -> None:
    """Until it is killed: save one thing after the other, and say each that was saved."""

    def say(*words: object) -> None:
        os.write(said, (" ".join(map(str, words)) + "\n").encode())

    store, process = Store(url), processes.this_process()
    digits = _bars(SET_SIZE)
    archive = drawing_archives.to_zip(
        [
            Drawing(image, int(label))
            for image, label in zip(digits.images + _grain(round_number), digits.labels)
        ]
    )
    for number in range(1_000):
        name = f"{round_number:06x}{number:06x}"
        store.cast_vote(name * 2, DigitKey("mnist", "test", number), "given")
        say("vote", name * 2, number)
        run = Run(name, ANN, "run", WAITING, "", TINY, time.time(), series=name)
        store.runs.add(process, [run])
        say("run", name)
        run = replace(run, state=RUNNING, started=time.time())
        store.runs.keep(run, {CHECKPOINT_FILE: MODEL["model.keras"], RECORDING_FILE: b"said"}, 1)
        say("checkpoint", name)
        done = replace(run, state=FINISHED, ended=time.time(), has_model=True, card={"ended": ""})
        store.runs.keep(done, MODEL | {RECORDING_FILE: b"said"})
        say("model", name)
        store.runs.delete(name, 0.0)  # it counts no more, and stays to be looked at
        made = store.drawing_sets.make(name * 2, "Class 7b")
        store.drawings.bring_in(name * 2, made.id, drawing_archives.read(archive))
        say("set", name * 2, made.id)


def _grain(round_number: int) -> np.ndarray:
    """Makes each of a round's drawings another one than its like."""
    grain = np.zeros((SET_SIZE, 28, 28), np.uint8)
    grain[np.arange(SET_SIZE), 27, np.arange(SET_SIZE) % 28] = (
        1 + np.arange(SET_SIZE) // 28 + round_number % 200
    )
    return grain


def _check(url: str, said: list[str]) -> None:
    """All that was said is there, whole; of the rest, all or nothing."""
    store = Store(url)
    store.runs.interrupt_orphans()
    found: dict[str, str] = {}
    for line in said:
        kind, name, *rest = line.split()
        if kind == "vote":
            assert store.votes([DigitKey("mnist", "test", int(rest[0]))], name)[
                DigitKey("mnist", "test", int(rest[0]))
            ].mine
        elif kind == "set":
            _, drawings = store.drawings.read(name, rest[0], with_pictures=False)
            assert len(drawings) == SET_SIZE
        else:
            found[name] = kind
    for name, kind in found.items():
        files = {file: store.runs.file(name, file) for file in (*MODEL, CHECKPOINT_FILE)}
        has_model = [files[file] == content for file, content in MODEL.items()]
        assert all(has_model) or not any(files[file] for file in MODEL), (name, kind)
        assert all(has_model) or kind != "model", (name, kind)
        assert all(has_model) or kind != "checkpoint" or files[CHECKPOINT_FILE] == MODEL["model.keras"]
    for run in store.runs.all():
        assert run.state in (INTERRUPTED, FINISHED)
        assert run.has_model == (run.state == FINISHED)
    for visitor in {line.split()[1] for line in said if line.startswith("set")}:
        for one in store.drawing_sets.of(visitor):
            assert one.count in (0, SET_SIZE), one
    store.close()


def main(folder: Path, rounds: int, seed: int) -> None:
    """Kill as often, and print how much was said to be saved."""
    url, moments = f"sqlite:///{folder / 'lab.db'}", random.Random(seed)
    Store(url).votes([])
    total = 0
    for round_number in range(rounds):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            try:
                _work(url, writer, round_number)
            finally:
                os._exit(1)
        os.close(writer)
        with os.fdopen(reader) as stream:
            said = [stream.readline() for _ in range(moments.randint(1, 6))]
            time.sleep(moments.uniform(0.0, 0.03))  # nothing is judged by it: wherever it stands then
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            assert os.WTERMSIG(status) == signal.SIGKILL, "it ended by itself"
            said += stream.readlines()
        _check(url, said)
        total += len(said)
    print(f"{rounds} kills, {total} things said to be saved, all there")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
