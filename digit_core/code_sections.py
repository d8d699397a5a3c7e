"""What code for people is made of: parts, each with a few words and lines of Python."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Section:
    """One part of the code.

    Attributes:
        title: a few words.
        text: what it does and why, one or two sentences.
        code: lines of Python.
        imports: statements that it rests on, each with one name, beside those that every training needs.
    """

    title: str
    text: str
    code: str
    imports: tuple[str, ...] = ()


def joined(*lines: str | Iterable[str]) -> str:
    """Code from lines and groups of lines; an empty group leaves nothing behind."""
    flat: list[str] = []
    for line in lines:
        flat += [line] if isinstance(line, str) else line
    return "\n".join(flat)


def literal(value: Any) -> str:
    """A number, a word or a yes or no as Python writes it."""
    if isinstance(value, bool):
        return str(value)
    return json.dumps(value)  # unlike repr it says 0.1 of NumPy's 0.1 as well
