"""You or the machine: ten seconds a picture by the server's clock, and nothing of an answer before the picture is closed."""

import json

import numpy as np
import pytest

from digit_core.classroom import Classes
from digit_core.classroom.records import Answer, Duel, Picture, SchoolClass
from digit_core.classroom.rules import duels, tasks
from digit_core.classroom.tables import task_table
from digit_core.errors import ClassError
from digit_core.metrics.classification import share
from tests.digit_core.classroom.pupils_hand import ANN, BEN, CAT, KEY, Clock, close, now, opened

SHARES = np.eye(10, dtype=np.float32)


def picture(meant: int, answer: int) -> Picture:
    return Picture(np.full((28, 28), meant, np.uint8), meant, SHARES[answer])


PICTURES = (picture(1, 1), picture(2, 7), picture(3, 3))


def begun(classes: Classes) -> SchoolClass:
    opened(classes, ANN, BEN, CAT)
    classes.press(KEY, now(classes), tasks.START, tasks.DUEL, duel=PICTURES)
    return now(classes)


def say(classes: Classes, pupil: str, number: int, choice: int, task: int = 1) -> None:
    classes.pupils.answer(now(classes).code, pupil, {"task": task, "round": number, "choice": choice})


def told(classes: Classes, pupil: str) -> dict:
    return classes.pupils.look(now(classes).code, pupil)["duel"]


def test_a_picture_is_open_for_ten_seconds_by_the_servers_clock(classes: Classes, clock: Clock) -> None:
    begun(classes)
    with pytest.raises(ClassError, match="doesn't count"):
        say(classes, ANN, 1, 1)  # it opens in three seconds
    clock.now += duels.LEAD_SECONDS
    say(classes, ANN, 1, 5)
    clock.now += duels.OPEN_SECONDS - 0.1
    say(classes, ANN, 1, 1)
    with pytest.raises(ClassError, match="doesn't count"):
        say(classes, ANN, 2, 2)
    assert told(classes, ANN)["left"] == 0.1
    clock.now += 0.1
    with pytest.raises(ClassError, match="doesn't count"):
        say(classes, BEN, 1, 1)
    assert told(classes, ANN) | {"picture": ""} == {
        "round": 1,
        "of": 3,
        "picture": "",
        "choice": 1,
        "begins_in": 0.0,
        "left": 0.0,
        "answer": 1,
        "meant": 1,
        "done": 1,
        "own": 1,
        "crowd": 1,
        "network": 1,
        "best": None,
    }


def test_nothing_of_an_answer_is_told_before_a_picture_is_closed(classes: Classes, clock: Clock) -> None:
    found = begun(classes)
    for wait in (0.0, duels.LEAD_SECONDS, duels.OPEN_SECONDS - 0.1):
        clock.now += wait
        message = classes.pupils.look(found.code, ANN)
        assert not {"answer", "meant", "shares"} & {*message, *message["duel"]}
        # The pictures to come are not there either.
        assert json.dumps(message).count('"picture"') == 1


def test_the_teacher_goes_on_and_can_close_a_picture_early(classes: Classes, clock: Clock) -> None:
    found = begun(classes)
    clock.now += duels.LEAD_SECONDS
    with pytest.raises(ClassError, match="moved on"):
        classes.next_picture(KEY, found, 1)
    classes.close_picture(KEY, found, 1)
    assert told(classes, ANN)["done"] == 1
    for _ in range(2):  # the second press was meant for the first picture
        classes.next_picture(KEY, found, 1)
    assert told(classes, ANN)["round"] == 2
    classes.close_picture(KEY, found, 1)
    assert told(classes, ANN)["left"] > 0
    clock.now += duels.LEAD_SECONDS + duels.OPEN_SECONDS
    classes.next_picture(KEY, found, 2)
    clock.now += duels.LEAD_SECONDS + duels.OPEN_SECONDS
    with pytest.raises(ClassError, match="moved on"):
        classes.next_picture(KEY, found, 3)


def test_the_score_is_reckoned_once_a_picture_however_many_ask(
    classes: Classes, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All answers of a class, read at each question of each pupil, took 12 ms of 100 pupils each: more than half a core."""
    read: list[int] = []
    of_all = task_table.answers
    monkeypatch.setattr(task_table, "answers", lambda *asked: read.append(1) or of_all(*asked))
    begun(classes)
    clock.now += duels.LEAD_SECONDS
    say(classes, ANN, 1, 1)
    clock.now += duels.OPEN_SECONDS
    assert [told(classes, pupil)["own"] for pupil in (ANN, BEN)] == [1, 0]
    assert len(read) == 2  # an answer may still be on its way into the store
    clock.now += 3
    read.clear()
    assert [told(classes, pupil)["own"] for pupil in (ANN, BEN, CAT, ANN)] == [1, 0, 0, 1]
    assert len(read) == 1
    classes.next_picture(KEY, now(classes), 1)
    clock.now += duels.LEAD_SECONDS
    say(classes, BEN, 2, 2)
    assert (told(classes, BEN)["choice"], told(classes, BEN)["own"]) == (2, 0)
    assert len(read) == 1
    clock.now += duels.OPEN_SECONDS + 3
    assert told(classes, BEN)["own"] == 1


def test_the_score_is_the_classs_the_networks_and_the_best_pupils() -> None:
    duel = Duel(PICTURES, 3, 0.0, 1.0)
    answers = [
        Answer(1, ANN, 1),
        Answer(1, BEN, 1),
        Answer(1, CAT, 7),
        Answer(2, ANN, 2),
        Answer(2, BEN, 7),  # as many: most did not choose the right one
        Answer(3, BEN, 3),
    ]
    found = duels.score(duel, answers, 2)
    assert (found.n, found.crowd, found.network, found.best) == (2, 1, 1, 2)
    assert found.own == {ANN: 2, BEN: 1, CAT: 0}
    assert duels.score(duel, answers, 3).crowd == 2
    assert duels.score(duel, [], 0).best == 0


def test_ones_best_is_that_of_the_duels_before(classes: Classes, clock: Clock) -> None:
    begun(classes)
    clock.now += duels.LEAD_SECONDS
    say(classes, ANN, 1, 1)
    classes.press(KEY, now(classes), tasks.END)
    assert told(classes, ANN)["done"] == 1  # what was open is closed with the duel
    classes.press(KEY, now(classes), tasks.START, tasks.DUEL, duel=PICTURES)
    assert (told(classes, ANN)["best"], told(classes, BEN)["best"]) == (1, 0)
    with pytest.raises(ClassError, match="duel is over"):
        say(classes, ANN, 1, 1, task=1)
    close(classes)
    report = classes.report(KEY, now(classes).id, share(99, 100))
    assert "Of 1 pictures the class reads 1 correctly, the network 1, the best pupil 1." in report


def test_a_duels_pictures_are_of_those_of_which_networks_are_least_sure() -> None:
    sure = np.full((500, 10), 0.1, np.float32)
    sure[:, 0] = np.linspace(0.2, 1, 500)[::-1]
    rows = duels.hardest([sure, sure], np.random.default_rng(0))
    assert len(set(rows)) == duels.PICTURES
    assert min(rows) >= 500 - duels.HARDEST
