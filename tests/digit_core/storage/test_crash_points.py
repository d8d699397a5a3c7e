"""A kill at any moment takes nothing that was said to be saved, and leaves no half of anything."""

import subprocess
import sys
from pathlib import Path

import pytest

from digit_core.settings import PROJECT_FOLDER


def killed(kind: str, folder: Path, rounds: int) -> str:
    command = [sys.executable, "-m", "tests.crash_points", kind, str(folder), str(rounds), "0"]
    done = subprocess.run(command, cwd=PROJECT_FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_ten_kills_lose_nothing(tmp_path: Path) -> None:
    assert killed("saves", tmp_path, 10).startswith("10 kills, ")


@pytest.mark.long
def test_two_hundred_kills_lose_nothing(tmp_path: Path) -> None:
    assert killed("saves", tmp_path, 200).startswith("200 kills, ")


@pytest.mark.long
def test_a_training_killed_at_a_hundred_moments_loses_nothing(tmp_path: Path) -> None:
    assert killed("training", tmp_path, 100).startswith("100 kills, ")
