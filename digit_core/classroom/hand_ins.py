"""Pupils' drawings as they come from anybody's browsers: strokes in, drawn, judged and written down here.

Those that come at once are judged together and written down in one transaction: so a school's drawings cost hardly more
transactions than one pupil's, and the database sees one writer.
"""

import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection

from digit_core.classroom.records import HandIn, SchoolClass, Task
from digit_core.classroom.rules import tasks
from digit_core.classroom.tables import class_table, drawing_table, task_table
from digit_core.digits import CLASSES, brief
from digit_core.errors import ClassError, DigitError, NoClassError, NoInkError, NotNowError
from digit_core.inference.classifier import Classifier
from digit_core.inference.rejection import NO_DIGIT
from digit_core.preprocessing import images, strokes
from digit_core.preprocessing.strokes import Stroke
from digit_core.settings import PEN_WIDTH
from digit_core.storage import drawings, quotas
from digit_core.storage.drawings import MAX_DRAWINGS
from digit_core.storage.store import Store

MAX_BYTES = 20_000  # of a drawing's strokes, as they are sent
MAX_NUMBER = 100_000  # of a pupil's drawings for one task
MAX_A_MINUTE = 12  # drawings that one pupil hands in
_MAX_DISTANCE = 1_000  # pixels from a corner of the paper of 280 x 280
_DAMAGED = "This drawing came damaged: clear the paper and draw it again."
_TOGETHER = 32  # drawings of one transaction at most: the first of them waits for the last
_PAUSED = "The class is paused: your work waits here and is sent when it goes on."

Reader = Callable[[str], Classifier]


@dataclass(frozen=True, eq=False)
class Painted:
    """A drawing.

    Attributes:
        image: as the network takes it: float32 array of shape (28, 28), 0.0 to 1.0, ink is 1.0.
        picture: what was drawn, as a small PNG.
    """

    image: np.ndarray
    picture: bytes

    __repr__ = brief


@dataclass(frozen=True, eq=False)
class Judged:
    """A drawing and what the network makes of it; see `records.HandIn`."""

    image: np.ndarray
    picture: bytes
    shares: np.ndarray
    answer: int
    verdict: str

    __repr__ = brief


def pen_strokes(sent: Any) -> tuple[Stroke, ...]:
    """The strokes of a message.

    Args:
        sent: a list of strokes, each a list of whole numbers x, y, x, y, ... in pixels of a paper of 280 x 280.

    Raises:
        ClassError: it is anything else.
    """
    if not isinstance(sent, list) or not sent:
        raise ClassError("Draw something first.")
    return tuple(_stroke(one) for one in sent)


def paint(drawn: tuple[Stroke, ...]) -> Painted:
    """Draw strokes as the pupil's page shows them.

    Raises:
        ClassError: there is no ink on the paper.
    """
    rgba = strokes.draw(drawn)
    try:
        image = images.from_canvas(rgba)
    except NoInkError as error:
        raise ClassError("Draw something first.") from error
    return Painted(image, drawings.small_picture(rgba))


def judge(painted: Sequence[Painted], classifier: Classifier) -> list[Judged]:
    """Have drawings read, all at once."""
    found = classifier.judge(np.array([one.image for one in painted]))
    return [
        Judged(
            np.round(one.image * 255).astype(np.uint8),
            one.picture,
            judgement.probabilities.astype(np.float32),
            judgement.digit,
            judgement.verdict,
        )
        for one, judgement in zip(painted, found, strict=True)
    ]


def _stroke(numbers: Any) -> Stroke:
    if not isinstance(numbers, list) or not 2 <= len(numbers) <= MAX_BYTES or len(numbers) % 2:
        raise ClassError(_DAMAGED)
    if not all(type(number) is int and abs(number) <= _MAX_DISTANCE for number in numbers):
        raise ClassError(_DAMAGED)
    return Stroke(np.array(numbers, np.float64).reshape(-1, 2), float(PEN_WIDTH))


@dataclass(frozen=True, eq=False)
class Incoming:
    """A drawing that is not judged yet.

    Attributes:
        found: the class.
        task, pupil, number: its key in the class.
        strokes: what was drawn.
        meant: which digit it is meant to be, as the pupil's page says; None where the task says it.
        reader: gives the network of a name.
    """

    found: SchoolClass
    task: int
    pupil: str
    number: int
    strokes: tuple[Stroke, ...]
    meant: int | None
    reader: Reader

    __repr__ = brief


