"""You or the machine: the class and the network read the same hard pictures, against the server's clock."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from digit_core import settings
from digit_core.classroom.records import Answer, Duel, Picture
from digit_core.digits import CLASSES
from digit_core.errors import ClassError

PICTURES = 12
OPEN_SECONDS = float(settings.DUEL_SECONDS)  # of each picture
LEAD_SECONDS = 3.0  # before it opens, so that all phones have it by then
HARDEST = 120  # of the digits of which the networks are least sure: those of a duel are among them
_OVER = "Time is up: this answer came too late and doesn't count."


@dataclass(frozen=True)
class Score:
    """How a duel stands after some of its pictures.

    Attributes:
        n: how many are over.
        network: how many of these the network reads rightly.
        crowd: how many the class does: more chose the right digit than any other.
        best: how many the best pupil does; 0 without any answer.
        own: of each pupil's id who answered how many.
    """

    n: int
    network: int
    crowd: int
    best: int
    own: Mapping[str, int]


def hardest(answers: Sequence[np.ndarray], random: np.random.Generator) -> list[int]:
    """Rows of digits of which several networks are least sure; what the digits are plays no part.

    Args:
        answers: of each network float arrays of shape (n, 10), n is at least PICTURES.
        random: which of the HARDEST are taken.
    """
    sure = np.mean([one.max(axis=1) for one in answers], axis=0)
    return random.permutation(sure.argsort(kind="stable")[:HARDEST])[:PICTURES].tolist()


def begin(pictures: Iterable[Picture], now: float) -> Duel:
    """A duel whose first picture opens in a moment."""
    return Duel(tuple(pictures), 1, now + LEAD_SECONDS, now + LEAD_SECONDS + OPEN_SECONDS)


def onward(duel: Duel, seen: int, now: float) -> Duel:
    """The duel with its next picture.

    Args:
        seen: the round as the teacher saw it: a second press does nothing.

    Raises:
        ClassError: the picture is still open, or was the last one.
    """
    if duel.round != seen:
        return duel
    if now < duel.until or duel.round == len(duel.pictures):
        raise ClassError("The class has moved on: look at it again.")
    return replace(duel, round=seen + 1, begins=now + LEAD_SECONDS, until=now + LEAD_SECONDS + OPEN_SECONDS)


def cut_short(duel: Duel, seen: int, now: float) -> Duel:
    """The duel with its picture closed now; a press for another picture does nothing."""
    if duel.round != seen:
        return duel
    return replace(duel, begins=min(duel.begins, now), until=min(duel.until, now))


def check_open(duel: Duel, number: int, now: float) -> None:
    """Refuse an answer to another picture than the open one.

    Raises:
        ClassError: it comes too late, or too early.
    """
    if number != duel.round or not duel.begins <= now < duel.until:
        raise ClassError(_OVER)


def score(duel: Duel, answers: Iterable[Answer], done: int) -> Score:
    """How a duel stands.

    Args:
        duel: with its pictures.
        answers: all that were given.
        done: how many pictures are over.
    """
    counted = [one for one in answers if one.round <= done]
    own: Counter[str] = Counter({one.pupil: 0 for one in counted})
    for one in counted:
        own[one.pupil] += one.choice == duel.pictures[one.round - 1].meant
    over = duel.pictures[:done]
    crowd = sum(_is_right(votes(counted, number), picture.meant) for number, picture in enumerate(over, 1))
    network = sum(int(one.shares.argmax()) == one.meant for one in over)
    return Score(done, network, crowd, max(own.values(), default=0), own)


def votes(answers: Iterable[Answer], number: int) -> np.ndarray:
    """How many said each digit of a picture: int64 array of shape (10,)."""
    counted = Counter(one.choice for one in answers if one.round == number)
    return np.array([counted[digit] for digit in range(CLASSES)], np.int64)


def to_pupil(
    duel: Duel,
    standing: Score,
    pupil: str,
    choice: int | None,
    now: float,
    best: int | None,
    packed: Callable[[np.ndarray], str],
) -> dict[str, Any]:
    """What a pupil's page is sent of a duel. Nothing of an answer is in it while its picture is open.

    Args:
        standing: after the pictures that are over.
        choice: what this pupil said of the last picture; None for nothing.
        now: seconds since 1970, UTC.
        best: how many this pupil had right in the best duel before; None before the first.
        packed: a picture as text.
    """
    picture = duel.pictures[duel.round - 1]
    message: dict[str, Any] = {
        "round": duel.round,
        "of": len(duel.pictures),
        "picture": packed(picture.image),
        "choice": choice,
        "begins_in": round(max(0.0, duel.begins - now), 1),
        "left": round(max(0.0, duel.until - now), 1),
    }
    if standing.n == duel.round:
        message |= {"answer": int(picture.shares.argmax()), "meant": picture.meant}
    return message | {
        "done": standing.n,
        "own": standing.own.get(pupil, 0),
        "crowd": standing.crowd,
        "network": standing.network,
        "best": best,
    }


def _is_right(found: np.ndarray, meant: int) -> bool:
    return bool(found[meant] > np.delete(found, meant).max())
