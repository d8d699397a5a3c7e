"""Run every command that the documents show, and say how long each took: python scripts/try_commands.py [WORDS ...]

The blocks ```sh``` of README.md, CONTRIBUTING.md and docs/ are taken in their order, line by line, in a fresh clone of the last
commit with an environment of its own. A command that serves is ended when it is healthy. With WORDS, only the commands that contain one
of them are run. What cannot be run here, such as what needs Docker, is named with its reason. It ends with status 1 if a command
failed.
"""

import argparse
import functools
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_SERVE_SECONDS, _COMMAND_SECONDS = 900, 3600
# The beginning of a command: why it is not run.
NOT_HERE = {
    "docker": "needs Docker, which may not be here: `python scripts/try_image.py` takes its steps",
    "POSTGRES_PASSWORD": "needs Docker with Compose",
    "pipx": "needs a built wheel: see `python scripts/try_package.py`",
    "pg_": "needs a PostgreSQL server: tests/digit_core/storage have one, and test backups",
    'pip install "digit-lab': "needs the package on an index",
}
_SERVES = ("make run", "digit-lab app", ".venv/bin/streamlit run")


def documents() -> list[Path]:
    """All that people read."""
    names = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
    return [*(PROJECT_FOLDER / name for name in names), *sorted((PROJECT_FOLDER / "docs").glob("*.md"))]


def commands() -> list[str]:
    """The commands of the documents, in their order, without what is said of them; each once."""
    found: dict[str, None] = {}
    for document in documents():
        for block in _BLOCK.findall(document.read_text(encoding="utf-8")):
            lines = (line.partition("#")[0].strip() for line in block.splitlines())
            found.update(dict.fromkeys(filter(None, lines)))
    return list(found)


def reason_against(command: str) -> str:
    """Why a command is not run; "" if it is."""
    return next((reason for start, reason in NOT_HERE.items() if command.startswith(start)), "")


def prepare(folder: Path) -> dict[str, str]:
    """A clone, an environment with `pip` and `python`, and the files that the commands name.

    Returns:
        The environment's variables.
    """
    subprocess.run(["git", "clone", "--quiet", PROJECT_FOLDER, folder / "clone"], check=True)
    subprocess.run([sys.executable, "-m", "venv", folder / "environment"], check=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "DIGIT_"))}
    path = os.pathsep.join([str(folder / "environment" / "bin"), os.environ["PATH"]])
    (folder / "home").mkdir()
    return kept | {
        "PATH": path,
        "HOME": str(folder / "home"),
        "PYTHON": sys.executable,
        "STREAMLIT_SERVER_HEADLESS": "true",
    }


def make_pictures(folder: Path) -> None:
    """The pictures that the commands read: once there is a package to make them with."""
    program = (
        "from PIL import Image; import pillow_heif; from digit_core import load_mnist; pillow_heif.register_heif_opener();"
        "image = Image.fromarray(255 - load_mnist().test.images[0]).resize((280, 280));"
        "image.save('seven.png'); image.save('photo.heic')"
    )
    subprocess.run(
        [folder / "environment" / "bin" / "python", "-c", program], cwd=folder / "clone", check=True
    )


def run(command: str, folder: Path, variables: dict[str, str]) -> str:
    """Run a command to its end, or until it is healthy; returns what went wrong, "" if nothing did."""
    if command.startswith("digit-lab predict"):
        make_pictures(folder)
    if not command.startswith(_SERVES):
        done = subprocess.run(
            command, shell=True, cwd=folder / "clone", env=variables, capture_output=True, text=True,
            timeout=_COMMAND_SECONDS, check=False,
        )  # fmt: skip
        return (
            "" if done.returncode == 0 else f"status {done.returncode}: {(done.stdout + done.stderr)[-600:]}"
        )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        ["sh", "-c", f"exec {command}"],
        cwd=folder / "clone",
        env=variables | {"STREAMLIT_SERVER_PORT": str(port)},
    )
    try:
        return wait_until_healthy(f"http://127.0.0.1:{port}/lab/health", server)
    finally:
        server.terminate()
        server.wait()


def wait_until_healthy(address: str, server: subprocess.Popen[bytes]) -> str:
    """Wait until the address answers; returns what went wrong, "" if nothing did."""
    until = time.monotonic() + _SERVE_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return ""
        except OSError:
            time.sleep(0.2)
    return "it did not become healthy"


def main() -> int:
    """Run the commands, and return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("words", nargs="*", metavar="WORDS", help="of the commands to run; all if not given")
    words = parser.parse_args().words
    say = functools.partial(print, flush=True)
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        variables = prepare(folder)
        for command in commands():
            if words and not any(word in command for word in words):
                continue
            if reason := reason_against(command):
                say(f"      not run: {command}\n               {reason}")
                continue
            began = time.perf_counter()
            failure = run(command, folder, variables)
            failures += bool(failure)
            say(
                f"{time.perf_counter() - began:9.1f} s  {command}{f'   FAILED: {failure}' if failure else ''}"
            )
        sizes = {path.name: sum(one.lstat().st_size for one in path.rglob("*")) for path in folder.iterdir()}
        say(", ".join(f"{name} {size / 1e6:,.0f} MB" for name, size in sizes.items()))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
