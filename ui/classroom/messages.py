"""What a pupil's page sends and what it is answered, whichever way the two go."""

import json
from collections.abc import Callable
from typing import Any

from digit_core import classroom
from digit_core.classroom.hand_ins import MAX_BYTES as MAX_STROKES
from digit_core.errors import DigitError, NoClassError, NotNowError, StoreError
from ui.frame import resources

MAX_BYTES = MAX_STROKES + 500  # a drawing's strokes, and what says whose they are

Message = dict[str, Any]


def answer(code: str, action: str, message: Message) -> tuple[int, Message]:
    """Do what a pupil's page asks for.

    Args:
        code: of the class, as it was typed.
        action: "enter", "state", "hand-in", "vote", "check" or "answer".
        message: anything; what belongs to the action.

    Returns:
        A status as of HTTP and what is said. A refusal says a "sentence": 409 for good, 503 for now, 404 for another class or
        none.
    """
    act = _ACTIONS.get(action)
    if act is None:
        return refusal(404, "There is nothing at this address.")
    try:
        return 200, act(code, message.get("pupil", ""), message)
    except NoClassError as error:
        return refusal(404, str(error))
    except (NotNowError, StoreError) as error:
        return refusal(503, str(error))
    except DigitError as error:
        return refusal(409, str(error))


def refusal(status: int, sentence: str) -> tuple[int, Message]:
    """That nothing was done, and why."""
    return status, {"sentence": sentence}


def too_long() -> tuple[int, Message]:
    """That a message has more than MAX_BYTES."""
    return refusal(413, "This drawing is too long to be sent: clear the paper and draw it again.")


def too_many() -> tuple[int, Message]:
    """That more drawings come in than can be read."""
    return refusal(
        503, "Many drawings are coming in at once: yours waits on this page and is sent in a moment."
    )


def parsed(text: str | bytes) -> Any:
    """What a message's JSON says; None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _enter(code: str, pupil: str, message: Message) -> Message:
    found = classroom.default().pupils.enter(code, pupil, message.get("name", ""))
    return {"code": found.code, "class": found.name}


def _look(code: str, pupil: str, message: Message) -> Message:
    known = message.get("known")
    return classroom.default().pupils.look(code, pupil, known if type(known) is int else 0)


def _hand_in(code: str, pupil: str, message: Message) -> Message:
    classroom.default().pupils.hand_in(code, pupil, message, resources.classifier)
    return {}


def _vote(code: str, pupil: str, message: Message) -> Message:
    classroom.default().pupils.vote(code, pupil, message)
    return {}


def _answer(code: str, pupil: str, message: Message) -> Message:
    classroom.default().pupils.answer(code, pupil, message)
    return {}


def _check(code: str, pupil: str, message: Message) -> Message:
    classroom.default().pupils.check(code, pupil, message)
    return {}


_ACTIONS: dict[str, Callable[[str, str, Message], Message]] = {
    "enter": _enter,
    "state": _look,
    "hand-in": _hand_in,
    "vote": _vote,
    "check": _check,
    "answer": _answer,
}
