"""Classes as a teacher steers them: opened, led from task to task, looked at, closed, kept or deleted."""

import functools
import re
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from cachetools import TTLCache

from digit_core import settings
from digit_core.classroom import looks, reports, retention
from digit_core.classroom.drawings import Drawings
from digit_core.classroom.looks import Look
from digit_core.classroom.pupils import Pupils
from digit_core.classroom.records import Duel, Lesson, Picture, SchoolClass
from digit_core.classroom.rules import duels, scores, tasks
from digit_core.classroom.rules.own_tasks import OwnTask
from digit_core.classroom.tables import class_table, drawing_table, task_table
from digit_core.errors import ClassError, NoClassError
from digit_core.metrics.classification import Share
from digit_core.recipes.fine_tuning import Effect
from digit_core.storage import drawings, quotas, visitors
from digit_core.storage import store as stores
from digit_core.storage.store import Store

CODE_LENGTH = 6  # 31 to the power of 6: of 20 open classes a guess finds one in 44 million
REMOTE_SECONDS = 300.0  # in which a phone may become the remote
_MAX_LOOKS, _LOOK_SECONDS = 50, 60.0  # classes whose last look is remembered, and for how long
_ADDRESS = re.compile(r"https?://[^\s/?#\"<>]+(/[^\s?#\"<>]*)?")
_MAX_ADDRESS = 200
_SWITCHES = {"is_paused", "is_locked", "hides_names"}


