"""Classes as pupils take part in them: entered by a code, asked how they stand, handed in to, voted and checked in.

Whatever comes here may come from anybody: a pupil's id is chosen by the pupil's page, which alone knows it.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cachetools import LRUCache, TTLCache
from sqlalchemy import Connection

from digit_core.classroom import hand_ins, told
from digit_core.classroom.attendance import Attendance
from digit_core.classroom.hand_ins import Incoming, Intake, Reader
from digit_core.classroom.records import MAX_NAME_LENGTH, Check, Duel, HandIn, SchoolClass, Task
from digit_core.classroom.rules import checks, duels, scores, tasks
from digit_core.classroom.tables import class_table, drawing_table, task_table
from digit_core.errors import ClassError, NoClassError, NotNowError, StoreError
from digit_core.storage import drawings, visitors
from digit_core.storage.store import Store

MAX_PUPILS = 1_000  # of a class: a school's
MAX_WRONG_CODES = 300  # a minute, from everybody together: a school is one address
CODE_LENGTH = 6
_FRESH_SECONDS = 0.5  # for so long a class is not read again for the next pupil who asks
# Between two questions of a pupil's page how its class stands.
_ASK_SECONDS, _ASK_IN_A_DUEL_SECONDS = 2.0, 1.0
_QUESTIONS_A_SECOND = 150  # that all pages together ask at most: with more pupils, each asks less often
_KEPT_SCORES = 200  # of duels
_SETTLED_SECONDS = 2.0
_NO_CLASS = "There is no class with this code. Check the code on the board."


class Pupils:
    """What pupils do in the classes of a store. Threads may share it.

    `code` is the class's as it was typed, `pupil` the id of who asks. Every method raises NoClassError if there is no such class
    or the pupil is not in it, NotNowError if it is to be tried again later, ClassError with a sentence if it is refused, and
    StoreError if the store does not answer.
    """

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        """Know nobody yet.

        Args:
            store: where classes are.
            clock: says seconds since 1970, UTC.
        """
        self._store, self._clock = store, clock
        self._lock = threading.Lock()
        self._found: TTLCache[str, SchoolClass] = TTLCache(1_000, _FRESH_SECONDS)
        self._attendance = Attendance(store, clock)
        self._intake = Intake(store, clock)
        # By class, task and how many pictures are over; None for all of an earlier duel.
        self._standings: LRUCache[tuple[str, int, int | None], duels.Score] = LRUCache(_KEPT_SCORES)
        self._wrong: deque[float] = deque(maxlen=MAX_WRONG_CODES)

    def forget(self, code: str) -> None:
        """Read a class again when it is asked for next: it was changed."""
        with self._lock:
            self._found.pop(code, None)

    def enter(self, code: str, pupil: str, name: str = "") -> SchoolClass:
        """Come into a class, or take another name in it.

        Args:
            name: a nickname, which is cut to 24 characters; "" for none.

        Raises:
            ClassError: the class is closed or locked, or full.
        """
        _check(pupil)
        found = self.find(code)
        with self._store.database.writing() as connection:
            now = class_table.locked(connection, found.id)
            if now is None:
                raise NoClassError(_NO_CLASS)
            if not class_table.is_in(connection, found.id, pupil):
                _check_room(connection, now)
            class_table.put_pupil(connection, found.id, pupil, nickname(name), self._clock())
            class_table.touch(connection, found.id)
        return now

    def find(self, code: str) -> SchoolClass:
        """A class by its code, as it stood at most half a second ago."""
        try:
            typed = drawings.typed_code(code, CODE_LENGTH)
        except StoreError as error:
            raise NoClassError(str(error)) from error
        with self._lock:
            known = self._found.get(typed)
        if known is not None:
            return known
        with self._lock:
            now = self._clock()
            if len(self._wrong) == MAX_WRONG_CODES and now - self._wrong[0] < 60:
                raise NotNowError("Too many wrong codes were typed: try again in a minute.")
        with self._store.database.reading() as connection:
            found = class_table.by_code(connection, typed)
        with self._lock:
            if found is None:
                self._wrong.append(now)
                raise NoClassError(_NO_CLASS)
            self._found[typed] = found
        return found

    def look(self, code: str, pupil: str, known: int = 0) -> dict[str, Any]:
        """How a class stands for a pupil; the pupil counts as present.

        Args:
            known: the "revision" that the pupil's page knows already.

        Returns:
            As `told.to_pupil`; of a class that has not changed since, nothing but its "revision". And "wait": after how many
            seconds the page asks again, at most `class_table.PRESENT_SECONDS` / 3.
        """
        _check(pupil)
        found = self.find(code)
        self._attendance.hear(found.id, pupil)
        wait = {"wait": self._wait(found)}
        if found.steering == known and found.state not in (tasks.CHECK, tasks.DUELLING):
            return {"revision": known} | wait
        with self._store.database.reading() as connection:
            task = task_table.task(connection, found.id, found.task)
            own = self._own(connection, found, task, pupil)
        if found.state == tasks.CHECK and own.dealt is None:
            own = self._deal(found, own, pupil)
        return told.to_pupil(found, task, own) | wait

    def _wait(self, found: SchoolClass) -> float:
        """After how many seconds a pupil's page asks again."""
        least = _ASK_IN_A_DUEL_SECONDS if found.state == tasks.DUELLING else _ASK_SECONDS
        fair = self._attendance.count() / _QUESTIONS_A_SECOND
        return round(min(max(least, fair), class_table.PRESENT_SECONDS / 3), 1)

    def hand_in(self, code: str, pupil: str, message: Mapping[str, Any], reader: Reader) -> None:
        """Take a drawing. The same one, by its task and number, is taken once, however often it is sent.

        Args:
            message: "task" and "number", whole numbers from 1; "strokes" as `hand_ins.pen_strokes` takes them; and
                "meant", 0 to 9, where the task does not say it.
            reader: gives the network of a name.
        """
        _check(pupil)
        found = self.find(code)
        number = _whole(message, "number", 1, hand_ins.MAX_NUMBER)
        task = _whole(message, "task", 1, 10_000)
        hand_ins.check_open(found)
        drawn = hand_ins.pen_strokes(message.get("strokes"))
        meant = message.get("meant") if type(message.get("meant")) is int else None
        self._intake.take(Incoming(found, task, pupil, number, drawn, meant, reader))

    def vote(self, code: str, pupil: str, message: Mapping[str, Any]) -> None:
        """Vote, or change one's vote.

        Args:
            message: "task" and "choice", 0 to 9.

        Raises:
            ClassError: the answer was shown already.
        """
        _check(pupil)
        found = self.find(code)
        number, choice = _whole(message, "task", 1, 10_000), _whole(message, "choice", 0, 9)
        with self._store.database.writing() as connection:
            now = _taking_part(connection, found.id, pupil)
            if now.state != tasks.VOTE or now.task != number:
                raise ClassError("The vote is over: this answer came too late and doesn't count.")
            task_table.put_vote(connection, found.id, number, pupil, choice)
            class_table.touch(connection, found.id)

    def answer(self, code: str, pupil: str, message: Mapping[str, Any]) -> None:
        """Say what the open picture of a duel is, or change what one said.

        Args:
            message: "task", "round" of the picture, and "choice", 0 to 9.

        Raises:
            ClassError: the picture is closed.
        """
        _check(pupil)
        found = self.find(code)
        number, choice = _whole(message, "task", 1, 10_000), _whole(message, "choice", 0, 9)
        shown = _whole(message, "round", 1, duels.PICTURES)
        with self._store.database.writing() as connection:
            now = _taking_part(connection, found.id, pupil)
            task = task_table.task(connection, found.id, number)
            if task is None or task.duel is None or (now.state, now.task) != (tasks.DUELLING, number):
                raise ClassError("The duel is over: this answer came too late and doesn't count.")
            duels.check_open(task.duel, shown, self._clock())
            task_table.put_answer(connection, found.id, number, shown, pupil, choice)
            class_table.touch(connection, found.id)

    def check(self, code: str, pupil: str, message: Mapping[str, Any]) -> None:
        """Say what another's drawing is.

        Args:
            message: "place" of the drawing that was dealt to this pupil, and "choice", 0 to 9 or `checks.CANNOT_TELL`.

        Raises:
            ClassError: the checking is over.
        """
        _check(pupil)
        found = self.find(code)
        place = _whole(message, "place", 1, 2**31 - 1)
        choice = _whole(message, "choice", checks.CANNOT_TELL, 9)
        with self._store.database.writing() as connection:
            now = class_table.locked(connection, found.id)
            if now is None or now.state != tasks.CHECK:
                raise ClassError("The checking is over: this answer came too late and doesn't count.")
            hand_ins.check_open(now)
            if drawing_table.choose(connection, found.id, place, pupil, choice):
                class_table.touch(connection, found.id)

    def _own(self, connection: Connection, found: SchoolClass, task: Task | None, pupil: str) -> told.Own:
        if found.state == tasks.CLOSED:
            drawn = drawing_table.hand_ins(connection, found.id, pupil=pupil)
            votes = task_table.votes_of(connection, found.id, pupil)
            return told.Own(drawn, votes=votes, fooling=_fooling(connection, found, drawn))
        if task is None:
            return told.Own()
        if task.duel is not None:
            return told.Own(duel=self._duel(connection, found, task.number, task.duel, pupil))
        if task.lesson is not None:
            return told.Own(drawing_table.hand_ins(connection, found.id, pupil=pupil))
        drawn = drawing_table.hand_ins(connection, found.id, task=task.number, pupil=pupil)
        fooling = _fooling(connection, found, drawn) if found.state == tasks.REVEALED else []
        return told.Own(
            drawn, task_table.votes(connection, found.id, task.number).get(pupil), fooling=fooling
        )

    def _duel(
        self, connection: Connection, found: SchoolClass, number: int, duel: Duel, pupil: str
    ) -> dict[str, Any]:
        """How a duel stands for a pupil."""
        now = self._clock()
        standing = self._standing(connection, found.id, number, duel, now)
        choice = task_table.answer(connection, found.id, number, duel.round, pupil)
        earlier = task_table.duels(connection, found.id, number)
        before = [self._ended(connection, found.id, one).own.get(pupil, 0) for one in earlier]
        return duels.to_pupil(duel, standing, pupil, choice, now, max(before, default=None), told.packed)

    def _standing(
        self, connection: Connection, class_id: str, number: int, duel: Duel, now: float
    ) -> duels.Score:
        """How a duel stands after the pictures that are over. All pupils ask for it every second or so; it changes once a picture."""
        done = duel.done(now)
        with self._lock:
            known = self._standings.get((class_id, number, done))
        if known is not None:
            return known
        standing = duels.score(duel, task_table.answers(connection, class_id, number), done)
        # An answer that came in time may be written a moment after it.
        if done < duel.round or now > duel.until + _SETTLED_SECONDS:
            with self._lock:
                self._standings[class_id, number, done] = standing
        return standing

    def _ended(self, connection: Connection, class_id: str, number: int) -> duels.Score:
        """How an earlier duel ended."""
        with self._lock:
            known = self._standings.get((class_id, number, None))
        if known is not None:
            return known
        task = task_table.task(connection, class_id, number)
        assert task is not None and task.duel is not None, "it is one of the class's duels"
        ending = duels.score(task.duel, task_table.answers(connection, class_id, number), task.duel.round)
        with self._lock:
            self._standings[class_id, number, None] = ending
        return ending

    def _deal(self, found: SchoolClass, own: told.Own, pupil: str) -> told.Own:
        """Show a pupil another's drawing, the same one until something is said of it or its time is up."""
        now = self._clock()
        with self._store.database.writing() as connection:
            locked = class_table.locked(connection, found.id)
            if locked is None or locked.state != tasks.CHECK:
                return own
            drawn = drawing_table.hand_ins(connection, found.id, task=found.task)
            open_ones = {one.place: one for one in drawn if not one.is_held}
            dealt = drawing_table.checks(connection, found.id, list(open_ones))
            place = checks.deal({key: one.pupil for key, one in open_ones.items()}, dealt, pupil, now)
            if place is None:
                return own
            if not any(one.place == place and one.checker == pupil for one in dealt):
                drawing_table.put_check(connection, found.id, Check(place, pupil, now))
        return told.Own(own.hand_ins, own.vote, own.votes, (place, open_ones[place].image))


