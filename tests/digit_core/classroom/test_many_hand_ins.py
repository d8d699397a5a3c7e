"""Drawings that come in at once are taken together, each once, and one that is refused keeps back no other."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from digit_core.classroom import Classes
from digit_core.classroom.rules import tasks
from digit_core.classroom.tables import drawing_table
from digit_core.errors import ClassError, NoClassError, NotNowError
from digit_core.inference.classifier import Classifier
from digit_core.storage.store import Store
from tests.digit_core.classroom import pupils_hand
from tests.digit_core.classroom.pupils_hand import CAT, KEY, drawing, opened, start

PUPILS = [f"{number:032x}" for number in range(20)]


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    found = Store(database_url)
    yield found
    found.close()


class SlowReader:
    """Gives the real network; the first time, once it is let go on."""

    def __init__(self) -> None:
        self.calls, self.is_asked, self.goes_on = 0, threading.Event(), threading.Event()

    def __call__(self, name: str) -> Classifier:
        self.calls += 1
        self.is_asked.set()
        assert self.goes_on.wait(20)
        return pupils_hand.reader(name)


def hand_in_at_once(classes: Classes, code: str, sent: list[tuple[str, dict]]) -> tuple[list[Future], int]:
    """Hand in the first drawing, and all others while that one is being read; gives how they ended and how often was read."""
    reader = SlowReader()
    with ThreadPoolExecutor(len(sent)) as pool:
        ended = []
        for pupil, message in sent:
            ended.append(pool.submit(classes.pupils.hand_in, code, pupil, message, reader))
            assert reader.is_asked.wait(20)
        while len(classes.pupils._intake._waiting) < len(sent) - 1:
            threading.Event().wait(0.01)
        reader.goes_on.set()
    return ended, reader.calls


def stored(store: Store, class_id: str) -> list[tuple[int, str, int]]:
    with store.database.reading() as connection:
        return [(one.place, one.pupil, one.number) for one in drawing_table.hand_ins(connection, class_id)]


def test_drawings_that_come_at_once_are_read_together_and_each_is_there_once(
    classes: Classes, store: Store
) -> None:
    found = opened(classes, *PUPILS)
    found = start(classes, tasks.DRAW_SEVEN)
    sent = [(pupil, drawing(1, 1, 7)) for pupil in [*PUPILS, PUPILS[5], PUPILS[5], PUPILS[0]]]
    ended, readings = hand_in_at_once(classes, found.code, sent)
    assert [one.exception() for one in ended] == [None] * len(sent)
    assert readings == 2
    kept = stored(store, found.id)
    assert sorted(pupil for _, pupil, _ in kept) == sorted(PUPILS)
    assert len({place for place, _, _ in kept}) == len(PUPILS)
    assert now_revision(classes) == found.revision + len(PUPILS) == max(place for place, _, _ in kept)


def now_revision(classes: Classes) -> int:
    return pupils_hand.now(classes).revision


def test_of_drawings_that_come_at_once_each_is_refused_for_itself(classes: Classes, store: Store) -> None:
    found = opened(classes, *PUPILS)
    found = start(classes, tasks.DRAW_SEVEN)
    blank = {"task": 1, "number": 1, "strokes": [[900, 900, 950, 950]]}
    sent = [
        (PUPILS[0], drawing(1, 1, 7)),
        (PUPILS[1], blank),
        (CAT, drawing(1, 1, 7)),
        (PUPILS[2], drawing(2, 1, 7)),
        *((PUPILS[3], drawing(1, number, 7)) for number in range(1, 14)),
    ]
    ended, _ = hand_in_at_once(classes, found.code, sent)
    refused = [type(one.exception()) for one in ended if one.exception() is not None]
    assert refused == [ClassError, NoClassError, ClassError, NotNowError]
    assert len(stored(store, found.id)) == 13


def test_drawings_that_wait_when_a_class_is_paused_are_sent_again(classes: Classes, store: Store) -> None:
    found = opened(classes, *PUPILS)
    found = start(classes, tasks.DRAW_SEVEN)
    reader = SlowReader()
    with ThreadPoolExecutor(1) as pool:
        ended = pool.submit(classes.pupils.hand_in, found.code, PUPILS[0], drawing(1, 1, 7), reader)
        assert reader.is_asked.wait(20)
        classes.switch(KEY, found.id, is_paused=True)
        reader.goes_on.set()
    assert isinstance(ended.exception(), NotNowError)
    assert stored(store, found.id) == []
