"""What the tests of a class share: pupils, a teacher, and strokes of digits as a pupil's page sends them."""

from typing import Any

from digit_core.classroom import Classes
from digit_core.classroom.records import Picture, SchoolClass
from digit_core.classroom.rules import tasks
from digit_core.datasets import Mnist
from digit_core.inference import classifier
from digit_core.inference.classifier import Classifier
from tests.browser.pen import STROKES

TEACHER, KEY = "t" * 32, "k" * 32
ANN, BEN, CAT = "a" * 32, "b" * 32, "c" * 32
CROSS = [[60, 60, 220, 220], [220, 60, 60, 220], [140, 40, 140, 240], [40, 140, 240, 140]]  # no digit


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def reader(name: str) -> Classifier:
    return classifier.load(name)


def strokes(digit: int) -> list[list[int]]:
    return [[number for point in stroke for number in point] for stroke in STROKES[digit]]


def drawing(task: int, number: int, digit: int, meant: int | None = None) -> dict[str, Any]:
    """A message that hands in a digit."""
    meant = digit if meant is None else meant
    return {"task": task, "number": number, "strokes": strokes(digit), "meant": meant}


def hand_in(classes: Classes, found: SchoolClass, pupil: str, message: dict[str, Any]) -> None:
    classes.pupils.hand_in(found.code, pupil, message, reader)


def opened(classes: Classes, *pupils: str) -> SchoolClass:
    """A class with these pupils, who are called by the first letter of their ids."""
    found = classes.open(TEACHER, KEY, "tiny", "Class 7b")
    for pupil in pupils:
        classes.pupils.enter(found.code, pupil, pupil[0].upper())
    return now(classes)


def now(classes: Classes) -> SchoolClass:
    found = classes.of(KEY)
    assert found is not None
    return found


def start(
    classes: Classes, kind: str, picture: Picture | None = None, *, is_live: bool = False
) -> SchoolClass:
    classes.press(KEY, now(classes), tasks.START, kind, picture, is_live=is_live)
    return now(classes)


def end(classes: Classes) -> SchoolClass:
    classes.press(KEY, now(classes), tasks.END)
    return now(classes)


def close(classes: Classes) -> SchoolClass:
    classes.press(KEY, now(classes), tasks.CLOSE)
    return now(classes)


def picture(mnist: Mnist) -> Picture:
    """Test digit 0, a 7."""
    image = mnist.test.images[0]
    return Picture(image, 7, reader("tiny").predict(image[None] / 255.0)[0])
