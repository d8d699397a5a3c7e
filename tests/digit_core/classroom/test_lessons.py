"""A class teaches the network what fooled it; every third drawing is held back, whatever the network made of it."""

from collections.abc import Iterator

import pytest

from digit_core.classroom import Classes, lessons
from digit_core.classroom.records import SchoolClass
from digit_core.classroom.rules import tasks
from digit_core.errors import ClassError
from digit_core.inference import model_files
from digit_core.recipes import fine_tuning
from digit_core.runs import Runs
from digit_core.storage.store import Store
from tests.digit_core.classroom.pupils_hand import (
    ANN,
    BEN,
    CAT,
    CROSS,
    KEY,
    TEACHER,
    drawing,
    end,
    hand_in,
    now,
    opened,
    start,
)
from tests.training_ground import wait_for_end


@pytest.fixture
def runs(store: Store) -> Iterator[Runs]:
    made = Runs(store, idle_seconds=1)
    yield made
    made.close()


def fooled(classes: Classes) -> SchoolClass:
    """A class in which each of three pupils has drawn a 3, and a 1 that two others take for the 7 it is meant to be."""
    found = opened(classes, ANN, BEN, CAT)
    start(classes, tasks.MISREAD)
    for pupil in (ANN, BEN, CAT):
        hand_in(classes, found, pupil, drawing(1, 1, 3))
        hand_in(classes, found, pupil, drawing(1, 2, 1, meant=7))
    end(classes)
    for _ in range(4):
        for pupil in (ANN, BEN, CAT):
            dealt = classes.pupils.look(found.code, pupil)["check"]
            place = dealt["place"]
            meant = next(one.meant for one in classes.look(found.id).wall if one.place == place)
            classes.pupils.check(found.code, pupil, {"place": place, "choice": meant})
    return end(classes)


def test_who_draws_what_two_others_read_and_the_network_misreads_scores(classes: Classes) -> None:
    found = fooled(classes)
    look = classes.look(found.id)
    assert [(one.name, one.number, one.fooled) for one in look.scores] == [
        ("A", 1, 1),
        ("B", 2, 1),
        ("C", 3, 1),
    ]
    assert look.scores[0].called(hides_names=True) == "pupil 1"
    told = classes.pupils.look(found.code, ANN)["drawings"]
    assert [one["fooled"] for one in told] == [False, True]


def test_every_third_drawing_is_held_back_and_what_fooled_it_of_the_others_is_taught(
    classes: Classes,
) -> None:
    found = fooled(classes)
    hand_in(classes, found, ANN, {"task": 1, "number": 3, "strokes": CROSS, "meant": 4})  # held: no digit
    drawn, fooling = classes.drawings.all_of(KEY, found.id)
    taught, held_back = lessons.parts(drawn, fooling)
    assert [drawn.index(one) for one in held_back] == [2, 5]
    assert [drawn.index(one) for one in taught] == [1, 3]


def test_without_a_drawing_that_fooled_it_there_is_no_lesson(classes: Classes, runs: Runs) -> None:
    found = opened(classes, ANN)
    start(classes, tasks.DRAW_ANY)
    hand_in(classes, found, ANN, drawing(1, 1, 3))
    end(classes)
    with pytest.raises(ClassError, match="no drawing to learn from"):
        lessons.begin(classes, runs, KEY, now(classes), model_files.read_card("tiny"))
    assert runs.all() == []
    assert now(classes).state == tasks.REVEALED


@pytest.mark.long
def test_the_network_learns_what_fooled_it(classes: Classes, runs: Runs) -> None:
    fooled(classes)
    lessons.begin(classes, runs, KEY, now(classes), model_files.read_card("tiny"))
    found = now(classes)
    assert found.state == tasks.LESSON
    assert classes.pupils.look(found.code, ANN)["lesson"] == {"all": 2, "own": 1}
    lesson = classes.look(found.id).task.lesson
    run = wait_for_end(runs, runs.get(lesson.run))
    assert (run.owner, run.state) == (TEACHER, "finished")
    effect = fine_tuning.effect_of(run.card)
    assert effect is not None
    assert (effect.before["learnt"].count, effect.after["learnt"].count) == (0, 2)
    assert (effect.before["held_back"].n, effect.before["held_back"].count) == (2, 1)
    assert effect.after["mnist"].n == 10_000
    assert end(classes).state == tasks.REVEALED
