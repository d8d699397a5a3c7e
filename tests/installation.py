"""Digit Lab as people install it: a wheel of this checkout, and environments that have nothing of the checkout itself."""

import os
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from digit_core.settings import PROJECT_FOLDER


@dataclass(frozen=True)
class Environment:
    """A virtual environment that has the wheel.

    Attributes:
        folder: of the environment.
        away: an empty folder, its user's home, in which commands are run.
    """

    folder: Path
    away: Path

    def _path(self, kind: str) -> Path:
        base = {"base": str(self.folder), "platbase": str(self.folder)}
        return Path(sysconfig.get_path(kind, "venv", vars=base))

    @property
    def packages(self) -> Path:
        """Where its packages lie."""
        return self._path("purelib")

    @property
    def distribution(self) -> metadata.Distribution:
        """What was installed of Digit Lab."""
        (found,) = metadata.distributions(name="digit-lab", path=[str(self.packages)])
        return found

    def program(self, name: str) -> str:
        """The path of a program of the environment, such as python or digit-lab."""
        return str(self._path("scripts") / name)

    @property
    def variables(self) -> dict[str, str]:
        """What its programs know of this process's environment: nothing that leads back here."""
        left_out = ("PYTHON", "DIGIT_", "XDG_", "VIRTUAL_ENV")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
        return kept | {"HOME": str(self.away)}

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run one of its programs to its end."""
        program, *arguments = command
        return subprocess.run(
            [self.program(program), *arguments],
            cwd=self.away,
            env=self.variables,
            capture_output=True,
            text=True,
            check=False,
        )


def build_wheel(folder: Path) -> Path:
    """Make the wheel, with the build tools that are installed here."""
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder)]
    _pip("wheel", *options, str(PROJECT_FOLDER))
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, folder: Path) -> Environment:
    """A new environment that has the wheel and no other package."""
    environment = Environment(folder / "environment", folder / "away")
    environment.away.mkdir()
    venv.create(environment.folder, symlinks=os.name != "nt")
    options = ["--no-deps", "--no-index", "--no-cache-dir"]
    _pip("--python", environment.program("python"), "install", *options, str(wheel))
    return environment


def lend_all(environment: Environment) -> None:
    """Let an environment import every package that is installed here; the wheel's own come first."""
    folders = [folder for folder in sys.path if Path(folder).name in ("site-packages", "dist-packages")]
    (environment.packages / "lent.pth").write_text("\n".join(folders), encoding="utf-8")


def lend(environment: Environment, extra: str = "") -> None:
    """Let an environment import what the core or an extra requires, and what that requires in turn, and nothing else."""
    wanted, seen = _required(environment.distribution, extra), set[str]()
    while wanted:
        distribution = metadata.distribution(wanted.pop())
        if distribution.name in seen:
            continue
        seen.add(distribution.name)
        for name in {file.parts[0] for file in distribution.files or []} - {"..", "__pycache__"}:
            if not (environment.packages / name).exists():
                (environment.packages / name).symlink_to(Path(str(distribution.locate_file(name))))
        wanted += _required(distribution)


def _required(distribution: metadata.Distribution, extra: str = "") -> list[str]:
    parsed = [Requirement(text) for text in distribution.requires or []]
    return [one.name for one in parsed if one.marker is None or one.marker.evaluate({"extra": extra})]


def _pip(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