def _taking_part(connection: Connection, class_id: str, pupil: str) -> SchoolClass:
    """A class that a pupil is in and that takes what pupils send, locked against others' writes."""
    found = class_table.locked(connection, class_id)
    if found is None or not class_table.is_in(connection, class_id, pupil):
        raise NoClassError(class_table.NOT_IN)
    hand_ins.check_open(found)
    return found


def nickname(text: object) -> str:
    """What a pupil wants to be called, with single spaces, without what turns a line around, and cut."""
    kept = "".join(letter for letter in str(text or "") if letter.isprintable())
    return " ".join(kept.split())[:MAX_NAME_LENGTH].strip()


def _check(pupil: object) -> None:
    if not visitors.is_visitor(pupil):
        raise NoClassError("This page is damaged: reload it.")


def _fooling(connection: Connection, found: SchoolClass, drawn: Sequence[HandIn]) -> list[HandIn]:
    """Those of a pupil's drawings that people read and the network does not."""
    checked = drawing_table.checks(connection, found.id, [one.place for one in drawn])
    return scores.fooling(drawn, checks.legible({one.place: one.meant for one in drawn}, checked))


def _check_room(connection: Connection, found: SchoolClass) -> None:
    if found.state == tasks.CLOSED:
        raise ClassError("This class is over.")
    if found.is_locked:
        raise ClassError("The teacher has locked this class: nobody else can join it now.")
    if class_table.count_pupils(connection, found.id) >= MAX_PUPILS:
        raise ClassError(f"This class is full: it has {MAX_PUPILS} pupils.")


def _whole(message: Mapping[str, Any], name: str, lowest: int, highest: int) -> int:
    value = message.get(name)
    if type(value) is not int or not lowest <= value <= highest:
        raise ClassError(f"This message is damaged: its {name} is missing. Reload the page.")
    return value
