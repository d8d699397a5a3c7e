"""A class teaches its network: how long it takes, and what it does to MNIST and to the class's hands.

    python benchmarks/lessons.py [CASE ...] [--quick] [--set NAME=VALUE ...]

The drawings are digits of a foreign set, distorted until the network misreads enough of them.
"""

import contextlib
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
from sqlalchemy import Connection

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks import harness
from benchmarks.harness import Case, Result, Series, Table
from digit_core.augmentation.pipeline import distort
from digit_core.augmentation.policies import POLICIES
from digit_core.classroom import Classes, lessons
from digit_core.classroom.rules import tasks
from digit_core.datasets import catalogue
from digit_core.digits import Digits
from digit_core.inference import classifier as classifiers
from digit_core.inference import model_files
from digit_core.inference.classifier import Classifier
from digit_core.recipes import fine_tuning
from digit_core.runs import Runs
from digit_core.storage.store import Store
from digit_core.storage.tables import CLASS_CHECKS, HAND_INS

TEACHER, KEY = "t" * 32, "k" * 32


def misread_ones(classifier: Classifier, wanted: int) -> tuple[Digits, np.ndarray]:
    """Digits of others' hands, distorted, of which a network misreads half: so many of each half in turn, and its answers."""
    foreign, random = catalogue.of_sklearn_digits(), np.random.default_rng(0)
    images = foreign.images(np.arange(len(foreign)))
    seen, labels, answers = [], [], []
    while sum((np.concatenate(answers) != np.concatenate(labels)) if answers else [0]) < wanted:
        seen.append(distort(images, POLICIES["strong"], random, foreign.labels))
        labels.append(foreign.labels)
        answers.append(classifier.predict_dataset(seen[-1]).argmax(axis=1))
    all_labels, all_answers = np.concatenate(labels), np.concatenate(answers)
    wrong, right = (
        np.flatnonzero(part)[:wanted] for part in (all_answers != all_labels, all_answers == all_labels)
    )
    rows = random.permutation(np.concatenate([wrong, right]))
    return Digits(np.concatenate(seen)[rows], all_labels[rows].astype(np.uint8)), all_answers[rows]


def lesson(drawings: int, model: str) -> list[Result]:
    """A class hands in three drawings for each that is taught: half of all fooled the network, a third is held back."""
    found, answers = misread_ones(classifiers.load(model), 3 * drawings // 2)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/digitlab.db")
        classes, runs = Classes(store), Runs(store)
        opened = classes.open(TEACHER, KEY, model, "Load")
        for number in range(30):
            classes.pupils.enter(opened.code, f"{number:032x}")
        classes.press(KEY, opened, tasks.START, tasks.MISREAD)
        with store.database.writing() as connection:
            for place, (image, label, answer) in enumerate(
                zip(found.images, found.labels, answers, strict=True), 1
            ):
                put_misread(connection, opened.id, place, image, int(label), int(answer))
        for _ in range(2):
            classes.press(KEY, classes.of(KEY) or opened, tasks.END)
        began = time.perf_counter()
        lessons.begin(classes, runs, KEY, classes.of(KEY) or opened, model_files.read_card(model))
        going = classes.look(opened.id).task
        assert going is not None and going.lesson is not None
        worked = 0.0
        while (run := runs.get(going.lesson.run)).is_live:
            worked = max(worked, processor_seconds_of_children())
            time.sleep(0.2)
        seconds = time.perf_counter() - began
        effect = fine_tuning.effect_of(run.card)
        runs.close()
        store.close()
    assert effect is not None, run.reason
    rows = [
        (
            part,
            f"{after.n:,}",
            *(f"{one.value:.1%} ({one.low:.1%} to {one.high:.1%})" for one in (effect.before[part], after)),
        )
        for part, after in effect.after.items()
    ]
    return [
        Series("from the press to a network that has learnt", [seconds], "s"),
        Series("the engine's processor time in this", [worked], "s"),
        Table(("read correctly (95% interval)", "digits", "before", "after"), rows),
    ]


def processor_seconds_of_children() -> float:
    """What all processes that this one started have used."""
    total = 0.0
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            total += sum(child.cpu_times()[:2])
    return total


def put_misread(
    connection: Connection, class_id: str, place: int, image: np.ndarray, meant: int, answer: int
) -> None:
    """Write down a drawing of a pupil, and that two others have read it rightly."""
    pupil, shares = place % 30, np.eye(10, dtype=np.float32)[answer]
    connection.execute(
        HAND_INS.insert().values(
            class_id=class_id,
            task=1,
            pupil=f"{pupil:032x}",
            number=place,
            place=place,
            meant=meant,
            pixels=image.tobytes(),
            picture=b"",
            shares=shares.tobytes(),
            answer=answer,
            verdict="digit",
            is_late=False,
            is_held=False,
            created=0.0,
        )
    )
    for other in (pupil + 1, pupil + 2):
        row = {"class_id": class_id, "place": place, "checker": f"{other % 30:032x}"}
        connection.execute(CLASS_CHECKS.insert().values(**row, dealt=0.0, choice=meant))


CASES = {
    "lesson": Case(
        "a class teaches its network the drawings that fooled it",
        "",
        lesson,
        {"drawings": 60, "model": "cnn"},
        {"drawings": 10, "model": "tiny"},
        {"from the press to a network that has learnt": "median ≤ 60"},
    ),
}

if __name__ == "__main__":
    sys.exit(harness.run(__doc__, CASES))
