"""What is known of a class, as records of facts."""

from dataclasses import dataclass

import numpy as np

from digit_core.classroom.rules.own_tasks import OwnTask
from digit_core.classroom.rules.tasks import KINDS, Kind
from digit_core.digits import brief

MAX_NAME_LENGTH = 24  # of a pupil's nickname


@dataclass(frozen=True)
class SchoolClass:
    """A class, without what its pupils did.

    Attributes:
        id: 12 small letters and figures; opens nothing.
        code: six letters and figures: who types them joins.
        owner: the id of the visitor who opened it.
        name: for people.
        model: the name of the network that reads, as `resources.classifier` takes it.
        state: one of `tasks.STATES`.
        task: the number of the task that goes or went last, from 1; 0 before the first.
        is_paused: whether hand-ins and votes wait.
        is_locked: whether nobody else can join.
        hides_names: whether the walls show no names.
        address: at which pupils reach the app, where the teacher chose one; "" elsewhere.
        revision: another number after each change.
        steering: another number after each change that pupils are told of.
        created: seconds since 1970, UTC.
        ended: the same; None while it is open.
    """

    id: str
    code: str
    owner: str
    name: str
    model: str
    state: str
    task: int
    is_paused: bool
    is_locked: bool
    hides_names: bool
    address: str
    revision: int
    steering: int
    created: float
    ended: float | None = None


@dataclass(frozen=True)
class Lesson:
    """What a network learns from a class; see `lessons`.

    Attributes:
        run: the id of the run in which it learns.
        taught, held_back: the places of the drawings that it learns from, and of those that judge it afterwards.
    """

    run: str
    taught: tuple[int, ...]
    held_back: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture to vote on.

    Attributes:
        image: uint8 array of shape (28, 28), 255 is ink.
        meant: what it is, 0 to 9.
        shares: what the network makes of it: float32 array of shape (10,).
    """

    image: np.ndarray
    meant: int
    shares: np.ndarray

    __repr__ = brief


@dataclass(frozen=True, eq=False)
class Duel:
    """You or the machine: pictures one after the other, each open for the same time by the server's clock.

    Attributes:
        pictures: in their order.
        round: the number of the picture that is or was open last, from 1.
        begins, until: when that one opens and closes, seconds since 1970, UTC.
    """

    pictures: tuple[Picture, ...]
    round: int
    begins: float
    until: float

    __repr__ = brief

    def done(self, now: float) -> int:
        """How many of the pictures are over at this moment."""
        return self.round if now >= self.until else self.round - 1


@dataclass(frozen=True, eq=False)
class Task:
    """A task of a class.

    Attributes:
        number: from 1.
        kind: one of `tasks.KINDS`, or `tasks.OWN`.
        is_revealed: whether the answers were shown.
        image: the picture that is voted on: uint8 array of shape (28, 28), 255 is ink; None where there is no vote.
        meant: what that picture is, 0 to 9; None where there is no vote.
        shares: what the network makes of it: float32 array of shape (10,); None where there is no vote.
        is_live: whether the phones show what a small network reads while the pupils draw.
        lesson: what the network learns; None where it learns nothing.
        duel: its pictures; None where there is none.
        own: what the teacher wrote; None where it is one of `tasks.KINDS`.
    """

    number: int
    kind: str
    is_revealed: bool = False
    image: np.ndarray | None = None
    meant: int | None = None
    shares: np.ndarray | None = None
    is_live: bool = False
    lesson: Lesson | None = None
    duel: Duel | None = None
    own: OwnTask | None = None

    __repr__ = brief

    @property
    def rules(self) -> Kind:
        """What the class does in it."""
        return self.own.kind if self.own else KINDS[self.kind]


@dataclass(frozen=True, eq=False)
class HandIn:
    """A drawing that a pupil handed in.

    Attributes:
        task: the number of its task.
        pupil: the id of who drew it. It is a pupil's key: no other participant is told it.
        number: the pupil's own for this task: with class, task and pupil it is there once.
        place: in the class, from 1, in the order in which they came.
        meant: which digit it is meant to be, 0 to 9.
        image: uint8 array of shape (28, 28), 255 is ink.
        picture: what was drawn, as a small PNG.
        shares: what the network makes of it: float32 array of shape (10,).
        answer: the likeliest digit.
        verdict: one of `rejection.VERDICTS`.
        is_late: whether it came after its task's answers were shown: in no vote and no score.
        is_held: whether the network takes it for no digit, and the teacher has not let it in.
        name: of the pupil, "" for none.
    """

    task: int
    pupil: str
    number: int
    place: int
    meant: int
    image: np.ndarray
    picture: bytes
    shares: np.ndarray
    answer: int
    verdict: str
    is_late: bool
    is_held: bool
    name: str = ""

    __repr__ = brief


@dataclass(frozen=True)
class Check:
    """A drawing that was dealt to somebody who does not know what it is meant to be.

    Attributes:
        place: of the drawing.
        checker: the id of who looks; `checks.TEACHER` for the teacher.
        dealt: when, seconds since 1970, UTC.
        choice: what they see, 0 to 9; `checks.CANNOT_TELL`; None before they have said so.
    """

    place: int
    checker: str
    dealt: float
    choice: int | None = None


@dataclass(frozen=True)
class Answer:
    """What a pupil said of a picture of a duel.

    Attributes:
        round: of the picture, from 1.
        pupil: the id of who said it.
        choice: 0 to 9.
    """

    round: int
    pupil: str
    choice: int


@dataclass(frozen=True)
class Presence:
    """Who is there.

    Attributes:
        joined: how many pupils ever joined.
        present: how many of them were heard within `class_table.PRESENT_SECONDS`.
        names: of those who are present, in no order; "" for those without.
    """

    joined: int
    present: int
    names: tuple[str, ...]
