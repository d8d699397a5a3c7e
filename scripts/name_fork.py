"""Let the badges and the notebook lead to a fork: python scripts/name_fork.py OWNER/REPOSITORY"""

import re
import sys
from pathlib import Path

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
FILES = ("README.md", "notebooks/read_digits.ipynb")
# Where an address names the repository: Streamlit's, Colab's, and GitHub's own.
_NAMED = re.compile(
    r"(?:(?<=repository=)|(?<=com/github/)|(?<=github\.com/))([\w.-]+/[\w.-]+?)(?=&|/blob|[\"\\])"
)


def named(text: str) -> set[str]:
    """The repositories that a text's addresses name."""
    return set(_NAMED.findall(text))


def rename(text: str, repository: str) -> str:
    """The text, its addresses leading to another repository."""
    return _NAMED.sub(repository, text)


if __name__ == "__main__":
    if len(sys.argv) != 2 or not re.fullmatch(r"[\w.-]+/[\w.-]+", sys.argv[1]):
        raise SystemExit(__doc__)
    for name in FILES:
        path = PROJECT_FOLDER / name
        path.write_text(rename(path.read_text(encoding="utf-8"), sys.argv[1]), encoding="utf-8")
