"""A class's report tells each task and names nobody unless asked."""

import numpy as np

from digit_core.classroom import Classes
from digit_core.classroom.rules import tasks
from digit_core.datasets import Mnist
from digit_core.metrics.classification import share
from digit_core.storage.store import Store
from tests.digit_core.classroom.pupils_hand import (
    ANN,
    BEN,
    KEY,
    close,
    drawing,
    end,
    hand_in,
    opened,
    picture,
    start,
)

MNIST = share(9_900, 10_000)


def test_each_task_is_told_with_its_figures(store: Store, mnist: Mnist) -> None:
    classes = Classes(store)
    found = opened(classes, ANN, BEN)
    start(classes, tasks.DRAW_ANY)
    hand_in(classes, found, ANN, drawing(1, 1, 3))
    hand_in(classes, found, BEN, drawing(1, 1, 1, meant=7))
    end(classes)
    found = start(classes, tasks.GUESS, picture(mnist))
    classes.pupils.vote(found.code, ANN, {"task": 2, "choice": 7})
    classes.pupils.vote(found.code, BEN, {"task": 2, "choice": 1})
    close(classes)
    report = classes.report(KEY, found.id, MNIST)
    for told in (
        "<h1>Class 7b</h1>",
        "1. Draw any digit",
        "2 drawings, 1 of them read as meant.",
        "meant 7, read as 1",
        "2. Vote: what will it answer?",
        "1 of 2 foresaw the answer: 7",
        "Our handwriting",
        "50.0%",
        "99.0%",
    ):
        assert told in report
    assert report.count("<img") == 3
    assert "A: meant" not in report
    assert "A: meant 3" in classes.report(KEY, found.id, MNIST, has_names=True)
    assert "://" not in report and "<script" not in report


def test_a_class_without_a_drawing_has_a_report(store: Store) -> None:
    classes = Classes(store)
    found = opened(classes)
    close(classes)
    report = classes.report(KEY, found.id, MNIST)
    assert "Our handwriting" not in report
    assert np.char.count(report, "<h2>") == 1
