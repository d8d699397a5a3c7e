"""Where an installation keeps what is its user's, and where its processes find the modules."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from digit_core import settings


@pytest.mark.parametrize(
    ("platform", "variables", "below_home"),
    [
        ("linux", {}, ".local/share/digit-lab"),
        ("linux", {"XDG_DATA_HOME": "not/from/the/root"}, ".local/share/digit-lab"),
        ("linux", {"LOCALAPPDATA": "/elsewhere"}, ".local/share/digit-lab"),
        ("darwin", {"XDG_DATA_HOME": "/elsewhere"}, "Library/Application Support/digit-lab"),
        ("win32", {}, "AppData/Local/digit-lab"),
    ],
)
def test_each_platform_has_its_own_place_for_a_users_data(
    platform: str, variables: dict[str, str], below_home: str
) -> None:
    assert settings.user_data_folder(platform, variables) == Path.home() / below_home


@pytest.mark.parametrize(("platform", "variable"), [("linux", "XDG_DATA_HOME"), ("win32", "LOCALAPPDATA")])
def test_a_variable_names_another_place(platform: str, variable: str, tmp_path: Path) -> None:
    assert settings.user_data_folder(platform, {variable: str(tmp_path)}) == tmp_path / "digit-lab"


def test_a_checkout_keeps_all_beside_itself() -> None:
    assert not settings.IS_INSTALLED
    assert settings.VAR_FOLDER == settings.PROJECT_FOLDER / "var"


def test_another_process_finds_the_same_modules_wherever_it_starts(tmp_path: Path) -> None:
    """Also if this one found them through a folder that is named from where it started."""
    relative = os.path.relpath(settings.PROJECT_FOLDER, tmp_path)
    program = "from digit_core import settings; print(settings.search_path())"
    first = subprocess.run(
        [sys.executable, "-P", "-c", program],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": relative},
        capture_output=True,
        text=True,
        check=True,
    )
    second = subprocess.run(
        [sys.executable, "-P", "-c", "import digit_core, streamlit; print(digit_core.__file__)"],
        cwd="/",
        env=os.environ | {"PYTHONPATH": first.stdout.strip()},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(second.stdout.strip()).samefile(settings.PROJECT_FOLDER / "digit_core" / "__init__.py")


@pytest.mark.parametrize("text", ["two", "0", "-1", "1.5", "²", "9" * 5_000])
def test_a_number_that_cannot_be_is_a_sentence_and_the_default(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "PROBLEMS", [])
    assert settings.whole_number("DIGIT_RUN_SLOTS", 1, 100, {"DIGIT_RUN_SLOTS": text}) == 1
    (sentence,) = settings.PROBLEMS
    assert sentence.startswith("DIGIT_RUN_SLOTS must be a whole number from 1 to 100, not '")
    assert len(sentence) < 150


def test_numbers_and_switches_of_the_environment_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "PROBLEMS", [])
    assert settings.whole_number("SLOTS", 1, 100, {"SLOTS": " 3 "}) == 3
    assert (
        settings.whole_number("SLOTS", 1, 100, {})
        == settings.whole_number("SLOTS", 1, 100, {"SLOTS": ""})
        == 1
    )
    assert [settings.is_on("ALLOW", {"ALLOW": text}) for text in ("1", "0", "")] == [True, False, False]
    assert settings.PROBLEMS == []
    assert not settings.is_on("ALLOW", {"ALLOW": "yes"})
    assert settings.PROBLEMS == ["ALLOW must be 1 or 0, not 'yes', so 0 is used."]


def test_a_wrong_setting_leaves_an_app_that_starts_and_says_so() -> None:
    program = "from digit_core import settings; print(settings.RUN_SLOTS, *settings.PROBLEMS)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=settings.PROJECT_FOLDER,
        env=os.environ | {"DIGIT_RUN_SLOTS": "two"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "1 DIGIT_RUN_SLOTS must be a whole number from 1 to 100, not 'two', so 1 is used.\n"


def test_a_teachers_code_that_can_be_guessed_is_said() -> None:
    assert settings.weakness("") == settings.weakness("chalkboard") == ""
    assert "only 5 characters" in settings.weakness("chalk")