class Intake:
    """Takes the drawings of a store's classes. Threads may share it."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        """Wait for nothing yet.

        Args:
            store: where classes are.
            clock: says seconds since 1970, UTC.
        """
        self._store, self._clock = store, clock
        self._waiting: deque[tuple[Incoming, Future[None]]] = deque()
        self._taking = threading.Lock()

    def take(self, one: Incoming) -> None:
        """Judge a drawing and write it down; one that is there already is left as it is.

        Whoever comes while others' drawings are taken waits, and then takes all that have come meanwhile.

        Raises:
            DigitError: as `Pupils.hand_in`.
        """
        done: Future[None] = Future()
        self._waiting.append((one, done))
        with self._taking:
            while not done.done():
                self._take_together(self._next())
        done.result()

    def _next(self) -> list[tuple[Incoming, Future[None]]]:
        return [self._waiting.popleft() for _ in range(min(_TOGETHER, len(self._waiting)))]

    def _take_together(self, batch: Sequence[tuple[Incoming, Future[None]]]) -> None:
        of_classes: defaultdict[str, list[tuple[Incoming, Future[None]]]] = defaultdict(list)
        for one, done in batch:
            of_classes[one.found.id].append((one, done))
        for same in of_classes.values():
            self._take_of_class(same)

    def _take_of_class(self, same: Sequence[tuple[Incoming, Future[None]]]) -> None:
        try:
            refused = self._write([one for one, _ in same])
        except DigitError as error:  # of the class or of the store
            refused = dict.fromkeys((one for one, _ in same), error)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait are told
            if len(same) > 1:  # what fails for one drawing must not hold up the others
                for alone in same:
                    self._take_of_class([alone])
                return
            same[0][1].set_exception(error)
            return
        for one, done in same:
            if one in refused:
                done.set_exception(refused[one])
            else:
                done.set_result(None)

    def _write(self, incoming: Sequence[Incoming]) -> dict[Incoming, DigitError]:
        """Judge drawings of one class and write them down; gives those that are refused, and why."""
        found, numbers = incoming[0].found, {one.task for one in incoming}
        with self._store.database.reading() as connection:
            models = {
                number: _model(task_table.task(connection, found.id, number), found) for number in numbers
            }
        judged, refused = _judged(incoming, models)
        with self._store.database.writing() as connection:
            now = class_table.locked(connection, found.id)
            if now is None:
                raise NoClassError(class_table.NOT_IN)
            check_open(now)
            going = {number: task_table.task(connection, found.id, number) for number in numbers}
            known = _Known(connection, found.id, {one.pupil for one in judged}, self._clock())
            drawn: list[HandIn] = []
            for one, reading in judged.items():
                try:
                    # The revision rises with each change: it is the drawing's place, too.
                    new = known.admit(one, reading, going[one.task], now.revision + 1 + len(drawn))
                except DigitError as error:
                    refused[one] = error
                else:
                    drawn += [new] if new else []
            if drawn:
                quotas.check_bytes(connection)
                drawing_table.add(connection, found.id, drawn, known.now)
                class_table.touch(connection, found.id, changes=len(drawn))
        return refused


class _Known:
    """What a class has of some pupils, while drawings of theirs are let in one after the other."""

    def __init__(self, connection: Connection, class_id: str, pupils: Collection[str], now: float) -> None:
        self.now = now
        self._pupils = class_table.among(connection, class_id, pupils)
        keys = drawing_table.keys(connection, class_id, pupils)
        self._keys = {(one.task, one.pupil, one.number) for one in keys}
        self._recent = Counter(one.pupil for one in keys if one.created > now - 60)
        self._count = drawing_table.count(connection, class_id)

    def admit(self, one: Incoming, reading: Judged, task: Task | None, place: int) -> HandIn | None:
        """What is to be written down of a drawing; None if it is there already.

        Raises:
            DigitError: it is refused.
        """
        if one.pupil not in self._pupils:
            raise NoClassError(class_table.NOT_IN)
        if task is None or task.rules.state != tasks.COLLECT:
            raise ClassError("Nothing is drawn for this task.")
        if (key := (one.task, one.pupil, one.number)) in self._keys:
            return None
        if self._recent[one.pupil] >= MAX_A_MINUTE:
            raise NotNowError(
                f"You can hand in {MAX_A_MINUTE} drawings a minute: this one is sent in a moment."
            )
        if self._count >= MAX_DRAWINGS:
            raise ClassError(f"The class has {MAX_DRAWINGS:,} drawings, which is the limit.")
        meant = _meant(one, task)
        self._keys.add(key)
        self._recent[one.pupil] += 1
        self._count += 1
        return HandIn(
            *key,
            place,
            meant,
            **vars(reading),
            is_late=task.is_revealed,
            is_held=reading.verdict == NO_DIGIT,
        )


def check_open(found: SchoolClass) -> None:
    """Refuse what pupils send to a class that does not take it.

    Raises:
        ClassError: it is over.
        NotNowError: it is paused.
    """
    if found.state == tasks.CLOSED:
        raise ClassError("The class is over: this came too late and doesn't count.")
    if found.is_paused:
        raise NotNowError(_PAUSED)


def _judged(
    incoming: Sequence[Incoming], models: Mapping[int, str]
) -> tuple[dict[Incoming, Judged], dict[Incoming, DigitError]]:
    """What the networks make of drawings, and which of them have no ink.

    Args:
        models: of each task the name of the network that reads what is drawn for it.
    """
    painted: defaultdict[str, dict[Incoming, Painted]] = defaultdict(dict)
    refused: dict[Incoming, DigitError] = {}
    for one in incoming:
        try:
            painted[models[one.task]][one] = paint(one.strokes)
        except ClassError as error:
            refused[one] = error
    judged: dict[Incoming, Judged] = {}
    for model, drawn in painted.items():
        try:
            reader = next(iter(drawn)).reader(model)
        except DigitError as error:
            refused |= dict.fromkeys(drawn, error)
            continue
        judged |= zip(drawn, judge(list(drawn.values()), reader), strict=True)
    return judged, refused


def _model(task: Task | None, found: SchoolClass) -> str:
    """The network that reads what is drawn for a task."""
    return task.own.model if task and task.own and task.own.model else found.model


def _meant(one: Incoming, task: Task) -> int:
    """Which digit a drawing is meant to be."""
    rules = task.rules
    if rules.meant is not None:
        return rules.meant
    if one.meant not in range(CLASSES):
        raise ClassError("This message is damaged: its meant is missing. Reload the page.")
    if one.meant not in rules.digits:
        raise ClassError(f"This task asks for {', '.join(map(str, rules.digits))}: choose one of these.")
    return one.meant