class Classes:
    """The classes of a store. Threads may share it, and so may processes that share the store.

    `key` is a teacher's: 128 random bits that the teacher's browser keeps; the store has its digest alone. Every method raises
    NoClassError if the class is gone or the key does not steer it, and StoreError if the store does not answer.

    Attributes:
        pupils: what pupils do.
        drawings: what was drawn, as the teacher treats it.

    Example:
        >>> import secrets, tempfile
        >>> from digit_core.classroom import Classes
        >>> from digit_core.storage.store import Store
        >>> teacher, key = secrets.token_hex(16), secrets.token_hex(16)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = Store(f"sqlite:///{folder}/classes.db")
        ...     made = Classes(store).open(teacher, key, "cnn", "Class 7b")
        ...     store.close()
        >>> made.name, made.state, len(made.code)
        ('Class 7b', 'lobby', 6)
    """

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        """Open nothing yet.

        Args:
            store: where classes are.
            clock: says seconds since 1970, UTC.
        """
        self._store, self._clock = store, clock
        self.pupils, self.drawings = Pupils(store, clock), Drawings(store, clock)
        self._lock = threading.Lock()
        self._looks: TTLCache[str, Look] = TTLCache(_MAX_LOOKS, _LOOK_SECONDS)

    def open(self, visitor: str, key: str, model: str, name: str = "", code: str = "") -> SchoolClass:
        """Open a class.

        Args:
            visitor: whose set the drawings become.
            key: the teacher's.
            model: the network that reads.
            name: for people, 60 characters at most; the date if empty.
            code: DIGIT_TEACHER_CODE as it was typed, which is needed where one is set.

        Raises:
            ClassError: that code is needed and was not typed, or there are too many open classes.
        """
        visitors.check(visitor)
        visitors.check(key)
        if settings.TEACHER_CODE and not visitors.is_teacher(visitor, code):
            raise ClassError("Type the teacher's code to open a class.")
        now = self._clock()
        with self._store.database.writing() as connection:
            quotas.check_bytes(connection)
            if class_table.count_open(connection, now - retention.OPEN_SECONDS) >= settings.CLASSES:
                raise ClassError(
                    f"{settings.CLASSES} classes are open, which is the limit here: try again when one has ended."
                )
            made = SchoolClass(
                secrets.token_hex(6),
                drawings.new_code(CODE_LENGTH),
                visitor,
                drawings.checked_name(name or _named_by_date()),
                model,
                tasks.LOBBY,
                0,
                False,
                False,
                False,
                "",
                1,
                1,
                now,
            )
            class_table.add(connection, made, key)
        return made

    def of(self, key: str | None) -> SchoolClass | None:
        """The class that a key steers, open or closed, the one that was opened last; None without any."""
        if key is None:
            return None
        with self._store.database.reading() as connection:
            return class_table.by_key(connection, key)

    def press(
        self,
        key: str,
        seen: SchoolClass,
        press: str,
        kind: str = "",
        picture: Picture | None = None,
        *,
        is_live: bool = False,
        lesson: Lesson | None = None,
        duel: Sequence[Picture] = (),
        own: OwnTask | None = None,
    ) -> None:
        """Lead a class on. A press that was meant for a state that is over, such as a second one, does nothing.

        Args:
            seen: the class as the teacher saw it.
            press: `tasks.START`, `tasks.END` or `tasks.CLOSE`.
            kind: of the task that starts, `tasks.OWN` for one that the teacher wrote.
            picture: that is voted on, where the task is a vote.
            is_live: whether the phones show what a small network reads while the pupils draw; in a vote nobody draws.
            lesson: what the network learns, where the task is a lesson.
            duel: the pictures that the class and the network read, where the task is a duel.
            own: what the teacher wrote.

        Raises:
            ClassError: this press leads nowhere from there.
        """
        with self._store.database.writing() as connection:
            found = class_table.steered(connection, key, seen.id)
            if (found.state, found.task) != (seen.state, seen.task):
                return
            going = task_table.task(connection, found.id, found.task)
            rules = going.rules if going and not kind else own.kind if own else tasks.KINDS.get(kind)
            state = tasks.after(found.state, press, rules)
            values: dict[str, Any] = {"state": state, "is_paused": False}
            if press == tasks.START:
                values["task"] = found.task + 1
                assert rules is not None, "only a task with rules starts"
                is_vote = rules.state == tasks.VOTE
                if is_vote != (picture is not None):
                    raise ClassError("A vote needs a picture, and no other task has one.")
                is_live = is_live and not is_vote
                task_table.add(connection, found.id, found.task + 1, kind, picture, is_live=is_live)
                if (details := own or lesson) is not None:
                    task_table.put_details(connection, found.id, found.task + 1, asdict(details))
                if duel:
                    task_table.put_duel(
                        connection, found.id, found.task + 1, duels.begin(duel, self._clock())
                    )
            if going is not None and going.duel is not None and press != tasks.START:
                over = duels.cut_short(going.duel, going.duel.round, self._clock())
                task_table.put_duel(connection, found.id, found.task, over)
            if state in (tasks.REVEALED, tasks.CLOSED):
                task_table.reveal(connection, found)
            if state == tasks.CLOSED:
                values["ended"] = self._clock()
            class_table.touch(connection, found.id, is_steering=True, **values)
        self.pupils.forget(found.code)

    def next_picture(self, key: str, seen: SchoolClass, number: int) -> None:
        """Go on to the next picture of a duel.

        Args:
            seen: the class as the teacher saw it.
            number: of the picture that the teacher saw: a second press does nothing.

        Raises:
            ClassError: that picture is still open, or it is the last one.
        """
        self._change_duel(key, seen, lambda duel, now: duels.onward(duel, number, now))

    def close_picture(self, key: str, seen: SchoolClass, number: int) -> None:
        """Close the open picture of a duel before its time is up; arguments as for `next_picture`."""
        self._change_duel(key, seen, lambda duel, now: duels.cut_short(duel, number, now))

    def _change_duel(self, key: str, seen: SchoolClass, change: Callable[[Duel, float], Duel]) -> None:
        with self._store.database.writing() as connection:
            found = class_table.steered(connection, key, seen.id)
            task = task_table.task(connection, found.id, found.task)
            if found.state != tasks.DUELLING or found.task != seen.task or task is None or task.duel is None:
                return
            task_table.put_duel(connection, found.id, found.task, change(task.duel, self._clock()))
            class_table.touch(connection, found.id, is_steering=True)
        self.pupils.forget(found.code)

    def switch(self, key: str, class_id: str, **switches: bool) -> None:
        """Turn something on or off: is_paused, is_locked or hides_names."""
        if unknown := set(switches) - _SWITCHES:
            raise ValueError(f"A class has no {', '.join(sorted(unknown))}.")
        with self._store.database.writing() as connection:
            found = class_table.steered(connection, key, class_id)
            class_table.touch(connection, class_id, is_steering=True, **switches)
        self.pupils.forget(found.code)

    def move(self, key: str, class_id: str, address: str) -> None:
        """Choose the address at which pupils reach the app.

        Args:
            address: such as http://192.168.1.7:8501, 200 characters at most; a slash at its end is left out.

        Raises:
            ClassError: it is none.
        """
        address = address.strip().rstrip("/")
        if not _ADDRESS.fullmatch(address) or len(address) > _MAX_ADDRESS:
            raise ClassError("An address looks like http://192.168.1.7:8501.")
        with self._store.database.writing() as connection:
            class_table.steered(connection, key, class_id)
            class_table.touch(connection, class_id, address=address)

    def compare_with(self, key: str, class_id: str, model: str) -> None:
        """Choose a second network that reads the same drawings; "" for none."""
        with self._store.database.writing() as connection:
            class_table.steered(connection, key, class_id)
            task_table.put_details(connection, class_id, 0, {"rival": model})
            class_table.touch(connection, class_id)

    def offer_remote(self, key: str, class_id: str) -> str:
        """A one-time key with which, within REMOTE_SECONDS, another browser can steer this class, too."""
        offered = secrets.token_urlsafe(16)
        with self._store.database.writing() as connection:
            class_table.steered(connection, key, class_id)
            class_table.offer_remote(connection, class_id, offered, self._clock() + REMOTE_SECONDS)
        return offered

    def take_remote(self, key: str, offered: str) -> None:
        """Let the browser with this key steer the class for which a one-time key was offered; that one is used up.

        Raises:
            ClassError: it is used up, or too old.
        """
        visitors.check(key)
        with self._store.database.writing() as connection:
            now = self._clock()
            found = class_table.take_remote(connection, offered, now)
            if found is None:
                raise ClassError("This link to the remote is used up or too old: show a new one.")
            class_table.grant(connection, found.id, key, now)

    def look(self, class_id: str) -> Look:
        """A class as it stands. Of one that has not changed since somebody looked, who is there alone is read again."""
        with self._store.database.reading() as connection:
            found = class_table.by_id(connection, class_id)
            if found is None:
                raise NoClassError(class_table.GONE)
            now = self._clock()
            presence = class_table.presence(connection, class_id, now)
            with self._lock:
                known = self._looks.get(class_id)
            if known is not None and known.found == found:
                return replace(known, presence=presence, now=now)
            look = looks.of(connection, found, presence, now)
        with self._lock:
            self._looks[class_id] = look
        return look

    def report(
        self,
        key: str,
        class_id: str,
        mnist: Share,
        effect_of: Callable[[str], Effect | None] = lambda run: None,
        *,
        has_names: bool = False,
    ) -> str:
        """What the class did, as a page to print; see `reports.html_report`.

        Args:
            mnist: how well the network reads MNIST's test digits.
            effect_of: says of a lesson's run what it did; None where that is not known.
            has_names: whether the pupils' names stand in it.
        """
        with self._store.database.reading() as connection:
            found = class_table.steered(connection, key, class_id, locks=False)
            rounds = looks.rounds(connection, found, effect_of)
            fooled = scores.ranked(
                looks.collected(connection, class_id), drawing_table.numbers(connection, class_id)
            )
            handwriting = scores.handwriting(
                drawing_table.confusion(connection, class_id, revealed_alone=False)
            )
        return reports.html_report(found, rounds, mnist, handwriting, fooled, has_names=has_names)

    def delete(self, key: str, class_id: str) -> None:
        """Delete a class with its drawings and votes, for ever; a set that was made of them stays."""
        with self._store.database.writing() as connection:
            found = class_table.steered(connection, key, class_id)
            class_table.remove(connection, class_id)
        self.pupils.forget(found.code)


@functools.lru_cache(maxsize=1)
def default() -> Classes:
    """The classes of this process's store, at settings.DATABASE_URL.

    Raises:
        StoreError: that is no address of a database.

    Example:
        >>> from digit_core import classroom
        >>> classroom.default() is classroom.default()
        True
    """
    return Classes(stores.default())


def _named_by_date() -> str:
    today = date.today()
    return f"Class of {today.day} {today:%B %Y}"
