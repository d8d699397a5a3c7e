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
