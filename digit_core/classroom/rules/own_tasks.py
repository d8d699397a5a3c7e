"""Tasks that a teacher writes, and the file that keeps a list of them."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from digit_core.classroom.rules.tasks import CHECK, COLLECT, VOTE, Kind
from digit_core.digits import CLASSES
from digit_core.errors import ClassError

MAX_BYTES, MAX_TASKS, MAX_WORDS = 64_000, 50, 200  # of a file, in a file, letters of a task
STATES = (COLLECT, CHECK, VOTE)
_FORMAT = "digit-lab-tasks"
_FIELDS = ("words", "state", "digits", "model")
_NO_FILE = "This is no list of tasks: choose a file that was downloaded here."
_MAX_TITLE = 40


@dataclass(frozen=True)
class OwnTask:
    """A task that a teacher wrote.

    Attributes:
        words: that the class reads, 1 to 200 characters in one line.
        state: COLLECT to draw, CHECK to draw and look at each other's drawings, VOTE on what the network will answer.
        digits: that are drawn, or of which one is voted on: one or more of 0 to 9, rising.
        model: the name of a shipped network that reads; "" for the class's.
    """

    words: str
    state: str
    digits: tuple[int, ...]
    model: str = ""

    @property
    def kind(self) -> Kind:
        """What the class does."""
        title = self.words if len(self.words) <= _MAX_TITLE else f"{self.words[: _MAX_TITLE - 1]}…"
        is_vote = self.state == VOTE
        return Kind(
            title,
            self.words,
            VOTE if is_vote else COLLECT,
            self.digits[0] if len(self.digits) == 1 and not is_vote else None,
            self.state == CHECK,
            is_offered=False,
            digits=self.digits,
        )


def written(words: str, state: str, digits: Collection[int], model: str, models: Collection[str]) -> OwnTask:
    """A task from what somebody typed.

    Args:
        words, state, digits, model: as OwnTask has them.
        models: the names that a model may have.

    Raises:
        ClassError: something of it cannot be.
    """
    return _task({"words": words, "state": state, "digits": sorted(digits), "model": model}, models)


def to_json(found: Sequence[OwnTask]) -> str:
    """A list of tasks as a file."""
    return json.dumps(
        {"format": _FORMAT, "tasks": [asdict(one) for one in found]}, ensure_ascii=False, indent=1
    )


def from_json(content: str | bytes, models: Collection[str]) -> tuple[OwnTask, ...]:
    """The tasks of a file, which anybody may have written.

    Args:
        content: of the file, in UTF-8.
        models: the names that a model may have.

    Raises:
        ClassError: it is none, or too long, or something in it cannot be; the sentence says in which task.
    """
    if len(content) > MAX_BYTES:
        raise ClassError(f"This file is too long: a list of tasks has at most {MAX_BYTES // 1000} KB.")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ClassError(_NO_FILE) from error
    if (
        not isinstance(found, dict)
        or found.get("format") != _FORMAT
        or not isinstance(found.get("tasks"), list)
    ):
        raise ClassError(_NO_FILE)
    if len(found["tasks"]) > MAX_TASKS:
        raise ClassError(f"This list has {len(found['tasks'])} tasks: {MAX_TASKS} is the limit.")
    tasks = []
    for number, one in enumerate(found["tasks"], 1):
        try:
            tasks.append(_task(one, models))
        except ClassError as error:
            raise ClassError(f"Task {number}: {error}") from error
    return tuple(tasks)


def _task(found: Any, models: Collection[str]) -> OwnTask:
    if not isinstance(found, dict) or not set(found) <= set(_FIELDS):
        raise ClassError(f"A task has {', '.join(_FIELDS[:-1])} and {_FIELDS[-1]}, and nothing else.")
    words, state, digits, model = (found.get(name, "") for name in _FIELDS)
    if not isinstance(words, str) or not (words := _one_line(words)) or len(words) > MAX_WORDS:
        raise ClassError(f"Its words are missing, or longer than {MAX_WORDS} characters.")
    if not isinstance(state, str) or state not in STATES:
        raise ClassError(f"Its state is one of {', '.join(STATES)}.")
    if not isinstance(digits, list) or not digits or not all(_is_digit(one) for one in digits):
        raise ClassError("Its digits are one or more of 0 to 9.")
    if not isinstance(model, str) or (model and model not in models):
        raise ClassError("Its model is none of those that come with this app.")
    return OwnTask(words, state, tuple(sorted(set(digits))), model)


def _one_line(words: str) -> str:
    """Words with single spaces, and without what turns a line around or cannot be stored."""
    return " ".join("".join(one for one in words if one.isprintable() or one.isspace()).split())


def _is_digit(found: Any) -> bool:
    return type(found) is int and 0 <= found < CLASSES
