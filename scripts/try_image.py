"""Take the steps of the Dockerfile where no Docker is: python scripts/try_image.py [--python PYTHON] [--folder FOLDER]

In an empty folder, it copies what .dockerignore lets through, takes the RUN lines with a new virtual environment of the
image's Python, starts CMD as the image's user where that is possible, and asks HEALTHCHECK until the app is healthy. It
then stops the app and prints times and sizes. Not taken are FROM (there is no base image, and what the system has is the
host's), the making of a user, and VOLUME: the app's folder stays what it is. Streamlit's port is the image's.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
_MAX_START_SECONDS = 120


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions and what follows each."""
    lines = (PROJECT_FOLDER / "Dockerfile").read_text(encoding="utf-8").splitlines()
    pairs = (line.split(maxsplit=1) for line in lines if line.strip() and not line.startswith("#"))
    return [(name, rest) for name, rest in pairs]


def command(text: str) -> list[str]:
    """The arguments of a CMD in its form as JSON."""
    found: list[str] = json.loads(text[text.index("[") :])
    return found


def let_through() -> list[str]:
    """What .dockerignore makes an exception of."""
    lines = (PROJECT_FOLDER / ".dockerignore").read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("!") for line in lines if line.startswith("!")]


def copy_context(folder: Path) -> None:
    """Copy what the image has, without what Python compiled."""
    for name in let_through():
        source, target = PROJECT_FOLDER / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)


def megabytes(folder: Path) -> float:
    """What the files below a folder hold, MB of 1,000,000 bytes."""
    return sum(path.lstat().st_size for path in folder.rglob("*")) / 1e6


def run(text: str, folder: Path, variables: dict[str, str]) -> None:
    """Take a RUN line, and say how long it took."""
    began = time.perf_counter()
    subprocess.run(["sh", "-c", text], cwd=folder, env=variables, check=True)
    print(f"{time.perf_counter() - began:7.1f} s  RUN {text}", flush=True)


def image_user(steps: dict[str, str], folder: Path, variables: dict[str, str]) -> int | None:
    """The image's user; None, and said so, where this process may not become that one, or that one may not run this Python."""
    user = int(steps["USER"])
    try:
        subprocess.run(["python", "-c", ""], cwd=folder, env=variables, user=user, check=True)
    except (OSError, ValueError):  # ValueError: a system without users' numbers
        print(f"          USER {user} cannot run this Python here: CMD runs as whoever called this")
        return None
    return user


def serve(steps: dict[str, str], folder: Path, variables: dict[str, str]) -> float:
    """Start CMD as USER, and ask HEALTHCHECK until it says yes.

    Returns:
        Seconds from the start until then.

    Raises:
        SystemExit: it never did.
    """
    user = image_user(steps, folder, variables)
    began = time.perf_counter()
    app = subprocess.Popen(command(steps["CMD"]), cwd=folder, env=variables, user=user)
    try:
        while time.perf_counter() - began < _MAX_START_SECONDS and app.poll() is None:
            asked = subprocess.run(
                command(steps["HEALTHCHECK"]), cwd=folder, env=variables, capture_output=True, check=False
            )
            if asked.returncode == 0:
                return time.perf_counter() - began
            time.sleep(0.2)
        raise SystemExit("The app did not become healthy.")
    finally:
        app.terminate()
        app.wait()


def main() -> None:
    """Take all steps."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    steps = instructions()
    (base,) = (rest for name, rest in steps if name == "FROM")
    (version,) = re.findall(r"^python:([\d.]+)-slim$", base)
    parser.add_argument("--python", default=shutil.which(f"python{version}"), help=f"a Python {version}")
    parser.add_argument(
        "--folder", type=Path, help="where to work, and leave what was made; a temporary one if not given"
    )
    options = parser.parse_args()
    if options.python is None or subprocess.run([options.python, "--version"], check=False).returncode:
        raise SystemExit(f"The image has Python {version}, which is not here: name one with --python.")
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.folder or Path(temporary)).resolve()
        folder.chmod(0o755)
        app, environment, home = folder / "app", folder / "environment", folder / "home"
        app.mkdir()
        home.mkdir(mode=0o777)
        copy_context(app)
        subprocess.run([options.python, "-m", "venv", environment], check=True)
        scripts = environment / ("Scripts" if os.name == "nt" else "bin")
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "DIGIT_"))
        }
        variables = kept | {
            "PATH": os.pathsep.join([str(scripts), os.environ["PATH"]]),
            "HOME": str(home),
        }
        for name, rest in steps:
            if name == "RUN" and shlex.split(rest)[0] != "useradd":
                run(rest, app, variables)
        print(f"{megabytes(environment):7.0f} MB environment, {megabytes(app):.0f} MB app", flush=True)
        print(f"{serve(dict(steps), app, variables):7.1f} s  from CMD to healthy")


if __name__ == "__main__":
    sys.exit(main())
