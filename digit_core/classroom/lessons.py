"""The class teaches the network: it learns the drawings that fooled it, and what that did is measured on others."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from digit_core.classroom.classes import Classes
from digit_core.classroom.records import HandIn, Lesson, SchoolClass
from digit_core.classroom.rules import tasks
from digit_core.digits import SIDE, Digits, Handwriting
from digit_core.errors import ClassError
from digit_core.recipes import fine_tuning
from digit_core.recipes.configuration import TrainingConfig
from digit_core.runs import Runs
from digit_core.storage import run_records
from digit_core.storage.drawings import HELD_BACK_EACH
from digit_core.storage.run_records import MAX_NAME_LENGTH

# Fewer than where somebody teaches a set on the page Train: a class waits for it.
_EPOCHS, _MNIST_DIGITS = 3, 3_000


def recipe(card: Mapping[str, Any]) -> TrainingConfig:
    """How a class teaches a model; see `fine_tuning.recipe`.

    Raises:
        TrainingError: it cannot learn more.
    """
    return replace(fine_tuning.recipe(card), epochs=_EPOCHS, subset_size=_MNIST_DIGITS)


def parts(drawn: Sequence[HandIn], fooling: Collection[HandIn]) -> tuple[list[HandIn], list[HandIn]]:
    """Which drawings of a class are taught, and which are held back to judge by.

    Every third of all is held back, whatever the network made of it, so that these stand for the class. The first two of three
    are taught if they fooled the network.

    Args:
        drawn: all of the class in the order in which they came.
        fooling: those that people read and the network does not.
    """
    counted = [one for one in drawn if not one.is_held]
    held_back = counted[HELD_BACK_EACH - 1 :: HELD_BACK_EACH]
    places = {one.place for one in fooling} - {one.place for one in held_back}
    return [one for one in counted if one.place in places], held_back


def begin(classes: Classes, runs: Runs, key: str, seen: SchoolClass, card: Mapping[str, Any]) -> None:
    """Have the class's network learn, as a run of the teacher who opened the class.

    Args:
        key: the teacher's.
        seen: the class as the teacher saw it.
        card: of its network.

    Raises:
        ClassError: there is nothing to learn from.
        RunError: no run can start.
        TrainingError: the network cannot learn more.
    """
    config = recipe(card)
    taught, held_back = parts(*classes.drawings.all_of(key, seen.id))
    if not taught:
        raise ClassError(
            "There is no drawing to learn from: collect some that people read and the network doesn't."
        )
    handwriting = Handwriting(seen.id, _digits(taught), _digits(held_back), seen.name)
    parent = run_records.run_id(seen.model) or seen.model
    name = f"{seen.name}: taught"[:MAX_NAME_LENGTH]
    (run,) = runs.start((config,), seen.owner, name, parent, handwriting)
    places = (tuple(one.place for one in part) for part in (taught, held_back))
    classes.press(key, seen, tasks.START, tasks.LEARN, lesson=Lesson(run.id, *places))


def stop(classes: Classes, runs: Runs, key: str, seen: SchoolClass, lesson: Lesson) -> None:
    """End the learning early; what the network knows by then is kept.

    Raises:
        RunError: it is over, or goes in another process.
    """
    if (found := classes.of(key)) is None or found.id != seen.id:
        raise ClassError("The class has moved on: look at it again.")
    runs.access.steer(lesson.run, seen.owner, is_stopped=True)


def _digits(found: Sequence[HandIn]) -> Digits:
    images = np.array([one.image for one in found], np.uint8).reshape(-1, SIDE, SIDE)
    return Digits(images, np.array([one.meant for one in found], np.uint8))
