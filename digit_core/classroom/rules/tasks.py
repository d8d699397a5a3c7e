"""The tasks that a class can have, the states that it goes through, and the presses that lead from one to the next."""

from dataclasses import dataclass

from digit_core.digits import CLASSES
from digit_core.errors import ClassError

LOBBY, COLLECT, CHECK, VOTE, DUELLING, LESSON, REVEALED, CLOSED = STATES = (
    "lobby",
    "collect",
    "check",
    "vote",
    "duel",
    "lesson",
    "revealed",
    "closed",
)


@dataclass(frozen=True)
class Kind:
    """A kind of task.

    Attributes:
        title: for the teacher who chooses it.
        instruction: for those who do it.
        state: in which it is done.
        meant: the digit that all draw; None where each pupil says which one it is meant to be.
        is_checked: whether others say what they see in the drawings before the answers are shown.
        is_offered: whether it can start at any time, as one of a list.
        digits: that can be drawn or voted on.
    """

    title: str
    instruction: str
    state: str = COLLECT
    meant: int | None = None
    is_checked: bool = False
    is_offered: bool = True
    digits: tuple[int, ...] = tuple(range(CLASSES))


DRAW_SEVEN, DRAW_ANY, MISREAD, GUESS, DUEL, LEARN, OWN = (
    "draw-7",
    "draw-any",
    "misread",
    "vote",
    "duel",
    "learn",
    "own",
)
KINDS = {
    DRAW_SEVEN: Kind("Draw a 7", "Draw a 7.", meant=7),
    DRAW_ANY: Kind("Draw any digit", "Draw any digit, and say which one it is."),
    MISREAD: Kind(
        "Draw one that it misreads",
        "Draw a digit that people can read and the network can't. Say which one it is.",
        is_checked=True,
    ),
    GUESS: Kind("Vote: what will it answer?", "What will the network answer?", VOTE),
    DUEL: Kind("You or the machine", "You or the machine: what is it?", DUELLING),
    LEARN: Kind(
        "Learn from us",
        "The network learns from your drawings.",
        LESSON,
        is_offered=False,  # only once there are drawings to learn from
    ),
}

# Not in KINDS is OWN: each such task has a kind of its own, see `own_tasks`.
START, END, CLOSE = "start", "end", "close"


def after(state: str, press: str, kind: Kind | None) -> str:
    """The state that a teacher's press leads to.

    Args:
        state: of the class.
        press: START a task, END what goes on (the drawing, the checking, the vote), or CLOSE the class.
        kind: of the task that starts or goes on; None for CLOSE, or where there is no such task.

    Raises:
        ClassError: this press leads nowhere from here.
    """
    if press == CLOSE and state != CLOSED:
        return CLOSED
    if press == START and state in (LOBBY, REVEALED) and kind is not None:
        return kind.state
    if press == END and state == COLLECT and kind is not None:
        return CHECK if kind.is_checked else REVEALED
    if press == END and state in (CHECK, VOTE, DUELLING, LESSON):
        return REVEALED
    raise ClassError("The class has moved on: look at it again.")
