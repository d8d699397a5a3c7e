"""Words in sentences of ours: names that visitors gave, digits with their article, numbers of things."""

import re
from collections import Counter

_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:])")


def plain(name: str) -> str:
    """A name for a sentence in Markdown: what would be a mark there stands as it is, and is no link or picture."""
    return _MARKS.sub(r"\\\1", name)


def distinct(labels: dict[str, str]) -> dict[str, str]:
    """Labels of a list to choose from, no two alike: Streamlit cannot tell options with the same words apart.

    Args:
        labels: name, such as `Run.model` or the id of a run, to what is shown for it.
    """
    seen = Counter(labels.values())
    return {
        name: f"{label} · {name.removeprefix('run-')[:6]}" if seen[label] > 1 else label
        for name, label in labels.items()
    }


def a(digit: int) -> str:
    """A digit with its article: "a 4", "an 8"."""
    return f"{'an' if digit == 8 else 'a'} {digit}"


def counted(number: int, thing: str) -> str:
    """So many things: "1 drawing", "2 drawings"."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
