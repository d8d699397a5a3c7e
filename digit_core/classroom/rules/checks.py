"""Which drawing a pupil is shown to say what it is, without being told; and whose drawings fooled the network alone."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from digit_core.classroom.records import Check

CANNOT_TELL = -1
TEACHER = "teacher"  # stands for a pupil's id where the teacher looks
CHECKERS = 2  # who look at each drawing
AGAIN_SECONDS = 20.0  # a drawing that nobody has said anything about for so long is dealt to somebody else
MIN_PUPILS = 3  # with fewer, the drawing's maker could only be the other one: the teacher looks


def deal(makers: Mapping[int, str], checks: Iterable[Check], pupil: str, now: float) -> int | None:
    """The drawing that a pupil looks at next: the one that was dealt to them, or another's that lacks eyes most.

    Args:
        makers: of each drawing's place the pupil's id who drew it.
        checks: all that were dealt.
        pupil: who asks.
        now: seconds since 1970, UTC.

    Returns:
        Its place; None if there is none for them.
    """
    looking: defaultdict[int, int] = defaultdict(int)
    own: dict[int, Check] = {}
    for check in checks:
        if check.checker == pupil:
            own[check.place] = check
        elif check.choice is not None or now - check.dealt < AGAIN_SECONDS:
            looking[check.place] += 1
    open_ones = [
        place
        for place, maker in makers.items()
        if maker != pupil and looking[place] < CHECKERS and (place not in own or own[place].choice is None)
    ]
    # What was dealt to them already comes first, so that a page that asks twice shows the same one.
    return min(open_ones, key=lambda place: (place not in own, looking[place], place), default=None)


def legible(meant: Mapping[int, int], checks: Iterable[Check]) -> Collection[int]:
    """The drawings in which CHECKERS others saw what they are meant to be, or the teacher did, and nobody saw anything else.

    Args:
        meant: of each drawing's place the digit that it is meant to be.
        checks: all that were dealt.
    """
    said: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for check in checks:
        if check.choice is not None:
            said[check.place][check.checker] = check.choice
    return {
        place
        for place, digit in meant.items()
        if set(said[place].values()) == {digit} and (len(said[place]) >= CHECKERS or TEACHER in said[place])
    }
