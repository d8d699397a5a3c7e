"""A process that votes, trains and brings in sets is killed at random moments; what it said to be saved must be there.

python -m tests.crash_points saves|training FOLDER ROUNDS SEED

`saves` writes made-up models, `training` has a real engine train, which outlives the process that is killed.
"""

import io
import os
import random
import signal
import sys
import time
import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np

from digit_core.runs.queue import Runs
from digit_core.storage import drawing_archives, processes
from digit_core.storage.drawings import Drawing
from digit_core.storage.run_records import FINISHED, INTERRUPTED, RUNNING, WAITING, Run
from digit_core.storage.run_table import CHECKPOINT_FILE, RECORDING_FILE
from digit_core.storage.store import DigitKey, Store
from tests.conftest import _bars
from tests.training_ground import ANN, TINY, engine

Say = Callable[..., None]
SET_SIZE = 30
QUICK = replace(TINY, batch_size=20)  # 20 steps
MODEL = {name: name.encode() * 3_000 for name in ("model.keras", "model.tflite", "layers.tflite")}


def _work(url: str, say: Say, round_number: int) -> None:
    """Until it is killed: save one thing after the other, and say each that was saved."""
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


def _train(url: str, say: Say, scheduler: str) -> None:
    """Until it is killed: have one network after the other trained, and say what was saved of each."""
    runs = Runs(Store(url), scheduler=scheduler, patience_seconds=30)
    digits = _bars(200)
    while True:
        (run,) = runs.start([QUICK], os.urandom(16).hex(), digits=digits)
        say("asked", run.id)
        live = runs.get(run.id)
        while live.is_live:
            time.sleep(0.01)
            live = runs.get(run.id)
        say("model" if live.has_model else "no-model", run.id)


def _check_runs(url: str, said: list[str]) -> None:
    """Each run that was asked for is there once, and each model whole that was said to be saved."""
    store = Store(url)
    store.runs.interrupt_orphans()
    runs = {run.id: run for run in store.runs.all()}
    assert len(runs) == len(store.runs.all())
    for line in said:
        kind, run_id = line.split()
        assert kind != "no-model", runs[run_id].reason
        assert kind != "model" or runs[run_id].has_model, line
    for run in runs.values():
        assert run.state in (INTERRUPTED, FINISHED), run
        assert run.has_model == (run.state == FINISHED)
        for name in ("model.keras", CHECKPOINT_FILE):
            content = store.runs.file(run.id, name)
            assert content or not (run.has_model if name == "model.keras" else run.has_checkpoint), run
            assert content is None or zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    store.close()


def main(kind: str, folder: Path, rounds: int, seed: int) -> None:
    """Kill as often, and print how much was said to be saved."""
    url, moments = f"sqlite:///{folder / 'lab.db'}", random.Random(seed)
    Store(url).votes([])
    total = 0
    with ExitStack() as stack:
        if kind == "training":
            address, process = stack.enter_context(engine())
            assert process.stdin
            stack.callback(process.stdin.close)
        for round_number in range(rounds):
            if kind == "training":
                said = _killed(lambda say: _train(url, say, address), moments, most_seconds=2.0)
                _check_runs(url, said)
            else:
                said = _killed(lambda say, number=round_number: _work(url, say, number), moments, 0.03)
                _check(url, said)
            total += len(said)
    print(f"{rounds} kills, {total} things said to be saved, all there")


def _killed(work: Callable[[Say], None], moments: random.Random, most_seconds: float) -> list[str]:
    """What a process said that did this and was killed some time after one of its first words."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            work(lambda *words: os.write(writer, (" ".join(map(str, words)) + "\n").encode()))
        finally:
            os._exit(1)
    os.close(writer)
    with os.fdopen(reader) as stream:
        said = [stream.readline() for _ in range(moments.randint(1, 6))]
        time.sleep(moments.uniform(0.0, most_seconds))  # nothing is judged by it: wherever it stands then
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.WTERMSIG(status) == signal.SIGKILL, "it ended by itself"
        return said + stream.readlines()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
