"""The tasks that a class can have, the states that it goes through, and the presses that lead from one to the next."""

from dataclasses import dataclass

from digit_core.errors import ClassError

LOBBY, COLLECT, CHECK, VOTE, REVEALED, CLOSED = STATES = (
    "lobby",
    "collect",
    "check",
    "vote",
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
    """

    title: str
    instruction: str
    state: str = COLLECT
    meant: int | None = None
    is_checked: bool = False


DRAW_SEVEN, DRAW_ANY, MISREAD, GUESS = "draw-7", "draw-any", "misread", "vote"
KINDS = {
    DRAW_SEVEN: Kind("Draw a 7", "Draw a 7.", meant=7),
    DRAW_ANY: Kind("Draw any digit", "Draw any digit, and say which one it is."),
    MISREAD: Kind(
        "Draw one that it misreads",
        "Draw a digit that people can read and the network can't. Say which one it is.",
        is_checked=True,
    ),
    GUESS: Kind("Vote: what will it answer?", "What will the network answer?", VOTE),
}

START, END, CLOSE = "start", "end", "close"


def after(state: str, press: str, kind: str) -> str:
    """The state that a teacher's press leads to.

    Args:
        state: of the class.
        press: START a task, END what goes on (the drawing, the checking, the vote), or CLOSE the class.
        kind: of the task that starts or goes on, one of KINDS; any text for CLOSE.

    Raises:
        ClassError: this press leads nowhere from here.
    """
    if press == CLOSE and state != CLOSED:
        return CLOSED
    if press == START and state in (LOBBY, REVEALED) and kind in KINDS:
        return KINDS[kind].state
    if press == END and state == COLLECT:
        return CHECK if KINDS[kind].is_checked else REVEALED
    if press == END and state in (CHECK, VOTE):
        return REVEALED
    raise ClassError("The class has moved on: look at it again.")
