"""The documents: their links lead somewhere, and their commands are commands of this project."""

import re
import shlex
from pathlib import Path

import pytest

from digit_core.cli import main as command_line
from digit_core.settings import PROJECT_FOLDER
from scripts import name_fork, try_commands

DOCUMENTS = try_commands.documents()
NAMES = [path.relative_to(PROJECT_FOLDER).as_posix() for path in DOCUMENTS]
LINK = re.compile(r"\]\(([^)\s]+)\)")
FILE = re.compile(r"(?<![\w/.-])((?:benchmarks|scripts|tests|docs|digit_core|ui|notebooks)/[\w/-]+\.\w+)")


def anchors(path: Path) -> set[str]:
    """What a link can lead to within a document: its headings, as GitHub names them."""
    titles = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in LINK.findall(document.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        path = document.parent / file if file else document
        assert path.exists(), target
        assert not anchor or anchor in anchors(path), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_every_file_that_is_named_is_there(document: Path) -> None:
    if document.name == "CHANGELOG.md":  # it tells of the past
        return
    named = FILE.findall(document.read_text(encoding="utf-8"))
    assert not [name for name in named if not (PROJECT_FOLDER / name).exists()]


def test_the_readme_leads_to_every_guide() -> None:
    readme = (PROJECT_FOLDER / "README.md").read_text(encoding="utf-8")
    guides = {path.name for path in (PROJECT_FOLDER / "docs").glob("*.md")} - {"package.md"}
    assert guides == set(re.findall(r"\(docs/(\w+\.md)\)", readme))


def test_the_badges_and_the_notebook_name_one_repository() -> None:
    texts = [(PROJECT_FOLDER / name).read_text(encoding="utf-8") for name in name_fork.FILES]
    assert all(len(name_fork.named(text)) == 1 for text in texts)
    assert name_fork.named(texts[0]) == name_fork.named(texts[1])
    for text in texts:
        renamed = name_fork.rename(text, "ada/lab")
        assert name_fork.named(renamed) == {"ada/lab"}
        assert renamed.count("ada/lab") == 2


def test_each_command_is_run_by_the_script_or_has_a_reason_why_not() -> None:
    found = try_commands.commands()
    assert len(found) > 15
    reasons = {reason for command in found if (reason := try_commands.reason_against(command))}
    assert reasons == set(try_commands.NOT_HERE.values())  # no reason is left of a command that is gone


@pytest.mark.parametrize("command", [one for one in try_commands.commands() if one.startswith("digit-lab ")])
def test_digit_lab_knows_the_command(command: str) -> None:
    options, others = command_line._parser().parse_known_args(shlex.split(command)[1:])
    assert options.run
    assert not others
