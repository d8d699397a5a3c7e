"""Names of files, as strangers gave them, made fit to be shown and written."""

import re
import unicodedata

MAX_LENGTH = 60  # characters


def shown(name: str) -> str:
    """A file's name for people: without folders, and without characters that are not seen or turn the line around.

    HTML in it stays as it is: what puts it into a page escapes it.

    Args:
        name: such as "../../x.png".

    Returns:
        1 to `MAX_LENGTH` characters; a longer name keeps its start and its end.
    """
    last = re.split(r"[/\\]", name)[-1]
    # Categories C*: control characters, marks that change the direction of writing, halves of characters.
    visible = "".join(" " if char.isspace() else char for char in last if not _is_hidden(char))
    plain = " ".join(unicodedata.normalize("NFC", visible).split()).strip(".") or "picture"
    half = (MAX_LENGTH - 1) // 2
    return plain if len(plain) <= MAX_LENGTH else f"{plain[:half]}…{plain[-half:]}"


def cell(text: str) -> str:
    """A text for a cell of a CSV file: a spreadsheet would run what starts like a formula, so that gets a ' before it."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _is_hidden(char: str) -> bool:
    return unicodedata.category(char).startswith("C") and not char.isspace()
