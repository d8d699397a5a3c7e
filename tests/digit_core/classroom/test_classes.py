"""A class from its opening to its end, on SQLite and PostgreSQL alike, as its teacher and its pupils see it."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from digit_core import settings
from digit_core.classroom import Classes, hand_ins, pupils
from digit_core.classroom.classes import REMOTE_SECONDS
from digit_core.classroom.records import SchoolClass
from digit_core.classroom.retention import KEPT_SECONDS, OPEN_SECONDS, sweep
from digit_core.classroom.rules import checks, tasks
from digit_core.datasets import Mnist
from digit_core.errors import ClassError, NoClassError, NotNowError
from digit_core.metrics.classification import share
from digit_core.storage.store import Store
from tests.digit_core.classroom.pupils_hand import (
    ANN,
    BEN,
    CAT,
    CROSS,
    KEY,
    TEACHER,
    Clock,
    close,
    drawing,
    end,
    hand_in,
    now,
    opened,
    picture,
    start,
)

OTHER_KEY = "o" * 32


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    found = Store(database_url)
    yield found
    found.close()


def told(classes: Classes, pupil: str, known: int = 0) -> dict:
    return classes.pupils.look(now(classes).code, pupil, known)


def test_a_class_goes_from_the_lobby_to_its_report(classes: Classes, mnist: Mnist) -> None:
    found = opened(classes, ANN, BEN)
    assert told(classes, ANN) == {
        "revision": found.steering,
        "state": "lobby",
        "paused": False,
        "class": "Class 7b",
        "wait": 2.0,
    }
    found = start(classes, tasks.DRAW_ANY)
    assert told(classes, ANN)["asks"]
    hand_in(classes, found, ANN, drawing(1, 1, 3))
    hand_in(classes, found, ANN, drawing(1, 2, 7))
    hand_in(classes, found, BEN, drawing(1, 1, 1, meant=7))
    look = classes.look(found.id)
    assert (look.drawings, look.handed_in, look.presence.present) == (3, 2, 2)
    assert [one.name for one in look.wall] == ["A", "A", "B"]
    assert look.handwriting.confusion[3, 3] == look.handwriting.confusion[7, 7] == 1
    assert look.handwriting.accuracy is not None
    assert (look.handwriting.accuracy.count, look.handwriting.accuracy.n) == (2, 3)
    assert look.revealed.accuracy is None
    end(classes)
    assert classes.look(found.id).revealed.accuracy == look.handwriting.accuracy
    assert [(one["meant"], one["answer"]) for one in told(classes, ANN)["drawings"]] == [(3, 3), (7, 7)]

    found = start(classes, tasks.GUESS, picture(mnist))
    classes.pupils.vote(found.code, ANN, {"task": 2, "choice": 1})
    classes.pupils.vote(found.code, ANN, {"task": 2, "choice": 7})
    classes.pupils.vote(found.code, BEN, {"task": 2, "choice": 2})
    assert told(classes, ANN)["vote"] == 7
    assert classes.look(found.id).votes.tolist() == [0, 0, 1, 0, 0, 0, 0, 1, 0, 0]
    end(classes)
    assert (told(classes, BEN)["answer"], told(classes, BEN)["meant"]) == (7, 7)
    close(classes)
    report = told(classes, ANN)["report"]
    assert {key: value for key, value in report.items() if key != "drawings"} == {
        "drawn": 2,
        "read": 2,
        "fooled": 0,
        "voted": 1,
        "foreseen": 1,
    }
    assert told(classes, BEN)["report"]["foreseen"] == 0


def test_nothing_of_an_answer_is_told_before_it_is_shown(classes: Classes, mnist: Mnist) -> None:
    shown = {"answer", "shares", "share", "verdict", "drawings", "report"}
    opened(classes, ANN, BEN, CAT)
    for kind, task in ((tasks.DRAW_SEVEN, 1), (tasks.MISREAD, 2)):
        found = start(classes, kind)
        for pupil in (ANN, BEN, CAT):
            hand_in(classes, found, pupil, drawing(task, 1, 7))
        while now(classes).state != tasks.REVEALED:
            assert not shown & set(json.dumps(told(classes, ANN)).split('"'))
            end(classes)
    found = start(classes, tasks.GUESS, picture(mnist))
    assert not (shown | {"meant"}) & set(json.dumps(told(classes, ANN)).split('"'))
    end(classes)
    assert told(classes, ANN)["answer"] == 7


def test_the_phones_read_along_only_in_the_task_that_was_opened_so(classes: Classes, mnist: Mnist) -> None:
    opened(classes, ANN)
    start(classes, tasks.DRAW_SEVEN)
    assert told(classes, ANN)["live"] is False
    end(classes)
    found = start(classes, tasks.MISREAD, is_live=True)
    assert told(classes, ANN)["live"] is True
    task = classes.look(found.id).task
    assert task is not None and task.is_live
    for _ in range(2):
        end(classes)
    start(classes, tasks.GUESS, picture(mnist), is_live=True)
    assert "live" not in told(classes, ANN)
    end(classes)
    start(classes, tasks.DRAW_ANY)
    assert told(classes, ANN)["live"] is False


def test_a_drawing_sent_again_is_there_once(classes: Classes) -> None:
    found = opened(classes, ANN)
    found = start(classes, tasks.DRAW_SEVEN)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: hand_in(classes, found, ANN, drawing(1, 1, 7)), range(8)))
    hand_in(classes, found, ANN, drawing(1, 2, 7))
    assert classes.look(found.id).drawings == 2


def test_what_is_no_digit_is_held_until_the_teacher_lets_it_in(classes: Classes) -> None:
    found = opened(classes, ANN)
    found = start(classes, tasks.DRAW_SEVEN)
    hand_in(classes, found, ANN, {"task": 1, "number": 1, "strokes": CROSS})
    look = classes.look(found.id)
    assert (look.drawings, look.handwriting.accuracy) == (0, None)
    (held,) = look.wall
    assert held.is_held
    with pytest.raises(NoClassError, match="Only the teacher"):
        classes.drawings.let_in(OTHER_KEY, found.id, held.place)
    classes.drawings.let_in(KEY, found.id, held.place)
    assert classes.look(found.id).drawings == 1
    classes.drawings.remove(KEY, found.id, held.place)
    assert classes.look(found.id).wall == ()


@pytest.mark.parametrize(
    "use",
    [
        lambda classes, seen: classes.press(OTHER_KEY, seen, tasks.END),
        lambda classes, seen: classes.switch(OTHER_KEY, seen.id, is_paused=True),
        lambda classes, seen: classes.move(OTHER_KEY, seen.id, "http://school:8501"),
        lambda classes, seen: classes.compare_with(OTHER_KEY, seen.id, "ann"),
        lambda classes, seen: classes.offer_remote(OTHER_KEY, seen.id),
        lambda classes, seen: classes.report(OTHER_KEY, seen.id, share(1, 2)),
        lambda classes, seen: classes.delete(OTHER_KEY, seen.id),
        lambda classes, seen: classes.drawings.all_of(OTHER_KEY, seen.id),
        lambda classes, seen: classes.drawings.let_in(OTHER_KEY, seen.id, 1),
        lambda classes, seen: classes.drawings.remove(OTHER_KEY, seen.id, 1),
        lambda classes, seen: classes.drawings.say(OTHER_KEY, seen.id, 1, 7),
        lambda classes, seen: classes.drawings.keep(OTHER_KEY, seen.id),
    ],
)
def test_another_teachers_key_opens_nothing_of_a_class(
    classes: Classes, use: Callable[[Classes, SchoolClass], object]
) -> None:
    opened(classes, ANN)
    found = start(classes, tasks.DRAW_SEVEN)
    hand_in(classes, found, ANN, drawing(1, 1, 7))
    before = classes.look(found.id)
    with pytest.raises(NoClassError, match="Only the teacher"):
        use(classes, found)
    assert classes.look(found.id).found == before.found
    assert len(classes.look(found.id).wall) == 1


def test_a_late_drawing_is_kept_and_in_no_score_and_a_late_vote_is_refused(
    classes: Classes, mnist: Mnist
) -> None:
    found = opened(classes, ANN, BEN)
    start(classes, tasks.DRAW_SEVEN)
    hand_in(classes, found, ANN, drawing(1, 1, 7))
    end(classes)
    hand_in(classes, found, BEN, drawing(1, 1, 3))
    look = classes.look(found.id)
    assert [one.is_late for one in look.wall] == [False, True]
    assert look.handwriting.accuracy is not None
    assert look.handwriting.accuracy.n == 1
    found = start(classes, tasks.GUESS, picture(mnist))
    end(classes)
    with pytest.raises(ClassError, match="came too late and doesn't count"):
        classes.pupils.vote(found.code, ANN, {"task": 2, "choice": 7})
    close(classes)
    with pytest.raises(ClassError, match="class is over"):
        hand_in(classes, found, ANN, drawing(1, 9, 7))


def test_in_a_pause_work_waits(classes: Classes) -> None:
    found = opened(classes, ANN)
    found = start(classes, tasks.DRAW_SEVEN)
    classes.switch(KEY, found.id, is_paused=True)
    assert told(classes, ANN)["paused"]
    with pytest.raises(NotNowError, match="paused"):
        hand_in(classes, found, ANN, drawing(1, 1, 7))
    classes.switch(KEY, found.id, is_paused=False)
    hand_in(classes, found, ANN, drawing(1, 1, 7))
    assert classes.look(found.id).drawings == 1


def test_a_press_for_a_state_that_is_over_does_nothing(classes: Classes) -> None:
    lobby = opened(classes, ANN)
    classes.press(KEY, lobby, tasks.START, tasks.DRAW_SEVEN)
    collecting = now(classes)
    classes.press(KEY, lobby, tasks.START, tasks.DRAW_ANY)
    assert now(classes) == collecting
    with pytest.raises(NoClassError, match="Only the teacher"):
        classes.press(OTHER_KEY, collecting, tasks.END)


def misread_round(classes: Classes, *who: str) -> SchoolClass:
    """A 1 that is meant as a 7 by each: the network answers 1, people may see what they like."""
    opened(classes, *who)
    found = start(classes, tasks.MISREAD)
    for pupil in who:
        hand_in(classes, found, pupil, drawing(1, 1, 1, meant=7))
    return end(classes)


def test_drawings_are_looked_at_by_two_others_who_are_not_told(classes: Classes) -> None:
    found = misread_round(classes, ANN, BEN, CAT)
    assert found.state == tasks.CHECK
    for pupil in (ANN, BEN, CAT) * 2:
        check = told(classes, pupil)["check"]
        assert check == told(classes, pupil)["check"]
        assert set(check) == {"place", "picture"}
        classes.pupils.check(found.code, pupil, {"place": check["place"], "choice": 7})
    assert "check" not in told(classes, ANN)
    look = classes.look(found.id)
    assert len(look.checked) == 6
    assert len(look.fooling) == 3
    assert look.handwriting.accuracy is None  # they were drawn to be misread
    end(classes)
    with pytest.raises(ClassError, match="checking is over"):
        classes.pupils.check(found.code, ANN, {"place": look.wall[1].place, "choice": 7})
    close(classes)
    assert told(classes, ANN)["report"]["fooled"] == 1


def test_nobody_answers_for_a_drawing_that_was_not_dealt_to_them(classes: Classes) -> None:
    found = misread_round(classes, ANN, BEN, CAT)
    mine = next(one for one in classes.look(found.id).wall if one.pupil == ANN)
    classes.pupils.check(found.code, ANN, {"place": mine.place, "choice": 7})
    assert classes.look(found.id).checked == ()


def test_with_two_pupils_the_teacher_looks(classes: Classes) -> None:
    found = misread_round(classes, ANN, BEN)
    first, second = classes.look(found.id).wall
    classes.drawings.say(KEY, found.id, first.place, 7)
    classes.drawings.say(KEY, found.id, second.place, checks.CANNOT_TELL)
    assert [one.place for one in classes.look(found.id).fooling] == [first.place]


def test_a_pupil_is_present_for_thirty_seconds_after_being_heard(classes: Classes, clock: Clock) -> None:
    found = opened(classes, ANN, BEN)
    clock.now += 31
    assert classes.look(found.id).presence.present == 0
    told(classes, ANN)
    presence = classes.look(found.id).presence
    assert (presence.joined, presence.present, presence.names) == (2, 1, ("A",))


def test_who_is_there_is_written_down_for_all_together(classes: Classes, clock: Clock) -> None:
    found = opened(classes, ANN, BEN)
    clock.now += 28
    told(classes, ANN)
    told(classes, BEN)  # kept: something was written just now
    clock.now += 6
    assert classes.look(found.id).presence.names == ("A",)
    told(classes, ANN)
    assert sorted(classes.look(found.id).presence.names) == ["A", "B"]
    clock.now += 25
    assert classes.look(found.id).presence.names == ("A",)  # Ben was heard 31 s ago


def test_the_more_pupils_ask_the_longer_each_is_told_to_wait(
    classes: Classes, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [letter * 32 for letter in "0123456789"]
    monkeypatch.setattr(pupils, "_QUESTIONS_A_SECOND", 0.5)
    found = opened(classes, *ids)
    waits = [classes.pupils.look(found.code, pupil)["wait"] for pupil in ids]
    assert waits == [2, 4, 6, 8, 10, 10, 10, 10, 10, 10]


def test_who_knows_all_is_sent_a_number_alone(classes: Classes) -> None:
    opened(classes, ANN)
    known = told(classes, ANN)["revision"]
    assert told(classes, ANN, known) == {"revision": known, "wait": 2.0}
    start(classes, tasks.DRAW_SEVEN)
    assert told(classes, ANN, known)["state"] == "collect"


def test_a_code_opens_nothing_but_its_class_and_guesses_are_counted(
    classes: Classes, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = opened(classes, ANN)
    shown = f" {found.code[:3].upper()}-{found.code[3:]} "
    assert classes.pupils.find(shown).id == found.id
    classes.pupils.forget(found.code)
    with pytest.raises(NoClassError, match="six letters and numbers"):
        classes.pupils.find("abc")
    wrong = "222222" if found.code != "222222" else "333333"
    for _ in range(pupils.MAX_WRONG_CODES):
        with pytest.raises(NoClassError, match="no class with this code"):
            classes.pupils.find(wrong)
    with pytest.raises(NotNowError, match="Too many wrong codes"):
        classes.pupils.find(wrong)
    clock.now += 61
    assert classes.pupils.find(found.code).id == found.id


def test_a_locked_class_lets_in_nobody_else(classes: Classes) -> None:
    found = opened(classes, ANN)
    classes.switch(KEY, found.id, is_locked=True)
    classes.pupils.enter(found.code, ANN, "Anna")
    with pytest.raises(ClassError, match="locked"):
        classes.pupils.enter(found.code, BEN)
    with pytest.raises(NoClassError, match="not in this class"):
        classes.pupils.look(found.code, BEN)


def test_a_nickname_is_cut_and_holds_no_hidden_marks() -> None:
    assert pupils.nickname(" A\u202enn  \n<b> ") == "Ann <b>"
    assert len(pupils.nickname("x" * 99)) == 24
    assert pupils.nickname(None) == ""


def test_a_pupil_hands_in_so_many_drawings_a_minute(classes: Classes, clock: Clock) -> None:
    found = opened(classes, ANN)
    found = start(classes, tasks.DRAW_SEVEN)
    for number in range(hand_ins.MAX_A_MINUTE):
        hand_in(classes, found, ANN, drawing(1, number + 1, 7))
    with pytest.raises(NotNowError, match="12 drawings a minute"):
        hand_in(classes, found, ANN, drawing(1, 99, 7))
    hand_in(classes, found, ANN, drawing(1, 1, 7))  # it is there already
    clock.now += 61
    hand_in(classes, found, ANN, drawing(1, 99, 7))


def test_the_address_for_pupils_is_the_teachers_choice(classes: Classes) -> None:
    found = opened(classes)
    classes.move(KEY, found.id, " http://room-12.school:8501/ ")
    assert now(classes).address == "http://room-12.school:8501"
    for wrong in ("room-12", "javascript:alert(1)", 'http://a"b', "http://", "http://" + "x" * 200):
        with pytest.raises(ClassError, match="looks like http"):
            classes.move(KEY, found.id, wrong)
    with pytest.raises(NoClassError, match="Only the teacher"):
        classes.move(OTHER_KEY, found.id, "http://elsewhere.org")


def test_a_public_host_asks_for_the_teachers_code_and_bounds_classes(
    classes: Classes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "TEACHER_CODE", "chalk-and-cheese")
    with pytest.raises(ClassError, match="teacher's code"):
        classes.open(TEACHER, KEY, "tiny")
    classes.open(TEACHER, KEY, "tiny", code="chalk-and-cheese")
    monkeypatch.setattr(settings, "TEACHER_CODE", "")
    monkeypatch.setattr(settings, "CLASSES", 2)
    assert classes.open(TEACHER, KEY, "tiny").name.startswith("Class of ")
    with pytest.raises(ClassError, match="2 classes are open"):
        classes.open(TEACHER, KEY, "tiny")


def test_a_phone_becomes_the_remote_once_within_five_minutes(classes: Classes, clock: Clock) -> None:
    found = opened(classes)
    offered = classes.offer_remote(KEY, found.id)
    classes.take_remote(OTHER_KEY, offered)
    assert classes.of(OTHER_KEY) == found
    classes.press(OTHER_KEY, found, tasks.START, tasks.DRAW_SEVEN)
    with pytest.raises(ClassError, match="used up or too old"):
        classes.take_remote("p" * 32, offered)
    offered = classes.offer_remote(KEY, found.id)
    clock.now += REMOTE_SECONDS + 1
    with pytest.raises(ClassError, match="used up or too old"):
        classes.take_remote("p" * 32, offered)


def test_the_drawings_become_a_set_of_the_teachers(classes: Classes, store: Store) -> None:
    found = opened(classes, ANN)
    with pytest.raises(ClassError, match="no drawing to keep"):
        classes.drawings.keep(KEY, found.id)
    found = start(classes, tasks.DRAW_ANY)
    hand_in(classes, found, ANN, drawing(1, 1, 3))
    hand_in(classes, found, ANN, {"task": 1, "number": 2, "strokes": CROSS, "meant": 4})
    close(classes)
    made = classes.drawings.keep(KEY, found.id)
    assert (made.name, made.count) == ("Class 7b", 1)
    _, (kept,) = store.drawings.read(TEACHER, made.id)
    assert (kept.label, kept.answer, kept.model) == (3, 3, "tiny")
    np.testing.assert_array_equal(kept.image, classes.look(found.id).wall[0].image)
    classes.delete(KEY, found.id)
    assert classes.of(KEY) is None
    assert store.drawing_sets.get(TEACHER, made.id).count == 1


def test_a_class_ends_after_a_day_and_is_deleted_after_thirty(
    store: Store, classes: Classes, clock: Clock
) -> None:
    found = opened(classes, ANN)
    found = start(classes, tasks.DRAW_SEVEN)
    hand_in(classes, found, ANN, drawing(1, 1, 7))
    sweep(store, clock.now)
    assert now(classes).state == tasks.COLLECT
    clock.now += OPEN_SECONDS
    sweep(store, clock.now)
    assert now(classes).state == tasks.CLOSED
    clock.now += KEPT_SECONDS - 1
    sweep(store, clock.now)
    assert classes.look(found.id).drawings == 1
    clock.now += 1
    sweep(store, clock.now)
    assert classes.of(KEY) is None


def test_another_process_sees_the_class_as_it_is(classes: Classes, database_url: str, clock: Clock) -> None:
    """A server that was killed and started again goes on where it was; so does one beside it."""
    found = opened(classes, ANN)
    found = start(classes, tasks.DRAW_SEVEN)
    hand_in(classes, found, ANN, drawing(1, 1, 7))
    beside = Store(database_url)
    other = Classes(beside, clock)
    assert other.look(found.id).found == classes.look(found.id).found
    hand_in(other, found, ANN, drawing(1, 1, 7))
    hand_in(other, found, ANN, drawing(1, 2, 7))
    beside.close()
    assert classes.look(found.id).drawings == 2
