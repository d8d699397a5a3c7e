"""What pupils and the projector are told of a class. Nothing of an answer is in it before the answer is shown."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from digit_core.classroom.records import HandIn, Lesson, SchoolClass, Task
from digit_core.classroom.rules.tasks import CHECK, CLOSED, LOBBY, REVEALED, VOTE
from digit_core.digits import CLASSES, brief


@dataclass(frozen=True, eq=False)
class Own:
    """What a class knows of one pupil.

    Attributes:
        hand_ins: the pupil's drawings: of the task that goes, or all of them once the class is closed.
        vote: on the task that goes; None for none.
        votes: all of the pupil's votes whose answers were shown: what was chosen, what the network answered.
        dealt: the place and the image of another's drawing that the pupil is to say something about.
        fooling: those of the pupil's drawings that people read and the network does not, once the answers were shown.
        duel: how a duel stands for the pupil; None where there is none.
    """

    hand_ins: Sequence[HandIn] = ()
    vote: int | None = None
    votes: Sequence[tuple[int, int]] = ()
    dealt: tuple[int, np.ndarray] | None = None
    fooling: Sequence[HandIn] = ()
    duel: Mapping[str, Any] | None = None

    __repr__ = brief


def to_pupil(found: SchoolClass, task: Task | None, own: Own) -> dict[str, Any]:
    """What a pupil's page is sent.

    Args:
        found: the class.
        task: the one that goes; None in the lobby.
        own: of this pupil.

    Returns:
        Numbers, texts and lists for JSON. "answer" and "drawings" are there only in the state "revealed", "report" only in
        "closed"; "live" says of a task to draw whether the page reads along.
    """
    message: dict[str, Any] = {
        "revision": found.steering,
        "state": found.state,
        "paused": found.is_paused,
        "class": found.name,
    }
    if found.state == CLOSED:
        return message | {"report": _report(own)}
    if task is None or found.state == LOBBY:
        return message
    kind = task.rules
    if own.duel is not None:
        return message | {"task": task.number, "instruction": kind.instruction, "duel": own.duel}
    if task.lesson is not None:
        return message | {
            "task": task.number,
            "instruction": kind.instruction,
            "lesson": _lesson(task.lesson, own),
        }
    message |= {
        "task": task.number,
        "instruction": kind.instruction,
        "asks": kind.state != VOTE and kind.meant is None,
    }
    if len(kind.digits) < CLASSES:
        message["digits"] = list(kind.digits)
    if kind.state == VOTE and task.image is not None:
        message |= {"picture": packed(task.image), "vote": own.vote}
    else:
        message |= {"handed_in": len(own.hand_ins), "live": task.is_live}
    if found.state == CHECK and own.dealt is not None:
        message["check"] = {"place": own.dealt[0], "picture": packed(own.dealt[1])}
    if found.state == REVEALED and task.is_revealed:
        message |= _answers(task, own)
    return message


def packed(image: np.ndarray) -> str:
    """A digit as text: its 28 x 28 bytes, 255 is ink, in base 64."""
    return base64.b64encode(image.tobytes()).decode()


def _lesson(lesson: Lesson, own: Own) -> dict[str, int]:
    """From how many drawings the network learns, and how many of them are this pupil's."""
    taught = set(lesson.taught)
    return {"all": len(taught), "own": sum(one.place in taught for one in own.hand_ins)}


def _answers(task: Task, own: Own) -> dict[str, Any]:
    if task.shares is not None:
        shares = [round(float(one), 4) for one in task.shares]
        return {"answer": int(task.shares.argmax()), "meant": task.meant, "shares": shares}
    return {"drawings": _drawings(own)}


def _drawings(own: Own) -> list[dict[str, Any]]:
    fooling = {one.place for one in own.fooling}
    return [_drawing(one) | {"fooled": one.place in fooling} for one in own.hand_ins]


def _drawing(one: HandIn) -> dict[str, Any]:
    return {
        "picture": packed(one.image),
        "meant": one.meant,
        "answer": one.answer,
        "share": round(float(one.shares[one.answer]), 4),
        "verdict": one.verdict,
        "late": one.is_late,
    }


def _report(own: Own) -> dict[str, Any]:
    counted = [one for one in own.hand_ins if not one.is_held]
    return {
        "drawn": len(counted),
        "read": sum(one.answer == one.meant for one in counted),
        "fooled": len(own.fooling),
        "voted": len(own.votes),
        "foreseen": sum(choice == answer for choice, answer in own.votes),
        "drawings": _drawings(own),
    }
